//! Bytes as a state and a witness. Nothing panics; a success re-encodes canonically; and whatever
//! is done to the right witness of a step, it leads to no second successor.
#![no_main]

use libfuzzer_sys::fuzz_target;
use opml_core::keccak::AlloyKeccak;
use opml_core::mips::{STATE_BYTES, State, step_witness};

#[path = "../../onchain/core/tests/support/naive.rs"]
#[allow(dead_code)]
mod naive;
#[path = "../../onchain/core/tests/support/scenario.rs"]
#[allow(dead_code)]
mod scenario;
#[path = "../../onchain/core/tests/witness/step.rs"]
#[allow(dead_code)]
mod step;
#[path = "../../onchain/core/tests/support/table.rs"]
#[allow(dead_code)]
mod table;

use scenario::Entropy;
use step::Step;

fuzz_target!(|data: &[u8]| {
    let Some((mode, rest)) = data.split_first() else { return };
    if mode & 1 == 0 { arbitrary(rest) } else { altered(rest) }
});

/// Both from the input as they stand; the input may be shorter than a state.
fn arbitrary(data: &[u8]) {
    let (state, witness) = data.split_at(data.len().min(STATE_BYTES));
    let decoded = State::decode(state);
    if let Ok(decoded) = &decoded {
        assert_eq!(decoded.encode(), state);
    }
    match step_witness::<AlloyKeccak>(state, witness) {
        Ok(after) => {
            let before = decoded.expect("a successor needs a state");
            assert_eq!(State::decode(&after.encode()).as_ref(), Ok(&after));
            // Without a proof the memory cannot change.
            assert!(!witness.is_empty() || before.memory_root == after.memory_root);
        }
        Err(error) => drop(error.to_string()),
    }
}

/// The right witness of a step, edited by the rest of the input.
fn altered(data: &[u8]) {
    let mut entropy = Entropy::new(data);
    let (cpu, memory) = entropy.machine();
    let step = Step::of(cpu, memory);
    let mut witness = step.witness.clone();
    while !entropy.is_empty() {
        edit(&mut witness, &mut entropy);
    }
    let result = step_witness::<AlloyKeccak>(&step.before.encode(), &witness);
    if witness == step.witness {
        assert_eq!(result, Ok(step.after));
    } else {
        assert!(result.is_err(), "a second witness leads to {result:?}");
    }
}

fn edit(witness: &mut Vec<u8>, entropy: &mut Entropy<'_>) {
    let at = entropy.word() as usize % (witness.len() + 1);
    match entropy.below(6) {
        0 => witness.truncate(at),
        1 => witness.extend([entropy.byte(); 32]),
        2 => witness.insert(at, entropy.byte()),
        3 => witness.rotate_left(at),
        4 => {
            let copy = witness[at..].to_vec();
            witness.extend(copy.into_iter().take(896));
        }
        _ => {
            if let Some(byte) = witness.get_mut(at) {
                *byte ^= entropy.byte();
            }
        }
    }
}
