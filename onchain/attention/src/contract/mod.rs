//! The contract itself.
//!
//! Arguments, results, events, errors and records of storage are sequences of words here, as in the hub
//! and for its reason: the size limit.

mod answers;
mod disputes;
mod enrolments;
mod entrypoint;
mod foreign;
mod money;
mod records;
mod router;
mod secrets;
mod settlement;
mod setup;
mod slash;
mod summons;
mod verifiers;
mod views;

use opml_host::{Answer, Refusal, require};
