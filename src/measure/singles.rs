//! Everyone and the groups of single attributes: the slices that curves over scores are drawn for.

use super::{Family, Slices};

/// The slices, everyone first, then group by group in the order shown.
pub(super) struct Singles<'a> {
    /// Their ids.
    pub names: Vec<&'a str>,
    families: Vec<&'a Family>,
}

impl<'a> Singles<'a> {
    /// The first so many.
    pub fn of(slices: &'a Slices, most: usize) -> Singles<'a> {
        let families: Vec<_> = slices.families.iter().filter(|family| family.attributes.len() == 1).collect();
        let names = families.iter().flat_map(|family| family.shown()).map(|slice| slice.id.as_str());
        Singles { names: std::iter::once("all").chain(names).take(most).collect(), families }
    }

    /// The places of the slices that a kind of row is in.
    pub fn places(&self, kind: u32) -> Vec<usize> {
        let mut before = 1;
        let mut places = vec![0];
        for family in &self.families {
            let shown = family.shown().len();
            places.extend(family.slice_of(kind).filter(|slice| *slice < shown).map(|slice| before + slice));
            before += shown;
        }
        places.retain(|place| *place < self.names.len());
        places
    }
}
