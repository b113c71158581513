//! What can be wrong with a bundle.

use std::io;
use std::path::PathBuf;

use alloy_primitives::B256;
use thiserror::Error;

use super::manifest::{FORMAT, MAX_STEPS_LOG2};
use crate::memory::MemoryError;

/// Why a bundle cannot be opened, written or trusted.
#[derive(Debug, Error)]
pub enum BundleError {
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: io::Error,
    },
    /// The manifest is not one.
    #[error("{name}: {source}")]
    Manifest {
        /// Where it was found.
        name: String,
        /// What is wrong, and where.
        source: serde_json::Error,
    },
    /// The manifest is of another version.
    #[error("the bundle has format {format}, this program reads format {FORMAT}")]
    Format {
        /// Version found.
        format: u32,
    },
    /// A file has another length than the manifest says.
    #[error("{file} has {actual} bytes, the manifest needs {expected}")]
    Length {
        /// The file.
        file: &'static str,
        /// Bytes that it should have.
        expected: u64,
        /// Bytes that it has.
        actual: u64,
    },
    /// A tensor's region cannot be.
    #[error("tensor {name}: no region of 2^{log2_size} bytes at {base:#x} holds {pages} pages")]
    Region {
        /// The tensor.
        name: String,
        /// Its first byte.
        base: u64,
        /// Its size, as a power of two.
        log2_size: u8,
        /// Pages stored.
        pages: u64,
    },
    /// Page roots do not lead to the root in the manifest.
    #[error("weights.tree: {what} has root {actual}, the manifest says {expected}")]
    Root {
        /// Program, weights or a tensor's name.
        what: String,
        /// Root in the manifest.
        expected: B256,
        /// Root found.
        actual: B256,
    },
    /// A page of weights is not the one that the tree names.
    #[error("weights.bin: tensor {tensor}, page {page} (byte {offset:#x}) was altered")]
    Page {
        /// The tensor.
        tensor: String,
        /// Page of the tensor.
        page: usize,
        /// Where the page begins in the file.
        offset: u64,
    },
    /// The trace is longer than any.
    #[error("a trace of 2^{steps_log2} steps, 2^{MAX_STEPS_LOG2} at most")]
    Steps {
        /// Steps in the manifest, as a power of two.
        steps_log2: u8,
    },
    /// The program has more operators than the table holds.
    #[error("program.bin holds {operators} operators, the table 65536")]
    Program {
        /// Operators found.
        operators: usize,
    },
    /// Tensors overlap.
    #[error(transparent)]
    Memory(#[from] MemoryError),
}
