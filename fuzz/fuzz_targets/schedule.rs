//! Actions of people who try everything, performed on the compiled contracts and on the executable specification of hub and
//! game: after every call all storage, all balances and the error are the specification's, and nothing is left at the end.
#![no_main]

use std::cell::RefCell;
use std::convert::Infallible;

use libfuzzer_sys::fuzz_target;
use opml_adversary::action::{Action, write};
use opml_adversary::run::Run;
use opml_adversary::tally::{KINDS, Tally};
use opml_adversary::world::World;
use rand::TryRng;

#[path = "support/draw.rs"]
#[allow(dead_code)]
mod draw;
#[path = "support/feedback.rs"]
mod feedback;

use draw::Draw;

/// Actions of an input, at most.
const ACTIONS: usize = 40;

thread_local! {
    static WORLD: RefCell<Option<World>> = const { RefCell::new(None) };
}

/// The fuzzer's bytes as what a generator says.
struct Bytes<'a, 'd>(&'a mut Draw<'d>);

impl TryRng for Bytes<'_, '_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        // A byte a choice: ranges are taken from the upper end of a word.
        Ok(u32::from(self.0.byte()) << 24 | 0x0080_0000)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.any())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.iter_mut().for_each(|byte| *byte = self.0.byte());
        Ok(())
    }
}

fuzz_target!(
    // Before the first input, whose time it would be counted as.
    init: WORLD.set(Some(World::new(&feedback::contracts()).expect("built contracts"))),
    |data: &[u8]| {
        let mut draw = Draw::new(data);
        let mut actions = Vec::new();
        while !draw.is_empty() && actions.len() < ACTIONS {
            actions.push(Action::draw(&mut Bytes(&mut draw)));
        }
        WORLD.with_borrow_mut(|world| {
            let Some(world) = world else { return };
            match Run::new(world).schedule(&actions) {
                Ok(tally) => noted(&tally),
                Err(error) => panic!("{error}\n{}", write(&actions)),
            }
        });
    }
);

fn noted(tally: &Tally) {
    for (name, count) in &tally.errors {
        feedback::seen((1, name.as_bytes()), u64::from(*count));
    }
    for kind in KINDS {
        feedback::seen((2, kind.as_bytes()), u64::from(tally.taken(kind)));
    }
}
