//! Pairs that are related, pairs that are not, and files that are none.

use super::*;
use std::path::PathBuf;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

fn of(base: &str, tuned: &str) -> Lineage {
    lineage(&fixture(base), &fixture(tuned)).unwrap()
}

#[test]
fn a_tuned_model_is_told_from_its_base() {
    let found = of("income/base.onnx", "income/tuned.onnx");
    assert_eq!(found.kinship, Kinship::Descendant);
    // 40 × 32 + 32 + 32 × 16 + 16 + 16 × 1; constants and the last bias are too small to tell.
    assert_eq!((found.total.shared + found.total.moved, found.total.new, found.total.gone), (1856, 0, 0));
    assert!(found.total.cosine.unwrap() > 0.8 && found.total.change.unwrap() < 0.7, "{:?}", found.total);
}

#[test]
fn a_model_is_the_same_as_itself_and_every_layer_is_frozen() {
    let found = of("income/base.onnx", "income/base.onnx");
    assert_eq!(found.kinship, Kinship::Same);
    assert!(found.layers.iter().all(|layer| layer.is_frozen() && layer.change == Some(0.0)));
}

#[test]
fn models_of_other_shapes_share_nothing() {
    let found = of("income/base.onnx", "planted/base.onnx");
    assert_eq!((found.kinship, found.total.shared, found.total.moved), (Kinship::Unrelated, 0, 0));
    assert_eq!((found.total.new, found.total.gone, found.total.cosine), (18, 1856, None));
}

/// A model of one matrix, `name` of `dims`, with these bytes; nodes only so that it is a graph.
fn model(name: &str, dims: &[u8], raw: &[u8]) -> Vec<u8> {
    let block = |field: u8, bytes: &[u8]| {
        let mut length = bytes.len();
        let mut block = vec![field << 3 | 2];
        while length > 127 {
            block.push((length & 127) as u8 | 128);
            length >>= 7;
        }
        block.push(length as u8);
        [block, bytes.to_vec()].concat()
    };
    let sizes: Vec<u8> = dims.iter().flat_map(|&size| [8, size]).collect();
    let tensor = [sizes, vec![16, 1], block(8, name.as_bytes()), block(9, raw)].concat();
    let graph = [block(5, &tensor), block(12, &block(1, b"y"))].concat();
    [vec![8, 8], block(7, &graph), block(8, &[16, 17])].concat()
}

fn written(bytes: &[u8]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    file
}

fn floats(of: impl Fn(u32) -> f32) -> Vec<u8> {
    (0..64).flat_map(|at| of(at).to_le_bytes()).collect()
}

#[test]
fn a_renamed_matrix_is_found_by_its_content_and_a_moved_one_by_its_shape() {
    let base = written(&model("a", &[8, 8], &floats(|at| at as f32 - 31.5)));
    let same = written(&model("b", &[8, 8], &floats(|at| at as f32 - 31.5)));
    assert_eq!(lineage(base.path(), same.path()).unwrap().kinship, Kinship::Same);
    let moved = written(&model("b", &[8, 8], &floats(|at| 2.0 * (at as f32 - 31.5))));
    let found = lineage(base.path(), moved.path()).unwrap();
    assert_eq!((found.kinship, found.total.moved), (Kinship::Descendant, 64));
    assert!((found.total.change.unwrap() - 1.0).abs() < 1e-12 && (found.total.cosine.unwrap() - 1.0).abs() < 1e-12);
    let other = written(&model("a", &[8, 8], &floats(|at| if at % 2 == 0 { 1.0 } else { -1.0 })));
    assert_eq!(lineage(base.path(), other.path()).unwrap().kinship, Kinship::Unrelated);
    let nan = written(&model("a", &[8, 8], &floats(|_| f32::NAN)));
    assert_eq!(lineage(base.path(), nan.path()).unwrap().total.cosine, None);
}

#[test]
fn bytes_that_do_not_fit_their_shape_are_no_weights() {
    let base = written(&model("a", &[8, 8], &floats(|at| at as f32)));
    for bytes in [model("a", &[8, 9], &floats(|at| at as f32)), model("a", &[127; 40], &floats(|at| at as f32))] {
        assert_eq!(lineage(base.path(), written(&bytes).path()).unwrap().kinship, Kinship::Unknown);
    }
}

#[test]
fn a_file_that_ends_anywhere_is_an_error_and_never_a_panic() {
    let whole = model("a", &[8, 8], &floats(|at| at as f32));
    let base = written(&whole);
    for end in 0..whole.len() {
        let cut = written(&whole[..end]);
        assert!(lineage(base.path(), cut.path()).is_err(), "cut after {end} bytes");
    }
}
