//! A small tokenizer of words, and texts of all kinds.

use super::*;
use std::io::Write;

/// Words and marks that BERT's normalizer and splitter tell apart, in this order from 0.
const WORDS: [&str; 8] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "bad", "##ly", "day"];

pub(crate) fn tokenizer() -> String {
    let vocabulary: serde_json::Map<String, serde_json::Value> =
        WORDS.iter().enumerate().map(|(id, word)| (word.to_string(), id.into())).collect();
    serde_json::json!({
        "version": "1.0", "truncation": null, "padding": {"strategy": {"Fixed": 128}, "direction": "Right",
            "pad_to_multiple_of": null, "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"},
        "added_tokens": [],
        "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
        "decoder": null,
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": vocabulary}
    })
    .to_string()
}

fn reader(length: usize) -> TextReader {
    open(&tokenizer(), Some(length)).unwrap()
}

fn open(text: &str, length: Option<usize>) -> Result<TextReader, ModelError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    TextReader::open(file.path(), length)
}

#[test]
fn a_text_becomes_tokens_between_marks() {
    let tokens = reader(8).read("Badly, GOOD day").unwrap();
    assert_eq!((tokens.ids, tokens.kinds, tokens.cut), (vec![2, 5, 6, 1, 4, 7, 3], vec![0; 7], false));
    assert_eq!(reader(8).read("").unwrap().ids, [2, 3]);
    assert_eq!((reader(8).vocabulary(), reader(8).padding()), (8, Padding { id: 0, kind: 0, left: false }));
}

#[test]
fn what_is_too_long_is_cut_and_said() {
    let tokens = reader(4).read("good day good day").unwrap();
    assert_eq!((tokens.ids, tokens.cut), (vec![2, 4, 7, 3], true));
    assert!(!reader(4).read("good day").unwrap().cut);
}

#[test]
fn of_a_text_of_ten_megabytes_only_the_start_is_read() {
    let text = "good day ".repeat(1_200_000);
    let tokens = reader(6).read(&text).unwrap();
    assert_eq!((tokens.ids, tokens.cut), (vec![2, 4, 7, 4, 7, 3], true));
    let blank = format!("{}day", " ".repeat(300_000));
    assert_eq!(reader(6).read(&blank).unwrap().ids, [2, 7, 3]);
    let word = format!("{}é good", "é".repeat(200_000));
    assert_eq!(reader(6).read(&word).unwrap().ids, [2, 1, 4, 3]);
}

#[test]
fn a_file_that_is_no_tokenizer_is_refused() {
    for text in ["", "{}", "{\"model\": 1}", "PAR1", &tokenizer().replace("WordPiece", "Wordpieces")] {
        let ModelError(problem) = open(text, None).unwrap_err();
        assert!(problem.contains("is no tokenizer.json"), "{problem}");
    }
    let ModelError(problem) = open(&tokenizer(), Some(2)).unwrap_err();
    assert!(problem.ends_with("max_length is 2, and it takes from 3 to 1048576 tokens"), "{problem}");
    assert!(TextReader::open(Path::new("nowhere.json"), None).unwrap_err().0.contains("cannot be read"));
}

#[test]
fn without_a_word_it_is_as_long_as_usual() {
    assert_eq!(open(&tokenizer(), None).unwrap().length(), USUAL_LENGTH);
}
