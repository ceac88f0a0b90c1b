//! No number of a small group can be had back from what is written: not by reading, not by any
//! adding and subtracting of what is shown.

use crate::case::{AUDIT, Case, label, scores};
use serde_json::Value;
use std::collections::BTreeMap;

/// One person's groups on two attributes; empty is unknown.
type Person = (String, String);

const CROSS: &str = "[groups.race]\n[slices]\ncross = [\"sex & race\"]\n";
const CHECKS: &str = r#"
[[check]]
id = "gap"
metric = "selection_rate"
max_abs = 0.9
severity = "warn"
[[check]]
id = "spread"
metric = "selection_rate"
of = "spread"
max = 0.99
severity = "warn"
[[check]]
id = "value"
metric = "selection_rate"
of = "value"
max = 0.99
severity = "warn"
[[check]]
id = "not-new"
verdicts = ["introduced"]
severity = "warn"
"#;

fn case(people: &[Person], more: &str) -> Case {
    let line = |(row, (sex, race)): (usize, &Person)| {
        let [b, t] = scores(row);
        format!("{},{sex},{race},{b},{t}\n", label(row))
    };
    let rows: String = people.iter().enumerate().map(line).collect();
    let case = Case::new();
    case.write("audit.toml", format!("{AUDIT}{more}{CROSS}{CHECKS}"))
        .write("eval.csv", format!("y,sex,race,b,t\n{rows}"));
    case
}

/// So many people of each sex and race.
fn people(counts: &[(&str, &str, usize)]) -> Vec<Person> {
    counts.iter().flat_map(|(sex, race, n)| vec![(sex.to_string(), race.to_string()); *n]).collect()
}

fn four_others() -> Vec<Person> {
    people(&[
        ("F", "White", 150),
        ("M", "White", 170),
        ("F", "Black", 80),
        ("M", "Black", 60),
        ("F", "Asian", 40),
        ("M", "Asian", 50),
        ("F", "Other", 1),
        ("M", "Other", 3),
    ])
}

fn groups(result: &Value) -> Vec<&Value> {
    result["data"]["attributes"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|attribute| attribute["groups"].as_array().unwrap())
        .collect()
}

fn hidden(result: &Value) -> Vec<String> {
    groups(result)
        .iter()
        .filter(|group| group["rows"].is_null())
        .map(|group| group["slice"].as_str().unwrap().to_string())
        .collect()
}

/// Which of the people (by kind) a slice holds.
fn vector(slice: &str, kinds: &[Person]) -> Vec<i64> {
    let holds = |(sex, race): &Person| {
        slice == "all" || slice.split(" & ").all(|part| part == format!("sex={sex}") || part == format!("race={race}"))
    };
    kinds.iter().map(|kind| i64::from(holds(kind))).collect()
}

/// The set of people behind every count that the result shows.
fn shown(result: &Value, kinds: &[Person]) -> Vec<Vec<i64>> {
    let minus = |a: &[i64], b: &[i64]| -> Vec<i64> { a.iter().zip(b).map(|(a, b)| a - b).collect() };
    let known = |family: &str| -> Vec<i64> {
        let asked = |(sex, race): &Person| {
            (!family.contains("sex") || !sex.is_empty()) && (!family.contains("race") || !race.is_empty())
        };
        kinds.iter().map(|kind| i64::from(asked(kind))).collect()
    };
    let family =
        |slice: &str| slice.split(" & ").map(|part| part.split('=').next().unwrap()).collect::<Vec<_>>().join(" & ");
    // How many rows were read is told in any case, even where nothing else of them is.
    let mut vectors = Vec::new();
    if !result["data"]["positives"].is_null() {
        vectors.push(vector("all", kinds));
    }
    for attribute in result["data"]["attributes"].as_array().unwrap() {
        if !attribute["unknown"].is_null() && !result["data"]["positives"].is_null() {
            vectors.push(minus(&vector("all", kinds), &known(attribute["name"].as_str().unwrap())));
        }
    }
    let told = |group: &&&Value| !group["rows"].is_null() || !group["positives"].is_null();
    vectors.extend(groups(result).iter().filter(told).map(|group| vector(group["slice"].as_str().unwrap(), kinds)));
    for value in result["values"].as_array().unwrap().iter().filter(|value| value.get("value").is_some()) {
        vectors.push(vector(value["slice"].as_str().unwrap(), kinds));
    }
    for finding in result["findings"].as_array().unwrap().iter().filter(|finding| !finding["basis"].is_null()) {
        let slice = finding["slice"].as_str().unwrap();
        vectors.push(vector(slice, kinds));
        vectors.push(match finding["reference"].as_str().unwrap() {
            "rest" => minus(&known(&family(slice)), &vector(slice, kinds)),
            named => vector(named, kinds),
        });
    }
    vectors
}

