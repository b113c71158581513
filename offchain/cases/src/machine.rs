//! Cases in the MIPS machine, started as the handover starts it.

use opml_core::mips::{Cpu, InputIndex, Memory, Status, Window, WordAddr};
use opml_operator::Illegal;
use opml_vm::memory::PagedMemory;
use opml_vm::{Machine, MemoryError};
use thiserror::Error;

use crate::case::Case;

/// What a run left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The output region.
    pub output: Vec<u32>,
    /// Instructions executed.
    pub steps: u64,
}

/// Why there is no output.
#[derive(Debug, Error)]
pub enum RunError {
    /// The operator cannot be executed.
    #[error(transparent)]
    Illegal(#[from] Illegal),
    /// The emulator ran out of memory.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// Not an exit with code 0 in the bound.
    #[error("the run ended with {status:?} after {steps} steps")]
    Failed {
        /// State of the machine.
        status: Status,
        /// Instructions executed.
        steps: u64,
    },
}

/// Runs a case in the released kernel image.
pub fn run(case: &Case) -> Result<Run, RunError> {
    run_image(opml_image::IMAGE, case)
}

/// Runs a case in `image`, the bytes of window 0.
pub fn run_image(image: &[u8], case: &Case) -> Result<Run, RunError> {
    case.tile()?;
    run_unchecked(image, case)
}

/// [`run_image`], whether the operator can be executed or not.
pub fn run_unchecked(image: &[u8], case: &Case) -> Result<Run, RunError> {
    let bound = case.descriptor.bound;
    let mut machine = Machine::new(Cpu::new(opml_image::ENTRY), start(image, case)?);
    let status = machine.run(1 << bound)?;
    let steps = machine.cpu().step;
    if status != Status::Exited(0) {
        return Err(RunError::Failed { status, steps });
    }
    let memory = machine.memory_mut();
    let words = words_from(Window::Output.base()).take(case.output_words());
    let output = words.map(|address| memory.load(address)).collect::<Result<_, _>>()?;
    Ok(Run { output, steps })
}

/// Image, argument block and input regions in their windows.
fn start(image: &[u8], case: &Case) -> Result<PagedMemory, MemoryError> {
    let mut memory = PagedMemory::default();
    fill(&mut memory, Window::Image, &words(image))?;
    let mut arguments = words(&case.descriptor.encode());
    arguments.extend([case.iteration, case.tile]);
    fill(&mut memory, Window::Arguments, &arguments)?;
    let numbers = (0..InputIndex::COUNT).filter_map(InputIndex::new);
    for (number, input) in numbers.zip(&case.inputs) {
        fill(&mut memory, Window::Input(number), input)?;
    }
    Ok(memory)
}

fn fill(memory: &mut PagedMemory, window: Window, words: &[u32]) -> Result<(), MemoryError> {
    words_from(window.base())
        .zip(words)
        .try_for_each(|(address, word)| memory.store(address, *word))
}

/// Little-endian words; a last incomplete one is filled up with zeros.
fn words(bytes: &[u8]) -> Vec<u32> {
    let word = |bytes: &[u8]| bytes.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte));
    bytes.chunks(4).map(word).collect()
}

/// Addresses of words from `base` on.
fn words_from(base: u32) -> impl Iterator<Item = WordAddr> {
    (base..).step_by(4).map(WordAddr::containing)
}
