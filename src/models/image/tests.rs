//! Columns of pictures, from the file to the tensor, against transformers and against bad input.

use super::*;
use crate::models::OnnxSpec;
use serde_json::Value;
use std::collections::BTreeMap;

/// What other programs made of the pictures in `fixtures/oracle/pictures`.
pub(in crate::models::image) fn oracle(part: &str) -> Vec<Value> {
    let text = std::fs::read_to_string("fixtures/oracle/pictures/pictures.json").unwrap();
    serde_json::from_str::<Value>(&text).unwrap()[part].as_array().unwrap().clone()
}

fn port(dims: [Option<u64>; 4]) -> Port {
    Port { name: "pixel_values".into(), shape: Shape::Tensor(Element::Float32, dims.to_vec()) }
}

fn planned(port: Port, column: ColumnInfo, settings: &str) -> Result<ImageFeed, String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("p.json"), settings).unwrap();
    let image = Some(ImageSpec { preprocessor: "p.json".into(), unreadable: None });
    let columns = InputColumns::Column(column.name.clone());
    let input = InputSpec { columns, round: false, tokens: None, image };
    let inputs = BTreeMap::from([(port.name.clone(), input)]);
    let spec = OnnxSpec { path: "m.onnx".into(), inputs, ..OnnxSpec::default() };
    let signature = Signature { inputs: vec![port], outputs: Vec::new() };
    ImageFeed::plan(&spec, &signature, &[column], folder.path())
        .map(|feed| feed.unwrap())
        .map_err(|problems| problems.join("\n"))
}

fn paths() -> ColumnInfo {
    ColumnInfo { name: "path".into(), kind: ColumnKind::Text, dtype: "text".into() }
}

fn feed(dims: [Option<u64>; 4], settings: &str) -> Result<ImageFeed, String> {
    planned(port(dims), paths(), settings)
}

/// The numbers of one picture of the oracle's folder.
fn numbers(feed: &ImageFeed, name: &str) -> Result<Vec<f32>, String> {
    let Layout { channels, height, width, .. } = feed.layout;
    let mut cells = vec![0.0; channels * height * width];
    let bytes = pixels::file(&Path::new("fixtures/oracle/pictures").join(name))?;
    let Levels::Numbers(levels) = &feed.levels else { panic!("the model takes numbers") };
    feed.write(&feed.of_bytes(Some(&bytes))?, &mut cells, &|channel, byte| levels[channel][usize::from(byte)]);
    Ok(cells)
}

#[test]
fn numbers_equal_those_of_transformers() {
    let mut seen = 0;
    for case in oracle("prepared") {
        let shape: Vec<u64> = serde_json::from_value(case["shape"].clone()).unwrap();
        let dims = [None, Some(shape[0]), Some(shape[1]), Some(shape[2])];
        let found = numbers(&feed(dims, &case["config"].to_string()).unwrap(), "plain.png").unwrap();
        let expected: Vec<f32> = serde_json::from_value(case["values"].clone()).unwrap();
        let step = case["step"].as_u64().unwrap() as usize;
        let apart = |(a, b): (&f32, &f32)| (a - b).abs() / b.abs().max(1.0);
        let worst = found.iter().step_by(step).zip(&expected).map(apart).fold(0.0, f32::max);
        assert!(worst < 1e-6, "{}: {worst:e}", case["config"]);
        assert_eq!(found.len().div_ceil(step), expected.len());
        seen += 1;
    }
    assert_eq!(seen, 11);
}

#[test]
fn channels_stand_where_the_signature_has_them() {
    let settings = r#"{"size": {"height": 2, "width": 2}, "resample": 0}"#;
    let first = numbers(&feed([None, Some(3), Some(2), Some(2)], settings).unwrap(), "plain.png").unwrap();
    let last = numbers(&feed([None, Some(2), Some(2), Some(3)], settings).unwrap(), "plain.png").unwrap();
    let turned: Vec<f32> =
        (0..4).flat_map(|pixel| (0..3).map(move |channel| (channel, pixel))).map(|(c, p)| first[c * 4 + p]).collect();
    assert_eq!(last, turned);
    let open = feed([None, None, None, None], settings).unwrap();
    assert_eq!(numbers(&open, "plain.png").unwrap(), first);
    assert!(
        open.notes()[0].ends_with("takes 2 by 2 pixels of red, green and blue, as [N, C, H, W]"),
        "{:?}",
        open.notes()
    );
    let light = feed([None, Some(1), Some(2), Some(2)], settings).unwrap();
    assert_eq!(numbers(&light, "grey.png").unwrap(), numbers(&light, "plain.png").unwrap());
}