/// Whether adding and subtracting multiples of `vectors` gives `target`; numbers modulo a prime.
fn is_sum(vectors: &[Vec<i64>], target: &[i64]) -> bool {
    rank(vectors) == rank(&[vectors, &[target.to_vec()]].concat())
}

fn rank(rows: &[Vec<i64>]) -> usize {
    const PRIME: i64 = 1_000_000_007;
    let power = |mut base: i64, mut exponent: i64| {
        let mut product = 1;
        while exponent > 0 {
            if exponent % 2 == 1 {
                product = product * base % PRIME;
            }
            (base, exponent) = (base * base % PRIME, exponent / 2);
        }
        product
    };
    let mut rows: Vec<Vec<i64>> = rows.iter().map(|row| row.iter().map(|n| n.rem_euclid(PRIME)).collect()).collect();
    let mut rank = 0;
    for column in 0..rows.first().map_or(0, Vec::len) {
        let Some(pivot) = (rank..rows.len()).find(|&row| rows[row][column] != 0) else { continue };
        rows.swap(rank, pivot);
        let inverse = power(rows[rank][column], PRIME - 2);
        let top: Vec<i64> = rows[rank].iter().map(|n| n * inverse % PRIME).collect();
        for row in rows.iter_mut().skip(rank + 1) {
            let factor = row[column];
            row.iter_mut().zip(&top).for_each(|(n, top)| *n = (*n - factor * top).rem_euclid(PRIME));
        }
        rank += 1;
    }
    rank
}

/// Nothing hidden is told in plain, or by subtraction.
fn assert_private(case: &Case, people: &[Person]) -> Value {
    let ran = case.audit(&[]);
    assert!(matches!(ran.code, Some(0 | 4)), "{}", ran.err);
    let result: Value = serde_json::from_str(&case.read("out/result.json")).unwrap();
    let mut counts: BTreeMap<Person, usize> = BTreeMap::new();
    people.iter().for_each(|person| *counts.entry(person.clone()).or_default() += 1);
    let kinds: Vec<Person> = counts.keys().cloned().collect();
    let shown = shown(&result, &kinds);
    for group in groups(&result) {
        let slice = group["slice"].as_str().unwrap();
        let rows: i64 = vector(slice, &kinds).iter().zip(counts.values()).map(|(inside, n)| inside * *n as i64).sum();
        assert!(rows == 0 || rows >= 10 || group["rows"].is_null(), "{slice} has {rows} people and is shown");
    }
    for slice in hidden(&result) {
        assert!(!is_sum(&shown, &vector(&slice, &kinds)), "{slice} can be had back: {counts:?}");
        assert_silent(&result, &slice);
    }
    assert_aggregates(&result);
    result
}

/// A number over groups is shown only where all groups in it are.
fn assert_aggregates(result: &Value) {
    for attribute in result["data"]["attributes"].as_array().unwrap() {
        let rows: Vec<u64> =
            attribute["groups"].as_array().unwrap().iter().filter_map(|group| group["rows"].as_u64()).collect();
        let entering: u64 = rows.into_iter().filter(|rows| *rows >= 30).sum();
        let about = |one: &&Value| one["metric"] == "selection_rate" && one["attribute"] == attribute["name"];
        for one in result["aggregates"].as_array().unwrap().iter().filter(about) {
            assert!(one["support"].is_null() || one["support"] == entering, "{one}");
        }
    }
}

