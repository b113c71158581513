//! A thread whose floating-point mode was changed is found out.
#![cfg(target_arch = "x86_64")]
#![allow(clippy::unwrap_used)]

use std::arch::asm;

use opml_native::{FloatMode, check_float_mode};

/// Control word as every thread starts: all exceptions masked, nearest even, subnormals kept.
const DEFAULT: u32 = 0x1f80;
const FLUSH_TO_ZERO: u32 = 1 << 15;
const DENORMALS_ARE_ZERO: u32 = 1 << 6;
const DOWN: u32 = 1 << 13;
const UP: u32 = 2 << 13;
const TO_ZERO: u32 = 3 << 13;

/// What a thread in this mode finds.
fn found_with(bits: u32) -> Result<(), FloatMode> {
    let set = |word: u32| {
        // SAFETY: exceptions stay masked. Until the word is put back this thread of its own runs
        // nothing but the check, whose operands and results pass through `black_box`.
        unsafe { asm!("ldmxcsr [{}]", in(reg) &raw const word, options(nostack)) };
    };
    let thread = std::thread::spawn(move || {
        set(DEFAULT | bits);
        let found = check_float_mode();
        set(DEFAULT);
        found
    });
    thread.join().unwrap()
}

#[test]
fn a_usual_thread_passes() {
    assert_eq!(check_float_mode(), Ok(()));
    assert_eq!(found_with(0), Ok(()));
}

#[test]
fn flushed_results_are_found() {
    assert_eq!(found_with(FLUSH_TO_ZERO), Err(FloatMode::FlushToZero));
}

#[test]
fn ignored_operands_are_found() {
    assert_eq!(found_with(DENORMALS_ARE_ZERO), Err(FloatMode::DenormalsAreZero));
}

#[test]
fn directed_rounding_is_found() {
    for mode in [DOWN, UP, TO_ZERO] {
        assert_eq!(found_with(mode), Err(FloatMode::Rounding), "{mode:#x}");
    }
}
