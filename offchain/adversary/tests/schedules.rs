//! The compiled contracts against the executable specification.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use opml_adversary::action::{parse, write};
use opml_adversary::run::Run;
use opml_adversary::spec::Spec;
use opml_adversary::tally::{KINDS, Tally};
use opml_adversary::world::World;
use opml_adversary::{actions, shrink};

/// Schedules of the quick run.
const SCHEDULES: u64 = 200;
/// Actions of each.
const ACTIONS: usize = 60;

fn world() -> World {
    let test = std::env::current_exe().unwrap();
    let target: PathBuf = test.ancestors().nth(3).unwrap().into();
    World::new(&target.join("contracts")).unwrap()
}

/// Every word, balance, error and view is the specification's; the honest party loses nothing.
#[test]
fn random_schedules_do_what_the_specification_says() {
    let (mut world, mut tally) = (world(), Tally::default());
    for seed in 0..SCHEDULES {
        match shrink::schedule(&mut world, &actions(seed, ACTIONS), None) {
            Ok(other) => tally.add(&other),
            Err(failure) => {
                panic!("seed {seed}: {}\n{}", failure.error, write(&failure.actions));
            }
        }
    }
    println!("{tally}");
    // The schedules get everywhere.
    for kind in KINDS {
        assert!(tally.taken(kind) > 0, "no {kind} was taken");
    }
}

/// Scripts of schedules that once failed, or that are worth keeping.
#[test]
fn kept_scripts_do_what_the_specification_says() {
    let mut world = world();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let mut count = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let script = std::fs::read_to_string(&path).unwrap();
        if let Err(error) = Run::new(&mut world).schedule(&parse(&script).unwrap()) {
            panic!("{}: {error}", path.display());
        }
        count += 1;
    }
    assert!(count > 0, "no scripts");
}

/// A specification that is wrong by one wei, from a server's second claim on, is found out, and the schedule is cut down to
/// what it takes.
#[test]
fn a_difference_is_found_and_shrunk() {
    let sabotage: fn(&mut Spec) = |spec| {
        if spec.claims.len() == 2 {
            spec.burned += 1;
        }
    };
    let mut world = world();
    let failure = (0..50)
        .find_map(|seed| {
            shrink::schedule(&mut world, &actions(seed, ACTIONS), Some(sabotage)).err()
        })
        .expect("it is not found");
    // A request and two claims, and who is allowed to make them.
    assert!((3..=5).contains(&failure.actions.len()), "{}", write(&failure.actions));
    let script = write(&failure.actions);
    let mut again = Run::new(&mut world);
    again.sabotage = Some(sabotage);
    let error = again.schedule(&parse(&script).unwrap()).unwrap_err();
    assert_eq!(error.to_string(), failure.error.to_string());
}
