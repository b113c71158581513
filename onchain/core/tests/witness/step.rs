//! A step with everything that belongs to it.

use std::convert::Infallible;

use opml_core::mips::{Cpu, Memory, State, Status, WordAddr, step};

use crate::naive::NaiveMemory;
use crate::scenario::data_word;

/// A step: the state before it, its witness and the state after it.
#[derive(Clone, Debug)]
pub struct Step {
    pub cpu: Cpu,
    pub memory: NaiveMemory,
    pub before: State,
    pub witness: Vec<u8>,
    pub after: State,
}

/// A memory that checks what a step promises: one fetch, then at most one load, then at most one
/// store, of the same word.
struct Audited {
    memory: NaiveMemory,
    fetched: Option<u32>,
    loaded: Option<u32>,
    stored: Option<u32>,
}

impl Memory for Audited {
    type Error = Infallible;

    fn fetch(&mut self, address: WordAddr) -> Result<u32, Infallible> {
        assert_eq!((self.fetched, self.loaded, self.stored), (None, None, None));
        self.fetched = Some(address.get());
        self.memory.fetch(address)
    }

    fn load(&mut self, address: WordAddr) -> Result<u32, Infallible> {
        assert!(self.fetched.is_some() && self.loaded.is_none() && self.stored.is_none());
        self.loaded = Some(address.get());
        self.memory.load(address)
    }

    fn store(&mut self, address: WordAddr, value: u32) -> Result<(), Infallible> {
        assert!(self.fetched.is_some() && self.stored.is_none());
        assert!(self.loaded.is_none_or(|loaded| loaded == address.get()));
        self.stored = Some(address.get());
        self.memory.store(address, value)
    }
}

impl Step {
    /// The step of `cpu` over `memory`, its witness as docs/spec.md section 2.7 builds it: from the
    /// instruction's encoding, not from the accesses.
    pub fn of(cpu: Cpu, memory: NaiveMemory) -> Self {
        let word = memory.word(cpu.pc & !3);
        let running = cpu.status == Status::Running && cpu.pc.is_multiple_of(4);
        let fetched = running.then_some(cpu.pc);
        let data = if running { data_word(&cpu, word) } else { None };
        let witness = fetched.iter().chain(&data).flat_map(|at| memory.proof(*at)).collect();

        let mut audited =
            Audited { memory: memory.clone(), fetched: None, loaded: None, stored: None };
        let mut after = cpu.clone();
        step(&mut after, &mut audited).unwrap_or_else(|never| match never {});
        assert_eq!((audited.fetched, audited.loaded.or(audited.stored)), (fetched, data));

        let before = State { memory_root: memory.root(), cpu: cpu.clone() };
        let after = State { memory_root: audited.memory.root(), cpu: after };
        Self { cpu, memory, before, witness, after }
    }
}
