//! Values of the audit file as text: how `1`, `true` and `">50K"` compare with names.

use crate::data::Literal;

/// The value as a cell prints it: `1`, `true`, the text itself.
pub fn text(literal: &Literal) -> String {
    match literal {
        Literal::Boolean(flag) => flag.to_string(),
        Literal::Integer(number) => number.to_string(),
        Literal::Float(number) => number.to_string(),
        Literal::Text(text) => text.clone(),
    }
}

/// Whether a class of that name is this value; `1` is `1`, `1.0` and `true`.
pub fn is_class(literal: &Literal, name: &str) -> bool {
    let same_number = |number: f64| name.parse() == Ok(number) || number == 1.0 && name.eq_ignore_ascii_case("true");
    match literal {
        Literal::Boolean(flag) => name.eq_ignore_ascii_case(&flag.to_string()) || name == if *flag { "1" } else { "0" },
        Literal::Integer(number) => same_number(*number as f64),
        Literal::Float(number) => same_number(*number),
        Literal::Text(text) => text == name,
    }
}
