//! Bundles: a model as files that are mapped and run as they are.
//!
//! ```text
//! manifest.json   what it is; roots; where each tensor lies
//! program.bin     operator descriptors, 512 bytes each
//! weights.bin     tensors in the canonical layout, each from a page boundary on
//! weights.tree    root of every stored page, 32 bytes each, tensor by tensor
//! ```
//!
//! Opening checks manifest, program and tree against the roots, which takes one hash a page; pages
//! are checked when they are proven, or all at once by [`Bundle::verify`].

mod error;
pub mod manifest;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use alloy_primitives::B256;
use opml_core::graph::DescriptorBytes;
use opml_core::merkle::{Region, Space};
use opml_operator::{DESCRIPTOR_BYTES, MAX_PC, REQUEST_BASE};
use opml_vm::memory::{PAGE_BYTES, Words, page_roots};

use crate::memory::{Block, GraphMemory, PAGE_LOG2, PAGE_WORDS, page_tree};
use crate::program::Program;
use crate::tree::SparseTree;
use crate::words::SharedWords;

pub use error::BundleError;
pub use manifest::Manifest;
use manifest::{FORMAT, MAX_STEPS_LOG2, Tensor};

/// Largest region of a tensor, as a power of two: what an operator can read.
const LARGEST_LOG2: u8 = 28;

/// Names of the files.
pub const MANIFEST: &str = "manifest.json";
/// Operator descriptors.
pub const PROGRAM: &str = "program.bin";
/// Tensors.
pub const WEIGHTS: &str = "weights.bin";
/// Roots of the tensors' pages.
pub const TREE: &str = "weights.tree";

/// A model, ready to run.
#[derive(Clone, Debug)]
pub struct Bundle {
    manifest: Manifest,
    program: Arc<Program>,
    /// Same order as the manifest's tensors.
    weights: Vec<Block>,
    trees: Vec<Arc<SparseTree>>,
}

/// The contents of a bundle's files.
#[derive(Clone, Copy, Debug)]
pub struct Files<'a> {
    /// `manifest.json`.
    pub manifest: &'a [u8],
    /// `program.bin`.
    pub program: &'a [u8],
    /// `weights.bin`.
    pub weights: &'a [u8],
    /// `weights.tree`.
    pub tree: &'a [u8],
}

impl Bundle {
    /// Maps the bundle in a folder.
    pub fn open(folder: &Path) -> Result<Self, BundleError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| BundleError::Io { path, source }
        };
        let read = |name: &str| {
            let path = folder.join(name);
            fs::read(&path).map_err(io(&path))
        };
        let path = folder.join(WEIGHTS);
        let length = fs::metadata(&path).map_err(io(&path))?.len();
        let manifest = parse(&folder.join(MANIFEST).display().to_string(), &read(MANIFEST)?)?;
        expect_length(WEIGHTS, stored_bytes(&manifest), length)?;
        let weights = if length == 0 {
            SharedWords::owned(Vec::new())
        } else {
            SharedWords::map(&path).map_err(io(&path))?
        };
        Self::assemble(manifest, &read(PROGRAM)?, &weights, &read(TREE)?)
    }

    /// A bundle out of files in memory.
    pub fn from_files(files: Files<'_>) -> Result<Self, BundleError> {
        let manifest = parse(MANIFEST, files.manifest)?;
        let length = stored_bytes(&manifest);
        expect_length(WEIGHTS, length, files.weights.len() as u64)?;
        let weights = SharedWords::from_bytes(files.weights);
        Self::assemble(manifest, files.program, &weights, files.tree)
    }

    fn assemble(
        manifest: Manifest,
        program: &[u8],
        weights: &SharedWords,
        tree: &[u8],
    ) -> Result<Self, BundleError> {
        if manifest.steps_log2 > MAX_STEPS_LOG2 {
            return Err(BundleError::Steps { steps_log2: manifest.steps_log2 });
        }
        let program = read_program(program)?;
        expect_root("the program", manifest.program_root, program.root())?;
        expect_length(TREE, stored_pages(&manifest).saturating_mul(32), tree.len() as u64)?;

        let mut roots = tree.as_chunks::<32>().0.iter().copied().map(B256::new);
        let (mut blocks, mut trees) = (Vec::new(), Vec::new());
        for tensor in &manifest.tensors {
            let (block, tree) = read_tensor(tensor, weights, &mut roots)?;
            blocks.push(block);
            trees.push(tree);
        }
        let memory = GraphMemory::new(blocks.clone(), 0)?;
        let lower = Region::new(Space::GRAPH, 0, Space::GRAPH.log2_size() - 1);
        let root = lower.map(|lower| memory.region_root(lower)).unwrap_or_default();
        expect_root("the weights", manifest.weights_root, root)?;
        Ok(Self { manifest, program: Arc::new(program), weights: blocks, trees })
    }

    /// What the model is.
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Its operators.
    pub const fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// Its weights.
    pub fn weights(&self) -> &[Block] {
        &self.weights
    }

    /// Pages of `weights.bin` that were lost since it was mapped. Once there are some, nothing that is computed of
    /// this bundle counts, and it has to be opened again: see [`crate::lost`].
    pub fn lost(&self) -> usize {
        self.weights.first().map_or(0, Block::lost)
    }

    /// Hashes all weights and compares them with the tree, telling `progress` of every tensor.
    ///
    /// Who puts a bond behind a result verifies first: with weights that differ from their roots the
    /// native result cannot be proven.
    pub fn verify(&self, mut progress: impl FnMut(&Tensor)) -> Result<(), BundleError> {
        for ((tensor, block), tree) in
            self.manifest.tensors.iter().zip(&self.weights).zip(&self.trees)
        {
            progress(tensor);
            let pages: &[Words] = block.words().as_chunks().0;
            let pages: Vec<&Words> = pages.iter().collect();
            let expected = tree.roots();
            let actual = page_roots(&pages);
            if let Some(page) = actual.iter().zip(expected).position(|(a, b)| a.0 != *b) {
                return Err(BundleError::Page {
                    tensor: tensor.name.clone(),
                    page,
                    offset: tensor.offset + (page * PAGE_BYTES) as u64,
                });
            }
        }
        Ok(())
    }
}

