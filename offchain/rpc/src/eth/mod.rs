//! The `eth_*` methods.

mod block;
mod call;
mod filter;
mod info;
mod json;
mod logs;
mod state;
mod transaction;

use jsonrpsee::core::RegisterMethodError;

pub use json::header as header_json;
pub use logs::in_block as logs_in_block;

use crate::methods::Methods;

/// Adds all of them but subscriptions.
///
/// # Errors
/// [`RegisterMethodError`] if one is there already.
pub fn register(methods: &mut Methods) -> Result<(), RegisterMethodError> {
    info::register(methods)?;
    state::register(methods)?;
    block::register(methods)?;
    transaction::register(methods)?;
    call::register(methods)?;
    logs::register(methods)?;
    filter::register(methods)
}
