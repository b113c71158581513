//! `ArbInfo`, `ArbOwnerPublic` and `ArbGasInfo`.

use alloy_primitives::U256;
use alloy_sol_types::SolCall;
use revm::context_interface::JournalTr;

use super::abi::ArbGasInfo::{self as gas_info, ArbGasInfoCalls as GasCalls};
use super::abi::ArbInfo::{self as info, ArbInfoCalls as InfoCalls};
use super::abi::ArbOwnerPublic::{self as owner, ArbOwnerPublicCalls as OwnerCalls};
use super::call::{Answer, PrecompileCall, Purity, READ};
use crate::chain::arbos::NETWORK_FEES;

const BALANCE: u64 = 700;
const LOAD_CODE: u64 = 2100;
const COPY_WORD: u64 = 3;
/// Gas of a new storage slot, which is what a "storage allocation" costs.
const STORAGE_ALLOCATION: u64 = 20_000;
const BROTLI_LEVEL: u64 = 1;

/// Answers a call of `ArbInfo`.
pub fn arb_info(call: &mut PrecompileCall<'_, '_>) -> Answer {
    match call.decode::<InfoCalls>(|_| Purity::View)? {
        InfoCalls::getBalance(args) => {
            call.burn(BALANCE)?;
            let Ok(account) = call.context.journaled_state.load_account(args.account);
            Ok(info::getBalanceCall::abi_encode_returns(&account.info.balance))
        }
        InfoCalls::getCode(args) => {
            call.burn(LOAD_CODE)?;
            let Ok(code) = call.context.journaled_state.code(args.account);
            call.burn(COPY_WORD * code.data.len().div_ceil(32) as u64)?;
            Ok(info::getCodeCall::abi_encode_returns(&code.data))
        }
    }
}

/// Answers a call of `ArbOwnerPublic`.
pub fn arb_owner_public(call: &mut PrecompileCall<'_, '_>) -> Answer {
    let method = call.decode::<OwnerCalls>(|_| Purity::View)?;
    call.burn(READ)?;
    let chain_owner = call.context.chain.owner;
    Ok(match method {
        OwnerCalls::isChainOwner(args) => {
            owner::isChainOwnerCall::abi_encode_returns(&(args.addr == chain_owner))
        }
        OwnerCalls::getAllChainOwners(_) => {
            owner::getAllChainOwnersCall::abi_encode_returns(&vec![chain_owner])
        }
        OwnerCalls::getNetworkFeeAccount(_) => {
            owner::getNetworkFeeAccountCall::abi_encode_returns(&NETWORK_FEES)
        }
        OwnerCalls::getInfraFeeAccount(_) => {
            owner::getInfraFeeAccountCall::abi_encode_returns(&NETWORK_FEES)
        }
        OwnerCalls::getBrotliCompressionLevel(_) => {
            owner::getBrotliCompressionLevelCall::abi_encode_returns(&BROTLI_LEVEL)
        }
        OwnerCalls::getScheduledUpgrade(_) => {
            owner::getScheduledUpgradeCall::abi_encode_returns(&owner::getScheduledUpgradeReturn {
                arbosVersion: 0,
                scheduledForTimestamp: 0,
            })
        }
    })
}

/// Answers a call of `ArbGasInfo`. Posting to a parent chain costs nothing here.
pub fn arb_gas_info(call: &mut PrecompileCall<'_, '_>) -> Answer {
    let method = call.decode::<GasCalls>(|_| Purity::View)?;
    call.burn(READ)?;
    let base_fee = U256::from(call.context.chain.block.base_fee);
    let storage = base_fee * U256::from(STORAGE_ALLOCATION);
    let zero = U256::ZERO;
    Ok(match method {
        GasCalls::getPricesInWeiWithAggregator(_) | GasCalls::getPricesInWei(_) => {
            gas_info::getPricesInWeiCall::abi_encode_returns(&gas_info::getPricesInWeiReturn {
                _0: zero,
                _1: zero,
                _2: storage,
                _3: base_fee,
                _4: zero,
                _5: base_fee,
            })
        }
        GasCalls::getPricesInArbGasWithAggregator(_) | GasCalls::getPricesInArbGas(_) => {
            gas_info::getPricesInArbGasCall::abi_encode_returns(
                &gas_info::getPricesInArbGasReturn {
                    _0: zero,
                    _1: zero,
                    _2: U256::from(STORAGE_ALLOCATION),
                },
            )
        }
        GasCalls::getMinimumGasPrice(_) => {
            gas_info::getMinimumGasPriceCall::abi_encode_returns(&base_fee)
        }
        GasCalls::getL1BaseFeeEstimate(_)
        | GasCalls::getL1GasPriceEstimate(_)
        | GasCalls::getCurrentTxL1GasFees(_) => {
            gas_info::getL1BaseFeeEstimateCall::abi_encode_returns(&zero)
        }
        GasCalls::getGasBacklog(_) => gas_info::getGasBacklogCall::abi_encode_returns(&0),
    })
}