fn parse(name: &str, bytes: &[u8]) -> Result<Manifest, BundleError> {
    // The version first: another one may well have other fields.
    #[derive(serde::Deserialize)]
    struct Version {
        format: u32,
    }
    let malformed = |source| BundleError::Manifest { name: name.to_owned(), source };
    let Version { format } = serde_json::from_slice(bytes).map_err(malformed)?;
    if format != FORMAT {
        return Err(BundleError::Format { format });
    }
    serde_json::from_slice(bytes).map_err(malformed)
}

fn read_program(bytes: &[u8]) -> Result<Program, BundleError> {
    let (descriptors, rest) = bytes.as_chunks::<DESCRIPTOR_BYTES>();
    let whole = (descriptors.len() * DESCRIPTOR_BYTES) as u64;
    if !rest.is_empty() {
        let expected = whole + DESCRIPTOR_BYTES as u64;
        return Err(BundleError::Length { file: PROGRAM, expected, actual: bytes.len() as u64 });
    }
    if descriptors.len() > MAX_PC as usize {
        return Err(BundleError::Program { operators: descriptors.len() });
    }
    let descriptors: Vec<DescriptorBytes> = descriptors.to_vec();
    Ok(Program::new(descriptors))
}

fn read_tensor(
    tensor: &Tensor,
    weights: &SharedWords,
    roots: &mut impl Iterator<Item = B256>,
) -> Result<(Block, Arc<SparseTree>), BundleError> {
    let Tensor { name, base, log2_size, offset, pages, root } = tensor;
    let wrong = || BundleError::Region {
        name: name.clone(),
        base: *base,
        log2_size: *log2_size,
        pages: *pages,
    };
    let region = Region::new(Space::GRAPH, *base, *log2_size).map_err(|_| wrong())?;
    let height = log2_size.checked_sub(PAGE_LOG2).ok_or_else(wrong)?;
    let large = *log2_size > LARGEST_LOG2 || region.base() >= REQUEST_BASE;
    if large || *pages > 1 << height || offset % PAGE_BYTES as u64 != 0 {
        return Err(wrong());
    }
    let count = usize::try_from(*pages).map_err(|_| wrong())? * PAGE_WORDS;
    let first = usize::try_from(offset / 4).map_err(|_| wrong())?;
    let end = first.checked_add(count).ok_or_else(wrong)?;
    let words = weights.part(first..end).ok_or_else(wrong)?;

    let page_roots: Vec<B256> = roots.take(count / PAGE_WORDS).collect();
    let tree = Arc::new(page_tree(height, &page_roots));
    expect_root(name, *root, tree.node(height, 0))?;
    Ok((Block::fixed(*base, *log2_size, words, Arc::clone(&tree)), tree))
}

/// Pages in `weights.bin`.
fn stored_pages(manifest: &Manifest) -> u64 {
    manifest.tensors.iter().fold(0, |sum: u64, tensor| sum.saturating_add(tensor.pages))
}

/// Bytes of `weights.bin`.
fn stored_bytes(manifest: &Manifest) -> u64 {
    stored_pages(manifest).saturating_mul(PAGE_BYTES as u64)
}

fn expect_length(file: &'static str, expected: u64, actual: u64) -> Result<(), BundleError> {
    if expected == actual { Ok(()) } else { Err(BundleError::Length { file, expected, actual }) }
}

fn expect_root(what: &str, expected: B256, actual: B256) -> Result<(), BundleError> {
    if expected == actual {
        Ok(())
    } else {
        Err(BundleError::Root { what: what.to_owned(), expected, actual })
    }
}
