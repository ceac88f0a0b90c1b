//! Bias that was planted against a group is a gap between the halves of pairs of that group.

use crate::common::{at, audited, finding, gathered};
use heirloom::result::Verdict;
use std::path::Path;

const INPUTS: &str = "{ columns = [\"x1\", \"x2\", \"b\"] }";

/// Writes an audit of the group's column exchanged, and gives its file.
fn file(folder: &Path, tuned: &str, data: &str) -> std::path::PathBuf {
    let planted = at("fixtures/planted").display().to_string();
    let text = format!(
        "name = \"planted\"\nmodels.base = {{ path = \"{planted}/base.onnx\", inputs.x = {INPUTS} }}\n\
         models.tuned = {{ path = \"{planted}/{tuned}.onnx\", inputs.x = {INPUTS} }}\n\
         data.path = \"{data}\"\ndata.label = \"label\"\ndata.positive = 1\ngroups.group.column = \"group\"\n\
         pairs.flip = {{ b = [0, 1] }}\n"
    );
    let file = folder.join(format!("{tuned}-{}.toml", Path::new(data).file_stem().unwrap_or_default().display()));
    std::fs::write(&file, text).expect("the folder is ours");
    file
}

fn eval() -> String {
    at("fixtures/planted/eval.csv").display().to_string()
}

#[test]
fn verdicts_of_pairs_follow_what_was_planted() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (tuned, verdict) in
        [("inherit", Verdict::Inherited), ("amplify", Verdict::Amplified), ("remove", Verdict::Eliminated)]
    {
        let result = audited(&file(folder.path(), tuned, &eval()), &[]);
        let pairs = &result.pairs.as_ref().expect("pairs were asked for").directions[0];
        let found = finding(&result, "selection_rate/pairs:b=1");
        assert_eq!((pairs.pairs, found.reference.as_str()), (Some(6000), "pairs:b=0"));
        assert_eq!(found.verdict, verdict, "{tuned}: {:?} {:?}", found.base, found.tuned);
        assert!(found.base.expect("a gap").high < -0.05, "the planted gap is against group b");
        // Of an inherited gap most runs along the base's own decisions, of one that was planted anew less than half.
        match (tuned, found.inherited_share) {
            ("inherit", Some(share)) => assert!(share.low > 0.5, "{share:?}"),
            ("amplify", Some(share)) => assert!(share.high < 0.5, "{share:?}"),
            (_, share) => assert!(tuned == "remove" && share.is_none(), "{tuned}: {share:?}"),
        }
        let chances = found.probabilities.expect("it was tested");
        let likeliest = match tuned {
            "inherit" => chances.inherited,
            "amplify" => chances.amplified,
            _ => chances.eliminated,
        };
        assert!(likeliest > 0.95, "{tuned}: {chances:?}");
    }
}

/// Rows that were gathered apart, in any order, conclude as one.
#[test]
fn shards_of_pairs_conclude_as_one() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = std::fs::read_to_string(eval()).expect("it is committed");
    let (head, rows) = text.split_once('\n').expect("it has a head");
    let rows: Vec<&str> = rows.lines().collect();
    let gather = |name: &str, rows: &[&str]| {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("{head}\n{}\n", rows.join("\n"))).expect("the folder is ours");
        gathered(&file(folder.path(), "amplify", &path.display().to_string()), &[])
    };
    let (one, two) = (gather("one.csv", &rows[..700]), gather("two.csv", &rows[700..2500]));
    let all = gather("all.csv", &rows[..2500]).evidence.pairs.expect("pairs were asked for");
    let merged = two.merge(one).expect("they add").evidence.pairs.expect("pairs were asked for");
    assert_eq!(all.pairs.len(), 2500);
    assert!(merged == all, "the sum differs from the whole");
}
