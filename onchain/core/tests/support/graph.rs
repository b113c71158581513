//! Steps of the graph machine with everything that belongs to them, over naive memories: witnesses,
//! machine memory and successors as docs/spec.md sections 5 and 6 build them.

use alloy_primitives::B256;
use opml_core::graph::handover::Program;
use opml_core::graph::operator::{Control, Descriptor, RegionSpec, Tile, legal};
use opml_core::graph::{GraphState, GraphStatus};
use opml_core::mips::{Cpu, State, Status};

use crate::naive::NaiveMemory;

/// Levels of the graph memory, of the program table, of a window.
pub const GRAPH_LEVELS: u8 = 35;
pub const PROGRAM_LEVELS: u8 = 20;
pub const WINDOW_LEVELS: u8 = 23;

/// A range of `2^log2_size` bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub base: u64,
    pub log2_size: u8,
}

impl Range {
    pub const fn level(self) -> u8 {
        self.log2_size - 5
    }

    pub const fn index(self) -> u64 {
        self.base >> self.log2_size
    }

    /// The region's root in `memory`, with its path behind it.
    pub fn proof(self, memory: &NaiveMemory) -> Vec<u8> {
        let node = memory.node(self.level(), self.index());
        [node.to_vec(), memory.path_bytes(self.level(), self.index())].concat()
    }

    /// Positions of the leaves in it that are not zero, from its base.
    fn leaves(self, memory: &NaiveMemory) -> Vec<u64> {
        let first = self.base >> 5;
        let inside = memory.leaves().filter(|leaf| leaf >> self.level() == self.index());
        inside.map(|leaf| leaf - first).collect()
    }
}

/// Copies the bytes of `from` to the range of the same size at `to`.
pub fn copy(source: &NaiveMemory, from: Range, target: &mut NaiveMemory, to: u64) {
    for old in (Range { base: to, ..from }).leaves(target) {
        target.set_leaf((to >> 5) + old, [0; 32]);
    }
    for leaf in from.leaves(source) {
        target.set_leaf((to >> 5) + leaf, source.leaf((from.base >> 5) + leaf));
    }
}

/// Writes `bytes` at `address`, a multiple of 32.
pub fn write(memory: &mut NaiveMemory, address: u64, bytes: &[u8]) {
    for (number, chunk) in (address >> 5..).zip(bytes.chunks(32)) {
        let mut leaf = [0; 32];
        leaf[..chunk.len()].copy_from_slice(chunk);
        memory.set_leaf(number, leaf);
    }
}

/// A state of the graph machine with its memory and program.
#[derive(Clone, Debug)]
pub struct Scene {
    pub descriptor: Vec<u8>,
    pub program: NaiveMemory,
    pub memory: NaiveMemory,
    /// The kernel image's window.
    pub image: NaiveMemory,
    pub pc: u32,
    pub tile: u32,
    pub iteration: u32,
    pub status: GraphStatus,
}

impl Scene {
    /// Tile 0 of `descriptor`, which stands at pc 5 among others.
    pub fn new(descriptor: &Descriptor) -> Self {
        let mut scene = Self {
            descriptor: Vec::new(),
            program: NaiveMemory::new(PROGRAM_LEVELS),
            memory: NaiveMemory::new(GRAPH_LEVELS),
            image: NaiveMemory::new(WINDOW_LEVELS),
            pc: 5,
            tile: 0,
            iteration: 0,
            status: GraphStatus::Running,
        };
        for pc in [0_u64, 4, 6, 65_535] {
            write(&mut scene.program, pc << 9, &[0x5a; 512]);
        }
        scene.image.write(0x1000, b"not a kernel, but an image of one");
        scene.place(&descriptor.encode());
        scene
    }

    /// Puts a descriptor at the state's pc, if the table has it.
    pub fn place(&mut self, descriptor: &[u8]) {
        self.descriptor = descriptor.to_vec();
        if self.pc < 65_536 {
            write(&mut self.program, u64::from(self.pc) << 9, descriptor);
        }
    }

    /// The state.
    pub fn state(&self) -> GraphState {
        GraphState {
            memory_root: self.memory.root(),
            pc: self.pc,
            tile: self.tile,
            iteration: self.iteration,
            status: self.status,
        }
    }

    /// The model's roots.
    pub fn roots(&self) -> Program {
        Program { program_root: self.program.root(), image_root: self.image.root() }
    }

    /// The descriptor's fields, if its reserved bytes are zero.
    pub fn fields(&self) -> Option<Descriptor> {
        Descriptor::decode(&self.descriptor.clone().try_into().unwrap()).ok()
    }

    /// The tile, if the step has a run.
    pub fn run(&self) -> Option<Tile> {
        let running = self.status == GraphStatus::Running && self.pc < 65_536;
        let fields = self.fields().filter(|_| running)?;
        legal(&fields, self.iteration, self.tile).ok()
    }

