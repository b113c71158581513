//! The memory that a run begins with. Roots are literals of an independent keccak.

use alloy_primitives::{b256, keccak256};
use opml_core::graph::handover::{Arguments, ENTRY, Mapped, run_memory_root, run_state};
use opml_core::keccak::AlloyKeccak;

use crate::naive::NaiveMemory;

fn descriptor() -> [u8; 512] {
    std::array::from_fn(|i| u8::try_from(i % 251).unwrap())
}

#[test]
fn the_argument_block_is_descriptor_iteration_and_tile() {
    let descriptor = descriptor();
    let arguments = Arguments { descriptor: &descriptor, iteration: 7, tile: 9 };
    let expected = [&descriptor[..], &[7, 0, 0, 0, 9, 0, 0, 0]].concat();
    assert_eq!(arguments.encode().to_vec(), expected);
    let root = b256!("0xecb8ee411c80223e312e47736b0ccd11ac07ba2a0a3fd91c88e0a6775c4fa996");
    assert_eq!(arguments.window_root::<AlloyKeccak>(), root);
    let mut window = NaiveMemory::new(23);
    window.write(0, &expected);
    assert_eq!(window.root(), root);
}

#[test]
fn a_run_begins_with_image_arguments_and_inputs() {
    let arguments = Arguments { descriptor: &descriptor(), iteration: 7, tile: 9 };
    let input = |text: &str, log2_size| Mapped { root: keccak256(text), log2_size };
    let inputs = [input("five", 5), input("twenty-eight", 28), input("ten", 10)];
    let arguments = arguments.window_root::<AlloyKeccak>();
    let root = run_memory_root::<AlloyKeccak>(keccak256("image"), arguments, inputs).unwrap();
    assert_eq!(root, b256!("0xf8a6cecdf9080b07739595edc8cf3098abf6e9efd681cea5caeae0dab92a449d"));
    let state = run_state(root);
    assert_eq!((state.cpu.pc, state.cpu.next_pc), (ENTRY, ENTRY + 4));
    let hash = b256!("0xdf134ad1f7353e203800aa524d662ef378d4214c90c3be86c1b3273b4cf882b0");
    assert_eq!(state.hash::<AlloyKeccak>(), hash);
}

#[test]
fn eight_inputs_of_the_sizes_of_regions_can_be_mapped() {
    let root = |count, log2_size| {
        let inputs = vec![Mapped { root: keccak256("input"), log2_size }; count];
        run_memory_root::<AlloyKeccak>(keccak256("image"), keccak256("arguments"), inputs)
    };
    assert!(root(8, 28).is_some() && root(8, 5).is_some() && root(0, 0).is_some());
    assert_eq!(root(9, 28), None);
    assert_eq!(root(1, 29), None);
    assert_eq!(root(1, 4), None);
}
