//! Seconds at, before and behind the deadline.

use opml_core::game::{Cause, Clock, Early, Late, Side, Verdict};
use proptest::prelude::*;

const SIDES: [Side; 2] = [Side::Server, Side::Challenger];

#[test]
fn a_move_in_the_last_second_counts() {
    let clock = Clock { server: 10, challenger: 7, started: 100 };
    let moved = clock.moved(Side::Challenger, 106).unwrap();
    assert_eq!(moved, Clock { server: 10, challenger: 1, started: 106 });
    assert_eq!(clock.timeout(Side::Challenger, 106), Err(Early { deadline: 107, now: 106 }),);
}

#[test]
fn at_the_boundary_the_side_on_turn_has_lost() {
    let clock = Clock { server: 10, challenger: 7, started: 100 };
    for (side, deadline) in [(Side::Server, 110), (Side::Challenger, 107)] {
        assert_eq!(clock.deadline(side), deadline);
        for now in [deadline, deadline + 1, u64::MAX] {
            assert_eq!(clock.moved(side, now), Err(Late { deadline, now }));
            let verdict = Verdict { winner: side.other(), cause: Cause::Timeout };
            assert_eq!(clock.timeout(side, now), Ok(verdict));
        }
    }
}

#[test]
fn only_the_clock_of_the_side_on_turn_runs() {
    let clock = Clock::start(50, 1_000);
    let clock = clock.moved(Side::Challenger, 1_020).unwrap();
    let clock = clock.moved(Side::Server, 1_021).unwrap();
    let clock = clock.moved(Side::Challenger, 1_021).unwrap();
    assert_eq!(clock, Clock { server: 49, challenger: 30, started: 1_021 });
}

#[test]
fn with_both_clocks_near_zero_the_side_on_turn_loses() {
    let clock = Clock { server: 1, challenger: 1, started: 9 };
    let clock = clock.moved(Side::Challenger, 9).unwrap();
    assert_eq!(clock, Clock { server: 1, challenger: 1, started: 9 });
    assert_eq!(clock.timeout(Side::Server, 10).unwrap().winner, Side::Challenger);
}

#[test]
fn an_empty_clock_loses_at_once() {
    let clock = Clock { server: 0, challenger: 5, started: 9 };
    assert_eq!(clock.moved(Side::Server, 9), Err(Late { deadline: 9, now: 9 }));
    assert_eq!(clock.timeout(Side::Server, 9).unwrap().winner, Side::Challenger);
}

fn any_clock() -> impl Strategy<Value = Clock> {
    let seconds = prop_oneof![0_u64..5, 0_u64..100_000, any::<u64>()];
    let (server, challenger) = (seconds.clone(), seconds.clone());
    (server, challenger, seconds).prop_map(|(server, challenger, started)| Clock {
        server,
        challenger,
        started,
    })
}

proptest! {
    #[test]
    fn at_any_second_either_a_move_or_a_timeout_counts(clock in any_clock(), now: u64) {
        for side in SIDES {
            prop_assert_ne!(clock.moved(side, now).is_ok(), clock.timeout(side, now).is_ok());
        }
    }

    #[test]
    fn clocks_never_increase(clock in any_clock(), near in any::<bool>(), second: u64) {
        let now = if near { clock.started.saturating_add(second % 7) } else { second };
        for side in SIDES {
            let Ok(moved) = clock.moved(side, now) else { continue };
            prop_assert!(moved.remaining(side) <= clock.remaining(side));
            prop_assert!(moved.remaining(side) > 0);
            prop_assert_eq!(moved.remaining(side.other()), clock.remaining(side.other()));
            prop_assert!(moved.started >= clock.started);
            // However often it is pressed, the last second of a side stays where it was.
            prop_assert_eq!(moved.deadline(side), clock.deadline(side));
        }
    }
}

/// All clocks of a few seconds, at all seconds around: what docs/spec.md, 9.3, says of them, in plain numbers.
#[test]
fn every_small_clock_is_as_the_specification_says() {
    let range = || 0..7_u64;
    let clocks = range()
        .flat_map(|left| range().flat_map(move |other| range().map(move |at| (left, other, at))));
    for (left, other, at) in clocks {
        for (side, now) in SIDES.into_iter().flat_map(|side| (0..20).map(move |now| (side, now))) {
            let clock = |left, started| match side {
                Side::Server => Clock { server: left, challenger: other, started },
                Side::Challenger => Clock { server: other, challenger: left, started },
            };
            // A second before the turn counts as its first.
            let present = now.max(at);
            let before = clock(left, at);
            let (moved, timeout) = (before.moved(side, now), before.timeout(side, now));
            if present < at + left {
                assert_eq!(moved, Ok(clock(at + left - present, present)));
                assert_eq!(timeout, Err(Early { deadline: at + left, now: present }));
            } else {
                assert_eq!(moved, Err(Late { deadline: at + left, now: present }));
                let verdict = Verdict { winner: side.other(), cause: Cause::Timeout };
                assert_eq!(timeout, Ok(verdict));
            }
        }
    }
}
