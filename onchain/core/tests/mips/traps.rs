//! Conditional traps, every trap state, and that stopped states stay as they are.

use opml_core::mips::{Cpu, Memory, Status, Trap, WordAddr, step};

use crate::scene::{Op, Scene, op};

#[track_caller]
fn check(scene: &Scene, traps: bool) {
    if traps {
        scene.traps(Trap::ConditionalTrap);
    } else {
        scene.advances(|_| {});
    }
}

#[test]
fn comparisons_of_two_registers() {
    // rs, rt, signed rs < rt, unsigned rs < rt.
    let rows = [
        (0, 0, false, false),
        (1, 2, true, true),
        (2, 1, false, false),
        (0xffff_ffff, 0, true, false),
        (0, 0xffff_ffff, false, true),
        (0x8000_0000, 0x7fff_ffff, true, false),
        (0x7fff_ffff, 0x8000_0000, false, true),
        (0x8000_0000, 0x8000_0000, false, false),
    ];
    for (a, b, below, below_unsigned) in rows {
        for (name, traps) in [
            ("tge", !below),
            ("tgeu", !below_unsigned),
            ("tlt", below),
            ("tltu", below_unsigned),
            ("teq", a == b),
            ("tne", a != b),
        ] {
            // The code field is free.
            for code in [0, 0x0000_ffc0] {
                let word = op(name).rs(8).rt(9).index(code).word();
                check(&Scene::new(word).reg(8, a).reg(9, b), traps);
            }
        }
    }
}

#[test]
fn comparisons_with_an_immediate_extend_the_sign_even_unsigned() {
    // rs, immediate, signed rs < imm, unsigned rs < imm, equal.
    let rows = [
        (0, 0, false, false, true),
        (5, 6, true, true, false),
        (6, 5, false, false, false),
        (0, -1, false, true, false),
        (0xffff_ffff, -1, false, false, true),
        (0xffff_fffe, -1, true, true, false),
        (0x0000_ffff, -1, false, true, false),
        (0x8000_0000, 0, true, false, false),
        (0x8000_0000, i16::MIN, true, true, false),
        (0xffff_8000, i16::MIN, false, false, true),
        (0x0000_8000, i16::MIN, false, true, false),
        (0x0000_7fff, i16::MAX, false, false, true),
        (0x7fff_ffff, i16::MIN, false, true, false),
    ];
    for (a, imm, below, below_unsigned, equal) in rows {
        for (name, traps) in [
            ("tgei", !below),
            ("tgeiu", !below_unsigned),
            ("tlti", below),
            ("tltiu", below_unsigned),
            ("teqi", equal),
            ("tnei", !equal),
        ] {
            check(&Scene::new(op(name).rs(8).offset(imm).word()).reg(8, a), traps);
        }
    }
}

/// A scene whose next step ends in each trap.
fn one_of_each() -> [(Trap, Scene); 10] {
    let plain = |op: Op| Scene::new(op.word());
    [
        (Trap::ReservedInstruction, Scene::new(0xffff_ffff)),
        (Trap::MisalignedFetch, Scene::new(0).counters(0x0040_0102, 0x0040_0106)),
        (Trap::MisalignedLoad, plain(op("lw").rs(0).offset(2))),
        (Trap::MisalignedStore, plain(op("sh").rs(0).offset(1))),
        (Trap::IntegerOverflow, plain(op("addi").rs(8).imm(1)).reg(8, 0x7fff_ffff)),
        (Trap::BranchInDelaySlot, plain(op("j")).counters(0x0040_0100, 0x0050_0000)),
        (Trap::ConditionalTrap, plain(op("teq"))),
        (Trap::Breakpoint, plain(op("break"))),
        (Trap::UnknownSyscall, plain(op("syscall")).reg(2, 4003)),
        (Trap::BadFileDescriptor, plain(op("syscall")).reg(2, 4004).reg(4, 0)),
    ]
}

#[test]
fn every_trap_has_its_code_and_is_reached() {
    for ((trap, scene), code) in one_of_each().into_iter().zip(1..) {
        let trapped = scene.traps(trap);
        assert_eq!(trap.code(), code);
        assert_eq!(Trap::from_code(code.into()), Some(trap));
        // Again: nothing at all changes, the step count included.
        assert_eq!(trapped.next(), trapped);
    }
    assert_eq!(Trap::ALL.len(), one_of_each().len());
    for code in [0, 11, 12, 257, 0x0001_0001, u32::MAX] {
        assert_eq!(Trap::from_code(code), None);
    }
}

