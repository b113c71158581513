//! The first guest program: integer, 64-bit, soft-float and memory work folded into one digest.
//!
//! Built for `mipsel-unknown-none` it is the program that the VM runs and the step contract
//! checks. Built for the host it is an ordinary program that must print the same digest, so
//! that native execution and the proven machine can be compared bit for bit.

#![cfg_attr(target_arch = "mips", no_std, no_main)]
#![cfg_attr(target_arch = "mips", feature(asm_experimental_arch))]

mod digest;
mod float;
#[cfg(target_arch = "mips")]
mod mips;
mod workload;

/// Length of the line that [`report`] makes.
const REPORT_LEN: usize = "digest 0123456789abcdef\n".len();

/// The line printed at the end: the digest of the whole workload in hexadecimal.
fn report() -> [u8; REPORT_LEN] {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut line = *b"digest ................\n";
    let digest = workload::run().to_be_bytes();
    for (pair, byte) in line[7..23].chunks_exact_mut(2).zip(digest) {
        pair[0] = HEX[usize::from(byte >> 4)];
        pair[1] = HEX[usize::from(byte & 15)];
    }
    line
}

#[cfg(not(target_arch = "mips"))]
fn main() -> std::io::Result<()> {
    use std::io::Write;
    std::io::stdout().write_all(&report())
}
