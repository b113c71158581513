//! The contract itself.

mod deliveries;
mod entrypoint;
mod money;
mod orders;
mod records;
mod router;
mod setup;
