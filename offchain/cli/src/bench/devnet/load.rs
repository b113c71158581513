//! Transactions to measure with.

use alloy_eips::BlockId;
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Address, TxKind, U256};
use alloy_rpc_types_eth::TransactionRequest;
use alloy_sol_types::SolCall;
use anyhow::{Context, Result, ensure};
use opml_devnet::chain::precompiles::ARB_WASM;
use opml_devnet::chain::precompiles::abi::ArbWasm;
use opml_devnet::chain::{Chain, ChainConfig, DEV_ACCOUNT, Overrides};
use opml_devnet::stylus::code::{compress, init_code};

use crate::bench::programs::{PRICED, single};
use crate::contract::StepContract;

/// More than a step takes.
const STEP_GAS: u64 = 5_000_000;
const ETHER: u64 = 1_000_000_000_000_000_000;

/// Signs transactions of one account, one nonce after the other.
pub struct Load {
    /// Holds the keys; nothing is sent to it.
    signer: Chain,
    nonce: u64,
    step: Address,
    calldata: Vec<u8>,
}

impl Load {
    /// For the account's state on `chain`, where the contract is at `step`.
    pub fn new(chain: &Chain, step: Address) -> Result<Self> {
        Ok(Self {
            signer: Chain::new(ChainConfig::default())?,
            nonce: chain.next_nonce(DEV_ACCOUNT),
            step,
            calldata: step_calldata()?,
        })
    }

    /// Signed payments.
    pub fn payments(&mut self, count: u32) -> Result<Vec<Vec<u8>>> {
        let to = TxKind::Call(Address::with_last_byte(200));
        self.sign(count, &TransactionRequest { to: Some(to), gas: Some(21_000), ..request() })
    }

    /// Signed calls of `step`.
    pub fn steps(&mut self, count: u32) -> Result<Vec<Vec<u8>>> {
        let to = TxKind::Call(self.step);
        let input = self.calldata.clone();
        let gas = Some(STEP_GAS);
        self.sign(count, &TransactionRequest { to: Some(to), gas, ..data(input) })
    }

    fn sign(&mut self, count: u32, request: &TransactionRequest) -> Result<Vec<Vec<u8>>> {
        let next = |_| {
            let nonce = Some(self.nonce);
            self.nonce += 1;
            let request = TransactionRequest { nonce, ..request.clone() };
            Ok(self.signer.sign_request(request)?.encoded_2718())
        };
        (0..count).map(next).collect()
    }
}

fn request() -> TransactionRequest {
    TransactionRequest {
        from: Some(DEV_ACCOUNT),
        max_fee_per_gas: Some(1_000_000_000),
        max_priority_fee_per_gas: Some(0),
        value: Some(U256::ZERO),
        ..TransactionRequest::default()
    }
}

fn data(input: Vec<u8>) -> TransactionRequest {
    TransactionRequest { input: input.into(), ..request() }
}

/// Calldata of one step, with its witness.
pub fn step_calldata() -> Result<Vec<u8>> {
    let (_, instruction) = PRICED[0];
    Ok(StepContract::calldata(&single(instruction)?.witness()?))
}

/// Gas of a transaction with one step.
pub fn gas_of_step(chain: &Chain, step: Address) -> Result<u64> {
    let to = Some(TxKind::Call(step));
    let request = TransactionRequest { to, ..data(step_calldata()?) };
    let trace = chain.trace_call(&request, BlockId::latest(), &Overrides::default())?;
    ensure!(trace.error.is_none(), "the step failed");
    Ok(trace.gas_used)
}

/// Deploys and activates the step contract.
pub fn deploy_step(chain: &mut Chain) -> Result<Address> {
    let code = init_code(&compress(StepContract::built_in()?)?)?;
    let creation = TransactionRequest { to: Some(TxKind::Create), ..data(code.clone()) };
    let hash = chain.send_request(creation)?;
    let program = chain.receipt(hash).and_then(|receipt| receipt.contract_address);
    let program = program.context("the step contract was not deployed")?;
    let activate = data(ArbWasm::activateProgramCall { program }.abi_encode());
    let (to, value) = (Some(TxKind::Call(ARB_WASM)), Some(U256::from(ETHER)));
    chain.send_request(TransactionRequest { to, value, ..activate })?;
    Ok(program)
}