/// No number stands beside a hidden slice, nor beside a gap to it.
fn assert_silent(result: &Value, slice: &str) {
    let list = |name: &str| result[name].as_array().unwrap().iter();
    for value in list("values").filter(|value| value["slice"] == slice) {
        assert_eq!(value["undefined"], "hidden", "{value}");
        assert!(
            value.get("value").is_none() && value.get("basis").is_none() && value.get("support").is_none(),
            "{value}"
        );
    }
    for curves in [&result["scores"], &result["sweep"]["curves"]] {
        assert!(curves.as_array().is_none_or(|list| list.iter().all(|one| one["slice"] != slice)), "{slice}");
    }
    let about = |finding: &&Value| {
        [&finding["slice"], &finding["reference"], &finding["mirror"]].into_iter().any(|name| name == slice)
    };
    for finding in list("findings").filter(about) {
        for number in [
            "base",
            "tuned",
            "change",
            "labels",
            "basis",
            "support",
            "p_value",
            "q_value",
            "flag_p",
            "flag_q",
            "probabilities",
            "inherited_share",
            "transmission",
        ] {
            assert!(finding.get(number).is_none_or(Value::is_null), "{number}: {finding}");
        }
        let against = list("checks").filter(|check| {
            check["metric"] == finding["metric"] && check["slice"] == finding["slice"] && check["id"] == "gap"
        });
        for check in against.chain(list("checks").filter(|check| check["slice"] == slice)) {
            for number in ["value", "low", "high", "support", "needed", "probability"] {
                assert!(check.get(number).is_none_or(Value::is_null), "{number}: {check}");
            }
        }
    }
}

#[test]
fn four_people_cannot_be_had_back() {
    let people = four_others();
    let case = case(&people, "");
    let result = assert_private(&case, &people);
    let hidden = hidden(&result);
    assert!(hidden.contains(&"race=Other".to_string()), "{hidden:?}");
    // Another group is hidden beside it, or everyone less the others would tell.
    assert!(hidden.iter().filter(|slice| slice.starts_with("race=")).count() >= 2, "{hidden:?}");
    assert!(result["notices"].to_string().contains("are hidden: fewer than 10 people"));
}

/// Curves over scores stop where numbers do, and none of their points is of fewer than ten people.
#[test]
fn curves_tell_of_no_few_people() {
    let people = four_others();
    let result = assert_private(&case(&people, "[stats]\nsweep = true\n"), &people);
    let profiles = result["scores"].as_array().expect("scores were kept");
    assert!(profiles.len() > 4 && !hidden(&result).is_empty());
    for profile in profiles {
        let (rows, blocks) = (profile["rows"].as_u64().unwrap(), profile["blocks"].as_array().unwrap().len() as u64);
        assert!(rows / blocks >= 10, "{profile}");
        let bins = profile["bins"].as_array().map_or(&[][..], Vec::as_slice);
        assert!(bins.iter().all(|bin| bin["positives"]["support"].as_u64().unwrap() >= 10), "{profile}");
    }
}

#[test]
fn every_report_is_drawn_from_what_is_shown() {
    let people = four_others();
    let case = case(&people, "");
    let ran = case.audit(&[]);
    let again = case.run(&["render", "out/result.json", "--format", "html"]);
    assert_eq!(again.out, case.read("out/report.html"));
    assert!(ran.out.starts_with(&case.run(&["render", "out/result.json"]).out));
}

#[test]
fn the_same_holds_of_what_is_drawn_from_evidence() {
    let people = four_others();
    let case = case(&people, "");
    assert_eq!(case.audit(&["--evidence", "e.json"]).code, Some(0));
    let pages = ["e.json", "out/result.json"].map(|file| case.run(&["render", file, "--format", "json"]).out);
    assert_eq!(pages[0], pages[1]);
}

