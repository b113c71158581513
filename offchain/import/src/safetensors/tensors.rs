//! Where a network's numbers come from.

use std::fs::File;
use std::path::Path;

use half::{bf16, f16};
use memmap2::Mmap;
use safetensors::tensor::Metadata;
use safetensors::{Dtype, SafeTensors};

use super::DiffusionError;

/// Tensors by name.
pub trait Tensors {
    /// The numbers of a tensor in the order of its dimensions, the last one innermost. A filter of size 1
    /// may be stored without its last two dimensions.
    fn numbers(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, DiffusionError>;

    /// Whether there is a tensor of this name.
    fn has(&self, name: &str) -> bool;
}

/// A mapped file.
pub struct Stored {
    map: Mmap,
    /// Where the numbers begin.
    start: usize,
    metadata: Metadata,
}

/// Names of the one file of tensors in a folder.
const NAMES: [&str; 4] = [
    "model.safetensors",
    "diffusion_pytorch_model.safetensors",
    "model.fp16.safetensors",
    "diffusion_pytorch_model.fp16.safetensors",
];

impl Stored {
    /// The file of tensors in a folder.
    pub fn open(folder: &Path) -> Result<Self, DiffusionError> {
        let mut paths = NAMES.iter().map(|name| folder.join(name));
        let path = paths
            .find(|path| path.exists())
            .ok_or_else(|| DiffusionError::NoTensors { path: folder.to_owned() })?;
        let io = |source| DiffusionError::Io { path: path.clone(), source };
        let file = File::open(&path).map_err(io)?;
        // SAFETY: who maps a file relies on nobody changing it meanwhile; what is read of it is checked
        // as numbers only, so a change could make other weights, not undefined behaviour of our types.
        let map = unsafe { Mmap::map(&file) }.map_err(io)?;
        let (length, metadata) = SafeTensors::read_metadata(&map)
            .map_err(|source| DiffusionError::Tensors { path: path.clone(), source })?;
        Ok(Self { map, start: 8 + length, metadata })
    }
}

impl Tensors for Stored {
    fn numbers(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, DiffusionError> {
        let missing = || DiffusionError::Missing { name: name.to_owned() };
        let info = self.metadata.info(name).ok_or_else(missing)?;
        let short = shape.strip_suffix(&[1, 1]);
        if info.shape != shape && short != Some(&info.shape) {
            let (expected, actual) = (shape.to_vec(), info.shape.clone());
            return Err(DiffusionError::Shape { name: name.to_owned(), expected, actual });
        }
        let (from, to) = info.data_offsets;
        let bytes = self.map.get(self.start + from..self.start + to).ok_or_else(missing)?;
        match info.dtype {
            Dtype::F32 => Ok(bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect()),
            Dtype::F16 => {
                Ok(bytes.as_chunks().0.iter().map(|b| f16::from_le_bytes(*b).to_f32()).collect())
            }
            Dtype::BF16 => {
                Ok(bytes.as_chunks().0.iter().map(|b| bf16::from_le_bytes(*b).to_f32()).collect())
            }
            other => {
                Err(DiffusionError::Type { name: name.to_owned(), kind: format!("{other:?}") })
            }
        }
    }

    fn has(&self, name: &str) -> bool {
        self.metadata.info(name).is_some()
    }
}
