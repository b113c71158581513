//! What the chain calls.

use alloc::vec::Vec;

use opml_host::Refusal;
use stylus_sdk::ArbResult;
use stylus_sdk::host::VM;
use stylus_sdk::prelude::*;

use super::router;

#[entrypoint]
fn answer(calldata: Vec<u8>, _vm: VM) -> ArbResult {
    router::call(&calldata).map_err(|Refusal(data)| data)
}
