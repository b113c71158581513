//! Entry, system calls and panic handler on the MIPS machine.
//!
//! Calling convention: number in `$v0`, arguments in `$a0`.., result in `$v0`, error flag in
//! `$a3` (the o32 convention, so that the same ELF runs under `qemu-mipsel`).

use core::arch::asm;
use core::panic::PanicInfo;

const SYS_WRITE: u32 = 4004;
const SYS_EXIT_GROUP: u32 = 4246;
const STDOUT: u32 = 1;

const EXIT_OK: u32 = 0;
const EXIT_SHORT_WRITE: u32 = 1;
const EXIT_PANIC: u32 = 101;

/// Where the loader enters; `sp` is valid and 8-byte aligned.
#[unsafe(no_mangle)]
#[unsafe(link_section = ".text._start")]
extern "C" fn _start() -> ! {
    let line = crate::report();
    if write(&line) == line.len() {
        exit(EXIT_OK)
    }
    exit(EXIT_SHORT_WRITE)
}

/// Writes to standard output; the number of bytes taken, 0 on an error.
fn write(bytes: &[u8]) -> usize {
    let count: usize;
    let failed: usize;
    // SAFETY: the kernel reads `bytes` only; every register it may change is listed.
    unsafe {
        asm!(
            "syscall",
            inlateout("$2") SYS_WRITE as usize => count,
            in("$4") STDOUT,
            in("$5") bytes.as_ptr(),
            in("$6") bytes.len(),
            lateout("$7") failed,
            lateout("$3") _,
            lateout("$8") _, lateout("$9") _, lateout("$10") _, lateout("$11") _,
            lateout("$12") _, lateout("$13") _, lateout("$14") _, lateout("$15") _,
            lateout("$24") _, lateout("$25") _,
            options(nostack, readonly),
        );
    }
    if failed == 0 { count } else { 0 }
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
