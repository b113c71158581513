//! A machine of two phases that is small enough to play every game.

mod machine;
mod story;

pub use machine::{Ending, Graph, Program, Run, Status, Step};
pub use story::{Lie, Story};
