//! A failing schedule, made as short as it can be by leaving actions out.

use crate::action::Action;
use crate::run::{Run, RunError};
use crate::spec::Spec;
use crate::tally::Tally;
use crate::world::World;

/// A schedule that fails, and how.
#[derive(Debug)]
pub struct Failure {
    /// Its actions: none can be left out.
    pub actions: Vec<Action>,
    /// What they lead to.
    pub error: RunError,
}

/// Performs a schedule; if it fails, finds a short one that does.
///
/// # Errors
/// [`Failure`].
pub fn schedule(
    world: &mut World,
    actions: &[Action],
    sabotage: Option<fn(&mut Spec)>,
) -> Result<Tally, Failure> {
    match perform(world, actions, sabotage) {
        Ok(tally) => Ok(tally),
        Err(error) => Err(shrink(world, (actions.to_vec(), error), sabotage)),
    }
}

fn perform(
    world: &mut World,
    actions: &[Action],
    sabotage: Option<fn(&mut Spec)>,
) -> Result<Tally, RunError> {
    let mut run = Run::new(world);
    run.sabotage = sabotage;
    run.schedule(actions)
}

fn shrink(
    world: &mut World,
    (mut actions, mut error): (Vec<Action>, RunError),
    sabotage: Option<fn(&mut Spec)>,
) -> Failure {
    // Nothing behind the action that fails matters.
    if let RunError::Differs { at, .. } = &error {
        actions.truncate(at + 1);
    }
    let mut chunk = actions.len().div_ceil(2);
    while chunk > 0 {
        let mut at = 0;
        let mut is_shorter = false;
        while at < actions.len() {
            let end = (at + chunk).min(actions.len());
            let fewer = [&actions[..at], &actions[end..]].concat();
            match perform(world, &fewer, sabotage) {
                Err(other) => {
                    (actions, error, is_shorter) = (fewer, other, true);
                }
                Ok(_) => at = end,
            }
        }
        if chunk > 1 || !is_shorter {
            chunk /= 2;
        }
    }
    Failure { actions, error }
}
