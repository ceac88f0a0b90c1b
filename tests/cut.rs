//! Texts that a model does not read to their ends are counted by group, whatever the order of the work, and a group
//! whose texts are cut far more often is named.

mod common;

use common::{at, heirloom, outcome, read};
use heirloom::result::{AuditResult, CutSlice, CutTexts};
use std::path::Path;

const SHORT: &str = "women are kind people";
const LONG: &str = "women are kind people in our town and that is that";

/// One row: its group, whether its text is long, and whether it names men besides women.
type Row = (&'static str, bool, bool);

/// 60 rows of a, of which one in twelve is long; 60 of b, of which each other is; 12 of c, and 4 of d, which are all.
fn rows() -> Vec<Row> {
    let of = |group, count, every: usize| (0..count).map(move |at| (group, at % every == 0, at % 5 == 0));
    of("a", 60, 12).chain(of("b", 60, 2)).chain(of("c", 12, 3)).chain(of("d", 4, 1)).collect()
}

fn csv(rows: &[Row]) -> String {
    let line = |(at, (group, long, men)): (usize, &Row)| {
        let text = if *long { LONG } else { SHORT };
        let text = if *men { text.replacen("women", "women men", 1) } else { text.to_string() };
        format!("{text},{},{group}\n", at % 2)
    };
    format!("text,y,g\n{}", rows.iter().enumerate().map(line).collect::<String>())
}

/// A folder with the models of the fixture, of which the base reads 9 tokens and the tuned one all of a text.
fn folder(rows: &[Row]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for file in ["base.onnx", "tuned.onnx", "tokenizer.json"] {
        std::fs::copy(at("fixtures/comments").join(file), folder.path().join(file)).expect("the fixture is there");
    }
    let model = |side: &str, length: &str| {
        format!(
            "[models.{side}]\npath = \"{side}.onnx\"\noutput = \"probabilities\"\n\
             inputs.input_ids = {{ text = \"text\", tokenizer = \"tokenizer.json\"{length} }}\n"
        )
    };
    let audit = format!(
        "{}{}[data]\npath = \"eval.csv\"\nlabel = \"y\"\npositive = 1\n[groups.g]\ncolumn = \"g\"\n[groups.who]\n\
         column = \"text\"\nterms = \"who.toml\"\n",
        model("base", ", max_length = 9"),
        model("tuned", "")
    );
    let files = [
        ("audit.toml", audit),
        ("who.toml", "[terms]\nwomen = [\"women\"]\nmen = [\"men\"]\n".into()),
        ("eval.csv", csv(rows)),
    ];
    files.iter().for_each(|(name, text)| std::fs::write(folder.path().join(name), text).expect("the folder is ours"));
    folder
}

fn ran(folder: &Path, more: &[&str]) -> AuditResult {
    let plain = ["audit", "audit.toml", "--quiet", "--engine", "embedded", "--out", "out"];
    let (code, said) = outcome(&heirloom(folder, &[&plain, more].concat()));
    assert_eq!(code, 0, "{said}");
    read(&folder.join("out"))
}

fn slice<'a>(texts: &'a CutTexts, id: &str) -> &'a CutSlice {
    texts.slices.iter().find(|slice| slice.slice == id).unwrap_or_else(|| panic!("{id} is told"))
}

#[test]
fn cut_texts_are_counted_by_group_and_the_group_that_is_cut_most_is_named() {
    let rows = rows();
    let folder = folder(&rows);
    let result = ran(folder.path(), &[]);
    let [texts] = &result.data.cut_texts[..] else { panic!("the base alone cuts: {:?}", result.data.cut_texts) };
    let count = |is: &dyn Fn(&Row) -> bool| rows.iter().filter(|row| is(row)).count() as u64;
    assert_eq!((texts.model.as_str(), texts.rows), ("base", count(&|row| row.1)));
    for group in ["a", "b"] {
        let found = slice(texts, &format!("g={group}"));
        let expected = [count(&|row| row.0 == group && row.1), count(&|row| row.0 == group)];
        assert_eq!([found.cut, found.of], expected.map(Some), "{group}");
        assert_eq!(found.more, group == "b");
    }
    let men = slice(texts, "who=men");
    assert_eq!([men.cut, men.of], [count(&|row| row.1 && row.2), count(&|row| row.2)].map(Some));
    // Four people of d are hidden, and with them the next smallest group, or the others would tell.
    for group in ["g=c", "g=d"] {
        assert_eq!([slice(texts, group).cut, slice(texts, group).of], [None, None], "{group}");
    }
    let named: Vec<&String> = result.notices.iter().filter(|notice| notice.contains("far more often")).collect();
    assert!(matches!(named[..], [notice] if notice.contains(": g=b.")), "{named:?}");
    let report = std::fs::read_to_string(folder.path().join("out/report.html")).expect("it was written");
    assert!(report.contains("Texts that were cut") && report.contains("far above everyone else"));
}

#[test]
fn neither_the_order_of_the_work_nor_shards_show_in_the_counts() {
    let rows = rows();
    let folder = folder(&rows);
    let bytes = |more: &[&str]| {
        ran(folder.path(), more);
        std::fs::read(folder.path().join("out/result.json")).expect("the audit wrote a result")
    };
    let first = bytes(&["--threads", "1"]);
    for way in [["--threads", "3", "--batch-size", "1"], ["--threads", "2", "--batch-size", "5000"]] {
        assert!(bytes(&way) == first, "{way:?} changed the result");
    }
    let whole = read(&folder.path().join("out")).data.cut_texts;
    for (part, name) in rows.chunks(70).zip(["one.json", "two.json"]) {
        std::fs::write(folder.path().join("eval.csv"), csv(part)).expect("the folder is ours");
        ran(folder.path(), &["--evidence", name]);
    }
    let merged = heirloom(folder.path(), &["merge", "one.json", "two.json", "--out", "both.json"]);
    assert_eq!(outcome(&merged).0, 0, "{}", outcome(&merged).1);
    let drawn = heirloom(folder.path(), &["render", "both.json", "--format", "json"]);
    let text = String::from_utf8(drawn.stdout).expect("it is JSON");
    assert_eq!(heirloom::result::read(&text).expect("a result").data.cut_texts, whole);
}
