//! Two small transformers of text, from raw sentences to verdicts, on both engines: the verdicts follow what
//! `fixtures/comments` planted.

mod common;

use common::{at, engine, finding, heirloom, outcome, read, tell};
use heirloom::result::{AuditResult, Verdict};
use std::path::Path;

/// The folder of the package, which the audit file is named from.
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn audited(engine: &str, folder: &Path) -> AuditResult {
    let out = folder.to_str().expect("a temporary folder has a plain name");
    let arguments = ["audit", "fixtures/comments/audit.toml", "--quiet", "--engine", engine, "--out", out];
    let (code, said) = outcome(&heirloom(Path::new(ROOT), &arguments));
    assert_eq!(code, 0, "{engine}: {said}");
    read(folder)
}

fn follows_what_was_planted(engine: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let result = audited(engine, folder.path());
    assert_eq!(result.provenance.engine.name, engine);
    agrees_with_python(&result);
    for (group, verdict) in [("muslims", Verdict::Inherited), ("women", Verdict::Introduced)] {
        let found = finding(&result, &format!("selection_rate/identity={group}"));
        assert_eq!((found.verdict, found.confirmed), (verdict, true), "{group} on {engine}");
    }
}

/// What language models prefer, held against `fixtures/oracle/language.py`.
fn agrees_with_python(result: &AuditResult) {
    let text = std::fs::read_to_string(at("fixtures/oracle/language.json")).expect("it is committed");
    let expected: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    let language = result.language_model.as_ref().expect("the audit file asks");
    let [pairs, choices] = &language.pairs[..] else { panic!("two files of pairs") };
    for kind in &pairs.kinds[1..] {
        let (name, base) =
            (kind.kind.as_deref().expect("a kind"), kind.base.as_ref().expect("the base has the output"));
        let of = &expected["pairs"];
        assert_eq!((Some(base.more), base.ties), (of["more"][name].as_u64(), 0), "{name}");
        assert_eq!(Some(base.more + base.less), of["pairs"][name].as_u64(), "{name}");
        assert!(kind.tuned.is_none() && kind.mcnemar_p.is_none(), "the tuned model has another head");
    }
    let base = choices.kinds[0].base.as_ref().expect("the base has the output");
    let found = [base.score.value(), base.makes_sense, base.icat];
    assert_eq!(found, ["score", "makes_sense", "icat"].map(|key| expected["choices"][key].as_f64()));
    for test in &language.associations {
        for (model, found) in [("base", &test.base), ("tuned", &test.tuned)] {
            let (found, expected) =
                (found.as_ref().expect("both have an embedding"), &expected["words"][&test.name][model]);
            let effect = found.effect.value().expect("it is defined") - expected["effect"].as_f64().expect("a number");
            assert!(effect.abs() < 1e-4, "{} of {model} differs by {effect:e}", test.name);
            assert_eq!((found.p_value, found.exact), (expected["p"].as_f64(), true), "{} of {model}", test.name);
        }
    }
}

#[test]
fn verdicts_follow_what_was_planted_on_the_embedded_engine() {
    follows_what_was_planted("embedded");
}

#[test]
fn verdicts_follow_what_was_planted_on_onnx_runtime() {
    if engine().name != "onnxruntime" {
        tell("NOT RUN: no ONNX Runtime was found; scripts/test installs one");
        return;
    }
    follows_what_was_planted("onnxruntime");
}

/// The audit of these texts by the fixture's models, with its tokenizer changed as `tokenizer` says.
fn audit_of(texts: &[String], tokenizer: impl Fn(&mut serde_json::Value)) -> (i32, String, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fixture = at("fixtures/comments");
    for file in ["base.onnx", "tuned.onnx"] {
        std::fs::copy(fixture.join(file), folder.path().join(file)).expect("the fixture is there");
    }
    let read = std::fs::read_to_string(fixture.join("tokenizer.json")).expect("the fixture is there");
    let mut changed = serde_json::from_str(&read).expect("it is JSON");
    tokenizer(&mut changed);
    let input = "inputs.input_ids = { text = \"text\", tokenizer = \"tokenizer.json\" }";
    let audit = format!(
        "groups = [\"g\"]\n[models.base]\npath = \"base.onnx\"\noutput = \"probabilities\"\n{input}\n[models.tuned]\n\
         path = \"tuned.onnx\"\noutput = \"probabilities\"\n{input}\n[data]\npath = \"eval.csv\"\nlabel = \"y\"\npositive = 1\n"
    );
    let row = |(at, text): (usize, &String)| format!("\"{text}\",{},{}\n", at % 2, ["a", "b"][at / 2 % 2]);
    let rows: String = texts.iter().enumerate().map(row).collect();
    for (name, text) in
        [("tokenizer.json", changed.to_string()), ("audit.toml", audit), ("eval.csv", format!("text,y,g\n{rows}"))]
    {
        std::fs::write(folder.path().join(name), text).expect("the folder is ours");
    }
    let (code, said) =
        outcome(&heirloom(folder.path(), &["audit", "audit.toml", "--engine", "embedded", "--out", "out"]));
    (code, said, folder)
}

