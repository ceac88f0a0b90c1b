//! Several runs: the base is predicted once, and each run is judged as if it stood alone.

use super::common::{at, audited, finding, gathered, heirloom, outcome, read};
use super::{file, gap_ends, oracle, result, same};
use heirloom::audit::{Dossier, conclude};
use heirloom::result::AuditResult;

pub const MODELS: &str = r#"
models.base.scores = "base"
models.tuned.scores = ["tuned", "tuned_2", "tuned_3"]
"#;

fn alone(run: &str) -> AuditResult {
    result(&format!("models.base.scores = \"base\"\nmodels.tuned.scores = {run:?}"))
}

#[test]
fn every_run_is_judged_as_if_it_stood_alone() {
    let all = result(MODELS);
    let first = alone("tuned");
    for (at, run) in ["tuned_2", "tuned_3"].into_iter().enumerate() {
        let single = alone(run);
        assert_eq!(all.findings.len(), single.findings.len());
        for own in &all.findings {
            let (found, single) = (&own.runs[at], finding(&single, &own.id));
            assert_eq!(found.name, run);
            assert_eq!((found.tuned, found.change, found.verdict), (single.tuned, single.change, single.verdict));
            assert_eq!(found.basis, single.basis);
        }
    }
    for own in &all.findings {
        let single = finding(&first, &own.id);
        assert_eq!((own.tuned, own.verdict, own.q_value), (single.tuned, single.verdict, single.q_value));
        assert_eq!((own.inherited_share, own.probabilities), (single.inherited_share, single.probabilities));
    }
}

#[test]
fn runs_have_the_numbers_of_an_independent_program() {
    let (result, oracle) = (result(MODELS), oracle());
    assert_eq!(result.findings.len(), oracle.findings.len());
    for expected in &oracle.findings {
        let own = finding(&result, &expected.id);
        for (run, expected) in own.runs.iter().zip(&expected.runs) {
            same(&own.id, gap_ends(run.tuned), expected.tuned);
            same(&own.id, gap_ends(run.change), expected.change);
            assert_eq!(run.verdict, expected.verdict, "{} of {}", own.id, run.name);
        }
    }
}

#[test]
fn evidence_of_runs_adds_up_and_reads_back() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = std::fs::read_to_string(at("fixtures/oracle/others/others.csv")).expect("it is committed");
    let (head, rows) = text.split_once('\n').expect("a head");
    let rows: Vec<&str> = rows.lines().collect();
    let models = format!("{MODELS}models.control.scores = \"control\"");
    let part = |name: &str, rows: &[&str]| {
        std::fs::write(folder.path().join(name), format!("{head}\n{}\n", rows.join("\n"))).expect("the folder is ours");
        let dossier = gathered(&file(folder.path(), &models, Some(name)), &[]);
        let json = dossier.to_json().expect("it can be written");
        let back = Dossier::from_json(&json).expect("it reads its own evidence");
        assert_eq!(back.evidence, dossier.evidence);
        back
    };
    let whole = part("whole.csv", &rows);
    let merged = part("a.csv", &rows[..900]).merge(part("b.csv", &rows[900..])).expect("they add");
    assert_eq!(merged.evidence, whole.evidence);
    let [one, other] = [&merged, &whole].map(|dossier| conclude(dossier).expect("nothing is checked"));
    assert_eq!((one.findings, one.transfer), (other.findings, other.transfer));
}

#[test]
fn evidence_that_lacks_what_a_run_said_is_damaged() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let json = gathered(&file(folder.path(), MODELS, None), &[]).to_json().expect("it can be written");
    let mut value: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    value["evidence"]["points"]["others"][1].as_array_mut().expect("scores").pop();
    assert!(Dossier::from_json(&value.to_string()).is_err());
    value["evidence"]["points"]["others"].as_array_mut().expect("two runs").pop();
    assert!(Dossier::from_json(&value.to_string()).is_err());
}

/// Files that are run: how many lanes there are, and who borrows which session, shows nowhere.
#[test]
fn files_are_run_as_columns_are_read() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = std::fs::read_to_string(at("fixtures/income/audit.toml")).expect("the fixture is committed");
    let income = at("fixtures/income").display().to_string();
    let text = text.replace("path = \"tuned.onnx\"", "path = [\"tuned.onnx\", \"base.onnx\"]");
    let text = text.replace("path = \"", &format!("path = \"{income}/"));
    let text =
        text.replace("[\"tuned.onnx\", \"base.onnx\"]", &format!("[\"{income}/tuned.onnx\", \"{income}/base.onnx\"]"));
    std::fs::write(folder.path().join("audit.toml"), text).expect("the folder is ours");
    let run = |threads: &str| {
        let arguments =
            ["audit", "audit.toml", "--out", "out", "--threads", threads, "--save-scores", "scores.parquet"];
        let output = heirloom(folder.path(), &arguments);
        assert_eq!(outcome(&output).0, 0, "{}", outcome(&output).1);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains("of 2 runs; tuned gaps from"), "{said}");
        (std::fs::read(folder.path().join("out/result.json")).expect("the audit wrote a result"), said)
    };
    let first = run("1");
    assert!(run("3") == first && run("2") == first, "threads changed the result");
    let result = read(&folder.path().join("out"));
    assert_eq!(result.provenance.models.runs.len(), 1);
    let single = audited(&at("fixtures/income/audit.toml"), &[]);
    for own in result.findings.iter().filter(|own| !own.hidden) {
        assert_eq!(own.tuned, finding(&single, &own.id).tuned);
        // The second run is the base itself: nothing changed.
        assert!(own.runs[0].change.is_none_or(|change| change.value == 0.0), "{own:?}");
        assert_eq!(own.runs[0].tuned.map(|gap| gap.value), own.base.map(|gap| gap.value));
    }
}
