//! Models of images: the planted pair of `fixtures/shapes` on every engine that is here, pictures inside the data
//! and as files, and pictures that cannot be read.

mod common;

use common::{at, heirloom, outcome, read};
use heirloom::result::{AuditResult, Subject, Verdict};
use std::path::Path;

/// The engines of this machine; without ONNX Runtime the embedded one alone, as `scripts/test` would not have it.
fn engines() -> Vec<&'static str> {
    let status = heirloom(Path::new("."), &["engine", "status"]);
    let found = String::from_utf8_lossy(&status.stdout).contains("models run on: onnxruntime");
    assert!(found || std::env::var_os("HEIRLOOM_ONNXRUNTIME").is_none(), "HEIRLOOM_ONNXRUNTIME is set, and not used");
    if found { vec!["embedded", "onnxruntime"] } else { vec!["embedded"] }
}

fn fixture() -> String {
    at("fixtures/shapes").display().to_string()
}

fn audited(folder: &Path, arguments: &[&str]) -> Result<AuditResult, String> {
    let run = heirloom(folder, &[&["audit"], arguments, &["--quiet", "--format", "json", "--out", "out"]].concat());
    match outcome(&run) {
        (3, said) => Err(said),
        (2, said) => Err(said),
        _ => Ok(read(&folder.join("out"))),
    }
}

#[test]
fn verdicts_follow_what_was_planted_on_every_engine() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = format!("{}/audit.toml", fixture());
    let run = |engine| audited(folder.path(), &[file.as_str(), "--engine", engine]).expect("it runs");
    let results: Vec<AuditResult> = engines().into_iter().map(run).collect();
    for result in &results {
        // Of two groups the smaller one has the finding.
        let of = |attribute: &str| format!("selection_rate/{attribute}=");
        let verdict =
            |attribute| result.findings.iter().find(|one| one.id.starts_with(&of(attribute))).map(|one| one.verdict);
        assert_eq!(verdict("ground"), Some(Verdict::Inherited));
        assert_eq!(verdict("ink"), Some(Verdict::Introduced));
        assert_eq!(verdict("side"), Some(Verdict::Absent));
        assert_eq!(result.provenance.engine.chunk, 32);
        let base = result.provenance.models.base.as_ref().expect("there is a base");
        let names: Vec<&str> = base.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["base.onnx", "preprocessor_config.json"]);
    }
    // The same decisions, so the same findings.
    results.windows(2).for_each(|pair| assert_eq!(pair[0].findings, pair[1].findings));
}

#[test]
fn threads_and_rows_in_flight_change_no_byte() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = format!("{}/audit.toml", fixture());
    let bytes = |threads: &str| {
        let how = ["--engine", "embedded", "--threads", threads, "--batch-size", "33"];
        audited(folder.path(), &[&[file.as_str()], &how[..]].concat()).expect("it runs");
        std::fs::read(folder.path().join("out/result.json")).expect("it was written")
    };
    assert_eq!(bytes("1"), bytes("3"));
}

#[test]
fn a_run_of_today_gives_the_numbers_again() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = format!("{}/audit.toml", fixture());
    let arguments = ["audit", &file, "--quiet", "--engine", "embedded", "--out", "out"];
    assert_eq!(outcome(&heirloom(folder.path(), &arguments)).0, 0);
    let verified = heirloom(folder.path(), &["verify", "out", "--inputs", &file, "--recompute"]);
    assert_eq!(outcome(&verified).0, 0, "{}", String::from_utf8_lossy(&verified.stdout));
}

