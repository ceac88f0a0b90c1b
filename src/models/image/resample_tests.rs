//! Against Pillow, byte by byte.

use super::super::pixels::decoded;
use super::*;
use crate::models::image::tests::oracle;

#[test]
fn every_filter_gives_the_bytes_of_pillow() {
    let picture = decoded(&std::fs::read("fixtures/oracle/pictures/plain.png").unwrap(), 3).unwrap();
    let mut seen = 0;
    for case in oracle("resized") {
        let number = |key: &str| case[key].as_u64().unwrap();
        let how = Resample::of(number("resample")).unwrap();
        let found = resized(picture.clone(), number("width") as usize, number("height") as usize, how);
        let expected: Vec<u8> = serde_json::from_value(case["bytes"].clone()).unwrap();
        assert_eq!(found.bytes, expected, "{how:?} to {} by {}", found.width, found.height);
        seen += 1;
    }
    assert_eq!(seen, 36);
    assert_eq!(Resample::of(6), None);
}
