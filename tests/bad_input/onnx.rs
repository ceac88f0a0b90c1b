//! Small ONNX files, written byte by byte: field numbers are those of `onnx.proto`.

/// Element types.
pub const FLOAT: u64 = 1;
pub const INT64: u64 = 7;
pub const STRING: u64 = 8;

/// A model of one input, one operator or a chain of them, and one output.
pub struct Small {
    pub element: u64,
    /// Dimensions of the input; `None` is free.
    pub input: Vec<Option<u64>>,
    pub operators: Vec<&'static str>,
    pub output: Vec<Option<u64>>,
    /// A file of weights that the model says it has.
    pub external: Option<&'static str>,
    /// Whether what the first operator gives is an output too, `v1`.
    pub first: bool,
}

impl Small {
    /// `features` [N, 1] to `probabilities` [N, 1] by these operators.
    pub fn of(operators: &[&'static str]) -> Small {
        Small {
            element: FLOAT,
            input: vec![None, Some(1)],
            operators: operators.to_vec(),
            output: vec![None, Some(1)],
            external: None,
            first: false,
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let last = self.operators.len();
        let value = |at: usize| match at {
            0 => "features".to_string(),
            at if at == last => "probabilities".to_string(),
            at => format!("v{at}"),
        };
        let mut graph = text(2, "graph");
        for (at, operator) in self.operators.iter().enumerate() {
            let mut inputs = text(1, &value(at));
            if *operator == "Div" {
                inputs.extend(text(1, &value(at)));
            }
            if *operator == "Add" {
                inputs.extend(text(1, "weights"));
            }
            graph.extend(message(1, &[inputs, text(2, &value(at + 1)), text(4, operator)].concat()));
        }
        graph.extend(self.external.iter().flat_map(|file| message(5, &external(file))));
        graph.extend(message(11, &port("features", self.element, &self.input)));
        graph.extend(message(12, &port("probabilities", FLOAT, &self.output)));
        if self.first {
            graph.extend(message(12, &port("v1", FLOAT, &self.output)));
        }
        [number(1, 8), message(7, &graph), message(8, &[text(1, ""), number(2, 17)].concat())].concat()
    }
}

/// A tensor of one float that lies in a file.
fn external(file: &str) -> Vec<u8> {
    let entry = |key: &str, value: &str| message(13, &[text(1, key), text(2, value)].concat());
    [
        number(1, 1),
        number(2, FLOAT),
        text(8, "weights"),
        entry("location", file),
        entry("offset", "0"),
        entry("length", "4"),
        number(14, 1),
    ]
    .concat()
}

fn port(name: &str, element: u64, dims: &[Option<u64>]) -> Vec<u8> {
    let dim = |dim: &Option<u64>| message(1, &dim.map_or(text(2, "N"), |size| number(1, size)));
    let shape: Vec<u8> = dims.iter().flat_map(dim).collect();
    let tensor = [number(1, element), message(2, &shape)].concat();
    [text(1, name), message(2, &message(1, &tensor))].concat()
}

fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

fn text(field: u64, text: &str) -> Vec<u8> {
    message(field, text.as_bytes())
}

fn message(field: u64, bytes: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(bytes.len() as u64), bytes.to_vec()].concat()
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 128 {
        bytes.push(number as u8 | 128);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}
