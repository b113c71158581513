//! An ONNX file, written byte by byte as the published `onnx.proto` says.

/// A graph in the making.
#[derive(Clone, Default)]
pub struct File {
    nodes: Vec<Vec<u8>>,
    constants: Vec<Vec<u8>>,
    inputs: Vec<&'static str>,
    /// Version of the operators.
    pub version: u64,
}

/// An attribute's value.
pub enum Attribute<'a> {
    Integer(i64),
    Number(f32),
    Text(&'a str),
    Integers(&'a [i64]),
}

/// An operator: its type, its inputs, the names of its outputs (the first is its own name too).
pub type Node<'a> = (&'a str, &'a [&'a str], &'a [&'a str]);

impl File {
    pub fn new(inputs: &[&'static str]) -> Self {
        Self { inputs: inputs.to_vec(), version: 18, ..Self::default() }
    }

    pub fn numbers(&mut self, name: &str, shape: &[usize], values: &[f32]) {
        assert_eq!(shape.iter().product::<usize>(), values.len(), "{name}");
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(name, (shape, 1), &bytes);
    }

    pub fn integers(&mut self, name: &str, values: &[i64]) {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(name, (&[values.len()], 7), &bytes);
    }

    fn constant(&mut self, name: &str, (shape, kind): (&[usize], u64), bytes: &[u8]) {
        let mut tensor = Vec::new();
        for dim in shape {
            number(&mut tensor, 1, *dim as u64);
        }
        number(&mut tensor, 2, kind);
        field(&mut tensor, 8, name.as_bytes());
        field(&mut tensor, 9, bytes);
        self.constants.push(tensor);
    }

    pub fn node(&mut self, node: Node<'_>, attributes: &[(&str, Attribute<'_>)]) {
        let (kind, inputs, outputs) = node;
        let mut bytes = Vec::new();
        inputs.iter().for_each(|input| field(&mut bytes, 1, input.as_bytes()));
        outputs.iter().for_each(|output| field(&mut bytes, 2, output.as_bytes()));
        field(&mut bytes, 3, outputs[0].as_bytes());
        field(&mut bytes, 4, kind.as_bytes());
        for (name, value) in attributes {
            field(&mut bytes, 5, &attribute(name, value));
        }
        self.nodes.push(bytes);
    }

    /// The file, with an output of this name.
    pub fn bytes(&self, output: &str) -> Vec<u8> {
        let mut graph = Vec::new();
        self.nodes.iter().for_each(|node| field(&mut graph, 1, node));
        field(&mut graph, 2, b"graph");
        self.constants.iter().for_each(|tensor| field(&mut graph, 5, tensor));
        for input in &self.inputs {
            field(&mut graph, 11, &named(input));
        }
        field(&mut graph, 12, &named(output));
        let mut set = Vec::new();
        number(&mut set, 2, self.version);
        let mut model = Vec::new();
        number(&mut model, 1, 10);
        field(&mut model, 2, b"a producer's name, which is skipped");
        field(&mut model, 7, &graph);
        field(&mut model, 8, &set);
        model
    }
}

fn named(name: &str) -> Vec<u8> {
    let mut value = Vec::new();
    field(&mut value, 1, name.as_bytes());
    value
}

fn attribute(name: &str, value: &Attribute<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    field(&mut bytes, 1, name.as_bytes());
    let kind = match value {
        Attribute::Number(value) => {
            varint(&mut bytes, 2 << 3 | 5);
            bytes.extend(value.to_le_bytes());
            1
        }
        Attribute::Integer(value) => {
            number(&mut bytes, 3, value.cast_unsigned());
            2
        }
        Attribute::Text(value) => {
            field(&mut bytes, 4, value.as_bytes());
            3
        }
        Attribute::Integers(values) => {
            values.iter().for_each(|value| number(&mut bytes, 8, value.cast_unsigned()));
            7
        }
    };
    number(&mut bytes, 20, kind);
    bytes
}

fn number(out: &mut Vec<u8>, tag: u64, value: u64) {
    varint(out, tag << 3);
    varint(out, value);
}

fn field(out: &mut Vec<u8>, tag: u64, bytes: &[u8]) {
    varint(out, tag << 3 | 2);
    varint(out, bytes.len() as u64);
    out.extend(bytes);
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 128 {
        out.push(value as u8 | 128);
        value >>= 7;
    }
    out.push(value as u8);
}
