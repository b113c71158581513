//! The contract itself.

mod claims;
mod entrypoint;
mod router;
mod setup;
