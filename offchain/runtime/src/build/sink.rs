//! Where tensors go: their pages and the roots of these, to memory or to files.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use alloy_primitives::B256;
use opml_vm::memory::{PAGE_BYTES, Words, page_roots};

use super::Place;
use crate::bundle::manifest::Tensor;
use crate::bundle::{self, BundleError};
use crate::memory::{Block, PAGE_LOG2, page_tree};
use crate::words::SharedWords;

/// Pages that are hashed together.
const BATCH: usize = 1024;

/// Weights and tree of a bundle in the making.
pub struct Sink {
    target: Target,
    /// Bytes of weights so far.
    length: u64,
    /// What was stored, by address.
    pub tensors: Vec<Tensor>,
    /// The same as parts of memory: roots only, without words.
    pub blocks: Vec<Block>,
}

/// Contents of `weights.bin` and `weights.tree`.
pub enum Target {
    /// In memory.
    Memory([Vec<u8>; 2]),
    /// In the files of a folder.
    Folder(PathBuf, [BufWriter<File>; 2]),
}

impl Sink {
    pub fn memory() -> Self {
        Self::new(Target::Memory([Vec::new(), Vec::new()]))
    }

    /// Begins the files of a folder, which is made if need be.
    pub fn folder(folder: &Path) -> Result<Self, BundleError> {
        fs::create_dir_all(folder).map_err(io(folder))?;
        // Without a manifest it is no bundle until it is whole.
        let manifest = folder.join(bundle::MANIFEST);
        if manifest.exists() {
            fs::remove_file(&manifest).map_err(io(&manifest))?;
        }
        let create = |name: &str| -> Result<_, BundleError> {
            let path = folder.join(name);
            Ok(BufWriter::new(File::create(&path).map_err(io(&path))?))
        };
        let files = [create(bundle::WEIGHTS)?, create(bundle::TREE)?];
        Ok(Self::new(Target::Folder(folder.to_owned(), files)))
    }

    fn new(target: Target) -> Self {
        Self { target, length: 0, tensors: Vec::new(), blocks: Vec::new() }
    }

    /// Appends a tensor's pages and their roots, without the zeros at its end.
    pub fn push(&mut self, name: &str, place: Place, bytes: &[u8]) -> Result<(), BundleError> {
        let used = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let mut roots: Vec<B256> = Vec::with_capacity(used.div_ceil(PAGE_BYTES));
        for batch in bytes[..used].chunks(BATCH * PAGE_BYTES) {
            let pages: Vec<_> = batch.chunks(PAGE_BYTES).map(page).collect();
            let words = SharedWords::from_bytes(pages.as_flattened());
            let views: &[Words] = words.as_chunks().0;
            roots.extend(page_roots(&views.iter().collect::<Vec<_>>()));
            self.write(0, pages.as_flattened())?;
        }
        for root in &roots {
            self.write(1, &root.0)?;
        }
        let log2_size = u8::try_from(place.log2_size).unwrap_or(u8::MAX);
        let tree = page_tree(log2_size - PAGE_LOG2, &roots);
        let pages = roots.len() as u64;
        self.tensors.push(Tensor {
            name: name.to_owned(),
            base: place.base,
            log2_size,
            offset: self.length,
            pages,
            root: tree.root(),
        });
        self.length += pages * PAGE_BYTES as u64;
        let nothing = SharedWords::owned(Vec::new());
        self.blocks.push(Block::fixed(place.base, log2_size, nothing, tree.into()));
        Ok(())
    }

    fn write(&mut self, file: usize, bytes: &[u8]) -> Result<(), BundleError> {
        match &mut self.target {
            Target::Memory(contents) => contents[file].extend(bytes),
            Target::Folder(folder, files) => {
                files[file].write_all(bytes).map_err(io(folder))?;
            }
        }
        Ok(())
    }

    /// The contents, written out.
    pub fn into_target(mut self) -> Result<Target, BundleError> {
        if let Target::Folder(folder, files) = &mut self.target {
            for file in files {
                file.flush().map_err(io(folder))?;
            }
        }
        Ok(self.target)
    }
}

/// An error at a path.
pub fn io(path: &Path) -> impl FnOnce(std::io::Error) -> BundleError + use<> {
    let path = path.to_owned();
    move |source| BundleError::Io { path, source }
}

fn page(bytes: &[u8]) -> [u8; PAGE_BYTES] {
    let mut page = [0; PAGE_BYTES];
    page[..bytes.len()].copy_from_slice(bytes);
    page
}