#[test]
fn what_does_not_fit_the_signature_is_a_problem() {
    let square = r#"{"size": {"height": 8, "width": 8}, "resample": 2}"#;
    let said = |dims, settings: &str| feed(dims, settings).unwrap_err();
    assert!(said([None, Some(3), Some(9), Some(9)], square).contains("its preprocessor makes pictures of 8 by 8"));
    assert!(said([None, Some(4), Some(8), Some(8)], square).contains("3 channels, or 1 of light"));
    assert!(
        said([None, Some(3), None, None], r#"{"size": {"shortest_edge": 8}, "resample": 2}"#)
            .contains("of different sizes")
    );
    assert!(
        said([Some(1 << 20), Some(3), None, None], square.replace('8', "800").as_str())
            .contains("do not fit in memory")
    );
    let normal = r#"{"do_resize": false, "image_mean": [0.1, 0.2, 0.3], "image_std": 1}"#;
    assert!(said([None, Some(1), Some(8), Some(8)], normal).contains("the model takes 1 channels, and image_mean"));
    let of = |element: Element| Port { name: "x".into(), shape: Shape::Tensor(element, vec![None; 4]) };
    let problem = planned(of(Element::Int64), paths(), square).unwrap_err();
    assert!(problem.contains("pictures fill float32, float16 and uint8"), "{problem}");
    let problem = planned(of(Element::UInt8), paths(), square).unwrap_err();
    assert!(problem.contains("takes pixels as they are"), "{problem}");
    let plain = square.replacen('{', r#"{"do_rescale": false, "do_normalize": false, "#, 1);
    assert_eq!(planned(of(Element::UInt8), paths(), &plain).unwrap().levels, Levels::Bytes);
    let flat = Port { name: "x".into(), shape: Shape::Tensor(Element::Float32, vec![None, Some(8)]) };
    assert!(planned(flat, paths(), square).unwrap_err().contains("four dimensions"));
    for (kind, dtype) in [(ColumnKind::Integer, "int64"), (ColumnKind::Other, "struct")] {
        let column = ColumnInfo { name: "n".into(), kind, dtype: dtype.into() };
        let problem = planned(port([None, Some(3), Some(8), Some(8)]), column, square).unwrap_err();
        assert!(problem.contains(&format!("column n holds {dtype}")), "{problem}");
    }
}

#[test]
fn a_picture_of_another_size_is_not_stretched_unasked() {
    let feed = feed([None, Some(3), Some(8), Some(8)], "{}").unwrap();
    assert!(numbers(&feed, "plain.png").unwrap_err().contains("it is 19 by 13 pixels, the model takes 8 by 8"));
    assert!(feed.of_path(Some("https://example.org/a.png")).unwrap_err().contains("web address"));
    assert_eq!(feed.of_path(None), Err("no file is named".into()));
    assert_eq!(feed.of_bytes(None), Err("there are no bytes".into()));
    assert_eq!(name("folder/of\\a.png"), "a.png");
}

#[test]
fn the_data_lie_in_one_folder() {
    let plan = |files: &[&str]| {
        let image = feed([None, Some(3), Some(8), Some(8)], "{}").unwrap();
        let mut feed = Feed { image: Some(image), ..Feed::default() };
        let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
        feed.look_beside(&files).map(|()| feed.image.unwrap().folder)
    };
    assert_eq!(plan(&["a/1.csv", "a/2.csv"]), Ok(PathBuf::from("a")));
    assert!(plan(&["a/1.csv", "b/2.csv"]).unwrap_err().contains("put them into one"));
}