    /// Where a region lies in this iteration and tile.
    fn range(&self, spec: &RegionSpec, columns: u32) -> Range {
        let (row, column) = (self.tile / columns, self.tile % columns);
        let base = u128::from(spec.base)
            + u128::from(self.iteration) * u128::from(spec.iteration_stride)
            + u128::from(row) * u128::from(spec.row_stride)
            + u128::from(column) * u128::from(spec.column_stride);
        Range { base: base.try_into().unwrap(), log2_size: spec.log2_size.try_into().unwrap() }
    }

    /// Input regions of a legal step.
    pub fn inputs(&self) -> Vec<Range> {
        let fields = self.fields().unwrap();
        let count = fields.input_count as usize;
        fields.input_specs[..count].iter().map(|spec| self.range(spec, fields.columns)).collect()
    }

    /// Output region of a legal step.
    pub fn output(&self) -> Range {
        let fields = self.fields().unwrap();
        self.range(&fields.output, fields.columns)
    }

    /// The descriptor with its path; nothing where none is needed.
    pub fn descriptor_part(&self) -> Vec<u8> {
        if self.status != GraphStatus::Running || self.pc >= 65_536 {
            return Vec::new();
        }
        [self.descriptor.clone(), self.program.path_bytes(4, self.pc.into())].concat()
    }

    /// The one witness of `begin`.
    pub fn begin_witness(&self) -> Vec<u8> {
        let mut witness = self.descriptor_part();
        if self.run().is_some() {
            witness.extend(self.inputs().iter().flat_map(|input| input.proof(&self.memory)));
        }
        witness
    }

    /// The machine's memory at the start of the run, written byte by byte.
    pub fn machine_memory(&self) -> NaiveMemory {
        let mut memory = NaiveMemory::mips();
        copy(&self.image, Range { base: 0, log2_size: 28 }, &mut memory, 0);
        memory.write(0x1000_0000, &self.descriptor);
        memory.write(0x1000_0200, &self.iteration.to_le_bytes());
        memory.write(0x1000_0204, &self.tile.to_le_bytes());
        for (number, input) in (2..).zip(self.inputs()) {
            copy(&self.memory, input, &mut memory, number << 28);
        }
        memory
    }

    /// The first state of the run.
    pub fn initial(&self) -> State {
        State { memory_root: self.machine_memory().root(), cpu: Cpu::new(0x1000) }
    }

    /// The end of a run: a machine that wrote `output` at the base of its output window.
    pub fn ended(&self, status: Status, output: &[u8]) -> Ended {
        let mut memory = self.machine_memory();
        memory.write(0xa000_0000, output);
        memory.write(0xffff_ff00, b"what the kernel left on its stack");
        Ended { memory, status }
    }

    /// The one witness of `end`.
    pub fn end_witness(&self, ended: &Ended) -> Vec<u8> {
        let mut witness = self.descriptor_part();
        if ended.status != Status::Exited(0) {
            return witness;
        }
        let output = self.output();
        let window = Range { base: 0xa000_0000, ..output };
        witness.extend(window.proof(&ended.memory));
        witness.extend(output.proof(&self.memory));
        let fields = self.fields().unwrap();
        if fields.control == 2 && self.tile == fields.tiles - 1 {
            let first = window.base >> 5;
            witness.extend(ended.memory.leaf(first));
            let path = ended.memory.path_bytes(0, first);
            witness.extend(&path[..32 * usize::from(output.level())]);
        }
        witness
    }

    /// The state behind the run, by splicing bytes and by the rules of control.
    pub fn successor(&self, ended: &Ended) -> GraphState {
        if ended.status != Status::Exited(0) {
            return GraphState { status: GraphStatus::Failed, ..self.state() };
        }
        let output = self.output();
        let window = Range { base: 0xa000_0000, ..output };
        let mut after = self.clone();
        copy(&ended.memory, window, &mut after.memory, output.base);
        let fields = self.fields().unwrap();
        after.tile += 1;
        if after.tile == fields.tiles {
            after.tile = 0;
            after.control(fields.control().unwrap(), ended.memory.word(0xa000_0000));
        }
        after.state()
    }

    fn control(&mut self, control: Control, first_word: u32) {
        match control {
            Control::Loop { target, count } if u64::from(self.iteration) + 1 < count.into() => {
                self.iteration += 1;
                self.pc = target;
            }
            Control::Loop { .. } => {
                self.iteration = 0;
                self.pc += 1;
            }
            Control::ExitIf { target } if first_word != 0 => {
                self.iteration = 0;
                self.pc = target;
            }
            Control::Next | Control::ExitIf { .. } => self.pc += 1,
            Control::Halt => self.status = GraphStatus::Halted,
        }
    }
}

/// The end of a run.
#[derive(Clone, Debug)]
pub struct Ended {
    pub memory: NaiveMemory,
    pub status: Status,
}

impl Ended {
    /// The machine's state, with registers that nobody looks at.
    pub fn state(&self) -> State {
        let mut cpu = Cpu::new(0x4321_0000);
        (cpu.hi, cpu.step) = (7, 12_345);
        cpu.status = self.status;
        State { memory_root: self.memory.root(), cpu }
    }

    /// Root of some node of the machine's memory.
    pub fn root(&self) -> B256 {
        self.memory.root()
    }
}