/// An audit of `files.csv` with changes to the table, in a folder of its own.
fn of_files(folder: &Path, change: impl Fn(&str) -> String, unreadable: &str) -> String {
    let fixture = fixture();
    std::fs::create_dir_all(folder.join("data/pictures")).expect("the folder is ours");
    for at in 0..12 {
        let name = format!("pictures/{at:02}.png");
        std::fs::copy(format!("{fixture}/{name}"), folder.join("data").join(name)).expect("it is committed");
    }
    let table = std::fs::read_to_string(format!("{fixture}/files.csv")).expect("it is committed");
    std::fs::write(folder.join("data/files.csv"), change(&table)).expect("the folder is ours");
    let input = format!(
        "inputs.pixel_values = {{ image = \"path\", preprocessor = \"{fixture}/preprocessor_config.json\"{unreadable} }}"
    );
    let model = |name: &str| format!("[models.{name}]\npath = \"{fixture}/{name}.onnx\"\n{input}\n");
    let data = "[data]\npath = \"data/files.csv\"\nlabel = \"shape\"\npositive = \"circle\"\n[groups.side]\ncolumn = \"side\"\n";
    std::fs::write(folder.join("audit.toml"), model("base") + &model("tuned") + data).expect("the folder is ours");
    "audit.toml".into()
}

/// How many rows both models answered.
fn answered(result: &AuditResult) -> (u64, u64) {
    (result.data.used - result.data.null_base, result.data.used - result.data.null_tuned)
}

#[test]
fn pictures_that_are_files_start_from_the_folder_of_the_data() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = of_files(folder.path(), str::to_owned, "");
    let result = audited(folder.path(), &[&file, "--set", "privacy.min_cell=1"]).expect("it runs");
    assert_eq!(answered(&result), (12, 12));
    assert!(result.provenance.inferred.iter().any(|said| said.contains("they are not hashed")));
    let rate = common::value(&result, "selection_rate", "all", Subject::Base);
    assert!(common::reason(&rate.estimate).is_none());
}

#[test]
fn what_cannot_be_read_is_counted_named_and_left_out_of_both() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let change =
        |table: &str| table.replace("pictures/03.png", "pictures/none.png").replace("pictures/07.png", "text.png");
    let file = of_files(folder.path(), change, ", unreadable = 0.2");
    std::fs::write(folder.path().join("data/text.png"), "no picture").expect("the folder is ours");
    let result = audited(folder.path(), &[&file]).expect("a sixth is less than a fifth");
    assert_eq!(answered(&result), (10, 10));
    let notice = result.notices.iter().find(|notice| notice.contains("cannot be read")).expect("it is told");
    assert!(notice.starts_with("2 rows have a picture"), "{notice}");
    assert!(notice.contains("none.png (there is no such file), text.png (it is not a picture in PNG"), "{notice}");
}

#[test]
fn more_unreadable_pictures_than_allowed_end_the_run() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = of_files(folder.path(), |table| table.replace("pictures/03.png", "../pictures"), "");
    let said = audited(folder.path(), &[&file]).expect_err("one in twelve is more than 1 %");
    assert!(said.contains("1 of 12 rows have a picture that cannot be read, and 0.01 is the share"), "{said}");
}

#[test]
fn columns_and_settings_that_do_not_fit_are_problems() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let numbers = |table: &str| {
        let row = |(at, line): (usize, &str)| {
            let rest = line.split_once(',').map_or("", |(_, rest)| rest);
            if at == 0 { format!("path,{rest}\n") } else { format!("{at},{rest}\n") }
        };
        table.lines().enumerate().map(row).collect()
    };
    let file = of_files(folder.path(), numbers, "");
    let said = audited(folder.path(), &[&file]).expect_err("numbers are no pictures");
    assert!(said.contains("as a column of paths or of bytes"), "{said}");
    let file = of_files(folder.path(), str::to_owned, "");
    let preprocessor = "--set=models.base.inputs.pixel_values.preprocessor=\"audit.toml\"";
    let said = audited(folder.path(), &[&file, preprocessor]).expect_err("that is no JSON");
    assert!(said.contains("audit.toml is not JSON"), "{said}");
    let share = "--set=models.base.inputs.pixel_values.unreadable=2";
    let said = audited(folder.path(), &[&file, share]).expect_err("a share is at most 1");
    assert!(said.contains("from 0 to 1"), "{said}");
}

#[test]
fn a_model_of_images_is_told_how_to_be_fed() {
    let said = heirloom(Path::new("."), &["inspect", &format!("{}/base.onnx", fixture())]);
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(
        said.contains("inputs.pixel_values = { image = \"...\", preprocessor = \"preprocessor_config.json\" }"),
        "{said}"
    );
}

