//! What is decided where clocks disagree, and where machines do.

use super::{ME, OTHER, Scene, WINDOW_END, claim, game, id, request};
use crate::alarm::Alarm;
use crate::config::Roles;
use crate::duties::Todo;
use crate::intent::Act;
use crate::jobs::Task;
use crate::state::World;

/// The second in which the first clock of a scene's game ends.
const DEADLINE: u64 = 1100;

fn disputed(challenger: alloy_primitives::Address) -> World {
    let mut world = World::default();
    request(&mut world, 1);
    claim(&mut world, 1, OTHER);
    game(&mut world, 1, challenger);
    world
}

fn replies(scene: &Scene) -> usize {
    let reply = |todo: &Todo| {
        matches!(todo, Todo::Compute { task: Task::Reply { .. }, .. } | Todo::Act(Act::Move { .. }))
    };
    scene.todo().iter().filter(|todo| reply(todo)).count()
}

fn timeouts(scene: &Scene) -> usize {
    scene.acts().iter().filter(|act| matches!(act, Act::Timeout { .. })).count()
}

#[test]
fn a_clock_that_is_ahead_gives_no_open_game_up() {
    let mut scene = Scene::new(disputed(ME), (100_000, 0));
    for now in [200, DEADLINE - 1, DEADLINE, DEADLINE + 1_000_000] {
        scene.now = now;
        assert_eq!(replies(&scene), 1, "at {now}");
    }
}

#[test]
fn a_clock_that_is_ahead_leaves_no_wrong_claim_alone() {
    let mut world = World::default();
    request(&mut world, 1);
    claim(&mut world, 1, OTHER);
    let mut scene = Scene::new(world, (100_000, 0));
    scene.computed(1);
    let challenges =
        |scene: &Scene| scene.acts().iter().any(|act| matches!(act, Act::Challenge { .. }));
    scene.now = WINDOW_END + 1;
    assert!(challenges(&scene), "the last block is of an earlier second");
    scene.block_time = WINDOW_END;
    assert!(!challenges(&scene));
}

#[test]
fn time_is_called_on_others_only() {
    let mut scene = Scene::new(disputed(OTHER), (10_000_000, 0));
    scene.now = DEADLINE;
    assert_eq!(timeouts(&scene), 1);
    scene.now = DEADLINE - 1;
    assert_eq!(timeouts(&scene), 0);
    let mut scene = Scene::new(disputed(ME), (10_000_000, 0));
    scene.now = DEADLINE;
    assert_eq!(timeouts(&scene), 0, "who is on turn does not say that its own time is over");
}

#[test]
fn a_difference_without_a_move_is_told() {
    let mut world = World::default();
    request(&mut world, 1);
    claim(&mut world, 1, OTHER);
    let mut scene = Scene::new(world, (100_000, 0));
    scene.computed(1);
    scene.results.moves.insert(Task::Open { claim: id(1) }, None);
    let silent = Todo::Alarm(Alarm::Silent { about: id(1) });
    assert!(scene.todo().contains(&silent), "{:?}", scene.todo());
}

#[test]
fn a_claim_of_ones_own_is_disputed_last_if_at_all() {
    let mut world = World::default();
    request(&mut world, 1);
    claim(&mut world, 1, ME);
    let mut scene = Scene::new(world, (100_000, 0));
    scene.roles = Roles { verifier: true, ..Roles::default() };
    scene.computed(1);
    let challenges =
        |scene: &Scene| scene.acts().iter().any(|act| matches!(act, Act::Challenge { .. }));
    let own = Todo::Alarm(Alarm::Own { claim: id(1) });
    scene.now = WINDOW_END - 3600;
    assert!(!challenges(&scene) && scene.todo().contains(&own));
    scene.now = WINDOW_END - 900;
    assert!(challenges(&scene) && scene.todo().contains(&own));
}

#[test]
fn what_cannot_be_claimed_is_disputed_all_the_same() {
    let mut world = World::default();
    (1..=2).for_each(|number| request(&mut world, number));
    claim(&mut world, 1, OTHER);
    let mut scene = Scene::new(world, (100_000, 0));
    for number in 1..=2 {
        scene.computed(number);
        scene.results.answers.entry(id(number)).and_modify(|answer| answer.output = None);
    }
    let acts = scene.acts();
    assert!(acts.iter().any(|act| matches!(act, Act::Challenge { .. })));
    assert!(!acts.iter().any(|act| matches!(act, Act::Claim { .. })), "{acts:?}");
}
