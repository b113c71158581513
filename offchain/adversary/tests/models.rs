//! Hostile models against the compiled step verifier: descriptors that differ from a legal one in one field each, judged by
//! docs/spec.md, 5.3 and 8.10, and every kind of lie about what is shown of them.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use alloy_primitives::B256;
use alloy_sol_types::SolCall as _;
use opml_adversary::abi::step::IStepVerifier::beginCall;
use opml_adversary::machine::graph::GraphState;
use opml_adversary::machine::memory::Memory;
use opml_adversary::machine::mips::MipsState;
use opml_adversary::machine::program::{LEAF, Program};
use opml_adversary::people::CROWD;
use opml_adversary::world::{Answered, World};

const KERNEL: usize = 0;
const INPUTS: usize = 4;
const TILES: usize = 8;
const COLUMNS: usize = 12;
const BOUND: usize = 16;
const CONTROL: usize = 20;
const TARGET: usize = 24;
const COUNT: usize = 28;
const PARAMS: usize = 32;
const OUTPUT: usize = 96;
const INPUT: usize = 136;
/// In a region's entry: log2 of the size.
const SIZE: usize = 32;
/// In a region's entry: the stride of an iteration.
const STRIDE: usize = 8;

/// A field's new value: four bytes, or eight.
#[derive(Clone, Copy)]
enum Field {
    Word(usize, u32),
    Long(usize, u64),
}

use Field::{Long, Word};

/// What is altered, and whether the step is still legal.
const CASES: [(&str, &[Field], bool); 46] = [
    ("nothing", &[], true),
    ("no kernel", &[Word(KERNEL, 0)], false),
    ("a kernel that does not exist", &[Word(KERNEL, 1_000)], false),
    ("a kernel with a large number", &[Word(KERNEL, u32::MAX)], false),
    ("a kernel of one input more", &[Word(KERNEL, 3)], false),
    ("no input", &[Word(INPUTS, 0)], false),
    ("an input more", &[Word(INPUTS, 2)], false),
    ("nine inputs", &[Word(INPUTS, 9)], false),
    ("no tile", &[Word(TILES, 0)], false),
    ("another tile", &[Word(TILES, 2)], true),
    ("as many tiles as there can be", &[Word(TILES, u32::MAX)], true),
    ("no column", &[Word(COLUMNS, 0)], false),
    ("as many columns as there can be", &[Word(COLUMNS, u32::MAX)], true),
    ("a cost of more than half the bound", &[Word(BOUND, 14)], false),
    ("the largest bound", &[Word(BOUND, 30)], true),
    ("a larger bound", &[Word(BOUND, 31)], false),
    ("a bound that shifts a number away", &[Word(BOUND, 64)], false),
    ("a control that does not exist", &[Word(CONTROL, 4)], false),
    ("next", &[Word(CONTROL, 0)], true),
    ("next with a target", &[Word(CONTROL, 0), Word(TARGET, 1)], false),
    ("next with a count", &[Word(CONTROL, 0), Word(COUNT, 1)], false),
    ("halt with a target", &[Word(TARGET, 1)], false),
    ("a loop of no iteration", &[Word(CONTROL, 1)], false),
    ("a loop", &[Word(CONTROL, 1), Word(COUNT, 1)], true),
    (
        "a loop as long as can be",
        &[Word(CONTROL, 1), Word(COUNT, u32::MAX), Word(TARGET, 65_535)],
        true,
    ),
    ("a loop to no operator", &[Word(CONTROL, 1), Word(COUNT, 1), Word(TARGET, 65_536)], false),
    ("an exit", &[Word(CONTROL, 2), Word(TARGET, 9)], true),
    ("an exit with a count", &[Word(CONTROL, 2), Word(COUNT, 1)], false),
    ("a byte at the end", &[Word(508, 1 << 24)], false),
    ("a parameter more", &[Word(PARAMS + 4, 1)], false),
    ("the last parameter", &[Word(PARAMS + 60, 1)], false),
    ("no length", &[Word(PARAMS, 0)], false),
    ("the greatest length", &[Word(PARAMS, 1 << 26)], true),
    ("a greater length", &[Word(PARAMS, (1 << 26) + 1)], false),
    ("a word behind the output's entry", &[Word(OUTPUT + 36, 1)], false),
    ("a word behind an unused input's entry", &[Word(INPUT + 40 + 36, 1)], false),
    ("an unused input", &[Long(INPUT + 40, LEAF)], false),
    ("an output of half a leaf", &[Word(OUTPUT + SIZE, 4), Word(INPUT + SIZE, 4)], false),
    ("an output that is not aligned", &[Long(OUTPUT, LEAF + 16)], false),
    ("an output in the request", &[Long(OUTPUT, 1 << 39)], false),
    ("an output at the end of the request", &[Long(OUTPUT, (1 << 39) + (1 << 28) - 32)], false),
    ("an output among the weights", &[Long(OUTPUT, 0)], false),
    ("an output behind the memory", &[Long(OUTPUT, 1 << 40)], false),
    ("an output at the end of all numbers", &[Long(OUTPUT, u64::MAX - 31)], false),
    ("an input larger than the output", &[Word(INPUT + SIZE, 6), Long(INPUT, 1 << 20)], false),
    (
        "a region too large to run",
        &[
            Word(OUTPUT + SIZE, 28),
            Long(OUTPUT, 3 << 38),
            Word(INPUT + SIZE, 28),
            Long(INPUT, 0),
            Word(BOUND, 30),
        ],
        false,
    ),
];

