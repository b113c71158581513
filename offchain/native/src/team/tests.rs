#![allow(clippy::unwrap_used)]

use super::*;

fn team(members: usize) -> Team {
    Team::new(members).unwrap().unwrap()
}

#[test]
fn every_task_is_done_once() {
    for members in [0, 1, 2, 7] {
        let team = team(members);
        for count in [0, 1, 2, 3, 100, 1, 17] {
            let times: Vec<AtomicUsize> = (0..count).map(|_| AtomicUsize::new(0)).collect();
            team.run(count, &|number| {
                times[number].fetch_add(1, Ordering::Relaxed);
            });
            let times: Vec<usize> = times.into_iter().map(AtomicUsize::into_inner).collect();
            assert_eq!(times, vec![1; count], "{members} members");
        }
    }
}

#[test]
fn many_short_calls_with_and_without_sleep_between_them() {
    let team = team(2);
    let sum = AtomicUsize::new(0);
    for call in 0..20_000 {
        team.run(5, &|number| {
            sum.fetch_add(number + 1, Ordering::Relaxed);
        });
        assert_eq!(sum.swap(0, Ordering::Relaxed), 15, "call {call}");
        if call % 5_000 == 0 {
            thread::sleep(std::time::Duration::from_millis(20));
        }
    }
}

#[test]
fn every_part_is_another() {
    let team = team(2);
    for length in [0, 1, 5, 64, 1_001] {
        for size in [1, 3, 64, 2_000] {
            let mut items = vec![0; length];
            team.run_parts(&mut items, size, &|number, part| {
                for item in part {
                    *item += number + 1;
                }
            });
            let expected: Vec<usize> = (0..length).map(|index| index / size + 1).collect();
            assert_eq!(items, expected);
        }
    }
}

#[test]
fn a_call_inside_a_call_is_done_by_its_caller() {
    let team = team(1);
    let sum = AtomicUsize::new(0);
    team.run(3, &|_| {
        team.run(4, &|number| {
            sum.fetch_add(number, Ordering::Relaxed);
        });
    });
    assert_eq!(sum.into_inner(), 18);
}

#[test]
fn callers_in_several_threads() {
    let team = team(1);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..500 {
                    let sum = AtomicUsize::new(0);
                    team.run(8, &|number| {
                        sum.fetch_add(number, Ordering::Relaxed);
                    });
                    assert_eq!(sum.into_inner(), 28);
                }
            });
        }
    });
}

#[test]
fn a_panic_comes_back_when_all_are_done() {
    let team = team(2);
    let done = AtomicUsize::new(0);
    let run = catch_unwind(AssertUnwindSafe(|| {
        team.run(50, &|number| {
            assert_ne!(number, 13);
            done.fetch_add(1, Ordering::Relaxed);
        });
    }));
    assert!(run.is_err());
    assert_eq!(done.into_inner(), 49);
    let after = AtomicUsize::new(0);
    team.run(50, &|_| {
        after.fetch_add(1, Ordering::Relaxed);
    });
    assert_eq!(after.into_inner(), 50);
}
