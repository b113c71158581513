//! GGUF files: metadata, and tensors that are read where they lie.

mod read;
mod tensor;

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::path::Path;

use memmap2::Mmap;

use crate::ImportError;
use read::Reader;
pub use tensor::{Kind, Tensor};

/// A value of the metadata.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// An integer of any width, or a truth value.
    Integer(i128),
    /// A floating-point number.
    Number(f64),
    /// UTF-8.
    Text(String),
    /// Values of one type.
    List(Vec<Value>),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(value) => value.fmt(f),
            Self::Number(value) => value.fmt(f),
            Self::Text(value) => write!(f, "{value:?}"),
            Self::List(values) => write!(f, "a list of {}", values.len()),
        }
    }
}

/// A file, mapped.
pub struct Gguf {
    map: Mmap,
    metadata: BTreeMap<String, Value>,
    tensors: BTreeMap<String, Tensor>,
}

/// Alignment of tensors unless the metadata says otherwise.
const ALIGNMENT: u64 = 32;

impl Gguf {
    /// Maps a file and reads all but its tensors.
    pub fn open(path: &Path) -> Result<Self, ImportError> {
        let io = |source| ImportError::Io { path: path.to_owned(), source };
        let file = File::open(path).map_err(io)?;
        // SAFETY: the mapping is read-only. If another process changes the file meanwhile, other
        // weights are imported; one that truncates it kills this process by a signal.
        #[allow(unsafe_code, reason = "files of many gigabytes are mapped")]
        let map = unsafe { Mmap::map(&file) }.map_err(io)?;
        let mut reader = Reader::new(&map);
        let (tensors, pairs) = reader.header()?;
        let mut metadata = BTreeMap::new();
        for _ in 0..pairs {
            let (key, value) = reader.pair()?;
            metadata.insert(key, value);
        }
        let alignment = match metadata.get("general.alignment") {
            Some(Value::Integer(alignment)) => u64::try_from(*alignment).unwrap_or(ALIGNMENT),
            _ => ALIGNMENT,
        };
        let mut list = Vec::new();
        for _ in 0..tensors {
            list.push(reader.tensor()?);
        }
        let start = (reader.position() as u64).next_multiple_of(alignment.max(1));
        let mut tensors = BTreeMap::new();
        for (name, tensor) in list {
            tensors.insert(name, tensor.placed(start, map.len())?);
        }
        Ok(Self { map, metadata, tensors })
    }

    /// All entries of the metadata.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.metadata.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// An entry of the metadata.
    pub fn value(&self, key: &str) -> Option<&Value> {
        self.metadata.get(key)
    }

    /// A text, if the entry is there.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.value(key) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// An integer of 32 bits, if the entry is there.
    pub fn integer(&self, key: &str) -> Result<Option<u32>, ImportError> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::Integer(value)) => {
                u32::try_from(*value).map(Some).map_err(|_| wrong(key, "an integer of 32 bits"))
            }
            Some(_) => Err(wrong(key, "an integer of 32 bits")),
        }
    }

    /// An integer that must be there.
    pub fn required(&self, key: &str) -> Result<u32, ImportError> {
        self.integer(key)?.ok_or_else(|| wrong(key, "an integer of 32 bits"))
    }

    /// A number, if the entry is there.
    pub fn number(&self, key: &str) -> Result<Option<f64>, ImportError> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::Number(value)) => Ok(Some(*value)),
            Some(_) => Err(wrong(key, "a number")),
        }
    }

    /// Texts that must be there.
    pub fn texts(&self, key: &str) -> Result<Vec<&str>, ImportError> {
        let expected = "a list of texts";
        let values = self.list(key, expected)?.iter();
        let texts = values.map(|value| match value {
            Value::Text(text) => Ok(text.as_str()),
            _ => Err(wrong(key, expected)),
        });
        texts.collect()
    }

    /// Numbers or integers that must be there.
    pub fn numbers(&self, key: &str) -> Result<Vec<f64>, ImportError> {
        #[allow(clippy::cast_precision_loss, reason = "token types and scores are small")]
        let number = |value: &Value| match value {
            Value::Number(value) => Ok(*value),
            Value::Integer(value) => Ok(*value as f64),
            _ => Err(wrong(key, "a list of numbers")),
        };
        self.list(key, "a list of numbers")?.iter().map(number).collect()
    }

    fn list(&self, key: &str, expected: &'static str) -> Result<&[Value], ImportError> {
        match self.value(key) {
            Some(Value::List(values)) => Ok(values),
            _ => Err(wrong(key, expected)),
        }
    }

    /// Names of the tensors.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// A tensor, if it is there.
    pub fn tensor(&self, name: &str) -> Option<&Tensor> {
        self.tensors.get(name)
    }

    /// The bytes of a tensor of this file.
    pub fn bytes(&self, tensor: &Tensor) -> &[u8] {
        self.map.get(tensor.range.clone()).unwrap_or_default()
    }
}

fn wrong(key: &str, expected: &'static str) -> ImportError {
    ImportError::Metadata { key: key.to_owned(), expected }
}