fn world() -> World {
    let test = std::env::current_exe().unwrap();
    let target: PathBuf = test.ancestors().nth(3).unwrap().into();
    World::new(&target.join("contracts")).unwrap()
}

fn descriptor(fields: &[Field]) -> Vec<u8> {
    let mut bytes = Program::Relu.descriptor(0);
    for field in fields {
        match *field {
            Word(at, value) => bytes[at..at + 4].copy_from_slice(&value.to_le_bytes()),
            Long(at, value) => bytes[at..at + 8].copy_from_slice(&value.to_le_bytes()),
        }
    }
    bytes
}

/// A descriptor at place 0 of a program, over a memory of zeros.
struct Scene {
    descriptor: Vec<u8>,
    memory: Memory,
    image: B256,
}

impl Scene {
    fn new(fields: &[Field]) -> Self {
        Self {
            descriptor: descriptor(fields),
            memory: Memory::new(40),
            image: B256::repeat_byte(9),
        }
    }

    fn table(&self) -> Memory {
        Memory::new(25).with_bytes(0, &self.descriptor)
    }

    fn number(&self, at: usize) -> u64 {
        u64::from_le_bytes(self.descriptor[at..at + 8].try_into().unwrap())
    }

    /// Base and log2 of the input's region, without strides.
    fn input(&self) -> (u64, u8) {
        (self.number(INPUT), self.descriptor[INPUT + SIZE])
    }

    fn call(&self, state: &GraphState, is_run: bool) -> beginCall {
        let mut witness = [self.descriptor.clone(), self.table().path(0, 9)].concat();
        if is_run {
            let (base, log2) = self.input();
            witness.extend(self.memory.part(base, log2));
        }
        beginCall {
            agreed: state.hash(),
            programRoot: self.table().root(),
            imageRoot: self.image,
            graphState: state.encode().into(),
            witness: witness.into(),
        }
    }

    /// The first state of the run of a step, from the specification.
    fn first(&self, state: &GraphState) -> B256 {
        let words = [state.iteration, state.tile].map(u32::to_le_bytes);
        let block = [self.descriptor.clone(), words.as_flattened().to_vec()].concat();
        let (base, log2) = self.input();
        let memory = Memory::new(32).with(0, 28, self.image).with_bytes(1 << 28, &block).with(
            2 << 28,
            log2,
            self.memory.node(log2, base >> log2),
        );
        MipsState::running(memory.root(), 0x1000, 0).hash()
    }
}

