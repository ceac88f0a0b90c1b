//! What a literal of the audit file matches. The one place that knows that `1` is 1, 1.0, "1" and true.

use super::Literal;
use super::column::{Cell, float_text};

impl Literal {
    /// Whether a text is this value: `1` is "1" and "1.0" and "true", but `"5"` is never "05".
    pub fn matches_text(&self, text: &str) -> bool {
        Matcher::of(self).test(Cell::Text(text))
    }

    /// Whether a number is this value.
    pub fn matches_number(&self, number: f64) -> bool {
        Matcher::of(self).test(Cell::Float(number))
    }

    /// Whether a boolean is this value.
    pub fn matches_bool(&self, value: bool) -> bool {
        Matcher::of(self).test(Cell::Boolean(value))
    }

    /// The value as canonical text, the way a group of this value is named.
    pub fn text(&self) -> String {
        match self {
            Literal::Boolean(value) => value.to_string(),
            Literal::Integer(value) => value.to_string(),
            Literal::Float(value) => float_text(*value),
            Literal::Text(value) => value.clone(),
        }
    }
}

/// A literal, worked out for each type that a cell may have.
#[derive(Debug, Default)]
pub(super) struct Matcher {
    integer: Option<i128>,
    float: Option<f64>,
    boolean: Option<bool>,
    spellings: Vec<String>,
}

impl Matcher {
    pub(super) fn of(literal: &Literal) -> Matcher {
        match literal {
            Literal::Boolean(value) => Matcher::integer(i128::from(*value)),
            Literal::Integer(value) => Matcher::integer(i128::from(*value)),
            Literal::Float(value) => Matcher::float(*value),
            Literal::Text(text) => Matcher::text(text),
        }
    }

    fn integer(value: i128) -> Matcher {
        let boolean = [false, true].into_iter().find(|b| i128::from(*b) == value);
        let mut spellings = vec![value.to_string(), format!("{value}.0")];
        match boolean {
            Some(true) => spellings.extend(["true", "True", "TRUE"].map(String::from)),
            Some(false) => spellings.extend(["false", "False", "FALSE"].map(String::from)),
            None => {}
        }
        Matcher { integer: Some(value), float: Some(value as f64), boolean, spellings }
    }

    fn float(value: f64) -> Matcher {
        if value.fract() == 0.0 && value.abs() < 9e15 {
            return Matcher::integer(value as i128);
        }
        Matcher { float: Some(value), spellings: vec![float_text(value)], ..Matcher::default() }
    }

    /// Text is matched exactly: a number or a boolean matches where its canonical text is this one.
    fn text(text: &str) -> Matcher {
        Matcher {
            integer: text.parse::<i128>().ok().filter(|n| n.to_string() == text),
            float: text.parse::<f64>().ok().filter(|x| float_text(*x) == text),
            boolean: text.parse::<bool>().ok(),
            spellings: vec![text.to_string()],
        }
    }

    /// Whether a cell is the value. Null is nothing's value.
    #[inline]
    pub(super) fn test(&self, cell: Cell) -> bool {
        match cell {
            Cell::Null => false,
            Cell::Text(text) => self.spellings.iter().any(|spelling| spelling == text),
            Cell::Boolean(value) => self.boolean == Some(value),
            Cell::Integer(value) => self.integer == Some(value),
            // Compared as float32, so that 0.1 finds the float32 nearest to 0.1.
            Cell::Single(value) => self.float.is_some_and(|x| x as f32 == value),
            Cell::Float(value) => self.float == Some(value),
        }
    }
}
