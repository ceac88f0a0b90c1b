//! Pictures of every format against Pillow, and files that are none.

use super::*;
use crate::models::image::tests::oracle;

fn read(name: &str) -> Vec<u8> {
    file(&Path::new("fixtures/oracle/pictures").join(name)).unwrap()
}

/// Decoders of JPEG round in their own ways, by a few levels of 255.
#[test]
fn every_format_decodes_as_in_pillow() {
    let mut seen = 0;
    for case in oracle("decoded") {
        let name = case["file"].as_str().unwrap();
        let most = if name.ends_with("jpg") { 4 } else { 0 };
        for (key, channels) in [("rgb", 3), ("light", 1)] {
            let found = decoded(&read(name), channels).unwrap();
            let size = [found.width, found.height].map(|side| side as u64);
            assert_eq!(size, ["width", "height"].map(|key| case[key].as_u64().unwrap()), "{name}");
            let expected: Vec<u8> = serde_json::from_value(case[key].clone()).unwrap();
            let worst = found.bytes.iter().zip(&expected).map(|(a, b)| a.abs_diff(*b)).max();
            assert!(found.bytes.len() == expected.len() && worst <= Some(most), "{name} as {key}: {worst:?}");
        }
        seen += 1;
    }
    assert_eq!(seen, 10);
}

#[test]
fn what_is_no_picture_says_why() {
    let said = |bytes: &[u8]| decoded(bytes, 3).unwrap_err();
    assert_eq!(said(b""), "it is empty");
    assert!(said(b"no picture at all").contains("not a picture in PNG, JPEG"), "{}", said(b"no picture at all"));
    let whole = read("plain.png");
    for cut in [9, 40, whole.len() / 2] {
        assert!(!said(&whole[..cut]).is_empty());
    }
    let mut broken = whole.clone();
    broken[60] ^= 0xff;
    assert!(decoded(&broken, 3).is_err());
    // A header alone that claims to be 65,535 pixels square.
    let mut bomb = whole[..33].to_vec();
    bomb[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
    assert!(said(&bomb).len() < 200);
    // The same in BMP, which has no checksum.
    let mut bomb = read("plain.bmp");
    bomb[18..26].copy_from_slice(&[0xff, 0xff, 0, 0, 0xff, 0xff, 0, 0]);
    assert!(said(&bomb).contains("it claims to be 65535 by 65535 pixels"), "{}", said(&bomb));
}

/// Any bytes at all give a picture or a reason.
#[test]
fn changed_bytes_never_panic() {
    for name in ["plain.png", "smooth.jpg", "plain.gif", "plain.webp", "plain.bmp"] {
        let whole = read(name);
        for at in 0..whole.len().min(400) {
            let mut bytes = whole.clone();
            bytes[at] = bytes[at].wrapping_add(1 + (at % 7) as u8 * 31);
            let _ = decoded(&bytes, 3);
            let _ = decoded(&whole[..at], 1);
        }
    }
}

#[test]
fn only_regular_files_of_a_sound_size_are_read() {
    assert_eq!(file(Path::new("nowhere.png")), Err("there is no such file".into()));
    assert_eq!(file(Path::new("src")), Err("it is not a file".into()));
    assert_eq!(file(Path::new("/dev/zero")), Err("it is not a file".into()));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.png");
    File::create(&path).unwrap();
    assert_eq!(file(&path), Err("the file is empty".into()));
    File::options().write(true).open(&path).unwrap().set_len(FILE_BYTES + 1).unwrap();
    assert_eq!(file(&path), Err("the file is larger than 64 MiB".into()));
}