fn start(memory: &Memory) -> GraphState {
    GraphState::start(memory.root())
}

/// An illegal step fails by itself, a legal one is a run: neither reverts.
#[test]
fn one_field_decides_whether_a_step_is_legal() {
    let world = world();
    for (name, fields, is_legal) in CASES {
        let scene = Scene::new(fields);
        let state = start(&scene.memory);
        let data = scene.call(&state, is_legal).abi_encode();
        let answer = world.view(world.first.terms.step, data);
        let answer = answer.unwrap_or_else(|error| panic!("{name}: {error}"));
        let answer = beginCall::abi_decode_returns_validate(&answer).unwrap();
        let bound = scene.descriptor[BOUND];
        let expected =
            if is_legal { (1, scene.first(&state), bound) } else { (0, state.failed().hash(), 0) };
        assert_eq!((answer.kind as u8, answer.result, answer.bound), expected, "{name}");
    }
}

/// A region may move with the iteration, as far as numbers and memory go.
#[test]
fn strides_are_legal_as_far_as_numbers_go() {
    let world = world();
    let far = 1 << 32;
    // Stride, iteration, legal.
    let cases = [
        (far, 0, true),
        (far, 1, true),
        (32, u32::MAX, true),
        (far, u32::MAX, false),
        (u64::MAX, 0, true),
        (u64::MAX, 1, false),
        (u64::MAX - 31, 1, false),
        (1, 1, false),
    ];
    for (stride, iteration, is_legal) in cases {
        let scene = Scene::new(&[Long(OUTPUT + STRIDE, stride)]);
        let state = GraphState { iteration, ..start(&scene.memory) };
        let data = scene.call(&state, is_legal).abi_encode();
        let answer = world.view(world.first.terms.step, data).unwrap();
        let answer = beginCall::abi_decode_returns_validate(&answer).unwrap();
        assert_eq!(answer.kind as u8, u8::from(is_legal), "{stride} in iteration {iteration}");
    }
}

/// One bit of a weight, of a descriptor, of a state, of a root, of a sibling: the verifier takes none of them.
#[test]
fn no_bit_of_what_is_shown_can_be_another() {
    let world = world();
    // The input is among the weights.
    let mut scene = Scene::new(&[Long(INPUT, 64)]);
    scene.memory = Memory::new(40).with_bytes(64, &[0x5a; 32]);
    let state = start(&scene.memory);
    let right = scene.call(&state, true);
    let answered =
        |call: &beginCall| world.try_call(CROWD[1], world.first.terms.step, call.abi_encode());
    assert!(matches!(answered(&right), Answered::Returned));
    let mut refused = 0;
    // A bit of every 16th byte of the witness: descriptor, its path, the weight, its path.
    for at in (0..right.witness.len()).step_by(16) {
        let mut call = right.clone();
        let mut witness = call.witness.to_vec();
        witness[at] ^= 1 << (at / 16 % 8);
        call.witness = witness.into();
        assert!(matches!(answered(&call), Answered::Refused(_)), "byte {at} of the witness");
        refused += 1;
    }
    for at in 0..48 {
        let mut call = right.clone();
        let mut state = call.graphState.to_vec();
        state[at] ^= 1;
        call.graphState = state.into();
        assert!(matches!(answered(&call), Answered::Refused(_)), "byte {at} of the state");
        refused += 1;
    }
    let flipped = |root: B256| root ^ B256::with_last_byte(1);
    let others = [
        beginCall { agreed: flipped(right.agreed), ..right.clone() },
        beginCall { programRoot: flipped(right.programRoot), ..right.clone() },
        beginCall {
            witness: right.witness[..right.witness.len() - 32].to_vec().into(),
            ..right.clone()
        },
        beginCall { witness: [&right.witness[..], &[0; 32]].concat().into(), ..right.clone() },
    ];
    for call in others {
        assert!(matches!(answered(&call), Answered::Refused(_)));
        refused += 1;
    }
    println!("{refused} lies refused");
}
