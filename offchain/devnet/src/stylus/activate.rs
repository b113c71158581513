//! Activation: whether a module may run, and what entering it costs.

use alloy_primitives::{B256, keccak256};

use super::error::ActivationError;
use super::instrument::{self, ADDED_GLOBALS, Instrumented};
use super::module::ModuleView;
use super::validate;

/// The Stylus version whose rules and prices this crate implements.
pub const STYLUS_VERSION: u16 = 2;

/// Initial pages a chain grants a contract in an otherwise empty transaction.
pub const DEFAULT_PAGE_LIMIT: u16 = 128;

/// Gas `ArbWasm.activateProgram` takes before it looks at the module.
pub const BASE_ACTIVATION_GAS: u64 = 1_659_168;

/// A module that may run: what the chain stores about it, and the instrumented code.
#[derive(Debug)]
pub struct Activation {
    /// What the chain stores.
    pub facts: ProgramFacts,
    /// Gas activation takes beyond [`BASE_ACTIVATION_GAS`].
    pub gas: u64,
    /// The instrumented module.
    pub instrumented: Instrumented,
}

impl Activation {
    /// Names the code that runs for contracts with this code hash. Nitro hashes its prover's form
    /// of the module instead; the two differ.
    pub fn module_hash(&self, code_hash: B256) -> B256 {
        let mut preimage = b"opml stylus module".to_vec();
        preimage.extend(STYLUS_VERSION.to_be_bytes());
        preimage.extend(code_hash);
        preimage.extend(&self.instrumented.wasm);
        keccak256(preimage)
    }
}

/// What a chain stores about an activated program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProgramFacts {
    /// Initial memory in pages of 64 KiB.
    pub footprint: u16,
    /// Cost of entering when the program is not cached; see [`super::entry`] for its unit.
    pub init_cost: u16,
    /// Cost of entering, always charged; see [`super::entry`] for its unit.
    pub cached_init_cost: u16,
    /// Estimated native code in bytes, which the data fee is charged for.
    pub asm_estimate: u32,
}

/// Activates the module `wasm` (not its deployed form, see [`super::code::decompress`]).
///
/// `page_limit` is the number of pages the transaction has left of [`DEFAULT_PAGE_LIMIT`].
///
/// # Errors
/// The first rule that the module breaks.
pub fn activate(wasm: &[u8], page_limit: u16) -> Result<Activation, ActivationError> {
    let view = validate::read(wasm)?;
    validate::check(&view, page_limit)?;
    let instrumented = instrument::instrument(&view)?;
    let size = Size::of(&view);
    Ok(Activation {
        facts: size.facts()?,
        gas: activation_gas(&view, instrumented.instructions),
        instrumented,
    })
}

/// The measures that the chain's regressions for time and space take.
struct Size {
    wasm: u64,
    functions: u64,
    /// Parameters and results over all functions defined here.
    type_words: u64,
    globals: u64,
    /// Bytes of data and element segments, headers included.
    segments: u64,
    footprint: u16,
}

impl Size {
    fn of(view: &ModuleView<'_>) -> Self {
        let types = view.functions.iter();
        let type_words = types
            .filter_map(|index| view.types.get(*index as usize))
            .map(|ty| (ty.params().len() + ty.results().len()) as u64);
        let data = view.data.iter().map(|data| &data.range);
        let elements = view.elements.iter().map(|element| &element.range);
        let pages = view.memories.first().map_or(0, |memory| memory.initial);
        Self {
            wasm: view.wasm.len() as u64,
            functions: view.bodies.len() as u64,
            type_words: type_words.sum(),
            globals: view.globals.len() as u64 + u64::from(ADDED_GLOBALS),
            segments: data.chain(elements).map(|range| range.end - range.start).sum(),
            // At most 128, checked before.
            footprint: u16::try_from(pages).unwrap_or(u16::MAX),
        }
    }

    fn facts(&self) -> Result<ProgramFacts, ActivationError> {
        let init = part(self.functions, 8252, 1000)
            + part(self.type_words, 1059, 1000)
            + part(self.wasm, 1286, 10_000);
        let cached = part(self.functions, 13_420, 100_000)
            + part(self.type_words, 89, 100_000)
            + part(self.wasm, 122, 100_000)
            + part(self.globals, 1628, 1000)
            + part(self.segments, 75_244, 100_000)
            + u64::from(self.footprint) * 5;
        let asm = 512_000
            + part(self.functions, 996_829, 1000)
            + part(self.type_words, 11_416, 1000)
            + part(self.wasm, 62_628, 10_000);
        Ok(ProgramFacts {
            footprint: self.footprint,
            init_cost: u16::try_from(init).map_err(|_| ActivationError::InitCost)?,
            cached_init_cost: u16::try_from(cached).map_err(|_| ActivationError::InitCost)?,
            asm_estimate: u32::try_from(asm).map_err(|_| ActivationError::InitCost)?,
        })
    }
}

/// `count * numerator / denominator`, rounded down.
fn part(count: u64, numerator: u64, denominator: u64) -> u64 {
    count.saturating_mul(numerator) / denominator
}

/// Gas for the work of activation; `instructions` are those after instrumentation.
fn activation_gas(view: &ModuleView<'_>, instructions: u64) -> u64 {
    let data = view.data.iter().map(|data| data.data.len() as u64).sum();
    let elements = view.elements.iter().map(|element| &element.range);
    let memory = view.memories.first().map_or(0, |memory| memory.initial);
    [
        part(view.wasm.len() as u64, 31_733, 100_000),
        part(view.bodies.len() as u64, 17_263, 100_000),
        part(data, 17_376, 100_000),
        part(elements.map(|range| range.end - range.start).sum(), 17_376, 100_000),
        part(memory, 2217, 1),
        part(instructions, 535, 1000),
    ]
    .into_iter()
    .map(gas_of_microseconds)
    .sum()
}

/// A node re-executes at half speed with a margin of two: 7 million gas a second.
fn gas_of_microseconds(microseconds: u64) -> u64 {
    microseconds.saturating_mul(2 * 7_000_000) / (1_000_000 / 2)
}
