//! Everything that an audit reads is in its manifest, found again wherever it lies, told where it changed, and enough
//! to run the audit again.

mod bad;
#[path = "../common/mod.rs"]
mod common;

use common::{at, heirloom, outcome};
use std::path::Path;
use std::process::Output;

/// Files besides models and rows, each in a folder of its own.
const FILES: [(&str, &str, &str); 5] = [
    ("pairs", "lists/people.toml", "sides = [\"men\", \"women\"]\nwords = [[\"men\", \"women\"]]\n"),
    ("pairs", "ready/pairs.csv", "first,second,label\nmen are kind,women are kind,1\nall men,all women,0\n"),
    ("terms", "terms/who.toml", "[terms]\nwomen = [\"women\"]\nmen = [\"men\"]\n"),
    ("language", "sentences/two.csv", "more,less\nwomen are kind,men are kind\nwomen are lazy,men are lazy\n"),
    (
        "language",
        "words/own.toml",
        "[[test]]\nname = \"own\"\nx = { name = \"x\", words = [\"women\", \"a woman\"] }\ny = { name = \"y\", words = [\"men\", \"a man\"] }\n\
         a = { name = \"a\", words = [\"kind\"] }\nb = { name = \"b\", words = [\"lazy\"] }\n",
    ),
];

const MORE: &str = "[data]\npath = \"eval.csv\"\nlabel = \"y\"\npositive = 1\n[groups.who]\ncolumn = \"text\"\nterms = \"terms/who.toml\"\n\
    [pairs]\nswap = [\"lists/people.toml\", \"gender\"]\npath = \"ready/*.csv\"\n[language_model]\noutput = \"token_logits\"\n\
    pairs = { path = \"sentences/two.csv\", more = \"more\", less = \"less\" }\nassociations = [\"words/own.toml\", \"gender-work\"]\n";

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("the folder is ours");
    std::fs::write(path, text).expect("the folder is ours");
}

/// Writes an audit of a small folder.
fn written(folder: &Path) {
    std::fs::create_dir_all(folder).expect("the folder is ours");
    for file in ["base.onnx", "tuned.onnx", "tokenizer.json"] {
        std::fs::copy(at("fixtures/comments").join(file), folder.join(file)).expect("the fixture is there");
    }
    let model = |side: &str| {
        format!(
            "[models.{side}]\npath = \"{side}.onnx\"\noutput = \"probabilities\"\nembedding = \"embedding\"\n\
             inputs.input_ids = {{ text = \"text\", tokenizer = \"tokenizer.json\" }}\n"
        )
    };
    let audit = format!("{}{}{MORE}[representations]\nmeasure = false\n", model("base"), model("tuned"));
    write(folder, "audit.toml", &audit);
    let row = |at: usize| format!("{} are {},{}\n", ["men", "women"][at / 2 % 2], ["kind", "lazy"][at % 3 % 2], at % 2);
    write(folder, "eval.csv", &format!("text,y\n{}", (0..60).map(row).collect::<String>()));
    FILES.iter().for_each(|(_, name, text)| write(folder, name, text));
}

fn run(folder: &Path, settings: &[&str]) -> Output {
    let settings: Vec<&str> = settings.iter().flat_map(|setting| ["--set", setting]).collect();
    heirloom(folder, &[&["audit", "audit.toml", "--engine", "embedded", "--out", "out"], &settings[..]].concat())
}

fn audited(folder: &Path) {
    written(folder);
    let (code, said) = outcome(&run(folder, &[]));
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("columns label are not read"), "{said}");
}

/// Verifies the folder `out` from a folder, and gives the code and what was said.
fn verified(folder: &Path, more: &[&str]) -> (i32, String) {
    let run = heirloom(folder, &[&["verify", "out"], more].concat());
    let said = String::from_utf8_lossy(&run.stdout).into_owned() + &outcome(&run).1;
    (outcome(&run).0, said)
}

#[test]
fn what_was_read_is_found_again_and_what_changed_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path().join("here");
    audited(&folder);
    // Two models with one tokenizer each, the rows, and the files beside them; lists of the tool lie nowhere.
    let (code, said) = verified(&folder, &["--inputs", "audit.toml"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("10 of 10 are the same"), "{said}");
    for (role, name, text) in FILES {
        write(&folder, name, &format!("{text}\n"));
        let (code, said) = verified(&folder, &["--inputs", "audit.toml"]);
        let plain = Path::new(name).file_name().and_then(|name| name.to_str()).expect("a name");
        assert!(code == 1 && said.contains(&format!("CHANGED     {role} {plain}")), "{name}: {said}");
        std::fs::remove_file(folder.join(name)).expect("it was there");
        let (code, said) = verified(&folder, &["--inputs", "audit.toml"]);
        assert!(code == 3 && said.contains(&format!("NOT FOUND   {role} {plain}")), "{name}: {said}");
        write(&folder, name, text);
    }
}

#[test]
fn what_was_read_is_enough_to_run_again_from_elsewhere() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    audited(&folder.path().join("here"));
    let elsewhere = folder.path().join("[elsewhere]");
    std::fs::rename(folder.path().join("here"), &elsewhere).expect("the folder is ours");
    let (code, said) = verified(&elsewhere, &["--inputs", "audit.toml", "--recompute"]);
    assert!(code == 0 && said.contains("worst difference 0e0") && said.contains("HOLDS"), "{said}");
}
