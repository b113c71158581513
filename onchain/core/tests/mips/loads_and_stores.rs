//! Loads, stores and addresses. The words at hand: bytes in address order 00 81 02 83 | 44 05 c6 07.

use opml_core::mips::Trap;

use crate::scene::{Op, Scene, op};

const BASE: u32 = 0x0050_0000;
const LOW: u32 = 0x8302_8100;
const HIGH: u32 = 0x07c6_0544;

/// `op $10, offset($8)` with `$8 = BASE` and the two words there.
fn scene(op: Op, offset: i16) -> Scene {
    let word = op.rt(10).rs(8).offset(offset).word();
    Scene::new(word).reg(8, BASE).word(BASE, LOW).word(BASE + 4, HIGH)
}

/// Offset and value that the instruction loads.
#[track_caller]
fn loads(name: &str, rows: &[(i16, u32)]) {
    for &(offset, value) in rows {
        scene(op(name), offset).advances(|want| want.set(10, value));
        // Into its own base, and into register 0.
        let own = |rt| Scene { cpu: scene(op(name), offset).cpu, ..with_rt(name, rt, offset) };
        own(8).advances(|want| want.set(8, value));
        own(0).advances(|_| {});
    }
}

fn with_rt(name: &str, rt: u32, offset: i16) -> Scene {
    let word = op(name).rt(rt).rs(8).offset(offset).word();
    Scene::new(word).reg(8, BASE).word(BASE, LOW).word(BASE + 4, HIGH)
}

#[test]
fn bytes_extend_by_sign_or_zero() {
    loads(
        "lb",
        &[(0, 0), (1, 0xffff_ff81), (2, 2), (3, 0xffff_ff83), (4, 0x44), (6, 0xffff_ffc6), (7, 7)],
    );
    loads("lbu", &[(0, 0), (1, 0x81), (2, 2), (3, 0x83), (4, 0x44), (6, 0xc6), (7, 7)]);
}

#[test]
fn halves_extend_by_sign_or_zero() {
    loads("lh", &[(0, 0xffff_8100), (2, 0xffff_8302), (4, 0x0544), (6, 0x07c6)]);
    loads("lhu", &[(0, 0x8100), (2, 0x8302), (4, 0x0544), (6, 0x07c6)]);
}

#[test]
fn words_and_linked_words() {
    for name in ["lw", "ll"] {
        loads(name, &[(0, LOW), (4, HIGH), (8, 0), (-4, 0)]);
    }
}

/// Offset and the register after, which held `0x1122_3344`.
#[track_caller]
fn merges(name: &str, rows: &[(i16, u32)]) {
    for &(offset, value) in rows {
        let before = scene(op(name), offset).reg(10, 0x1122_3344);
        before.advances(|want| want.set(10, value));
        with_rt(name, 0, offset).advances(|_| {});
    }
}

#[test]
fn lwl_loads_the_bytes_up_to_the_address_into_the_top() {
    merges("lwl", &[(0, 0x0022_3344), (1, 0x8100_3344), (2, 0x0281_0044), (3, 0x8302_8100)]);
    merges("lwl", &[(4, 0x4422_3344), (5, 0x0544_3344), (6, 0xc605_4444), (7, 0x07c6_0544)]);
}

#[test]
fn lwr_loads_the_bytes_from_the_address_into_the_bottom() {
    merges("lwr", &[(0, 0x8302_8100), (1, 0x1183_0281), (2, 0x1122_8302), (3, 0x1122_3383)]);
    merges("lwr", &[(4, 0x07c6_0544), (5, 0x1107_c605), (6, 0x1122_07c6), (7, 0x1122_3307)]);
}

#[test]
fn lwl_and_lwr_into_their_own_base() {
    // $8 = 0x0050_0002: its lower half stays, its lower half is replaced.
    let scene = |name| {
        let word = op(name).rt(8).rs(8).word();
        Scene::new(word).reg(8, BASE + 2).word(BASE, LOW)
    };
    scene("lwl").advances(|want| want.set(8, 0x0281_0002));
    scene("lwr").advances(|want| want.set(8, 0x0050_8302));
}

