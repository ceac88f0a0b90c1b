//! Planted bias, end to end through ONNX: the models of `fixtures/planted` have gaps whose origin is known,
//! and every verdict has to follow it.

mod common;

use common::{at, finding};
use heirloom::audit::{conclude, run};
use heirloom::data::Dataset;
use heirloom::gather::{Options, preflight};
use heirloom::models::onnx::{Engine, EngineChoice};
use heirloom::result::{AuditResult, Finding, Mark, Verdict};
use std::sync::atomic::AtomicBool;

/// The group that the bias was planted against.
const PLANTED: &str = "selection_rate/group=b";

/// Audits models of the folder: `base`, then `tuned`, which may be a list, on the embedded engine.
fn audit(base: &str, tuned: &str, more: &str) -> AuditResult {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let planted = at("fixtures/planted").display().to_string();
    let path = |name: &str| format!("\"{planted}/{name}.onnx\"");
    let tuned: Vec<String> = tuned.split_whitespace().map(path).collect();
    let inputs = "{ columns = [\"x1\", \"x2\", \"b\"] }";
    let text = format!(
        "models.base.path = {}\nmodels.base.inputs.x = {inputs}\nmodels.tuned.path = [{}]\n\
         models.tuned.inputs.x = {inputs}\n{}\ndata.path = \"{planted}/eval.csv\"\ndata.label = \"label\"\n\
         data.positive = 1\ndata.favorable = true\ngroups.group.column = \"group\"\n",
        path(base),
        tuned.join(", "),
        more.replace("PLANTED", &planted).replace("INPUTS", inputs)
    );
    let file = folder.path().join("audit.toml");
    std::fs::write(&file, text).expect("the folder is ours");
    let loaded = heirloom::config::load(&file, &[]).unwrap_or_else(|problems| panic!("{problems}"));
    let mut audit = loaded.audit;
    let dataset = Dataset::open(&audit.root, &audit.data.paths).expect("the rows are committed");
    let start = || Engine::start(EngineChoice::Embedded, None);
    let plan = preflight(&mut audit, dataset, start, None).expect("models and rows fit");
    let interrupted = AtomicBool::new(false);
    let options =
        Options { threads: 2, batch_size: None, keep_scores: false, interrupted: &interrupted, progress: &|_| {} };
    conclude(&run(audit, plan, &options).expect("the models run").dossier).expect("nothing is checked")
}

fn planted(base: &str, tuned: &str) -> Finding {
    finding(&audit(base, tuned, ""), PLANTED).clone()
}

#[test]
fn every_verdict_follows_what_was_planted() {
    use Verdict::{Absent, Amplified, Eliminated, Inherited, Introduced};
    let truths = [
        ("base", "inherit", Inherited),
        ("base", "inherit_2", Inherited),
        ("base", "amplify", Amplified),
        ("base", "remove", Eliminated),
        ("clean", "introduce", Introduced),
        ("clean", "control", Absent),
        ("base", "base", Inherited),
        ("clean", "clean", Absent),
    ];
    for (base, tuned, truth) in truths {
        let found = planted(base, tuned);
        assert_eq!(found.verdict, truth, "{base} to {tuned}: {:?} {:?}", found.base, found.tuned);
        assert!(found.confirmed, "{base} to {tuned}");
    }
}

/// Both have a gap of about the size of the base's; only one of them has it on the same people.
#[test]
fn the_share_tells_what_was_inherited_from_what_was_learned_again() {
    let (inherited, relearned) = (planted("base", "inherit"), planted("base", "relearn"));
    let gaps = [&inherited, &relearned].map(|found| found.tuned.expect("a gap").value);
    assert!(gaps.iter().all(|gap| *gap < -0.15), "{gaps:?}");
    let [a, b] = [&inherited, &relearned].map(|found| found.inherited_share.expect("the gap is material"));
    assert!(a.low > b.high, "{a:?} does not lie above {b:?}");
    assert!(a.low > 0.7 && b.high < 0.5, "{a:?} {b:?}");
    assert!(inherited.transmission > relearned.transmission);
    assert!(!inherited.marks.contains(&Mark::Relearned));
}

#[test]
fn a_control_tells_what_came_with_the_base() {
    let control = "models.control.path = \"PLANTED/control.onnx\"\nmodels.control.inputs.x = INPUTS";
    let known = |found: &Finding| {
        let control = found.control.expect("it was tested");
        [control.gap, control.effect, control.carried].map(|one| {
            let span = one.interval().expect("an interval");
            [span.low.expect("an end"), one.value().expect("a number"), span.high.expect("an end")]
        })
    };
    let inherited = finding(&audit("base", "inherit", control), PLANTED).clone();
    let [gap, effect, carried] = known(&inherited);
    let tuned = inherited.tuned.expect("a gap").value;
    assert!(gap[0] > -0.05 && gap[2] < 0.05, "the control has no gap: {gap:?}");
    assert!(effect[2] < -0.15 && (effect[1] - (tuned - gap[1])).abs() < 1e-12, "{effect:?}");
    // Both follow the same merits, as the base does, so that only a part of the effect runs along its decisions
    // beyond the control's.
    assert!(carried[2] < 0.0 && carried[0] > effect[2], "{carried:?} {effect:?}");
    // The tuning that removed the bias left nothing for the base to explain.
    let removed = finding(&audit("base", "remove", control), PLANTED).clone();
    let [_, effect, _] = known(&removed);
    assert!(effect[0] > -0.05 && effect[2] < 0.05, "{effect:?}");
}

#[test]
fn runs_agree_as_far_as_they_were_tuned_alike() {
    let found = finding(&audit("base", "inherit inherit_2 remove", ""), PLANTED).clone();
    let verdicts: Vec<Verdict> = found.runs.iter().map(|run| run.verdict).collect();
    assert_eq!((found.verdict, &verdicts[..]), (Verdict::Inherited, &[Verdict::Inherited, Verdict::Eliminated][..]));
    for run in &found.runs {
        assert_eq!(run.tuned, planted("base", &run.name).tuned, "{}", run.name);
    }
}