/// A memory that must not be touched.
struct Untouchable;

impl Memory for Untouchable {
    type Error = &'static str;

    fn fetch(&mut self, _: WordAddr) -> Result<u32, Self::Error> {
        Err("fetched")
    }

    fn load(&mut self, _: WordAddr) -> Result<u32, Self::Error> {
        Err("loaded")
    }

    fn store(&mut self, _: WordAddr, _: u32) -> Result<(), Self::Error> {
        Err("stored")
    }
}

#[test]
fn every_stopped_state_is_its_own_successor_and_touches_no_memory() {
    let exits = (0..=255).map(Status::Exited);
    for status in exits.chain(Trap::ALL.map(Status::Trapped)) {
        for (pc, next_pc) in [(0x1000, 0x1004), (0x1001, 0x0003), (0xffff_fffc, 0)] {
            for count in [0, 7, u64::MAX] {
                let mut cpu = Scene::new(0).cpu;
                (cpu.pc, cpu.next_pc, cpu.step, cpu.status) = (pc, next_pc, count, status);
                let before = cpu.clone();
                assert_eq!(step(&mut cpu, &mut Untouchable), Ok(()));
                assert_eq!(cpu, before);
            }
        }
    }
}

#[test]
fn a_misaligned_pc_traps_without_a_fetch() {
    for pc in [1, 2, 3, 0xffff_ffff] {
        let mut cpu = Cpu::new(pc);
        let mut want = cpu.clone();
        assert_eq!(step(&mut cpu, &mut Untouchable), Ok(()));
        want.status = Status::Trapped(Trap::MisalignedFetch);
        want.step = 1;
        assert_eq!(cpu, want);
    }
}

#[test]
fn a_misaligned_access_traps_without_a_load_or_store() {
    /// A memory that gives one instruction and nothing else.
    struct Fetches(u32);

    impl Memory for Fetches {
        type Error = &'static str;

        fn fetch(&mut self, _: WordAddr) -> Result<u32, Self::Error> {
            Ok(self.0)
        }

        fn load(&mut self, _: WordAddr) -> Result<u32, Self::Error> {
            Err("loaded")
        }

        fn store(&mut self, _: WordAddr, _: u32) -> Result<(), Self::Error> {
            Err("stored")
        }
    }

    let (load, store) = (Trap::MisalignedLoad, Trap::MisalignedStore);
    for (name, trap) in
        [("lh", load), ("lhu", load), ("lw", load), ("ll", load), ("sh", store), ("sw", store)]
            .into_iter()
            .chain([("sc", store)])
    {
        let mut cpu = Cpu::new(0);
        let mut want = cpu.clone();
        assert_eq!(step(&mut cpu, &mut Fetches(op(name).offset(1).word())), Ok(()));
        (want.status, want.step) = (Status::Trapped(trap), 1);
        assert_eq!(cpu, want);
    }
}

#[test]
fn an_error_of_the_memory_leaves_the_registers_as_they_were() {
    /// Gives one instruction; loads or stores fail.
    struct Fails {
        word: u32,
        loads: bool,
    }

    impl Memory for Fails {
        type Error = &'static str;

        fn fetch(&mut self, _: WordAddr) -> Result<u32, Self::Error> {
            Ok(self.word)
        }

        fn load(&mut self, _: WordAddr) -> Result<u32, Self::Error> {
            if self.loads { Ok(0) } else { Err("no") }
        }

        fn store(&mut self, _: WordAddr, _: u32) -> Result<(), Self::Error> {
            Err("no")
        }
    }

    let loads = ["lb", "lbu", "lh", "lhu", "lw", "ll", "lwl", "lwr"];
    let stores = ["sb", "sh", "sw", "sc", "swl", "swr"];
    let mut cases: Vec<_> = loads.into_iter().map(|name| (name, false)).collect();
    cases.extend(stores.into_iter().flat_map(|name| [(name, false), (name, true)]));
    for (name, loads) in cases {
        let word = op(name).rt(10).word();
        let mut cpu = Scene::new(0).reg(2, 4004).reg(4, 1).cpu;
        let before = cpu.clone();
        assert_eq!(step(&mut cpu, &mut Fails { word, loads }), Err("no"), "{name}");
        assert_eq!(cpu, before, "{name}");
    }
    let mut cpu = Scene::new(0).cpu;
    let before = cpu.clone();
    assert_eq!(step(&mut cpu, &mut Untouchable), Err("fetched"));
    assert_eq!(cpu, before);
}
