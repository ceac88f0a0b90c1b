//! Inputs that are wrong: what stops the audit, with which exit code, and what is counted and carried on with, as
//! `docs/bad-inputs.md` says.

use super::{run, write, written};
use crate::common::{outcome, read};
use heirloom::result::AuditResult;

/// Runs the audit of a small folder in which a file holds something else, with some settings.
fn said(name: &str, text: &str, settings: &[&str]) -> (i32, String, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    written(folder.path());
    write(folder.path(), name, text);
    let (code, said) = outcome(&run(folder.path(), settings));
    assert!(code == 0 || !folder.path().join("out").exists(), "something was written: {said}");
    (code, said.split_whitespace().collect::<Vec<_>>().join(" "), folder)
}

fn refused(name: &str, text: &str, settings: &[&str], expected: i32, why: &str) {
    let (code, said, _folder) = said(name, text, settings);
    assert!(code == expected && said.contains(why), "{name}: {code} {said}");
}

fn result(name: &str, text: &str) -> AuditResult {
    let (code, said, folder) = said(name, text, &[]);
    assert_eq!(code, 0, "{said}");
    read(&folder.path().join("out"))
}

#[test]
fn texts_that_cannot_be_read_stop_the_audit() {
    refused("eval.csv", "text,y\nmen are kind,1\n,0\n", &[], 3, "column text has empty (null) values");
    refused("tokenizer.json", "{}", &[], 2, "tokenizer.json is no tokenizer.json");
    refused("terms/who.toml", "[terms]\nwomen = []\n", &[], 2, "has no terms");
    refused("terms/who.toml", "women", &[], 2, "cannot be used");
}

#[test]
fn pairs_that_are_none_are_told_and_those_that_say_nothing_are_counted() {
    refused("ready/pairs.csv", "first,other\nmen are kind,women are kind\n", &[], 2, "has no column `second`");
    refused("lists/people.toml", "words = 1", &[], 2, "cannot be used");
    let equal = "men are kind,men are kind\n".repeat(2);
    let result =
        result("ready/pairs.csv", &format!("first,second\n{}{equal}", "men are kind,women are kind\n".repeat(12)));
    let pairs = result.pairs.expect("they were asked for");
    let ready = pairs.kinds.iter().find(|kind| kind.kind == "ready").expect("pairs without a kind");
    assert_eq!((ready.equal, ready.unknown), (Some(2), Some(0)));
    let swapped = pairs.kinds.iter().find(|kind| kind.kind == "gender").expect("a list of the tool");
    assert_eq!((swapped.without, swapped.several), (Some(0), Some(0)));
}

#[test]
fn language_models_that_cannot_answer_are_told_and_pairs_that_say_nothing_are_counted() {
    let plain = "more,less\nwomen are kind,men are kind\n";
    let of = |settings: &[&str], why: &str| refused("sentences/two.csv", plain, settings, 2, why);
    of(&["language_model.output=logits"], "neither model is run on texts and has an output logits");
    of(&["language_model.mask=[HIDE]"], "its tokenizer has no token [HIDE]");
    let result = result("sentences/two.csv", &format!("{plain}women are kind,women are kind\nall women,rude jews\n"));
    let pairs = &result.language_model.expect("it was asked").pairs[0];
    assert_eq!((pairs.pairs, pairs.same, pairs.apart), (3, 1, 1));
}
