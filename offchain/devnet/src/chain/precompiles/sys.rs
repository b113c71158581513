//! `ArbSys`: what the EVM does not say about the chain. Messages to the parent chain are not
//! offered, there is none.

use alloy_primitives::{Address, B256, U256, address};
use alloy_sol_types::SolCall;
use revm::context_interface::JournalTr;

use super::abi::ArbSys::{self as abi, ArbSysCalls as Calls};
use super::call::{Answer, PrecompileCall, Purity, Refusal};
use crate::chain::config::ARBOS_VERSION;

/// `ArbOS` versions are told from this number on; the ones before are those of the chain before
/// Nitro.
const CLASSIC_VERSIONS: u64 = 55;
const ALIAS_OFFSET: Address = address!("1111000000000000000000000000000000001111");
const KNOWN_HASHES: u64 = 256;

fn purity(call: &Calls) -> Purity {
    match call {
        Calls::mapL1SenderContractAddressToL2Alias(_) => Purity::Pure,
        _ => Purity::View,
    }
}

/// Answers a call.
pub fn answer(call: &mut PrecompileCall<'_, '_>) -> Answer {
    let number = call.context.chain.block.number;
    Ok(match call.decode(purity)? {
        Calls::arbBlockNumber(_) => {
            abi::arbBlockNumberCall::abi_encode_returns(&U256::from(number))
        }
        Calls::arbBlockHash(args) => {
            let hash = block_hash(call, args.arbBlockNum)?;
            abi::arbBlockHashCall::abi_encode_returns(&hash)
        }
        Calls::arbChainID(_) => {
            abi::arbChainIDCall::abi_encode_returns(&U256::from(call.context.cfg.chain_id))
        }
        Calls::arbOSVersion(_) => {
            let version = U256::from(CLASSIC_VERSIONS + ARBOS_VERSION);
            abi::arbOSVersionCall::abi_encode_returns(&version)
        }
        Calls::getStorageGasAvailable(_) => {
            abi::getStorageGasAvailableCall::abi_encode_returns(&U256::ZERO)
        }
        Calls::isTopLevelCall(_) => {
            abi::isTopLevelCallCall::abi_encode_returns(&(call.context.chain.frames.len() <= 2))
        }
        Calls::mapL1SenderContractAddressToL2Alias(args) => {
            abi::mapL1SenderContractAddressToL2AliasCall::abi_encode_returns(&alias(args.sender))
        }
        Calls::wasMyCallersAddressAliased(_) => {
            abi::wasMyCallersAddressAliasedCall::abi_encode_returns(&false)
        }
        Calls::myCallersAddressWithoutAliasing(_) => {
            abi::myCallersAddressWithoutAliasingCall::abi_encode_returns(&callers_caller(call))
        }
    })
}

fn block_hash(call: &PrecompileCall<'_, '_>, requested: U256) -> Result<B256, Refusal> {
    let current = call.context.chain.block.number;
    let known = u64::try_from(requested)
        .ok()
        .filter(|number| *number < current && number.saturating_add(KNOWN_HASHES) >= current)
        .and_then(|number| call.context.journaled_state.db().block_hash_of(number));
    known.ok_or_else(|| {
        let current = U256::from(current);
        Refusal::error(&abi::InvalidBlockNumber { requested, current })
    })
}

fn callers_caller(call: &PrecompileCall<'_, '_>) -> Address {
    let frames = &call.context.chain.frames;
    let above = frames.len().checked_sub(2).and_then(|index| frames.get(index));
    above.map_or(Address::ZERO, |frame| frame.caller)
}

fn alias(sender: Address) -> Address {
    let sum = U256::from_be_slice(sender.as_slice()) + U256::from_be_slice(ALIAS_OFFSET.as_slice());
    Address::from_slice(&sum.to_be_bytes::<32>()[12..])
}