#[test]
fn a_gap_to_a_hidden_reference_is_hidden() {
    let people = four_others();
    let case = case(&people, "");
    let text = case.read("audit.toml").replace("[groups.race]\n", "[groups.race]\nreference = \"Other\"\n");
    case.write("audit.toml", text);
    let ran = case.audit(&[]);
    assert_eq!(ran.code, Some(4), "the reference is too small: {}", ran.err);
    let result = assert_private(&case, &people);
    let gaps: Vec<&Value> = result["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|check| check["id"] == "gap" && check["slice"] == "race=White")
        .collect();
    assert!(
        !gaps.is_empty() && gaps.iter().all(|check| check.get("value").is_none() && check.get("support").is_none()),
        "{gaps:?}"
    );
}

#[test]
fn unknown_rows_hide_no_group() {
    // Twelve unknown rows would be the next smallest part, but findings against the rest tell them.
    let mut people = four_others();
    people.extend(vec![("F".to_string(), String::new()); 12]);
    let result = assert_private(&case(&people, ""), &people);
    assert_eq!(result["data"]["attributes"][1]["unknown"], 12);
    // And a few of them hide nobody.
    let mut few = self::people(&[("F", "White", 100), ("M", "White", 120), ("F", "Black", 90), ("M", "Black", 80)]);
    few.extend(vec![("F".to_string(), String::new()); 3]);
    assert_eq!(hidden(&assert_private(&case(&few, ""), &few)), Vec::<String>::new());
}

#[test]
fn a_small_group_with_nobody_known_beside_it_is_not_the_difference() {
    let people = people(&[("F", "Other", 2), ("M", "Other", 2), ("F", "", 150), ("M", "", 150)]);
    let result = assert_private(&case(&people, ""), &people);
    assert!(result["data"]["attributes"][1]["unknown"].is_null());
}

#[test]
fn a_whole_of_few_people_is_hidden() {
    let people = people(&[("F", "White", 3), ("M", "White", 4)]);
    let result = assert_private(&case(&people, ""), &people);
    assert_silent(&result, "all");
    assert!(result["data"].get("positives").is_none_or(Value::is_null));
}

#[test]
fn rare_groups_of_every_make_cannot_be_had_back() {
    let mut seed = 12_345_u64;
    let mut draw = |limit: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % limit
    };
    for _ in 0..40 {
        let (sexes, races) = (2 + draw(4), 2 + draw(6));
        let mut people = Vec::new();
        for sex in 0..sexes {
            for race in 0..races {
                let count = [0, 1, 4, 9, 12, 15, 25, 60, 120][draw(9) as usize];
                let name =
                    |letter: &str, of: u64, rare: bool| if rare { String::new() } else { format!("{letter}{of}") };
                people.extend((0..count).map(|row| (name("s", sex, row % 41 == 40), name("r", race, row % 37 == 36))));
            }
        }
        if !people.is_empty() {
            assert_private(&case(&people, ""), &people);
        }
    }
}

#[test]
fn a_gate_that_needs_a_hidden_number_is_an_evidence_gap() {
    let people = four_others();
    let case = case(&people, "");
    assert_eq!(case.audit(&["--evidence", "e.json"]).code, Some(0));
    let check = "[[check]]\nid = \"c\"\nmetric = \"selection_rate\"\nmax_abs = 0.99\n";
    case.write("race.toml", format!("{check}slices = [\"race\"]\n"))
        .write("sex.toml", format!("{check}slices = [\"sex\"]\n"));
    let hidden = case.run(&["gate", "out/result.json", "--policy", "race.toml"]);
    assert_eq!(hidden.code, Some(4), "{}", hidden.out);
    assert!(hidden.out.contains("hidden") && hidden.out.contains("--evidence"), "{}", hidden.out);
    assert_eq!(case.run(&["gate", "out/result.json", "--policy", "sex.toml"]).code, Some(0));
    // Evidence has the numbers, and what is printed of it has them not.
    let judged = case.run(&["gate", "e.json", "--policy", "race.toml"]);
    assert_eq!(judged.code, Some(0), "{}", judged.out);
    let line = judged.out.lines().find(|line| line.contains("race=Other"));
    assert!(line.is_none_or(|line| !line.contains(|c: char| c.is_ascii_digit())), "{line:?}");
    let why = case.run(&["why", "gap", "race=Other", "--metric", "selection_rate", "--result", "out/result.json"]);
    assert!(why.out.contains("hidden: too few people") && !why.out.contains("rows "), "{}", why.out);
}
