//! The contract itself.
//!
//! Arguments, results, events, errors and records of storage are sequences of words here. The SDK's storage
//! types and the generated encoders are a third larger than the limit allows (34,623 bytes for the same
//! functions); its host interface, its guard against re-entrant calls and its cache are used.

mod acceptance;
mod activation;
mod arguments;
mod claims;
mod encode;
mod entrypoint;
mod finish;
mod games;
mod host;
mod models;
mod money;
mod record;
mod records;
mod requests;
mod router;
mod setup;
mod views;

use encode::{Answer, Refusal, require};
