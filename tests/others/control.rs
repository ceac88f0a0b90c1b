//! A control: what a model tuned the same way from another base lacks of a gap.

use super::common::{audited, finding, reason};
use super::{close, ends, file, oracle, result, same};
use heirloom::result::{Estimate, Reason};

const MODELS: &str = r#"
models.base.scores = "base"
models.tuned.scores = "tuned"
models.control.scores = "control"
"#;

#[test]
fn a_control_has_the_numbers_of_an_independent_program() {
    let (result, oracle) = (result(MODELS), oracle());
    let mut shares = 0;
    for expected in &oracle.findings {
        let control = finding(&result, &expected.id).control.expect("it was tested");
        same(&expected.id, ends(&control.gap), expected.gap);
        same(&expected.id, ends(&control.effect), expected.effect);
        let [value, low, high] = ends(&control.carried);
        close(&expected.id, value, expected.carried[0], 1e-12);
        // Both ends come from random draws: 1,000 here and 100,000 there.
        let width = expected.carried[2] - expected.carried[1];
        close(&expected.id, low, expected.carried[1], 0.12 * width);
        close(&expected.id, high, expected.carried[2], 0.12 * width);
        if let Estimate::Known { value, .. } = control.excess {
            close(&expected.id, value, expected.excess, 1e-12);
            shares += 1;
        } else {
            assert_eq!(reason(&control.excess), Some(Reason::NoGap));
        }
    }
    assert!(result.notices.iter().any(|notice| notice.contains("The control says nothing on")), "{:?}", result.notices);
    assert!(shares < oracle.findings.len(), "a control without a gap has no share");
}

#[test]
fn a_control_that_is_the_tuned_model_leaves_nothing_to_the_base() {
    let result = result(&MODELS.replace("\"control\"", "\"tuned\""));
    let mut shares = 0;
    for own in result.findings.iter().filter(|own| own.p_value.is_some()) {
        let control = own.control.expect("it was tested");
        assert_eq!((ends(&control.effect)[0], ends(&control.carried)), (0.0, [0.0; 3]), "{}", own.id);
        assert_eq!(ends(&control.gap)[0], own.tuned.expect("a gap").value);
        if control.excess.value().is_some() {
            assert_eq!(ends(&control.excess)[0], 0.0);
            shares += 1;
        }
    }
    assert!(shares > 0, "some gap is large enough for a share");
}

/// What is wrong with the control is said, and the rest of the audit is as it was.
#[test]
fn a_control_with_other_rows_has_a_reason() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = std::fs::read_to_string(super::at("fixtures/oracle/others/others.csv")).expect("it is committed");
    // It speaks of the group a alone, or of nobody.
    let cut = |keep: &str| {
        let line = |line: &str| match line.rsplit_once(',') {
            Some((rest, _)) if !line.starts_with(keep) && !line.starts_with("group") => format!("{rest},"),
            _ => line.to_owned(),
        };
        text.lines().map(line).collect::<Vec<_>>().join("\n") + "\n"
    };
    let without = result("models.base.scores = \"base\"\nmodels.tuned.scores = \"tuned\"");
    for (name, keep) in [("a.csv", "a,"), ("none.csv", "none")] {
        std::fs::write(folder.path().join(name), cut(keep)).expect("the folder is ours");
        for kind in ["scores", "decisions"] {
            let models = MODELS.replace("control.scores", &format!("control.{kind}"));
            let models =
                if kind == "decisions" && keep == "a," { models.replace("\"control\"", "\"label\"") } else { models };
            let result = audited(&file(folder.path(), &models, Some(name)), &[]);
            for (own, expected) in result.findings.iter().zip(&without.findings) {
                assert_eq!((own.tuned, own.verdict, own.q_value), (expected.tuned, expected.verdict, expected.q_value));
                if kind == "scores" && own.slice.starts_with("group=") {
                    let control = own.control.expect("it was tested");
                    assert_eq!(reason(&control.effect), Some(Reason::OtherRows), "{}", own.id);
                }
            }
        }
    }
}

#[test]
fn a_control_of_weighed_rows_has_a_gap_and_no_flow() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = file(folder.path(), MODELS, None);
    let text = std::fs::read_to_string(&path).expect("it was written");
    std::fs::write(&path, format!("{text}data.weight = \"label\"\nprivacy.min_cell = 0\n"))
        .expect("the folder is ours");
    let result = audited(&path, &[]);
    for own in result.findings.iter().filter_map(|own| own.control) {
        assert!(own.gap.value().is_some() && own.effect.value().is_some(), "{own:?}");
        assert_eq!(reason(&own.carried), Some(Reason::NoCounts));
    }
}