#[test]
fn a_misaligned_word_is_loaded_by_a_pair() {
    // lwr $10, 1($8); lwl $10, 4($8): bytes 81 02 83 44.
    let first = scene(op("lwr"), 1).word(0x0040_0104, op("lwl").rt(10).rs(8).imm(4).word());
    let second = first.next().next();
    assert_eq!(second.cpu.regs()[10], 0x4483_0281);
}

/// Offset and the two words after storing `0x1122_3344`.
#[track_caller]
fn stores(name: &str, rows: &[(i16, u32, u32)]) {
    for &(offset, low, high) in rows {
        let before = scene(op(name), offset).reg(10, 0x1122_3344);
        before.advances(|want| {
            want.memory.put(BASE, low);
            want.memory.put(BASE + 4, high);
        });
    }
}

#[test]
fn bytes_halves_and_words_are_stored_without_touching_their_neighbours() {
    stores("sb", &[(0, 0x8302_8144, HIGH), (1, 0x8302_4400, HIGH), (2, 0x8344_8100, HIGH)]);
    stores("sb", &[(3, 0x4402_8100, HIGH), (4, LOW, 0x07c6_0544), (7, LOW, 0x44c6_0544)]);
    stores("sh", &[(0, 0x8302_3344, HIGH), (2, 0x3344_8100, HIGH), (6, LOW, 0x3344_0544)]);
    stores("sw", &[(0, 0x1122_3344, HIGH), (4, LOW, 0x1122_3344)]);
}

#[test]
fn swl_stores_the_top_up_to_the_address() {
    stores("swl", &[(0, 0x8302_8111, HIGH), (1, 0x8302_1122, HIGH), (2, 0x8311_2233, HIGH)]);
    stores("swl", &[(3, 0x1122_3344, HIGH), (4, LOW, 0x07c6_0511), (6, LOW, 0x0711_2233)]);
}

#[test]
fn swr_stores_the_bottom_from_the_address_on() {
    stores("swr", &[(0, 0x1122_3344, HIGH), (1, 0x2233_4400, HIGH), (2, 0x3344_8100, HIGH)]);
    stores("swr", &[(3, 0x4402_8100, HIGH), (5, LOW, 0x2233_4444), (7, LOW, 0x44c6_0544)]);
}

#[test]
fn a_misaligned_word_is_stored_by_a_pair() {
    let first = scene(op("swr"), 1)
        .reg(10, 0x1122_3344)
        .word(0x0040_0104, op("swl").rt(10).rs(8).imm(4).word());
    let second = first.next();
    second.advances(|want| {
        want.memory.put(BASE, 0x2233_4400);
        want.memory.put(BASE + 4, 0x07c6_0511);
    });
}

#[test]
fn register_0_stores_zero() {
    let zero = |name: &str, offset: i16| {
        let word = op(name).rt(0).rs(8).offset(offset).word();
        Scene::new(word).reg(8, BASE).word(BASE, LOW)
    };
    zero("sw", 0).advances(|want| want.memory.put(BASE, 0));
    zero("sb", 1).advances(|want| want.memory.put(BASE, 0x8302_0000));
    zero("sh", 2).advances(|want| want.memory.put(BASE, 0x8100));
    zero("swl", 1).advances(|want| want.memory.put(BASE, 0x8302_0000));
    zero("swr", 2).advances(|want| want.memory.put(BASE, 0x8100));
    // sc gives no sign of success to register 0.
    zero("sc", 0).advances(|want| want.memory.put(BASE, 0));
}

