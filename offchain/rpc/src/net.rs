//! The `net_*`, `web3_*` and `txpool_*` methods.

use alloy_primitives::{B256, Bytes, U64, keccak256};
use jsonrpsee::core::RegisterMethodError;
use serde_json::json;

use crate::methods::Methods;

/// Name and version of the server.
pub const CLIENT: &str = concat!("opml-devnet/v", env!("CARGO_PKG_VERSION"));

/// Adds them.
///
/// # Errors
/// [`RegisterMethodError`] if one is there already.
pub fn register(methods: &mut Methods) -> Result<(), RegisterMethodError> {
    methods.add("net_version", |node, ()| Ok(node.read(|at| at.chain.chain_id()).to_string()))?;
    methods.add("net_listening", |_, ()| Ok(true))?;
    methods.add("net_peerCount", |_, ()| Ok(U64::ZERO))?;
    methods.add("web3_clientVersion", |_, ()| Ok(CLIENT.to_owned()))?;
    methods.add("web3_sha3", |_, (data,): (Bytes,)| Ok::<B256, _>(keccak256(data)))?;
    methods.add("txpool_status", |node, ()| {
        let pending = U64::from(node.read(|at| at.chain.pool().len()));
        Ok(json!({ "pending": pending, "queued": U64::ZERO }))
    })
}
