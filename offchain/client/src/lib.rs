//! The contracts as a daemon and a command line call them: typed calls generated from `sol/`, connections
//! that retry, a deployment and its checks, keys.
#![forbid(unsafe_code)]

pub mod amount;
mod connect;
pub mod contracts;
pub mod deploy;
pub mod deployment;
mod error;
pub mod game;
mod keys;
mod receipt;
mod reverts;

pub use amount::Wei;
pub use connect::{ConnectSettings, Connection, connect};
pub use deployment::{Deployed, Deployment, Role};
pub use error::{ClientError, Severity};
pub use keys::{KeyError, KeySource};
pub use receipt::{WAIT_FOR_RECEIPT, receipt, send};
pub use reverts::reason;