#[test]
fn sc_stores_and_succeeds_without_ll() {
    scene(op("sc"), 4).reg(10, 0x1122_3344).advances(|want| {
        want.memory.put(BASE + 4, 0x1122_3344);
        want.set(10, 1);
    });
    // The base itself is stored.
    let word = op("sc").rt(8).rs(8).word();
    Scene::new(word).reg(8, BASE).advances(|want| {
        want.memory.put(BASE, BASE);
        want.set(8, 1);
    });
}

#[test]
fn sc_succeeds_even_after_the_word_changed_behind_ll() {
    // ll $10, 0($8); sw $0, 0($8); sc $11, 0($8)
    let ll = scene(op("ll"), 0)
        .word(0x0040_0104, op("sw").rt(0).rs(8).word())
        .word(0x0040_0108, op("sc").rt(11).rs(8).word());
    let sc = ll.next().next();
    sc.advances(|want| {
        want.memory.put(BASE, 0xc0de_000b);
        want.set(11, 1);
    });
}

#[test]
fn misaligned_loads_trap_and_change_nothing() {
    for (name, offsets) in
        [("lh", &[1, 3, -1][..]), ("lhu", &[1, 3, -1]), ("lw", &[1, 2, 3, -1]), ("ll", &[1, 2, 3])]
    {
        for &offset in offsets {
            scene(op(name), offset).traps(Trap::MisalignedLoad);
            with_rt(name, 0, offset).traps(Trap::MisalignedLoad);
        }
    }
}

#[test]
fn misaligned_stores_trap_and_change_nothing() {
    for (name, offsets) in [("sh", &[1, 3, -1][..]), ("sw", &[1, 2, 3, -1]), ("sc", &[1, 2, 3, -2])]
    {
        for &offset in offsets {
            scene(op(name), offset).traps(Trap::MisalignedStore);
        }
    }
}

#[test]
fn addresses_wrap_at_the_end_of_memory() {
    // Base, offset, address.
    let rows = [
        (0, -4, 0xffff_fffc),
        (0xffff_ffff, 1, 0),
        (0xffff_fffc, 8, 4),
        (4, i16::MIN, 0xffff_8004),
        (0xffff_8001, i16::MAX, 0),
        (0x7fff_fffc, 4, 0x8000_0000),
        (0x8000_0000, -4, 0x7fff_fffc),
    ];
    for (base, offset, address) in rows {
        let at = |name| {
            let word = op(name).rt(10).rs(8).offset(offset).word();
            Scene::new(word).reg(8, base).word(address, LOW)
        };
        at("lw").advances(|want| want.set(10, LOW));
        at("lbu").advances(|want| want.set(10, 0));
        at("sw").advances(|want| want.memory.put(address, 0xc0de_000a));
        at("sh").advances(|want| want.memory.put(address, 0x8302_000a));
    }
    let word = op("lb").rt(10).rs(0).offset(-1).word();
    Scene::new(word).word(0xffff_fffc, LOW).advances(|want| want.set(10, 0xffff_ff83));
}

#[test]
fn code_can_load_and_store_itself() {
    let load = op("lw").rt(10).rs(8).word();
    Scene::new(load).reg(8, 0x0040_0100).advances(|want| want.set(10, load));
    let store = op("sw").rt(10).rs(8).word();
    let next = Scene::new(store).reg(8, 0x0040_0104).reg(10, 0x0000_000d).next();
    next.traps(Trap::Breakpoint);
    Scene::new(store)
        .reg(8, 0x0040_0100)
        .reg(10, 0x0000_000d)
        .advances(|want| want.memory.put(0x0040_0100, 0x0000_000d));
}

#[test]
fn cache_hints_do_nothing_wherever_they_point() {
    for name in ["pref", "synci", "sync"] {
        Scene::new(op(name).word()).advances(|_| {});
    }
    Scene::new(op("pref").rs(8).rt(31).offset(-1).word()).advances(|_| {});
    Scene::new(op("synci").rs(8).offset(3).word()).advances(|_| {});
}
