//! The program that the MIPS machine runs to prove one tile: it reads the argument block, finds the
//! regions in their windows, runs the kernel and exits with code 0. Any other end is a failed tile.
#![no_std]
#![no_main]
#![feature(asm_experimental_arch)]

use core::arch::{asm, global_asm};
use core::panic::PanicInfo;

use opml_kernels::run_on_zeros;
use opml_operator::{DESCRIPTOR_BYTES, Descriptor, INPUTS, Operator, Place};

/// Descriptor, iteration, tile.
const ARGUMENTS: usize = 0x1000_0000;
const FIRST_INPUT: usize = 0x2000_0000;
const OUTPUT: usize = 0xa000_0000;
/// Distance of two windows, and the largest region.
const WINDOW_LOG2: u32 = 28;

const SYS_EXIT_GROUP: u32 = 4246;
const EXIT_OK: u32 = 0;
const EXIT_ILLEGAL: u32 = 1;
const EXIT_PANIC: u32 = 101;

// All registers are zero at the start; the stack grows down from the last page.
global_asm!(
    ".section .text._start, \"ax\", @progbits",
    ".globl _start",
    "_start:",
    "lui $29, 0xffff",
    "ori $29, $29, 0xf000",
    "j {start}",
    "nop",
    ".text",
    start = sym start,
);

extern "C" fn start() -> ! {
    exit(if tile().is_some() { EXIT_OK } else { EXIT_ILLEGAL })
}

/// Runs the tile that the argument block names, if it has a descriptor that can be executed.
fn tile() -> Option<()> {
    let arguments = arguments();
    let descriptor = Descriptor::decode(arguments.first_chunk::<DESCRIPTOR_BYTES>()?).ok()?;
    let (numbers, _) = arguments.get(DESCRIPTOR_BYTES..)?.as_chunks::<4>();
    let &[iteration, tile] = numbers.as_array()?;
    let [iteration, tile] = [iteration, tile].map(u32::from_le_bytes);
    let operator = Operator::parse(&descriptor, iteration).ok()?;
    let row = tile.checked_div(descriptor.columns)?;
    let place = Place { iteration, row, column: tile % descriptor.columns };

    let mut inputs: [&[u32]; INPUTS] = [&[]; INPUTS];
    for (number, (input, spec)) in inputs.iter_mut().zip(descriptor.inputs()).enumerate() {
        *input = input_words(number, words(spec.log2_size)?);
    }
    let output = output_words(words(descriptor.output.log2_size)?);
    run_on_zeros(&operator, place, inputs.get(..descriptor.inputs().len())?, output);
    Some(())
}

/// Words of a region of `2^log2_size` bytes, if it fits a window.
fn words(log2_size: u32) -> Option<usize> {
    (log2_size <= WINDOW_LOG2).then(|| 1 << log2_size >> 2)
}

fn arguments() -> &'static [u8] {
    // SAFETY: all of the machine's memory can be read; nothing writes this window.
    unsafe { core::slice::from_raw_parts(ARGUMENTS as *const u8, DESCRIPTOR_BYTES + 8) }
}

fn input_words(number: usize, words: usize) -> &'static [u32] {
    let base = FIRST_INPUT + (number << WINDOW_LOG2);
    // SAFETY: number < 8 and the region fits its window; all of the machine's memory can be read,
    // and nothing writes the input windows.
    unsafe { core::slice::from_raw_parts(base as *const u32, words) }
}

fn output_words(words: usize) -> &'static mut [u32] {
    // SAFETY: the region fits its window, all of the machine's memory can be written, nothing else
    // lies in this window, and it is borrowed once, by `tile`.
    unsafe { core::slice::from_raw_parts_mut(OUTPUT as *mut u32, words) }
}

/// Ends the run with `code`.
fn exit(code: u32) -> ! {
    // SAFETY: `exit_group` does not return.
    unsafe {
        asm!("syscall", in("$2") SYS_EXIT_GROUP, in("$4") code, options(noreturn, nostack));
    }
}

#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    exit(EXIT_PANIC)
}
