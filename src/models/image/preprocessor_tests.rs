//! Settings that are understood, and those that are problems.

use super::*;
use serde_json::json;

fn read(settings: Value) -> Result<Preprocessor, String> {
    Preprocessor::read(settings.as_object().unwrap()).map_err(|problems| problems.join("\n"))
}

fn resize(settings: Value) -> Option<(Size, Resample)> {
    read(settings).unwrap().resize
}

#[test]
fn a_size_is_written_in_three_ways() {
    let square = Size::Exact { height: 8, width: 8 };
    assert_eq!(resize(json!({"size": {"height": 8, "width": 8}, "resample": 2})), Some((square, Resample::Bilinear)));
    assert_eq!(resize(json!({"size": 8, "resample": 3})), Some((square, Resample::Bicubic)));
    let shortest = Some((Size::Shortest(8), Resample::Nearest));
    assert_eq!(resize(json!({"size": {"shortest_edge": 8}, "resample": 0})), shortest);
    assert_eq!(resize(json!({"size": 8, "resample": 0, "feature_extractor_type": "CLIPFeatureExtractor"})), shortest);
    assert_eq!(resize(json!({"size": 8, "resample": 0, "default_to_square": false})), shortest);
    assert_eq!(resize(json!({"do_resize": false, "size": 8})), None);
}

#[test]
fn steps_are_made_where_their_settings_are_there() {
    let plain = read(json!({})).unwrap();
    assert_eq!(plain, Preprocessor { resize: None, crop: None, factor: Some(1.0 / 255.0), normal: None });
    let full =
        read(json!({"crop_size": 6, "image_mean": [0.5, 0.5, 0.5], "image_std": 0.25, "do_rescale": null})).unwrap();
    assert_eq!((full.crop, full.factor), (Some((6, 6)), None));
    assert_eq!(full.normal, Some((vec![0.5; 3], vec![0.25])));
    assert_eq!(full.shape(), Some((6, 6)));
    assert_eq!(plain.shape(), None);
}

#[test]
fn what_may_change_pixels_unseen_is_a_problem() {
    let said = |settings: Value| read(settings).unwrap_err();
    assert!(said(json!({"do_pad": true})).contains("\"do_pad\" is not known here"));
    assert!(
        read(json!({"do_pad": false, "do_reduce_labels": null, "image_processor_type": "ViTImageProcessor"})).is_ok()
    );
    assert!(said(json!({"size": {"longest_edge": 8}, "resample": 2})).starts_with("\"size\" is a number"));
    assert!(said(json!({"size": 8})).ends_with("it is missing"));
    assert!(said(json!({"size": 8, "resample": 9})).ends_with("it is 9"));
    assert!(said(json!({"size": 0, "resample": 2})).starts_with("\"size\""));
    assert!(said(json!({"size": 1_000_000, "resample": 2})).starts_with("\"size\""));
    assert!(said(json!({"do_resize": "yes"})).contains("is true or false"));
    assert!(said(json!({"image_mean": [0.5, 0.5, 0.5], "image_std": [0.0, 1.0, 1.0]})).starts_with("\"image_std\""));
    assert!(said(json!({"do_normalize": true})).contains("\"image_mean\" is a number"));
    assert!(said(json!({"rescale_factor": -1})).starts_with("\"rescale_factor\""));
    assert!(said(json!({"crop_pct": 2, "size": 8, "resample": 3})).starts_with("\"crop_pct\""));
}

#[test]
fn a_file_that_is_no_settings_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("preprocessor_config.json");
    let said = || Preprocessor::open(&file).unwrap_err().join("\n");
    assert!(said().contains("cannot be read"));
    for (text, why) in [("no json", "is not JSON"), ("[1]", "holds no settings"), ("{\"do_pad\": 1}", "\"do_pad\"")] {
        std::fs::write(&file, text).unwrap();
        assert!(said().contains(why), "{}", said());
    }
}
