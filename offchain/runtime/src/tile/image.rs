//! The kernel image: the program that computes tiles in the MIPS machine.

use alloy_primitives::B256;
use opml_core::mips::Window;
use opml_vm::memory::PagedMemory;
use thiserror::Error;

/// Why bytes are no kernel image.
#[derive(Debug, Error)]
pub enum ImageError {
    /// Longer than its window.
    #[error("an image of {length} bytes does not fit its window of 2^28")]
    Length {
        /// Bytes given.
        length: usize,
    },
    /// The image's memory cannot be hashed.
    #[error(transparent)]
    Memory(#[from] opml_vm::MemoryError),
}

/// A kernel image, known by its root.
#[derive(Clone, Debug)]
pub struct KernelImage {
    bytes: Vec<u8>,
    root: B256,
}

impl KernelImage {
    /// The image of these bytes from address 0 on.
    pub fn new(bytes: &[u8]) -> Result<Self, ImageError> {
        if bytes.len() > 1 << Window::LOG2_SIZE {
            return Err(ImageError::Length { length: bytes.len() });
        }
        let mut memory = PagedMemory::default();
        memory.write(Window::Image.base(), bytes)?;
        let (root, _) = memory.prove_region(Window::Image.region())?;
        Ok(Self { bytes: bytes.to_vec(), root })
    }

    /// The image that this program was built with, and whose results its native kernels give.
    pub fn released() -> Result<Self, ImageError> {
        Self::new(opml_image::IMAGE)
    }

    /// Root of the image's window: what a model's registration names.
    pub const fn root(&self) -> B256 {
        self.root
    }

    /// What stands at address 0 and on.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}
