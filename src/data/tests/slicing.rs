//! Groups, bins and atoms.

use super::*;
use crate::data::{AttributeSpec, Reference, Slicer};
use crate::evidence::{Attribute, Lattice};

fn attribute(name: &str) -> AttributeSpec {
    let (bins, names, unknown, terms, terms_file) = Default::default();
    AttributeSpec {
        name: name.into(),
        column: name.into(),
        bins,
        names,
        unknown,
        terms,
        terms_file,
        reference: Reference::Rest,
    }
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(code, name)| (code.to_string(), name.to_string())).collect()
}

/// What each row's atoms are called, over all lattices, and the groups of each attribute.
fn slice(
    attributes: &[AttributeSpec],
    lattices: &[Vec<usize>],
    frames: Vec<DataFrame>,
) -> (Vec<Vec<String>>, Vec<Vec<String>>) {
    let mut slicer = Slicer::new(attributes, lattices);
    let ids: Vec<Vec<Vec<u32>>> =
        frames.into_iter().map(|frame| slicer.encode(&Table::of(frame).unwrap()).unwrap()).collect();
    let (attributes, learned) = slicer.finish();
    let names = (0..lattices.len())
        .map(|l| ids.iter().flat_map(|table| &table[l]).map(|atom| named(&attributes, &learned[l], *atom)).collect())
        .collect();
    (names, attributes.into_iter().map(|attribute| attribute.groups).collect())
}

fn named(attributes: &[Attribute], lattice: &Lattice, atom: u32) -> String {
    let codes = lattice.atoms[atom as usize].iter().zip(&lattice.attributes);
    let names = codes.map(|(code, a)| code.checked_sub(1).map_or("?", |group| &attributes[*a].groups[group as usize]));
    names.collect::<Vec<_>>().join("&")
}

#[test]
fn groups_are_sorted_and_atoms_keep_their_ids() {
    let first = df!("sex" => [Some("M"), Some("F"), None], "code" => [10i64, 9, 9]).unwrap();
    let second = df!("sex" => [Some("A"), Some("M"), Some("F")], "code" => [-1i64, 10, 10]).unwrap();
    let (atoms, groups) =
        slice(&[attribute("sex"), attribute("code")], &[vec![0], vec![0, 1], vec![]], vec![first, second]);
    assert_eq!(groups, [vec!["A", "F", "M"], vec!["-1", "9", "10"]]);
    assert_eq!(atoms[0], ["M", "F", "?", "A", "M", "F"]);
    assert_eq!(atoms[1], ["M&10", "F&9", "?&9", "A&-1", "M&10", "F&10"]);
    assert_eq!(atoms[2], [""; 6]);
}

#[test]
fn ids_count_up_as_atoms_are_met() {
    let mut slicer = Slicer::new(&[attribute("g")], &[vec![0]]);
    let table = Table::of(df!("g" => ["b", "a", "b", "c"]).unwrap()).unwrap();
    assert_eq!(slicer.encode(&table).unwrap(), [[0, 1, 0, 2]]);
    assert_eq!(slicer.finish().1[0].atoms, [[2], [1], [3]]);
}

#[test]
fn codes_get_names_and_unknown_values_none() {
    let names = pairs(&[("1", "Male"), ("2", "Female"), ("3", "Female")]);
    let spec = AttributeSpec { names, unknown: vec!["9".into(), "".into()], ..attribute("sex") };
    let frames = vec![df!("sex" => [1i64, 2, 3, 9, 4]).unwrap(), df!("sex" => ["1", "", "9", "3", "4"]).unwrap()];
    let (atoms, groups) = slice(&[spec], &[vec![0]], frames);
    assert_eq!(atoms[0], ["Male", "Female", "Female", "?", "4", "Male", "?", "?", "Female", "4"]);
    assert_eq!(groups, [["4", "Female", "Male"]]);
}

#[test]
fn booleans_and_floats_print_canonically() {
    let frame = df!("b" => [Some(true), Some(false), None], "f" => [1.0, f64::NAN, 0.5]).unwrap();
    let (atoms, _) = slice(&[attribute("b"), attribute("f")], &[vec![0, 1]], vec![frame]);
    assert_eq!(atoms[0], ["true&1", "false&?", "?&0.5"]);
}

#[test]
fn bins_are_closed_on_the_left() {
    let spec = AttributeSpec { bins: vec![25.0, 40.0, 60.5], unknown: vec!["-1".into()], ..attribute("age") };
    let frame =
        df!("age" => [Some(25.0), Some(24.99), Some(40.0), Some(60.5), Some(-1.0), None, Some(f64::NAN)]).unwrap();
    let (atoms, groups) = slice(&[spec], &[vec![0]], vec![frame]);
    assert_eq!(atoms[0], ["25-40", "<25", "40-60.5", ">=60.5", "?", "?", "?"]);
    assert_eq!(groups, [["<25", "25-40", "40-60.5", ">=60.5"]]);
}

#[test]
fn bins_are_cut_from_csv_text_where_unknown_values_are_words() {
    let dir = folder();
    write_text(&dir, "a.csv", "age\n30\n?\n\" 50 \"\n");
    let spec = AttributeSpec { bins: vec![40.0], unknown: vec!["?".into()], ..attribute("age") };
    let mut slicer = Slicer::new(std::slice::from_ref(&spec), &[vec![0]]);
    let plan = ScanPlan { columns: slicer.columns(), ..ScanPlan::default() };
    let tables = read(&dir, "a.csv", &plan).unwrap();
    let ids = slicer.encode(&tables[0]).unwrap();
    let (attributes, lattices) = slicer.finish();
    let names: Vec<_> = ids[0].iter().map(|atom| named(&attributes, &lattices[0], *atom)).collect();
    assert_eq!(names, ["<40", "?", ">=40"]);

    write_text(&dir, "b.csv", "age\nold\n");
    let told = error(Slicer::new(&[spec], &[vec![0]]).encode(&read(&dir, "b.csv", &plan).unwrap()[0]));
    assert!(told.contains("groups.age: column `age` holds `old`"), "{told}");
}

#[test]
fn an_identifier_is_no_attribute() {
    let ids: Vec<i64> = (0..100_001).collect();
    let mut slicer = Slicer::new(&[attribute("id")], &[vec![0]]);
    let table = Table::of(df!("id" => ids).unwrap()).unwrap();
    let told = error(slicer.encode(&table));
    assert!(told.contains("more than 100000 distinct values") && told.contains("`bins`"), "{told}");
}
