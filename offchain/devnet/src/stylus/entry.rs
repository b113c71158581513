//! Gas of entering an activated program, before its first instruction.

use super::activate::ProgramFacts;
use super::memory_model::MemoryModel;

/// Gas a unit of the minimum for an uncached program.
const INIT_UNIT: u64 = 128;
/// Gas a unit of the minimum that is always charged.
const CACHED_UNIT: u64 = 32;
/// Percent a unit of the scalars.
const SCALAR_PERCENT: u64 = 2;

/// Chain parameters of Stylus (the values of version 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StylusParams {
    /// Ink a unit of gas buys.
    pub ink_price: u32,
    /// Words of stack a program has.
    pub max_stack_words: u32,
    /// Prices of memory.
    pub memory: MemoryModel,
    /// Most pages open at once in a transaction.
    pub page_limit: u16,
    /// Minimum for an uncached program, in units of 128 gas.
    pub min_init_gas: u8,
    /// Minimum always charged, in units of 32 gas.
    pub min_cached_init_gas: u8,
    /// Scales a program's init cost, in units of 2 percent.
    pub init_cost_scalar: u8,
    /// Scales a program's cached init cost, in units of 2 percent.
    pub cached_cost_scalar: u8,
    /// Days until an activation lapses.
    pub expiry_days: u16,
    /// Days until an activation may be renewed.
    pub keepalive_days: u16,
    /// Programs a block keeps in its cache of recent ones.
    pub block_cache_size: u16,
}

impl Default for StylusParams {
    fn default() -> Self {
        Self {
            ink_price: 10_000,
            max_stack_words: 4 * 65_536,
            memory: MemoryModel::default(),
            page_limit: 128,
            min_init_gas: 69,
            min_cached_init_gas: 11,
            init_cost_scalar: 50,
            cached_cost_scalar: 50,
            expiry_days: 365,
            keepalive_days: 31,
            block_cache_size: 32,
        }
    }
}

impl StylusParams {
    /// Gas charged on top of [`Self::cached_init_gas`] when the program is in no cache.
    pub fn init_gas(&self, facts: &ProgramFacts) -> u64 {
        let base = u64::from(self.min_init_gas) * INIT_UNIT;
        base + scaled(facts.init_cost, self.init_cost_scalar)
    }

    /// Gas every entry takes.
    pub fn cached_init_gas(&self, facts: &ProgramFacts) -> u64 {
        let base = u64::from(self.min_cached_init_gas) * CACHED_UNIT;
        base + scaled(facts.cached_init_cost, self.cached_cost_scalar)
    }

    /// Gas of entering: memory for the footprint, initialization, and more when not `cached`.
    pub fn entry_gas(&self, facts: &ProgramFacts, pages: Pages, cached: Cached) -> u64 {
        let memory = self.memory.gas(facts.footprint, pages.open, pages.ever);
        let uncached = match cached {
            Cached::Yes => 0,
            Cached::No => self.init_gas(facts),
        };
        memory.saturating_add(self.cached_init_gas(facts)).saturating_add(uncached)
    }
}

/// Whether a chain or block keeps the program initialized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cached {
    /// By the cache manager, or used recently in the block.
    Yes,
    /// Not.
    No,
}

/// Memory pages of a transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// Open now.
    pub open: u16,
    /// Most ever open at once.
    pub ever: u16,
}

impl Pages {
    /// Opens `new` pages and returns the counts before.
    #[allow(clippy::return_self_not_must_use, reason = "opening pages is the point")]
    pub fn add(&mut self, new: u16) -> Self {
        let before = *self;
        self.open = self.open.saturating_add(new);
        self.ever = self.ever.max(self.open);
        before
    }
}

fn scaled(cost: u16, scalar: u8) -> u64 {
    (u64::from(cost) * u64::from(scalar) * SCALAR_PERCENT).div_ceil(100)
}

/// Gas the EVM would charge for memory as large as `len` bytes of return data; a program's call
/// costs at least that.
pub fn return_data_floor(len: usize) -> u64 {
    let words = (len as u64).div_ceil(32);
    words * 3 + words * words / 512
}
