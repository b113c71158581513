//! What the chain calls.

use opml_host::{Refusal, host};

use super::router;

/// As the SDK's entry point, but re-entrant calls are answered: the router says which.
///
/// Status 0: `data` is returned, 1: reverted with.
// SAFETY: the chain calls the export of this name, and no other crate has it.
#[unsafe(no_mangle)]
pub extern "C" fn user_entrypoint(length: usize) -> usize {
    let calldata = host::enter(length);
    let (data, status) = match router::call(&calldata) {
        Ok(data) => (data, 0),
        Err(Refusal(data)) => (data, 1),
    };
    host::leave(&data);
    status
}
