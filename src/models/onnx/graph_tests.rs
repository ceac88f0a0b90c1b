//! Real models, and bytes that are none.

use super::*;
use std::fs;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/income").join(name)
}

fn read(bytes: &[u8]) -> Result<Graph, ModelError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.onnx");
    fs::write(&path, bytes).unwrap();
    Graph::read(&path)
}

fn refusal(bytes: &[u8]) -> String {
    read(bytes).unwrap_err().0
}

/// A field that holds bytes.
fn block(field: u8, bytes: &[u8]) -> Vec<u8> {
    assert!(bytes.len() < 128 && field < 16);
    [&[field << 3 | 2, bytes.len() as u8], bytes].concat()
}

/// A model file around a graph: format 8, operator set 17.
fn model(graph: &[u8]) -> Vec<u8> {
    [vec![8, 8], block(7, graph), block(8, &[16, 17])].concat()
}

/// A model with one output, and one initializer that is in another file.
fn with_weights_in(location: &str) -> Vec<u8> {
    let entry = |key: &str, value: &str| block(13, &[block(1, key.as_bytes()), block(2, value.as_bytes())].concat());
    let tensor = [block(8, b"w"), entry("location", location), entry("offset", "4"), entry("length", "4")].concat();
    model(&[block(5, &tensor), block(12, &block(1, b"y"))].concat())
}

#[test]
fn the_fixture_tells_its_signature() {
    let graph = Graph::read(&fixture("base.onnx")).unwrap();
    let inputs = &graph.signature.inputs;
    assert_eq!(inputs.len(), 1);
    assert_eq!((inputs[0].name.as_str(), inputs[0].shape.to_string().as_str()), ("features", "float32 [N, 40]"));
    let outputs: Vec<String> =
        graph.signature.outputs.iter().map(|port| format!("{} {}", port.name, port.shape)).collect();
    assert_eq!(outputs, ["probabilities float32 [N, 2]", "embedding float32 [N, 16]"]);
    assert_eq!((graph.ir_version, graph.opsets.as_slice()), (8, [(String::new(), 17)].as_slice()));
    let operators: Vec<&str> = graph.operators.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(operators, ["Concat", "Gemm", "Relu", "Sigmoid", "Sub"]);
    assert!(graph.external_files().unwrap().is_empty());
}

#[test]
fn what_is_not_a_model_is_told() {
    assert!(refusal(b"").contains("it is empty"));
    assert!(refusal(b"PAR1....").contains("Parquet"));
    assert!(refusal(b"PK\x03\x04....").contains(".pt"));
    assert!(refusal(b"\x18\x00\x00\x00ORTM").contains(".ort"));
    assert!(refusal(b"hello, this is text").contains("not a whole ONNX graph"));
    assert!(Graph::read(&fixture("eval.parquet")).unwrap_err().0.contains("Parquet"));
    assert!(Graph::read(&fixture("none.onnx")).unwrap_err().0.contains("cannot be read"));
    assert!(Graph::read(&fixture("")).unwrap_err().0.contains("folder"));
}

#[test]
fn every_cut_and_every_flipped_byte_is_survived() {
    let whole = fs::read(fixture("base.onnx")).unwrap();
    for length in (90..whole.len()).step_by(97) {
        assert!(refusal(&whole[..length]).contains("is cut short"), "cut at {length}");
    }
    for place in (0..whole.len()).step_by(13) {
        let mut bytes = whole.clone();
        bytes[place] ^= 0xff;
        let _ = read(&bytes);
    }
}

#[test]
fn noise_is_survived() {
    let mut state = 7u64;
    for length in 0..300 {
        let noise: Vec<u8> = (0..length)
            .map(|_| {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                (state >> 56) as u8
            })
            .collect();
        let _ = read(&noise);
    }
}

#[test]
fn graphs_in_graphs_end_somewhere() {
    let mut graph = vec![];
    for _ in 0..12 {
        graph = block(1, &block(5, &block(6, &graph)));
    }
    let whole = model(&[graph, block(12, &block(1, b"y"))].concat());
    assert!(read(&whole).is_ok());
    assert!(read(&whole[..whole.len() - 4]).is_err(), "the operator set is missing");
}

#[test]
fn weights_in_other_files_are_found_or_missed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.onnx");
    fs::write(&path, with_weights_in("w.bin")).unwrap();
    let graph = Graph::read(&path).unwrap();
    assert!(graph.external_files().unwrap_err().0.contains("no such file"));
    fs::write(folder.path().join("w.bin"), [0; 7]).unwrap();
    assert!(graph.external_files().unwrap_err().0.contains("7 bytes of at least 8"));
    fs::write(folder.path().join("w.bin"), [0; 8]).unwrap();
    assert_eq!(graph.external_files().unwrap(), [folder.path().join("w.bin")]);
}

/// Models above 2 GB keep their weights beside them: their bytes are seen to be there, and read by the engine alone.
#[test]
fn weights_of_three_gigabytes_are_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.onnx");
    fs::write(&path, with_weights_in("w.bin")).unwrap();
    fs::File::create(folder.path().join("w.bin")).unwrap().set_len(3 << 30).unwrap();
    assert_eq!(Graph::read(&path).unwrap().external_files().unwrap().len(), 1);
    // Nor is a block inside the file that nobody asks for: field 1,000 of as many bytes.
    let mut whole = model(&[block(12, &block(1, b"y"))].concat());
    whole.extend([0xc2, 0x3e, 0x80, 0x80, 0x80, 0x80, 0x0c]);
    fs::write(&path, &whole).unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_len(whole.len() as u64 + (3 << 30)).unwrap();
    assert!(Graph::read(&path).is_ok());
}

#[test]
fn weights_elsewhere_are_not_followed() {
    for place in ["../w.bin", "/etc/passwd", "a/../../w.bin", ""] {
        let graph = read(&with_weights_in(place)).unwrap();
        assert!(graph.external_files().unwrap_err().0.contains("not followed"), "{place}");
    }
}
