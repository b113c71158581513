//! The numbers, texts and lists of a GGUF file, one after another.

use super::tensor::{Kind, Tensor};
use super::{ImportError, Value};

/// Deepest list of lists.
const DEPTH: u32 = 4;

/// A place in a file.
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Bytes read.
    pub const fn position(&self) -> usize {
        self.at
    }

    /// Numbers of tensors and of pairs of metadata.
    pub fn header(&mut self) -> Result<(u64, u64), ImportError> {
        let magic = self.take::<4>().map_err(|_| ImportError::NotGguf)?;
        let version = self.u32().map_err(|_| ImportError::NotGguf)?;
        if magic != *b"GGUF" || !(2..=3).contains(&version) {
            return Err(ImportError::NotGguf);
        }
        Ok((self.u64()?, self.u64()?))
    }

    /// A key and its value.
    pub fn pair(&mut self) -> Result<(String, Value), ImportError> {
        let key = self.text()?;
        let kind = self.u32()?;
        Ok((key, self.value(kind, DEPTH)?))
    }

    /// A tensor's name and description; its range is relative to where tensors begin.
    pub fn tensor(&mut self) -> Result<(String, Tensor), ImportError> {
        let name = self.text()?;
        let count = self.u32()?;
        if count > 4 {
            return Err(self.damaged());
        }
        let mut shape = Vec::new();
        for _ in 0..count {
            shape.push(self.u64()?);
        }
        let kind = Kind(self.u32()?);
        let offset = self.u64()?;
        Ok((name.clone(), Tensor::new(name, shape, kind, offset)?))
    }

    fn value(&mut self, kind: u32, depth: u32) -> Result<Value, ImportError> {
        Ok(match kind {
            0 | 7 => Value::Integer(u8::from_le_bytes(self.take()?).into()),
            1 => Value::Integer(i8::from_le_bytes(self.take()?).into()),
            2 => Value::Integer(u16::from_le_bytes(self.take()?).into()),
            3 => Value::Integer(i16::from_le_bytes(self.take()?).into()),
            4 => Value::Integer(self.u32()?.into()),
            5 => Value::Integer(i32::from_le_bytes(self.take()?).into()),
            6 => Value::Number(f32::from_le_bytes(self.take()?).into()),
            8 => Value::Text(self.text()?),
            9 if depth > 0 => {
                let kind = self.u32()?;
                let count = self.u64()?;
                let mut values = Vec::new();
                for _ in 0..count {
                    values.push(self.value(kind, depth - 1)?);
                }
                Value::List(values)
            }
            10 => Value::Integer(self.u64()?.into()),
            11 => Value::Integer(i64::from_le_bytes(self.take()?).into()),
            12 => Value::Number(f64::from_le_bytes(self.take()?)),
            _ => return Err(self.damaged()),
        })
    }

    fn text(&mut self) -> Result<String, ImportError> {
        let length = usize::try_from(self.u64()?).map_err(|_| self.damaged())?;
        let end = self.at.checked_add(length).ok_or_else(|| self.damaged())?;
        let bytes = self.bytes.get(self.at..end).ok_or_else(|| self.damaged())?;
        self.at = end;
        // Names of tokens that are no characters are kept readable; they cannot be typed anyway.
        Ok(String::from_utf8_lossy(bytes).into_owned())
    }

    fn u32(&mut self) -> Result<u32, ImportError> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, ImportError> {
        self.take().map(u64::from_le_bytes)
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], ImportError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let bytes = rest.first_chunk::<N>().ok_or_else(|| self.damaged())?;
        self.at += N;
        Ok(*bytes)
    }

    const fn damaged(&self) -> ImportError {
        ImportError::Damaged { at: self.at }
    }
}
