//! What cannot be made a pair is said before anything runs.

use crate::common::{at, heirloom, outcome};

fn told(settings: &[&str]) -> (i32, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = at("fixtures/income/audit.toml");
    let mut arguments = vec!["audit".to_owned(), file.display().to_string()];
    settings.iter().for_each(|setting| arguments.extend(["--set".to_owned(), setting.to_string()]));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (code, told) = outcome(&heirloom(folder.path(), &arguments));
    assert!(!folder.path().join("reports").exists(), "something was written");
    (code, told.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn faulty_pairs_are_problems_of_the_audit_file() {
    for (settings, why) in [
        (&["pairs={}"][..], "nothing says what makes a pair"),
        (&["pairs.swap=['gendr']"], "no swap list of the tool is called so"),
        (&["pairs.swap=['nowhere.toml']"], "cannot be read"),
        (&["pairs.swap=['gender', 'gender']"], "there are two of the name"),
        (&["pairs.flip={ sex = ['Male', 'Male'] }"], "both sides are the same"),
        (&["pairs.flip={ sex = ['Male'] }"], "this is not what can be exchanged"),
        (&["pairs.flip={ sex = [['x_sex_Male']] }"], "this is not what can be exchanged"),
        (&["pairs.flap=1", "pairs.swap=['gender']"], "is not a key"),
    ] {
        let (code, told) = told(settings);
        assert!(code == 2 && told.contains(why), "{settings:?}: {told}");
    }
}

#[test]
fn pairs_that_do_not_fit_models_or_data_are_problems() {
    for (settings, why) in [
        (&["pairs.flip={ sex = ['Male', 'Female'] }"][..], "no model reads column sex"),
        (&["pairs.flip={ sex = [['x_sex_Male', 'x_sex_Femal']] }"], "there is no column x_sex_Femal"),
        (&["pairs.swap=['gender']"], "the models read no column of texts"),
        (&["pairs.swap=['gender']", "pairs.column=nowhere"], "there is no column nowhere"),
        (&["pairs.swap=['gender']", "pairs.column=race"], "no model reads column race"),
        (&["pairs.path=pairs.csv"], "the models read no column of texts"),
        (
            &["pairs.flip={ sex = [['x_sex_Male', 'x_sex_Female']] }", "models.tuned={ scores = 'x_age' }"],
            "a model that ran elsewhere cannot be run",
        ),
        (
            &[
                "pairs.flip={ sex = [['x_sex_Male', 'x_sex_Female']] }",
                "models.base={ path = 'base.onnx', embedding = 'embedding', probe = true }",
            ],
            "models.base answers through a probe, which is fitted to the rows as they are",
        ),
    ] {
        let (code, told) = told(settings);
        assert!(code == 2 && told.contains(why), "{settings:?}: {told}");
    }
}

#[test]
fn checks_speak_of_pairs_that_are_made() {
    const FLIP: &str = "pairs.flip={ sex = [['x_sex_Male', 'x_sex_Female']] }";
    for (of, slice, why) in [
        ("gap", "pairs:gender=female", "no pairs of"),
        ("gap", "pairs:sex=Male", "no gap of its own"),
        ("gap", "pairs:sex=Femal", "is no side of"),
        ("value", "pairs:sex=Female", "pairs have gaps"),
        ("spread", "pairs:sex", "pairs have gaps"),
    ] {
        let check = format!(
            "check=[{{ id = 'a', metric = 'selection_rate', of = '{of}', on = 'tuned', max = 0.5, slices = ['{slice}'] }}]"
        );
        let (code, told) = told(&[FLIP, &check]);
        assert!(code == 2 && told.contains(why), "{slice}: {told}");
    }
}
