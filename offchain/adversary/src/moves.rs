//! Moves, true ones and others.

use alloy_primitives::{B256, keccak256};

use crate::machine::program::Step;
use crate::scene::{Graph, Mips, Scene};
use crate::spec::game::{Move, Shown};
use crate::spec::position::Position;

/// What a hostile party wants to do.
#[derive(Clone, Copy, Debug)]
pub struct Whim {
    /// Which kind of move.
    pub kind: u32,
    /// Which segment, roughly.
    pub segment: u32,
    /// Which states.
    pub seed: u32,
}

fn choice(seed: u32, index: u64) -> u64 {
    let hash = keccak256([&seed.to_be_bytes()[..], &index.to_be_bytes()].concat());
    u64::from_be_bytes([hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7]])
}

impl Scene {
    fn roots(&self) -> [B256; 2] {
        [self.code.program.root(), self.code.image]
    }

    /// Hash of the true state at a step of a position's machine.
    fn true_hash(&self, position: &Position, step: u64) -> B256 {
        if position.phase == 1 {
            return self.truth(step).0.hash();
        }
        self.run(&self.truth(position.graph_step), step).0.hash()
    }

    /// The move of one who holds the truth: none if the position has no segment with a true start and a false end.
    pub fn honest(&self, position: &Position) -> Option<Move> {
        let length = position.segment_length();
        let is_true = |cut: u64| {
            let hash = position.hashes[usize::try_from(cut).unwrap_or(0)];
            hash == self.true_hash(position, position.base + (cut << length))
        };
        let mut segments = 0..u64::from(position.degree());
        let segment = u8::try_from(segments.find(|at| is_true(*at) && !is_true(at + 1))?).ok()?;
        let base = position.segment_base(segment);
        if length > 0 {
            let cuts = length.min(5);
            let steps = (1..=1_u64 << cuts).map(|cut| base + (cut << (length - cuts)));
            let ends = steps.map(|step| self.true_hash(position, step)).collect();
            return Some(Move { segment, shown: Shown::Dissect { ends } });
        }
        if position.phase == 2 {
            let state = self.run(&self.truth(position.graph_step), base);
            return Some(Self::prove(segment, &state));
        }
        let state = self.truth(base);
        if self.code.program.step(&state.0) == Step::Run {
            return Some(self.descend(segment, &state, &self.last(&state)));
        }
        Some(self.conclude(segment, &state))
    }

    fn conclude(&self, segment: u8, (state, memory): &Graph) -> Move {
        let witness = self.code.begin_witness(state, memory);
        let shown = Shown::Conclude { roots: self.roots(), state: state.encode(), witness };
        Move { segment, shown }
    }

    fn descend(&self, segment: u8, (state, memory): &Graph, (last, run): &Mips) -> Move {
        let shown = Shown::Descend {
            roots: self.roots(),
            state: state.encode(),
            witness: self.code.begin_witness(state, memory),
            last: last.encode(),
            end_witness: self.code.end_witness(state, memory, (last, run)),
        };
        Move { segment, shown }
    }

    fn prove(segment: u8, (state, memory): &Mips) -> Move {
        let witness = state.witness(memory);
        Move { segment, shown: Shown::Prove { state: state.encode(), witness } }
    }

    /// Any move; it shows what fits the position as far as the palette has it.
    pub fn whim(&self, position: &Position, whim: Whim) -> Move {
        if whim.kind <= 1
            && let Some(honest) = self.honest(position)
        {
            return honest;
        }
        let degree = position.degree();
        // One by one, but rather the first and the last ones.
        let segment = u8::try_from(whim.segment % degree).unwrap_or(0);
        let length = position.segment_length();
        let (start, base) = (position.hashes[usize::from(segment)], position.segment_base(segment));
        let graph = || self.graph_state(start, whim.seed);
        let mips = || self.mips_state(position, (start, base), whim.seed);
        match whim.kind {
            4 => self.conclude(segment, &graph()),
            5 => self.descend(segment, &graph(), &self.some_last(&graph(), whim.seed)),
            6 => Self::prove(segment, &mips()),
            7 => self.dissect(position, segment, whim.seed),
            _ if length > 0 => self.dissect(position, segment, whim.seed),
            _ if position.phase == 2 => Self::prove(segment, &mips()),
            _ if self.code.program.step(&graph().0) == Step::Run => {
                self.descend(segment, &graph(), &self.some_last(&graph(), whim.seed))
            }
            _ => self.conclude(segment, &graph()),
        }
    }

    /// The state of the palette with this hash, or some other one.
    fn graph_state(&self, hash: B256, seed: u32) -> Graph {
        let mut states = self.graph();
        let at = states.iter().position(|(state, _)| state.hash() == hash);
        let at = at.unwrap_or(seed as usize % states.len());
        states.swap_remove(at)
    }

    fn mips_state(&self, position: &Position, (hash, step): (B256, u64), seed: u32) -> Mips {
        let mut states = self.mips_states(position, step);
        let at = states.iter().position(|(state, _)| state.hash() == hash);
        let at = at.unwrap_or(seed as usize % states.len());
        states.swap_remove(at)
    }

    /// States that may stand at a step of a run.
    fn mips_states(&self, position: &Position, step: u64) -> Vec<Mips> {
        let mut states = Self::mips();
        if position.phase == 2 {
            states.push(self.run(&self.start, step));
            states.push(self.run(&self.other(), step));
        }
        states
    }

    /// A last state to claim for a run.
    fn some_last(&self, state: &Graph, seed: u32) -> Mips {
        let mut states = Self::mips();
        states.push(self.last(state));
        let at = seed as usize % states.len();
        states.swap_remove(at)
    }

    fn dissect(&self, position: &Position, segment: u8, seed: u32) -> Move {
        let length = position.segment_length();
        let cuts = length.min(5);
        let base = position.segment_base(segment);
        let disputed = position.hashes[usize::from(segment) + 1];
        let graph: Vec<B256> = self.graph().iter().map(|(state, _)| state.hash()).collect();
        let mips: Vec<B256> = Self::mips().iter().map(|(state, _)| state.hash()).collect();
        let ends = (1..=1_u64 << cuts).map(|cut| {
            let step = base + (cut << (length - cuts));
            let pick = choice(seed, cut);
            let is_true = pick.is_multiple_of(3);
            let palette = if position.phase == 1 { &graph } else { &mips };
            let hash = match (is_true, position.phase) {
                (true, 1) => self.true_hash(position, step),
                (true, _) => self.run(&self.start, step).0.hash(),
                (false, _) => palette[usize::try_from(pick >> 8).unwrap_or(0) % palette.len()],
            };
            // The last one must be another end.
            if cut == 1 << cuts && hash == disputed { palette[0] } else { hash }
        });
        Move { segment, shown: Shown::Dissect { ends: ends.collect() } }
    }
}
