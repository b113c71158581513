//! The daemon: serves requests, verifies claims, plays games and settles what has come to its end.
//!
//! * [`config`]: what an operator chooses.
//! * [`chain`]: all questions to an endpoint; following it through re-organizations.
//! * [`state`]: what the contracts' events say, a pure fold.
//! * [`duties`]: what there is to do, pure decisions; [`policy`]: what may be put at stake.
//! * [`jobs`]: computing, on threads of its own.
//! * [`intent`], [`store`], [`sender`]: acts on the chain, written down before they are sent, done once.
//! * [`metrics`], [`alarm`], [`api`]: what an operator sees.
//! * [`Node`]: all of it together.
#![forbid(unsafe_code)]

pub mod alarm;
pub mod api;
pub mod chain;
pub mod config;
pub mod duties;
mod error;
pub mod intent;
pub mod jobs;
pub mod metrics;
pub mod models;
mod node;
pub mod policy;
pub mod sender;
pub mod state;
pub mod store;

pub use config::Config;
pub use error::NodeError;
pub use node::{Detail, Identity, Node, NodeHandle, OpenGame, Status, run};
