//! From blocks and transactions to something that executes.

use alloy_consensus::transaction::Recovered;
use alloy_consensus::{Transaction, TxEnvelope, TxType};
use alloy_primitives::{B256, U256};
use alloy_rpc_types_eth::TransactionRequest;
use revm::Journal;
use revm::context::either::Either;
use revm::context::{BlockEnv, CfgEnv, Context, TxEnv};
use revm::primitives::hardfork::SpecId;

use super::Chain;
use super::block::Stamp;
use super::config::{BLOCK_GAS_LIMIT, SEQUENCER};
use super::error::Invalid;
use super::exec::{ArbContext, ArbEnv, BlockFacts, RecentPrograms};
use super::state::View;
use crate::stylus::entry::Pages;

/// The rules of the EVM that are followed.
pub const SPEC: SpecId = SpecId::OSAKA;

/// Transaction type of EIP-1559; fees of the older ones follow the same rule on Arbitrum.
const DYNAMIC_FEE: u8 = 2;
const SET_CODE: u8 = 4;

type Plain<'a> = Context<BlockEnv, TxEnv, CfgEnv, View<'a>, Journal<View<'a>>, ()>;

impl Chain {
    /// revm's context for a transaction in the block of `stamp`, on the state `view`.
    pub(super) fn context<'a>(
        &self,
        view: View<'a>,
        stamp: &Stamp,
        recent: RecentPrograms,
    ) -> ArbContext<'a> {
        let env = ArbEnv {
            block: BlockFacts { number: stamp.number, base_fee: stamp.base_fee },
            params: self.config.stylus,
            owner: self.config.owner,
            programs: self.programs.clone(),
            recent,
            pages: Pages::default(),
            frames: Vec::new(),
            activation_error: None,
            tracer: None,
        };
        let mut context = Plain::new(view, SPEC).with_chain(env);
        context.cfg.chain_id = self.config.chain_id;
        context.cfg.tx_gas_limit_cap = Some(u64::MAX);
        // Checked where it can be told from a program.
        context.cfg.disable_eip3541 = true;
        // Off on Arbitrum, too.
        context.cfg.disable_eip7623 = true;
        context.block = block_env(stamp);
        context
    }
}

fn block_env(stamp: &Stamp) -> BlockEnv {
    BlockEnv {
        number: U256::from(stamp.parent_chain_number),
        beneficiary: SEQUENCER,
        timestamp: U256::from(stamp.timestamp),
        gas_limit: BLOCK_GAS_LIMIT,
        basefee: stamp.base_fee,
        difficulty: U256::ONE,
        prevrandao: Some(B256::from(U256::ONE)),
        ..BlockEnv::default()
    }
}

/// A signed transaction as revm takes it. Tips are not taken on Arbitrum: everyone pays the base
/// fee.
pub fn tx_env(tx: &Recovered<TxEnvelope>, base_fee: u64, chain_id: u64) -> Result<TxEnv, Invalid> {
    let cap = tx.max_fee_per_gas();
    if tx.tx_type() == TxType::Eip4844 {
        return Err(Invalid::Type);
    }
    if tx.chain_id() != Some(chain_id) {
        return Err(Invalid::ChainId { have: tx.chain_id(), want: chain_id });
    }
    if tx.max_priority_fee_per_gas().is_some_and(|tip| tip > cap) {
        return Err(Invalid::Tip);
    }
    if cap < u128::from(base_fee) {
        return Err(Invalid::FeeCap { cap, base_fee });
    }
    let authorizations = tx.authorization_list();
    Ok(TxEnv {
        tx_type: if authorizations.is_some() { SET_CODE } else { DYNAMIC_FEE },
        caller: tx.signer(),
        gas_limit: tx.gas_limit(),
        gas_price: cap,
        kind: tx.kind(),
        value: tx.value(),
        data: tx.input().clone(),
        nonce: tx.nonce(),
        chain_id: Some(chain_id),
        access_list: tx.access_list().cloned().unwrap_or_default(),
        gas_priority_fee: Some(0),
        authorization_list: authorizations
            .map(|list| list.iter().cloned().map(Either::Left).collect())
            .unwrap_or_default(),
        ..TxEnv::default()
    })
}

/// A request as revm takes it, for a trial with `gas_limit`.
pub fn trial_env(request: &TransactionRequest, gas_limit: u64, chain_id: u64) -> TxEnv {
    let authorizations = request.authorization_list.as_ref();
    TxEnv {
        tx_type: if authorizations.is_some() { SET_CODE } else { DYNAMIC_FEE },
        caller: request.from.unwrap_or_default(),
        gas_limit,
        gas_price: request.fee_cap().unwrap_or_default(),
        kind: request.to.unwrap_or(alloy_primitives::TxKind::Create),
        value: request.value.unwrap_or_default(),
        data: request.input.input().cloned().unwrap_or_default(),
        nonce: request.nonce.unwrap_or_default(),
        chain_id: Some(chain_id),
        access_list: request.access_list.clone().unwrap_or_default(),
        gas_priority_fee: Some(0),
        authorization_list: authorizations
            .map(|list| list.iter().cloned().map(Either::Left).collect())
            .unwrap_or_default(),
        ..TxEnv::default()
    }
}
