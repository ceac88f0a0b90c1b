//! Whether a result that was made again holds the same numbers and words.

use crate::result::AuditResult;
use serde_json::Value;

/// Engines and processors differ in the last bits; more than this, relative to 1 or to the number, is another
/// number.
pub const TOLERANCE: f64 = 1e-6;
/// Places named at most; all are counted.
const MOST: usize = 20;

/// What differs between two results.
#[derive(Debug, Default, PartialEq)]
pub struct Differences {
    /// Numbers compared.
    pub numbers: usize,
    /// The largest difference between two numbers, and where it is.
    pub worst: (f64, String),
    /// How many places differ.
    pub count: usize,
    /// The first of them, in words.
    pub places: Vec<String>,
}

/// Compares all of two results but how they came to be.
pub fn differences(stored: &AuditResult, again: &AuditResult) -> Result<Differences, serde_json::Error> {
    let told = |result: &AuditResult| {
        let mut value = serde_json::to_value(result)?;
        if let Some(result) = value.as_object_mut() {
            result.remove("provenance");
            // The machine's own, and not the audit's.
            result.remove("noise");
        }
        Ok::<_, serde_json::Error>(value)
    };
    let mut found = Differences::default();
    found.compare("", &told(stored)?, &told(again)?);
    Ok(found)
}

impl Differences {
    fn compare(&mut self, place: &str, stored: &Value, again: &Value) {
        match (stored, again) {
            (Value::Object(a), Value::Object(b)) => {
                for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                    let missing = &Value::Null;
                    let [a, b] = [a, b].map(|map| map.get(key).unwrap_or(missing));
                    self.compare(&if place.is_empty() { key.clone() } else { format!("{place}.{key}") }, a, b);
                }
            }
            (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
                a.iter().zip(b).enumerate().for_each(|(at, (a, b))| self.compare(&format!("{place}[{at}]"), a, b));
            }
            (Value::Number(a), Value::Number(b)) => {
                self.number(place, a.as_f64().unwrap_or(f64::NAN), b.as_f64().unwrap_or(f64::NAN));
            }
            (a, b) if a == b => {}
            (a, b) => self.differs(format!("{place}: {}, now {}", short(a), short(b))),
        }
    }

    fn number(&mut self, place: &str, stored: f64, again: f64) {
        self.numbers += 1;
        let apart = (stored - again).abs();
        if apart > self.worst.0 {
            self.worst = (apart, place.into());
        }
        if apart.is_nan() || apart > TOLERANCE * stored.abs().max(1.0) {
            self.differs(format!("{place}: {stored}, now {again}"));
        }
    }

    fn differs(&mut self, place: String) {
        self.count += 1;
        if self.places.len() < MOST {
            self.places.push(place);
        }
    }
}

/// A value that is no number, in a few characters.
fn short(value: &Value) -> String {
    match value {
        Value::Array(list) => format!("a list of {}", list.len()),
        Value::Object(_) => "a table".into(),
        Value::Null => "nothing".into(),
        other => other.to_string().chars().take(60).collect(),
    }
}
