//! A chain to test on, with the relay contract in both forms.
#![allow(dead_code, clippy::unwrap_used, missing_docs)]

pub mod asm;
pub mod payment;
pub mod relay;

use alloy_primitives::{Address, B256, Bytes, TxKind, U256};
use alloy_rpc_types_eth::{TransactionReceipt, TransactionRequest};
use alloy_sol_types::SolCall;
use opml_devnet::chain::precompiles::ARB_WASM;
use opml_devnet::chain::precompiles::abi::ArbWasm;
use opml_devnet::chain::{CallError, Chain, ChainConfig, DEV_ACCOUNT, Overrides};
use opml_devnet::stylus::code::{compress, init_code};

pub const START: u64 = 1_750_000_000;
pub const ETHER: u64 = 1_000_000_000_000_000_000;

pub fn chain() -> Chain {
    Chain::new(ChainConfig::fixed_time(START)).unwrap()
}

pub fn to(target: Address, data: impl Into<Bytes>) -> TransactionRequest {
    TransactionRequest {
        from: Some(DEV_ACCOUNT),
        to: Some(TxKind::Call(target)),
        input: data.into().into(),
        ..TransactionRequest::default()
    }
}

/// Sends with plenty of gas, so that it is mined whether it succeeds or not.
pub fn send(chain: &mut Chain, request: TransactionRequest) -> TransactionReceipt {
    let gas = request.gas.unwrap_or(30_000_000);
    let hash = chain.send_request(TransactionRequest { gas: Some(gas), ..request }).unwrap();
    chain.receipt(hash).unwrap()
}

pub fn sent(chain: &mut Chain, request: TransactionRequest) -> TransactionReceipt {
    let receipt = send(chain, request);
    assert!(receipt.status(), "transaction failed: {receipt:?}");
    receipt
}

pub fn call(chain: &Chain, request: &TransactionRequest) -> Result<Bytes, CallError> {
    chain.call(request, alloy_eips::BlockId::latest(), &Overrides::default())
}

pub fn create(chain: &mut Chain, init: Vec<u8>) -> Address {
    let request = TransactionRequest {
        from: Some(DEV_ACCOUNT),
        to: Some(TxKind::Create),
        input: Bytes::from(init).into(),
        ..TransactionRequest::default()
    };
    sent(chain, request).contract_address.unwrap()
}

/// A transaction that deploys `code`.
pub fn creation(code: &[u8]) -> TransactionRequest {
    let request = to(Address::ZERO, asm::deployer(code));
    TransactionRequest { to: Some(TxKind::Create), ..request }
}

pub fn deploy_evm(chain: &mut Chain, code: &[u8]) -> Address {
    create(chain, asm::deployer(code))
}

/// Deploys without activating.
pub fn deploy_wasm(chain: &mut Chain, wasm: &[u8]) -> Address {
    create(chain, init_code(&compress(wasm).unwrap()).unwrap())
}

pub fn activation(program: Address) -> TransactionRequest {
    let data = ArbWasm::activateProgramCall { program }.abi_encode();
    TransactionRequest { value: Some(U256::from(ETHER)), ..to(ARB_WASM, data) }
}

pub fn deploy_program(chain: &mut Chain, wasm: &[u8]) -> Address {
    let address = deploy_wasm(chain, wasm);
    sent(chain, activation(address));
    address
}

pub fn word(value: u64) -> B256 {
    U256::from(value).into()
}

pub fn bytes(value: u64) -> Bytes {
    word(value).into()
}

pub fn slot(chain: &Chain, account: Address, slot: u64) -> U256 {
    let at = alloy_eips::BlockId::latest();
    chain.storage(account, U256::from(slot), at).unwrap().into()
}

pub fn topics(receipt: &TransactionReceipt) -> Vec<(Address, u64)> {
    let logs = receipt.logs().iter();
    logs.map(|log| (log.address(), U256::from_be_bytes(log.topics()[0].0).to())).collect()
}

/// A chain with the relay contract, for the EVM and for Stylus, twice each.
pub struct Relays {
    pub chain: Chain,
    pub evm: [Address; 2],
    pub wasm: [Address; 2],
}

impl Relays {
    pub fn new() -> Self {
        Self::on(ChainConfig::fixed_time(START))
    }

    pub fn on(config: ChainConfig) -> Self {
        let mut chain = Chain::new(config).unwrap();
        let evm = [(); 2].map(|()| deploy_evm(&mut chain, &relay::evm()));
        let first = deploy_program(&mut chain, &relay::wasm());
        // The same code is active already.
        let second = deploy_wasm(&mut chain, &relay::wasm());
        Self { chain, evm, wasm: [first, second] }
    }

    /// Caller and callee in every combination of the two machines.
    pub fn pairs(&self) -> [(Address, Address); 4] {
        let ([e, f], [w, x]) = (self.evm, self.wasm);
        [(e, f), (e, x), (w, f), (w, x)]
    }
}
