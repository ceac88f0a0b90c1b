//! The classes of a multiclass task, by name. They are met by several threads in any order, so their
//! numbers mean nothing until all are known and sorted.

use super::{Class, sort_groups};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Classes of a task at most.
pub const MOST_CLASSES: usize = 1000;

/// The classes met so far. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Classes(Arc<Mutex<Book>>);

#[derive(Debug, Default)]
struct Book {
    names: Vec<String>,
    places: HashMap<String, Class>,
}

impl Classes {
    /// The number of a class, which is learned where it is new; `None` where there would be too many.
    pub fn number(&self, name: &str) -> Option<Class> {
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = book.places.get(name) {
            return Some(*place);
        }
        let place = book.names.len();
        if place >= MOST_CLASSES {
            return None;
        }
        book.names.push(name.to_owned());
        book.places.insert(name.to_owned(), place as Class);
        Some(place as Class)
    }

    /// All names, in the order met.
    pub fn names(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).names.clone()
    }
}

/// Two are the same where they share what they learn.
impl PartialEq for Classes {
    fn eq(&self, other: &Classes) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// The names of both without repetition, in the order shown.
pub fn united(a: &[String], b: &[String]) -> Vec<String> {
    let mut all: Vec<String> = a.iter().chain(b).cloned().collect();
    all.sort();
    all.dedup();
    sort_groups(&mut all);
    all
}

/// For each of `old` its place among `new`, which has them all.
pub fn places(old: &[String], new: &[String]) -> Vec<f64> {
    let place: HashMap<&String, usize> = new.iter().zip(0..).collect();
    old.iter().map(|name| place.get(name).map_or(f64::NAN, |&place| place as f64)).collect()
}