/// An audit of two models with one column of pictures, and what the preprocessor is to say.
fn of_column(folder: &Path, models: [&str; 2], inputs: [&str; 2], data: &str, settings: [&str; 2]) -> String {
    let fixture = fixture();
    let model = |at: usize, side: &str| {
        std::fs::write(folder.join(format!("{side}.json")), settings[at]).expect("the folder is ours");
        format!(
            "[models.{side}]\npath = \"{fixture}/{}.onnx\"\noutput = \"probabilities\"\ninputs.{} = \
             {{ image = \"{}\", preprocessor = \"{side}.json\", unreadable = 0.2 }}\n",
            models[at],
            inputs[at],
            if data == "eval.parquet" { "picture" } else { "image" }
        )
    };
    let rows = format!(
        "[data]\npath = \"{fixture}/{data}\"\nlabel = \"shape\"\npositive = \"circle\"\n[groups.side]\ncolumn = \"side\"\n\
         [privacy]\nmin_cell = 1\n"
    );
    std::fs::write(folder.join("audit.toml"), model(0, "base") + &model(1, "tuned") + &rows)
        .expect("the folder is ours");
    "audit.toml".into()
}

/// The fixture's settings: the middle of a picture, as numbers from -1 to 1.
fn numbers() -> String {
    std::fs::read_to_string(at("fixtures/shapes/preprocessor_config.json")).expect("it is committed")
}

/// The middle of a picture, as it is.
const BYTES: &str = r#"{"do_resize": false, "do_center_crop": true, "crop_size": {"height": 20, "width": 20},
    "do_rescale": false, "do_normalize": false}"#;

#[test]
fn structs_of_bytes_and_path_are_pictures() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = of_files(folder.path(), str::to_owned, "");
    let plain = audited(folder.path(), &[&file, "--set", "privacy.min_cell=1"]).expect("it runs");
    let numbers = numbers();
    for data in ["structs.parquet", "structs.arrow"] {
        let models = (["base", "tuned"], ["pixel_values"; 2]);
        let file = of_column(folder.path(), models.0, models.1, data, [&numbers, &numbers]);
        let result = audited(folder.path(), &[&file]).expect("it runs");
        // The same twelve pictures, and two rows without one.
        assert_eq!((result.data.used, answered(&result)), (14, (12, 12)), "{data}");
        let told = |notice: &&String| notice.starts_with("2 rows have a picture that cannot be read");
        let notice = result.notices.iter().find(told).unwrap_or_else(|| panic!("{data}: {:?}", result.notices));
        assert!(notice.contains("row 13 (there are no bytes), row 14 (there are no bytes)"), "{notice}");
        for model in [Subject::Base, Subject::Tuned] {
            let rate = |result: &AuditResult| common::value(result, "selection_rate", "all", model).estimate.value();
            assert_eq!(rate(&result), rate(&plain), "{data}");
        }
    }
}

#[test]
fn models_of_bytes_take_pixels_as_they_are() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let numbers = numbers();
    for engine in engines() {
        for model in ["bytes_first", "bytes_last"] {
            // Base and tuned are the same model, one by numbers and one by bytes.
            let (models, inputs) = (["base", model], ["pixel_values", "pixels"]);
            let file = of_column(folder.path(), models, inputs, "eval.parquet", [&numbers, BYTES]);
            let result = audited(folder.path(), &[&file, "--engine", engine]).expect("it runs");
            let churn = common::value(&result, "churn", "all", Subject::Pair).estimate.value();
            assert_eq!((answered(&result), churn), ((2000, 2000), Some(0.0)), "{model} on {engine}");
        }
        let file =
            of_column(folder.path(), ["base", "bytes_last"], ["pixel_values", "pixels"], "eval.parquet", [&numbers; 2]);
        let said = audited(folder.path(), &[&file, "--engine", engine]).expect_err("bytes are not rescaled");
        assert!(said.contains("takes pixels as they are") && said.contains("do_rescale"), "{said}");
    }
}
