//! Pairs of a task of several classes: two columns are exchanged, and what five classes are decided is counted by
//! hand.

use crate::common::{at, audited};
use heirloom::result::{AuditResult, Estimate, PairMeasure};

const NAMES: [&str; 5] = ["1 star", "2 stars", "3 stars", "4 stars", "5 stars"];

/// The rows of the fixture: age, visits, member and gold.
fn rows() -> Vec<[f64; 4]> {
    let text = std::fs::read_to_string(at("fixtures/mixes/rows.csv")).expect("it is committed");
    let row = |line: &str| {
        let mut cells = line.split(',').map(|cell| cell.parse().unwrap_or(f64::NAN));
        [0; 4].map(|_| cells.next().expect("four columns"))
    };
    text.lines().skip(1).map(row).collect()
}

/// The class of the fixture's model, from its definition: stars in proportion to one number.
fn class([age, visits, member, gold]: [f64; 4], scale: f64) -> usize {
    let number = scale * (0.05 * age + 0.5 * visits - member + 0.75 * gold - 2.0);
    // The largest of number × (-1, -0.5, 0, 0.5, 1) is at an end.
    if number > 0.0 { 4 } else { 0 }
}

fn audit() -> AuditResult {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fixture = at("fixtures/mixes").display().to_string();
    let model = |side: &str, features: &str| {
        format!(
            "[models.{side}]\npath = \"{fixture}/stars.onnx\"\nkind = \"probability\"\nclasses = {NAMES:?}\n\
             inputs.features = {{ columns = [{features}] }}\n"
        )
    };
    let text = format!(
        "{}{}[data]\npath = \"{fixture}/rows.csv\"\ntask = \"multiclass\"\n[groups.group]\ncolumn = \"group\"\n\
         [pairs]\nflip = {{ plan = [[\"member\", \"gold\"]] }}\n[stats]\nmetrics = [\"selection_rate\"]\n",
        model("base", "\"age\", \"visits\", \"member\", \"gold\""),
        // The tuned model takes one for the other.
        model("tuned", "\"age\", \"visits\", \"gold\", \"member\"")
    );
    let file = folder.path().join("audit.toml");
    std::fs::write(&file, text).expect("the folder is ours");
    audited(&file, &[])
}

fn known(estimate: Option<Estimate>) -> f64 {
    estimate.and_then(|one| one.value()).expect("known")
}

#[test]
fn classes_flip_and_move_as_counted_by_hand() {
    let rows: Vec<[f64; 4]> = rows().into_iter().filter(|row| row[2] != row[3]).collect();
    let turned = |[age, visits, member, gold]: [f64; 4]| [age, visits, gold, member];
    // Of each pair the half that is a member and the half that is gold; the tuned model sees the other one.
    let halves: Vec<[[f64; 4]; 2]> =
        rows.iter().map(|&row| if row[2] > row[3] { [row, turned(row)] } else { [turned(row), row] }).collect();
    let said: Vec<[usize; 2]> = halves.iter().map(|[member, gold]| [class(*member, 1.0), class(*gold, 1.0)]).collect();
    let flips = said.iter().filter(|[member, gold]| member != gold).count() as f64 / said.len() as f64;
    let result = audit();
    let pairs = result.pairs.as_ref().expect("pairs were asked for");
    let [direction] = &pairs.directions[..] else { panic!("{:?}", pairs.directions) };
    assert_eq!((direction.first.as_str(), direction.second.as_str()), ("member", "gold"));
    assert_eq!(direction.pairs, Some(rows.len() as u64));
    let [value] = &direction.values[..] else { panic!("decisions of classes have no size: {:?}", direction.values) };
    assert!(flips > 0.0 && value.measure == PairMeasure::FlipRate);
    assert!((known(value.base) - flips).abs() < 1e-12 && (known(value.tuned) - flips).abs() < 1e-12);
    let share =
        |half: usize, class: usize| said.iter().filter(|one| one[half] == class).count() as f64 / said.len() as f64;
    for (place, name) in NAMES.iter().enumerate() {
        let of = |one: &&heirloom::result::Finding| one.is_of_pairs() && one.class.as_deref() == Some(*name);
        let finding = result.findings.iter().find(of).unwrap_or_else(|| panic!("no finding of {name}"));
        assert_eq!(finding.slice, "pairs:plan=gold");
        let Some((base, tuned)) = finding.base.zip(finding.tuned) else {
            assert!(share(0, place) == 0.0 && share(1, place) == 0.0, "{name}");
            continue;
        };
        let gap = share(1, place) - share(0, place);
        assert!((base.value - gap).abs() < 1e-12 && (tuned.value + gap).abs() < 1e-12, "{name}: {base:?} {tuned:?}");
    }
}
