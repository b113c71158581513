//! The finished bundle: manifest, program, weights and tree as bytes, and as files.

use std::fs;
use std::path::Path;

use alloy_primitives::B256;
use opml_core::merkle::{Region, Space};
use opml_operator::{Control, Descriptor};
use opml_vm::memory::{PAGE_BYTES, page_root, page_words};

use super::{BuildError, Builder, Stored};
use crate::bundle::manifest::{FORMAT, MAX_STEPS_LOG2, Manifest, Tensor};
use crate::bundle::{self, Bundle, BundleError, Files};
use crate::memory::{Block, GraphMemory, PAGE_LOG2, page_tree};
use crate::program::Program;
use crate::words::SharedWords;

/// A bundle's files as bytes.
#[derive(Clone, Debug)]
pub struct Parts {
    /// `manifest.json`.
    pub manifest: String,
    /// `program.bin`.
    pub program: Vec<u8>,
    /// `weights.bin`.
    pub weights: Vec<u8>,
    /// `weights.tree`.
    pub tree: Vec<u8>,
}

impl Builder {
    /// The bundle; its last operator ends the program.
    pub fn finish(mut self) -> Result<Parts, BuildError> {
        let output = self.output.ok_or(BuildError::NoResult)?;
        if let Some(last) = self.operators.last_mut() {
            (last.control, last.target, last.count) = Control::Halt.encode();
        }
        let steps_log2 = self.steps_log2()?;
        let program = Program::new(self.operators.iter().map(Descriptor::encode).collect());

        let (mut weights, mut tree) = (Vec::new(), Vec::new());
        let (mut tensors, mut blocks) = (Vec::new(), Vec::new());
        for stored in &self.tensors {
            let (tensor, block) = place_tensor(stored, &mut weights, &mut tree);
            tensors.push(tensor);
            blocks.push(block);
        }
        let memory = GraphMemory::new(blocks, 0).map_err(BundleError::from)?;
        let lower = Region::new(Space::GRAPH, 0, Space::GRAPH.log2_size() - 1);
        let manifest = Manifest {
            format: FORMAT,
            model: self.about,
            input: self.input,
            result: self.result,
            output,
            steps_log2,
            program_root: program.root(),
            weights_root: lower.map(|lower| memory.region_root(lower)).unwrap_or_default(),
            tensors,
        };
        let malformed = |source| BundleError::Manifest { name: bundle::MANIFEST.into(), source };
        let mut manifest = serde_json::to_string_pretty(&manifest).map_err(malformed)?;
        manifest.push('\n');
        Ok(Parts { manifest, program: program.to_bytes(), weights, tree })
    }

    /// An upper bound of the steps that the program takes, as a power of two.
    fn steps_log2(&self) -> Result<u8, BuildError> {
        let mut steps = 0u64;
        for (pc, operator) in self.operators.iter().enumerate() {
            steps = steps.saturating_add(operator.tiles.into());
            if let Ok(Control::Loop { target, count }) = operator.control() {
                let body = self.operators.get(target as usize..=pc).unwrap_or_default();
                let tiles: u64 = body.iter().map(|operator| u64::from(operator.tiles)).sum();
                steps = steps.saturating_add(tiles.saturating_mul(u64::from(count) - 1));
            }
        }
        let limit_log2 = MAX_STEPS_LOG2;
        match u8::try_from(steps.checked_next_power_of_two().map_or(64, u64::ilog2)) {
            Ok(log2) if log2 <= limit_log2 => Ok(log2),
            _ => Err(BuildError::Steps { steps, limit_log2 }),
        }
    }
}

/// Appends a tensor's pages and their roots, without the zeros at its end.
fn place_tensor(stored: &Stored, weights: &mut Vec<u8>, tree: &mut Vec<u8>) -> (Tensor, Block) {
    let used = stored.bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let pages: Vec<[u8; PAGE_BYTES]> = stored.bytes[..used].chunks(PAGE_BYTES).map(page).collect();
    let roots: Vec<B256> = pages.iter().map(|page| page_root(&page_words(page))).collect();
    let log2_size = u8::try_from(stored.place.log2_size).unwrap_or(u8::MAX);
    let subtree = page_tree(log2_size - PAGE_LOG2, &roots);
    let tensor = Tensor {
        name: stored.name.clone(),
        base: stored.place.base,
        log2_size,
        offset: weights.len() as u64,
        pages: pages.len() as u64,
        root: subtree.root(),
    };
    weights.extend(pages.as_flattened());
    tree.extend(roots.iter().flat_map(|root| root.0));
    let words = SharedWords::from_bytes(pages.as_flattened());
    (tensor, Block::fixed(stored.place.base, log2_size, words, subtree.into()))
}

fn page(bytes: &[u8]) -> [u8; PAGE_BYTES] {
    let mut page = [0; PAGE_BYTES];
    page[..bytes.len()].copy_from_slice(bytes);
    page
}

impl Parts {
    /// The files as they are read.
    pub fn files(&self) -> Files<'_> {
        Files {
            manifest: self.manifest.as_bytes(),
            program: &self.program,
            weights: &self.weights,
            tree: &self.tree,
        }
    }

    /// The bundle, checked as when it is opened.
    pub fn bundle(&self) -> Result<Bundle, BundleError> {
        Bundle::from_files(self.files())
    }

    /// Writes the files into `folder`, which is made if need be.
    pub fn write(&self, folder: &Path) -> Result<(), BundleError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| BundleError::Io { path, source }
        };
        fs::create_dir_all(folder).map_err(io(folder))?;
        // The manifest comes last: a folder without one is no bundle.
        let files = [
            (bundle::WEIGHTS, self.weights.as_slice()),
            (bundle::TREE, &self.tree),
            (bundle::PROGRAM, &self.program),
            (bundle::MANIFEST, self.manifest.as_bytes()),
        ];
        for (name, bytes) in files {
            let path = folder.join(name);
            fs::write(&path, bytes).map_err(io(&path))?;
        }
        Ok(())
    }
}
