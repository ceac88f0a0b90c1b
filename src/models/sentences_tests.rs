//! What reaches a model of text: types, padding and the token that hides another.

use super::*;
use crate::data::{ColumnInfo, ColumnKind};
use crate::models::{Element, InputColumns, InputSpec, OnnxSpec, Port, Shape, Signature, Tensor, TokenSpec};

/// A model of these inputs, with a tokenizer that pads as `padding` says.
fn sentences(inputs: &[(&str, Element)], padding: serde_json::Value) -> Sentences {
    let folder = tempfile::tempdir().unwrap();
    let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "day"];
    let vocabulary: serde_json::Map<String, serde_json::Value> =
        words.iter().enumerate().map(|(id, word)| (word.to_string(), id.into())).collect();
    let tokenizer = serde_json::json!({
        "version": "1.0", "truncation": null, "padding": padding, "added_tokens": [], "normalizer": null, "decoder": null,
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": vocabulary}
    });
    std::fs::write(folder.path().join("tokenizer.json"), tokenizer.to_string()).unwrap();
    let port = |(name, element): &(&str, Element)| Port {
        name: name.to_string(),
        shape: Shape::Tensor(*element, vec![None, None]),
    };
    let signature = Signature { inputs: inputs.iter().map(port).collect(), outputs: Vec::new() };
    let tokens = Some(TokenSpec { tokenizer: "tokenizer.json".into(), max_length: Some(8) });
    let input = InputSpec { columns: InputColumns::Column("text".into()), round: false, tokens, image: None };
    let spec = OnnxSpec { inputs: [("input_ids".to_string(), input)].into(), ..OnnxSpec::default() };
    let column = ColumnInfo { name: "text".into(), kind: ColumnKind::Text, dtype: "str".into() };
    Feed::plan(&spec, &signature, &[column], folder.path()).unwrap().feed.sentences().unwrap()
}

fn padding(direction: &str) -> serde_json::Value {
    serde_json::json!({"strategy": "BatchLongest", "direction": direction, "pad_to_multiple_of": null,
        "pad_id": 0, "pad_type_id": 9, "pad_token": "[PAD]"})
}

fn whole(inputs: &Inputs, name: &str) -> Vec<i64> {
    match inputs.iter().find(|(input, _)| input == name) {
        Some((_, Tensor::I64(array))) => array.iter().copied().collect(),
        Some((_, Tensor::I32(array))) => array.iter().map(|&cell| i64::from(cell)).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn all_inputs_come_from_one_text_in_the_type_that_is_asked() {
    let asked = [("input_ids", Element::Int32), ("attention_mask", Element::Int64), ("token_type_ids", Element::Int32)];
    let sentences = sentences(&asked, padding("Right"));
    let rows = ["good day", "day"].map(|text| sentences.read(text).unwrap().tokens);
    let inputs = sentences.inputs(&rows).unwrap();
    assert!(matches!(inputs[0].1, Tensor::I32(_)) && matches!(inputs[1].1, Tensor::I64(_)));
    assert_eq!(whole(&inputs, "input_ids"), [2, 5, 6, 3, 2, 6, 3, 0]);
    assert_eq!(whole(&inputs, "attention_mask"), [1, 1, 1, 1, 1, 1, 1, 0]);
    assert_eq!(whole(&inputs, "token_type_ids"), [0, 0, 0, 0, 0, 0, 0, 9]);
}

#[test]
fn padding_stands_where_the_tokenizer_says() {
    let sentences = sentences(&[("input_ids", Element::Int64), ("attention_mask", Element::Int64)], padding("Left"));
    let rows = ["good day", ""].map(|text| sentences.read(text).unwrap().tokens);
    let inputs = sentences.inputs(&rows).unwrap();
    assert_eq!(whole(&inputs, "input_ids"), [2, 5, 6, 3, 0, 0, 2, 3]);
    assert_eq!(whole(&inputs, "attention_mask"), [1, 1, 1, 1, 0, 0, 1, 1]);
    assert_eq!(sentences.start(&rows[1], 4), 2);
}

#[test]
fn marks_and_the_hiding_token_are_known() {
    let sentences = sentences(&[("input_ids", Element::Int64)], serde_json::Value::Null);
    assert_eq!(sentences.read("good").unwrap().marks, [true, false, true]);
    assert_eq!(
        (sentences.mask(None), sentences.mask(Some("day")), sentences.mask(Some("<none>"))),
        (Some(4), Some(6), None)
    );
}