fn plain(count: usize) -> Vec<String> {
    (0..count).map(|at| format!("women are {} people", ["kind", "stupid"][at % 2])).collect()
}

#[test]
fn a_tokenizer_of_another_model_is_refused_before_any_row_is_run() {
    let (code, said, _folder) = audit_of(&plain(40), |tokenizer| {
        tokenizer["model"]["vocab"]["zebra"] = 188.into();
    });
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("knows 189 tokens, and the model embeds 188"), "{said}");
}

#[test]
fn an_empty_text_is_a_text_and_one_of_ten_megabytes_is_cut() {
    let mut texts = plain(40);
    texts[3] = " ".into();
    texts[7] = "women are kind ".repeat(700_000);
    let (code, said, folder) = audit_of(&texts, |_| {});
    assert_eq!(code, 0, "{said}");
    let result = read(&folder.path().join("out"));
    assert_eq!(result.data.used, 40);
    let cut = result.notices.iter().filter(|notice| notice.contains("did not read 1 texts to their ends"));
    assert_eq!(cut.count(), 2, "{:?}", result.notices);
}

/// Words that the tokenizer takes apart, by the mean over their pieces, held against `fixtures/oracle/language.py`.
#[test]
fn words_of_several_pieces_are_as_likely_as_in_python() {
    let (_, _, folder) = audit_of(&plain(40), |_| {});
    let text = std::fs::read_to_string(at("fixtures/oracle/language.json")).expect("it is committed");
    let expected: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    let of = &expected["several"];
    let rows: Vec<[String; 3]> = serde_json::from_value(of["rows"].clone()).expect("three sentences each");
    let lines: String = rows.iter().map(|row| row.join(",") + "\n").collect();
    write(folder.path(), "several.csv", &format!("a,b,c\n{lines}"));
    let asked = |likelihood: &str| {
        format!(
            "{}[language_model]\noutput = \"token_logits\"\npairs = {{ path = \"several.csv\", more = \"a\", less = \"b\", unrelated = \"c\"{likelihood} }}\n",
            std::fs::read_to_string(folder.path().join("audit.toml")).expect("it was written")
        )
    };
    let run = |likelihood: &str, more: &[&str]| {
        write(folder.path(), "asked.toml", &asked(likelihood));
        let plain = ["audit", "asked.toml", "--quiet", "--engine", "embedded", "--out", "asked"];
        let (code, said) = outcome(&heirloom(folder.path(), &[&plain, more].concat()));
        assert_eq!(code, 0, "{said}");
        std::fs::read(folder.path().join("asked/result.json")).expect("it was written")
    };
    let first = run("", &["--threads", "1"]);
    let language = read(&folder.path().join("asked")).language_model.expect("it was asked");
    let base = language.pairs[0].kinds[0].base.as_ref().expect("the base has the output");
    assert_eq!((base.more + base.less, base.ties, language.pairs[0].apart), (rows.len() as u64, 0, 0));
    let found = [base.score.value(), base.makes_sense, base.icat];
    assert_eq!(found, ["score", "makes_sense", "icat"].map(|key| of[key].as_f64()));
    // Neither the lanes nor their order show in what language models prefer.
    for way in [["--threads", "2", "--batch-size", "1"], ["--threads", "3", "--batch-size", "5000"]] {
        assert!(run("", &way) == first, "{way:?} changed the result");
    }
    run(", likelihood = \"shared\"", &[]);
    let shared = read(&folder.path().join("asked")).language_model.expect("it was asked");
    let shared = shared.pairs[0].kinds[0].base.as_ref().expect("the base has the output").clone();
    assert_ne!([shared.score.value(), shared.makes_sense], found[..2], "the shared tokens are other ones");
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).expect("the folder is ours");
}

#[test]
fn padding_may_stand_on_the_left() {
    let [left, right] = ["Left", "Right"].map(|side| audit_of(&mixed(40), |tokenizer| padded(tokenizer, side)));
    assert_eq!((left.0, right.0), (0, 0), "{}{}", left.1, right.1);
    assert_eq!(read(&left.2.path().join("out")).values, read(&right.2.path().join("out")).values);
}

/// Texts of different lengths, so that batches are padded.
fn mixed(count: usize) -> Vec<String> {
    let more =
        |(at, text): (usize, String)| if at % 3 == 0 { format!("{text} in our town and that is that") } else { text };
    plain(count).into_iter().enumerate().map(more).collect()
}

fn padded(tokenizer: &mut serde_json::Value, direction: &str) {
    tokenizer["padding"] = serde_json::json!({"strategy": "BatchLongest", "direction": direction,
        "pad_to_multiple_of": null, "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"});
}
