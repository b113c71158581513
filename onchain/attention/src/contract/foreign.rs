//! Views of the hub and of the game contract.

use alloy_primitives::Address;
use alloy_sol_types::{SolCall, SolError};
use opml_host::{host, refusal};

use super::Answer;
use crate::abi::IAttention::NoAnswer;

/// What a view returns. Only before anything is stored.
pub fn query<C: SolCall>(of: Address, call: &C) -> Answer<C::Return> {
    let data = host::query(of, &call.abi_encode()).unwrap_or_default();
    C::abi_decode_returns(&data).map_err(|_| refusal(NoAnswer::SELECTOR, &[of.into_word()]))
}
