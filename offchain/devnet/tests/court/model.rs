//! Models, requests to them, and the answers of executors that tell the truth or do not.

use std::path::Path;

use alloy_primitives::{B256, Bytes};
use opml_core::graph::{GraphState, GraphStatus, Request, output_region_root};
use opml_core::keccak::{AlloyKeccak, Keccak as _};
use opml_core::merkle::{Region, Space, zero_root};
use opml_runtime::executor::Settings;
use opml_runtime::tile::KernelImage;
use opml_runtime::trace::GraphTrace;
use opml_runtime::{Bundle, Executor};
use opml_solver::machines::Machines;

use crate::common::{classifier, input};
use crate::liar::{Fault, Liar};

/// Most bytes of memory for the pages of a MIPS machine.
const CAP: usize = 64 << 20;

/// A model with an input, padded to a number of steps.
pub struct Model {
    pub bundle: Bundle,
    pub input: Vec<u8>,
    pub seed: u64,
    pub steps_log2: u8,
}

impl Model {
    /// A classifier of two layers, padded to `2^steps_log2` steps; at least 2^4.
    pub fn toy(steps_log2: u8) -> Self {
        Self { bundle: classifier().bundle().unwrap(), input: input(3), seed: 7, steps_log2 }
    }

    /// The classifier without its halt: behind its last operator there is none.
    pub fn endless(steps_log2: u8) -> Self {
        Self::altered(steps_log2, |descriptors| {
            descriptors.last_mut().unwrap()[20..24].fill(0);
        })
    }

    /// No operator at all: the first step fails.
    pub fn empty() -> Self {
        Self::altered(4, |descriptors| descriptors.iter_mut().for_each(|one| one.fill(0)))
    }

    fn altered(steps_log2: u8, change: impl Fn(&mut [[u8; 512]])) -> Self {
        let mut parts = classifier();
        let mut descriptors: Vec<[u8; 512]> = parts.program.as_chunks::<512>().0.to_vec();
        change(&mut descriptors);
        let program = opml_runtime::Program::new(descriptors);
        let known = parts.bundle().unwrap().manifest().program_root.to_string();
        parts.manifest = parts.manifest.replace(&known, &program.root().to_string());
        parts.program = program.to_bytes();
        Self { bundle: parts.bundle().unwrap(), input: input(3), seed: 7, steps_log2 }
    }

    /// The digits of the repository, and a picture that is none: a ramp of grey levels.
    pub fn digits(steps_log2: u8) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/digits");
        let input = (0..784_u32).map(|i| u8::try_from(i % 256).unwrap()).collect();
        Self { bundle: Bundle::open(&folder).unwrap(), input, seed: 7, steps_log2 }
    }

    /// Header and input, as the hub takes them.
    pub fn request(&self) -> Bytes {
        let request = Request::new(&self.input, self.seed, [0; 28]).unwrap();
        [&request.header()[..], request.input()].concat().into()
    }

    pub fn start(&self, settings: Settings) -> Executor {
        let request = Request::new(&self.input, self.seed, [0; 28]).unwrap();
        Executor::new(&self.bundle, &request, settings).unwrap()
    }

    /// An honest party's machines.
    pub fn machines(&self) -> Machines {
        let image = KernelImage::released().unwrap();
        let trace = GraphTrace::new(self.start(Settings::default()), self.steps_log2);
        Machines::new(trace, image, CAP)
    }

    pub fn liar(&self, fault: Fault) -> Liar {
        Liar::new(self.start(fault.settings()), self.steps_log2, fault)
    }

    /// The right answer.
    pub fn truth(&self) -> Answer {
        self.answer(Settings::default())
    }

    /// The answer of a machine with these kernels.
    pub fn answer(&self, settings: Settings) -> Answer {
        let mut machine = self.start(settings);
        machine.run(1 << self.steps_log2).unwrap();
        let state = machine.state();
        if state.status != GraphStatus::Halted {
            return Answer { state, output: Vec::new(), path: Vec::new() };
        }
        let place = self.bundle.manifest().output;
        let region = Region::new(Space::GRAPH, place.base, place.log2_size).unwrap();
        let path = machine.hashed_memory().path(region);
        let output = machine.output(place).unwrap();
        Answer { state, output, path: path.iter().flat_map(|node| node.0).collect() }
    }
}

/// What a claim shows.
#[derive(Clone, Debug)]
pub struct Answer {
    pub state: GraphState,
    pub output: Vec<u8>,
    pub path: Vec<u8>,
}

/// First byte of the output regions of [`Answer::holding`].
pub const OUTPUT_BASE: u64 = (1 << 39) + (1 << 28);

impl Answer {
    /// A halted state that holds this output in a region of `2^log2_size` bytes, and else nothing.
    pub fn holding(output: &[u8], log2_size: u8) -> Self {
        let region = Region::new(Space::GRAPH, OUTPUT_BASE, log2_size).unwrap();
        let (mut root, mut path) = (Self::region_root(output, log2_size), Vec::new());
        for bit in log2_size..Space::GRAPH.log2_size() {
            let sibling = zero_root(bit - 5).unwrap();
            path.extend(sibling);
            let right = region.base() >> bit & 1 == 1;
            let (left, right) = if right { (sibling, root) } else { (root, sibling) };
            root = AlloyKeccak::node(&left, &right);
        }
        let state = GraphState { status: GraphStatus::Halted, ..GraphState::start(root) };
        Self { state, output: output.to_vec(), path }
    }

    /// Root of the output's region.
    #[allow(dead_code, reason = "for tests of consumers")]
    pub fn root(&self, log2_size: u8) -> B256 {
        Self::region_root(&self.output, log2_size)
    }

    fn region_root(output: &[u8], log2_size: u8) -> B256 {
        output_region_root::<AlloyKeccak>(output, log2_size).unwrap()
    }

    pub fn hash(&self) -> B256 {
        self.state.hash::<AlloyKeccak>()
    }
}
