//! The dictionary of one attribute: which group each value belongs to, learned as values come.

use super::column::{Cell, float_text};
use super::error::{DataError, shorten};
use super::literal::Matcher;
use super::terms::TermSets;
use super::{AttributeSpec, Table, Want};
use crate::evidence::{Attribute, UNKNOWN};
use polars::prelude::{InitHashMaps, PlHashMap};

/// The most groups that an attribute may have before it is taken for an identifier.
pub const MAX_GROUPS: usize = 100_000;

/// The groups of one attribute. A group's code is its place among `names`, plus 1.
pub(super) struct Groups {
    spec: AttributeSpec,
    /// Where its groups are those that a text names.
    terms: Option<TermSets>,
    /// The unknown values, for numbers that are binned.
    unknown: Vec<Matcher>,
    /// The code of each bin.
    bins: Vec<u32>,
    names: Vec<String>,
    by_name: PlHashMap<String, u32>,
    texts: PlHashMap<String, u32>,
    integers: PlHashMap<i128, u32>,
    floats: PlHashMap<u64, u32>,
}

impl Groups {
    pub(super) fn new(spec: &AttributeSpec) -> Groups {
        let mut groups = Groups {
            spec: spec.clone(),
            terms: (!spec.terms.is_empty()).then(|| TermSets::new(&spec.terms)),
            unknown: spec.unknown.iter().map(|text| Matcher::of(&super::Literal::Text(text.clone()))).collect(),
            bins: Vec::new(),
            names: Vec::new(),
            by_name: PlHashMap::new(),
            texts: PlHashMap::new(),
            integers: PlHashMap::new(),
            floats: PlHashMap::new(),
        };
        if !spec.bins.is_empty() {
            groups.bins = bin_names(&spec.bins).iter().map(|name| groups.named(name)).collect();
        }
        groups
    }

    /// How the column is to be read. Where an unknown value is no number, bins too are cut from text.
    pub(super) fn want(&self) -> Want {
        let numeric = |text: &String| text.trim().is_empty() || text.trim().parse::<f64>().is_ok();
        match self.spec.bins.is_empty() || !self.spec.unknown.iter().all(numeric) {
            true => Want::Text,
            false => Want::Number,
        }
    }

    /// The column that it reads.
    pub(super) fn column(&self) -> &str {
        &self.spec.column
    }

    /// The groups met so far, in the order of their codes.
    pub(super) fn met(&self) -> Attribute {
        let name = self.spec.name.clone();
        match &self.terms {
            Some(terms) => terms.met(name),
            None => Attribute { name, groups: self.names.clone(), sets: None },
        }
    }

    /// The code of every row.
    pub(super) fn encode(&mut self, table: &Table) -> Result<Vec<u32>, DataError> {
        if let Some(terms) = &mut self.terms {
            return terms.encode(table, &self.spec.column);
        }
        let mut refused = None;
        let (column, want, binned) = (self.spec.column.clone(), self.want(), !self.bins.is_empty());
        let codes = table.map(&column, want, |cell| {
            let code = if binned { self.bin(cell) } else { Ok(self.code(cell)) };
            code.unwrap_or_else(|text| {
                refused.get_or_insert(text);
                UNKNOWN
            })
        })?;
        match refused {
            Some(text) => Err(self.not_a_number(&text)),
            None if self.names.len() > MAX_GROUPS => Err(self.too_many()),
            None => Ok(codes),
        }
    }

    /// The code of a value of a categorical attribute.
    fn code(&mut self, cell: Cell) -> u32 {
        match cell {
            Cell::Null => UNKNOWN,
            Cell::Text(text) => self.text_code(text),
            Cell::Boolean(value) => self.text_code(if value { "true" } else { "false" }),
            Cell::Integer(value) => match self.integers.get(&value) {
                Some(code) => *code,
                None => {
                    let code = self.learn(&value.to_string());
                    *self.integers.entry(value).or_insert(code)
                }
            },
            Cell::Single(value) => self.float_code(f64::from(value), cell),
            Cell::Float(value) => self.float_code(value, cell),
        }
    }

    fn text_code(&mut self, text: &str) -> u32 {
        match self.texts.get(text) {
            Some(code) => *code,
            None => {
                let code = self.learn(text);
                *self.texts.entry(text.to_string()).or_insert(code)
            }
        }
    }

