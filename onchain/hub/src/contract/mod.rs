//! The contract itself.
//!
//! Arguments, results, events, errors and records of storage are sequences of words here. The SDK's storage
//! types and the generated encoders are a third larger than the limit allows (34,623 bytes for the same
//! functions); its host interface, its guard against re-entrant calls and its cache are used.

mod acceptance;
mod activation;
mod claims;
mod entrypoint;
mod finish;
mod games;
mod models;
mod money;
mod records;
mod requests;
mod router;
mod setup;
mod views;

use opml_host::{Answer, Refusal, host, require};

use crate::ids::Place;

/// Where this hub is.
fn place() -> Place {
    Place { chain: host::chain_id(), hub: host::this() }
}
