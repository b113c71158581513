//! The finished bundle: manifest, program, weights and tree as bytes, and as files.

use std::fs;
use std::path::Path;

use opml_core::merkle::{Region, Space};
use opml_operator::{Control, Descriptor};

use super::sink::{Target, io};
use super::{BuildError, Builder};
use crate::bundle::manifest::{FORMAT, MAX_STEPS_LOG2, Manifest};
use crate::bundle::{self, Bundle, BundleError, Files};
use crate::memory::GraphMemory;
use crate::program::Program;

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
    /// The bundle; its last operator ends the program. For a builder in memory.
    pub fn finish(self) -> Result<Parts, BuildError> {
        let (manifest, program, target) = self.assemble()?;
        match target {
            Target::Memory([weights, tree]) => Ok(Parts { manifest, program, weights, tree }),
            Target::Folder(..) => Err(BuildError::NoResult),
        }
    }

    /// Completes the bundle in the folder of [`Self::in_folder`].
    pub fn finish_folder(self) -> Result<(), BuildError> {
        let (manifest, program, target) = self.assemble()?;
        if let Target::Folder(folder, _) = target {
            // The manifest comes last: a folder without one is no bundle.
            let files = [(bundle::PROGRAM, &program[..]), (bundle::MANIFEST, manifest.as_bytes())];
            for (name, bytes) in files {
                let path = folder.join(name);
                fs::write(&path, bytes).map_err(io(&path))?;
            }
        }
        Ok(())
    }

    /// Manifest, program and what was stored.
    fn assemble(mut self) -> Result<(String, Vec<u8>, Target), BuildError> {
        let output = self.output.ok_or(BuildError::NoResult)?;
        if let Some(last) = self.operators.last_mut() {
            (last.control, last.target, last.count) = Control::Halt.encode();
        }
        let steps_log2 = self.steps_log2()?;
        let program = Program::new(self.operators.iter().map(Descriptor::encode).collect());
        let blocks = std::mem::take(&mut self.sink.blocks);
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
            tensors: std::mem::take(&mut self.sink.tensors),
        };
        let malformed = |source| BundleError::Manifest { name: bundle::MANIFEST.into(), source };
        let mut manifest = serde_json::to_string_pretty(&manifest).map_err(malformed)?;
        manifest.push('\n');
        Ok((manifest, program.to_bytes(), self.sink.into_target()?))
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
