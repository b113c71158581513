//! What a deployment asks of a chain.

use std::time::Duration;

use alloy_network::TransactionBuilder as _;
use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_provider::Provider as _;
use alloy_rpc_types_eth::{BlockId, TransactionRequest};
use alloy_sol_types::SolError as _;

use crate::connect::Connection;
use crate::contracts::arbitrum::{ARB_WASM, ArbWasm};
use crate::error::ClientError;

/// More than was asked for a moment ago, in percent: the data fee rises with every activation on the
/// chain. What is not needed comes back.
const SURPLUS: u64 = 20;

/// Shown to the chain when asking for the fee; less if the account has less.
const SHOWN: u128 = 1_000_000_000_000_000_000;

/// Hash of the code at an address; none if there is none.
pub(super) async fn code_hash(
    connection: &Connection,
    address: Address,
) -> Result<Option<B256>, ClientError> {
    let code = connection.get_code_at(address).await?;
    Ok((!code.is_empty()).then(|| keccak256(&code)))
}

/// The account's next nonce: behind what is in blocks, and behind what waits as well.
pub(super) async fn nonces(
    connection: &Connection,
    account: Address,
) -> Result<(u64, u64), ClientError> {
    let mined = connection.get_transaction_count(account).block_id(BlockId::latest()).await?;
    let waiting = connection.get_transaction_count(account).block_id(BlockId::pending()).await?;
    Ok((mined, waiting.max(mined)))
}

/// Waits until what was sent with `nonce` is in a block.
pub(super) async fn settled(
    connection: &Connection,
    account: Address,
    nonce: u64,
) -> Result<(), ClientError> {
    loop {
        let (mined, waiting) = nonces(connection, account).await?;
        if mined > nonce || waiting <= nonce {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Whether a program's code is activated.
pub(super) async fn is_active(
    connection: &Connection,
    program: Address,
) -> Result<bool, ClientError> {
    let wasm = ArbWasm::new(ARB_WASM, connection.clone());
    match wasm.programVersion(program).call().await.map_err(ClientError::from) {
        Ok(version) => Ok(version > 0),
        Err(ClientError::Reverted(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// What to send along with an activation.
pub(super) async fn data_fee(
    connection: &Connection,
    (from, program): (Address, Address),
) -> Result<U256, ClientError> {
    let balance = connection.get_balance(from).await?;
    let shown = (balance / U256::from(2)).min(U256::from(SHOWN));
    let wasm = ArbWasm::new(ARB_WASM, connection.clone());
    let asked = wasm.activateProgram(program).from(from).value(shown).call().await;
    let fee = match asked.map_err(ClientError::from) {
        Ok(answer) => answer.dataFee,
        Err(ClientError::Reverted(data)) => {
            match ArbWasm::ProgramInsufficientValue::abi_decode_validate(&data) {
                Ok(refused) => refused.want,
                Err(_) => return Err(ClientError::Reverted(data)),
            }
        }
        Err(error) => return Err(error),
    };
    Ok(fee.saturating_mul(U256::from(100 + SURPLUS)) / U256::from(100))
}

/// An activation.
pub(super) fn activation(
    connection: &Connection,
    from: Address,
    (program, value): (Address, U256),
) -> TransactionRequest {
    let wasm = ArbWasm::new(ARB_WASM, connection.clone());
    wasm.activateProgram(program).into_transaction_request().with_from(from).with_value(value)
}
