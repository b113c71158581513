//! State and block as a call wants them.

use alloy_primitives::Address;
use alloy_rpc_types_eth::BlockOverrides;
use alloy_rpc_types_eth::state::{AccountOverride, StateOverride};

use super::error::CallError;
use super::exec::ArbContext;
use super::state::{Leaf, View, bytecode};

/// Replaces accounts in `view`.
pub fn apply_state(view: &mut View<'_>, overrides: &StateOverride) -> Result<(), CallError> {
    overrides.iter().try_for_each(|(address, account)| apply_account(view, *address, account))
}

fn apply_account(
    view: &mut View<'_>,
    address: Address,
    account: &AccountOverride,
) -> Result<(), CallError> {
    if account.move_precompile_to.is_some() {
        return Err(CallError::Unsupported("movePrecompileToAddress"));
    }
    let leaf = view.leaf(address);
    let balance = account.balance.unwrap_or(leaf.balance);
    let nonce = account.nonce.unwrap_or(leaf.nonce);
    view.override_leaf(address, Leaf { balance, nonce, ..leaf });
    if let Some(code) = &account.code {
        view.override_code(address, bytecode(code.clone()));
    }
    let slots = match (&account.state, &account.state_diff) {
        (Some(_), Some(_)) => return Err(CallError::Overrides(address)),
        (Some(state), None) => {
            view.blank_storage(address);
            Some(state)
        }
        (None, diff) => diff.as_ref(),
    };
    for (key, value) in slots.into_iter().flatten() {
        view.override_slot(address, (*key).into(), (*value).into());
    }
    Ok(())
}

/// Replaces parts of the block. The number is the one the EVM sees, and so are those of hashes.
pub fn apply_block(
    context: &mut ArbContext<'_>,
    overrides: &BlockOverrides,
) -> Result<(), CallError> {
    if overrides.blob_base_fee.is_some() {
        return Err(CallError::Unsupported("blobBaseFee"));
    }
    if overrides.beacon_root.is_some() {
        return Err(CallError::Unsupported("beaconRoot"));
    }
    for (number, hash) in overrides.block_hash.iter().flatten() {
        context.journaled_state.database.override_block_hash(*number, *hash);
    }
    let block = &mut context.block;
    block.number = overrides.number.unwrap_or(block.number);
    block.difficulty = overrides.difficulty.unwrap_or(block.difficulty);
    block.timestamp = overrides.time.map_or(block.timestamp, alloy_primitives::U256::from);
    block.gas_limit = overrides.gas_limit.unwrap_or(block.gas_limit);
    block.beneficiary = overrides.coinbase.unwrap_or(block.beneficiary);
    block.prevrandao = overrides.random.or(block.prevrandao);
    if let Some(base_fee) = overrides.base_fee {
        block.basefee = base_fee.saturating_to();
        context.chain.block.base_fee = block.basefee;
    }
    Ok(())
}
