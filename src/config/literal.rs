//! How the values `1`, `true` and `">50K"` of the audit file compare with the names of classes.

use crate::data::Literal;

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