    fn float_code(&mut self, value: f64, cell: Cell) -> u32 {
        if let Some(code) = self.floats.get(&value.to_bits()) {
            return *code;
        }
        let code = cell.text().map_or(UNKNOWN, |text| self.learn(&text));
        *self.floats.entry(value.to_bits()).or_insert(code)
    }

    /// The code of a value seen for the first time, by its canonical text.
    fn learn(&mut self, text: &str) -> u32 {
        match self.spec.unknown.iter().any(|unknown| unknown == text) {
            true => UNKNOWN,
            false => self.named(text),
        }
    }

    /// The code of the group that a value or a bin is named as; two of one name are one group.
    fn named(&mut self, text: &str) -> u32 {
        let named = self.spec.names.iter().find(|(code, _)| code == text);
        let name = named.map_or(text, |(_, name)| name.as_str()).to_string();
        if let Some(code) = self.by_name.get(&name) {
            return *code;
        }
        self.names.push(name.clone());
        let code = self.names.len() as u32;
        *self.by_name.entry(name).or_insert(code)
    }

    /// The code of a number's bin; of text that is no number, the text itself.
    fn bin(&self, cell: Cell) -> Result<u32, String> {
        if self.unknown.iter().any(|unknown| unknown.test(cell)) {
            return Ok(UNKNOWN);
        }
        let value = match cell {
            Cell::Null => return Ok(UNKNOWN),
            Cell::Text(text) if text.trim().is_empty() => return Ok(UNKNOWN),
            Cell::Text(text) => text.trim().parse().map_err(|_| shorten(text, 20))?,
            Cell::Boolean(value) => f64::from(u8::from(value)),
            Cell::Integer(value) => value as f64,
            Cell::Single(value) => f64::from(value),
            Cell::Float(value) => value,
        };
        if value.is_nan() {
            return Ok(UNKNOWN);
        }
        Ok(self.bins[self.spec.bins.partition_point(|cut| *cut <= value)])
    }

    fn not_a_number(&self, text: &str) -> DataError {
        let AttributeSpec { name, column, .. } = &self.spec;
        DataError(format!(
            "groups.{name}: column `{column}` holds `{text}`, which is not a number and has no bin. \
             List it under `unknown`, or drop the bins"
        ))
    }

    fn too_many(&self) -> DataError {
        let AttributeSpec { name, column, .. } = &self.spec;
        DataError(format!(
            "groups.{name}: column `{column}` has more than {MAX_GROUPS} distinct values, too many for groups. \
             Cut numbers into `bins`, or drop this attribute"
        ))
    }

    /// The attribute with its groups sorted, and the new code of each old one.
    pub(super) fn finish(self) -> (Attribute, Vec<u32>) {
        if let Some(terms) = self.terms {
            return terms.finish(self.spec.name);
        }
        let mut order: Vec<usize> = (0..self.names.len()).collect();
        let numbers: Option<Vec<i64>> = self.names.iter().map(|name| name.parse().ok()).collect();
        match numbers {
            _ if !self.bins.is_empty() => {}
            Some(numbers) => order.sort_by_key(|i| (numbers[*i], &self.names[*i])),
            None => order.sort_by_key(|i| &self.names[*i]),
        }
        let mut recoded = vec![UNKNOWN; self.names.len() + 1];
        for (place, old) in order.iter().enumerate() {
            recoded[old + 1] = place as u32 + 1;
        }
        let groups = order.iter().map(|i| self.names[*i].clone()).collect();
        (Attribute { name: self.spec.name, groups, sets: None }, recoded)
    }
}

/// `<25`, `25-40`, `>=40`.
fn bin_names(cuts: &[f64]) -> Vec<String> {
    let texts: Vec<String> = cuts.iter().map(|cut| float_text(*cut)).collect();
    let (first, last) = (texts.first().into_iter(), texts.last().into_iter());
    let inner = texts.windows(2).map(|pair| format!("{}-{}", pair[0], pair[1]));
    first.map(|cut| format!("<{cut}")).chain(inner).chain(last.map(|cut| format!(">={cut}"))).collect()
}
