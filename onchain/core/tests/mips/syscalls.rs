//! `exit`, `exit_group`, `write`, and everything else.

use opml_core::mips::{GuestOutput, Status, Trap};

use crate::scene::{Scene, op};

fn syscall(number: u32, a0: u32) -> Scene {
    Scene::new(op("syscall").word()).reg(2, number).reg(4, a0)
}

#[test]
fn exit_ends_the_run_with_the_low_byte_of_its_argument() {
    let rows = [
        (0, 0),
        (1, 1),
        (255, 255),
        (256, 0),
        (0x1234_5678, 0x78),
        (0xffff_ffff, 255),
        (0x8000_0000, 0),
    ];
    for (argument, code) in rows {
        for number in [4001, 4246] {
            let exited = syscall(number, argument).stops(Status::Exited(code));
            assert_eq!(exited.next(), exited);
        }
    }
}

#[test]
fn write_to_the_standard_streams_returns_the_whole_length() {
    for descriptor in [1, 2] {
        for (address, length) in
            [(0x1000, 5), (0, 0), (3, 1), (0xffff_fffe, 8), (0x8000_0000, u32::MAX)]
        {
            let write = syscall(4004, descriptor).reg(5, address).reg(6, length);
            write.advances(|want| {
                want.set(2, length);
                want.set(7, 0);
                want.memory.output.push(GuestOutput { descriptor, address, length });
            });
        }
    }
}

#[test]
fn write_to_another_file_traps() {
    for descriptor in [0, 3, 257, 0x0001_0001, u32::MAX] {
        syscall(4004, descriptor).traps(Trap::BadFileDescriptor);
    }
}

#[test]
fn other_numbers_trap() {
    let numbers = [
        0,
        1,
        4,
        246,
        4000,
        4002,
        4003,
        4005,
        4045,
        4090,
        4245,
        4247,
        5001,
        5058,
        0x1_0fa1,
        0x8000_0fa1,
        u32::MAX,
    ];
    for number in numbers {
        for a0 in [0, 1] {
            syscall(number, a0).traps(Trap::UnknownSyscall);
        }
    }
}

#[test]
fn the_code_field_is_free() {
    for code in [0x40, 0x03ff_ffc0] {
        let word = op("syscall").index(code).word();
        Scene::new(word).reg(2, 4001).reg(4, 9).stops(Status::Exited(9));
        let word = op("break").index(code).word();
        Scene::new(word).traps(Trap::Breakpoint);
    }
}
