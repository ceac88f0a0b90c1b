//! Groups that are too many, or that are called what no group should be called.

use crate::case::{Case, csv};
use serde_json::Value;

/// Names that try to be markup, orders to a terminal, or another name.
const HOSTILE: [&str; 14] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "</script><!--",
    "two\nlines",
    "\u{1b}[31mred\u{1b}[0m",
    "\u{202e}desrever\u{202c}",
    "zero\u{200b}width\u{feff}",
    "quotes \" and ' and \\ and `",
    "A & B",
    "a=b",
    "",
    " spaces ",
    "{{ name }}{% raw %}",
    "&lt;b&gt; ] ]>",
];

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn hostile() -> Case {
    let case = Case::new();
    let long = "x".repeat(10_000);
    let names: Vec<&str> = HOSTILE.into_iter().chain([long.as_str()]).collect();
    case.write("eval.csv", csv(60 * names.len(), |row| quoted(names[row % names.len()])));
    case.add("[[check]]\nid = \"c\"\nmetric = \"selection_rate\"\nof = \"gap\"\nmax_abs = 0.99\n");
    case
}

#[test]
fn hostile_names_reach_the_page_as_plain_text() {
    let case = hostile();
    let ran = case.audit(&[]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let html = case.read("out/report.html");
    for raw in ["<script>alert", "<img src=x", "onerror=alert(1)>", "</script><!--", "{% raw"] {
        let found = html.match_indices(raw).next().is_some_and(|_| raw.starts_with('<'));
        assert!(!found, "{raw} stands in the page");
    }
    let driven =
        |c: &char| c.is_control() && *c != '\n' || matches!(c, '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{feff}');
    assert_eq!(html.chars().find(driven), None);
    assert!(html.contains("&lt;script&gt;"));
    assert!(html.len() < 2_000_000, "{}", html.len());
}

#[test]
fn hostile_names_are_whole_in_the_result_and_found_again_by_why() {
    let case = hostile();
    let result = case.gives(0);
    let groups = result["data"]["attributes"][0]["groups"].as_array().unwrap();
    let names: Vec<&str> = groups.iter().map(|group| group["group"].as_str().unwrap()).collect();
    for name in HOSTILE {
        assert!(names.contains(&name), "{name:?}");
    }
    for check in result["checks"].as_array().unwrap() {
        let slice = check["slice"].as_str().unwrap();
        let ran = case.run(&["why", "c", slice, "--result", "out/result.json"]);
        assert_eq!(ran.code, Some(0), "{slice:?}: {}", ran.err);
        assert!(ran.out.contains("c on sex="), "{}", ran.out);
    }
    assert_eq!(case.run(&["render", "out/result.json"]).code, Some(0));
}

#[test]
fn hostile_column_names_are_plain_text_too() {
    let case = Case::new();
    let text = csv(400, |row| ["F", "M"][row % 2].into()).replace("y,sex,b,t", "y,<b>sex</b>,\"b\u{202e}\",t");
    case.write("eval.csv", text)
        .swap("[groups.sex]\ncolumn = \"sex\"", "[groups.\"<b>sex</b>\"]")
        .swap("scores = \"b\"", "scores = \"b\\u202e\"");
    case.gives(0);
    let html = case.read("out/report.html");
    assert!(!html.contains("<b>sex</b>") && !html.contains('\u{202e}'));
}

#[test]
fn groups_of_reserved_names_stay_apart() {
    let names = ["all", "rest", "(unknown)", "(other)", "null", "NaN", "true", "None"];
    let case = Case::new();
    case.write("eval.csv", csv(400, |row| names[row % names.len()].into()));
    let result = case.gives(0);
    let groups = result["data"]["attributes"][0]["groups"].as_array().unwrap();
    assert_eq!(groups.len(), names.len());
    assert!(groups.iter().all(|group| group["rows"] == 50), "{groups:?}");
    assert_eq!(result["data"]["attributes"][0]["unknown"], 0);
}

#[test]
fn a_group_called_like_a_format_is_no_evidence() {
    let case = Case::new();
    case.write("eval.csv", csv(400, |row| ["heirloom.evidence/1", "Male"][row % 2].into()));
    case.write("policy.toml", "[[check]]\nid = \"c\"\nmetric = \"selection_rate\"\nmax_abs = 0.99\n");
    case.gives(0);
    assert_eq!(case.run(&["render", "out/result.json"]).code, Some(0));
    assert_eq!(case.run(&["gate", "out/result.json", "--policy", "policy.toml"]).code, Some(0));
}

#[test]
fn thousands_of_groups_are_pooled_with_a_notice() {
    let case = Case::new();
    case.write("eval.csv", csv(20_000, |row| format!("g{}", row % 5_000)));
    let result = case.gives(0);
    let groups = result["data"]["attributes"][0]["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 100);
    assert!(result["notices"].to_string().contains("sex has 5000 groups; the 4901 smallest are pooled as (other)"));
    assert!(case.read("out/report.html").len() < 3_000_000);
    assert!(case.read("out/result.json").len() < 10_000_000);
}

#[test]
fn hundreds_of_thousands_of_groups_are_an_identifier() {
    let case = Case::new();
    case.write("eval.csv", csv(200_000, |row| format!("g{row}")));
    case.refuses(3, &["groups.sex", "`sex`", "100000 distinct values", "bins"]);
}

#[test]
fn a_group_that_does_not_exist_is_missing() {
    let case = Case::new();
    case.add("[[check]]\nid = \"c\"\nmetric = \"selection_rate\"\nmax_abs = 0.99\nslices = [\"sex=Femal\"]\n");
    let result = case.gives(4);
    assert_eq!(result["checks"][0]["outcome"], "missing");
    let case = Case::new();
    case.add("[slices]\nrequired = [\"sex=Nobody\"]\n").gives(4);
    let case = Case::new();
    case.add("reference = \"Nobody\"\n").gives(4);
}

#[test]
fn one_group_alone_has_nothing_to_compare() {
    let case = Case::new();
    case.write("eval.csv", csv(400, |_| "Female".into()));
    let result = case.gives(0);
    assert!(
        result["findings"].as_array().unwrap().iter().all(|finding| finding["verdict"] == "too_small"),
        "{}",
        result["findings"]
    );
    case.add("[[check]]\nid = \"c\"\nmetric = \"selection_rate\"\nmax_abs = 0.99\n");
    assert_eq!(case.audit(&[]).code, Some(4));
}

#[test]
fn a_group_that_is_unknown_everywhere_gives_no_finding() {
    let case = Case::new();
    case.write("eval.csv", csv(400, |_| String::new()));
    let result = case.gives(0);
    assert_eq!(result["data"]["attributes"][0]["unknown"], 400);
    assert_eq!(result["findings"], Value::Array(vec![]));
}

#[test]
fn bins_over_text_that_is_no_number_name_the_value() {
    let case = Case::new();
    case.write("eval.csv", csv(400, |row| ["20", "old", "60"][row % 3].into()));
    case.swap("column = \"sex\"", "column = \"sex\"\nbins = [25, 40]")
        .refuses(3, &["eval.csv", "column `sex`", "`old`", "not a number"]);
}
