//! Contracts on a chain, and a registered model.

use std::path::{Path, PathBuf};

use alloy_eips::BlockId;
use alloy_primitives::{Address, B256, Bytes, TxKind, U256, keccak256};
use alloy_rpc_types_eth::{TransactionReceipt, TransactionRequest};
use alloy_sol_types::SolCall;
use opml_client::Deployment;
use opml_client::contracts::arbitrum::{ARB_WASM, ArbWasm};
use opml_client::contracts::game::IGame;
use opml_client::contracts::hub::IHub;
use opml_client::deployment::Deployed;
use opml_devnet::chain::{CHAIN_ID, Chain, ChainConfig, DEV_ACCOUNT};
use opml_devnet::stylus::code::{compress, init_code};
use opml_runtime::Bundle;
use opml_runtime::tile::KernelImage;

pub const START: u64 = 1_750_000_000;
pub const ETHER: u128 = 1_000_000_000_000_000_000;
pub const CLOCK: u32 = 7200;
pub const WINDOW: u64 = 3600;
pub const SERVER_BOND: u128 = 20_000_000_000_000_001;
pub const CHALLENGER_BOND: u128 = 10_000_000_000_000_003;
pub const GAS_STAKE: u128 = 1_000_000_000_000_007;
pub const FEE: u128 = 3_000_000_000_000_001;
pub const BURN_PER_STEP: u64 = 1_000_003;

/// What is burned of a bond: 60 percent, rounded up.
pub const fn burned(bond: u128) -> u128 {
    (bond * 6000).div_ceil(10_000)
}

fn parameters() -> IHub::Parameters {
    IHub::Parameters {
        window: 3600,
        patience: 7200,
        burnShare: 6000,
        failedShare: 2500,
        serverBond: SERVER_BOND,
        challengerBond: CHALLENGER_BOND,
        gasStake: GAS_STAKE,
        burnPerStep: BURN_PER_STEP,
        exclusivity: 300,
        acceptBond: 1_000_000_000_000,
    }
}

pub fn digits() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/digits")
}

fn module(name: &str) -> Vec<u8> {
    let test = std::env::current_exe().unwrap();
    let target = test.ancestors().nth(3).unwrap();
    std::fs::read(target.join(format!("contracts/{name}.wasm")))
        .expect("the contracts are built: cargo xtask contracts")
}

pub fn send(chain: &mut Chain, request: TransactionRequest) -> TransactionReceipt {
    let request = TransactionRequest { gas: Some(30_000_000), ..request };
    let hash = chain.send_request(request).unwrap();
    let receipt = chain.receipt(hash).unwrap();
    assert!(receipt.status(), "{:?}", chain.trace_transaction(hash).unwrap().output);
    receipt
}

pub fn call(from: Address, to: Address, value: u128, data: impl Into<Bytes>) -> TransactionRequest {
    TransactionRequest {
        from: Some(from),
        to: Some(TxKind::Call(to)),
        value: Some(U256::from(value)),
        input: data.into().into(),
        ..TransactionRequest::default()
    }
}

pub fn deploy(chain: &mut Chain, name: &str) -> Deployed {
    let init = init_code(&compress(&module(name)).unwrap()).unwrap();
    let create = TransactionRequest {
        to: Some(TxKind::Create),
        ..call(DEV_ACCOUNT, Address::ZERO, 0, init)
    };
    let address = send(chain, create).contract_address.unwrap();
    let data = ArbWasm::activateProgramCall { program: address }.abi_encode();
    send(chain, call(DEV_ACCOUNT, ARB_WASM, ETHER, data));
    let code_hash = keccak256(chain.code(address, BlockId::latest()).unwrap());
    Deployed { address, code_hash }
}

/// Hub, game and step verifier, bound to one another.
pub fn contracts() -> (Chain, Deployment) {
    let mut chain = Chain::new(ChainConfig::fixed_time(START)).unwrap();
    chain.impersonate_all(true).unwrap();
    let (step, game) = (deploy(&mut chain, "step"), deploy(&mut chain, "game"));
    let nonce = chain.nonce(DEV_ACCOUNT, BlockId::latest()).unwrap();
    let hub = deploy(&mut chain, "hub");
    let data = IGame::initializeCall { hub: hub.address, step: step.address, clock: CLOCK };
    send(&mut chain, call(DEV_ACCOUNT, game.address, 0, data.abi_encode()));
    let data =
        IHub::initializeCall { creationNonce: nonce, game: game.address, params: parameters() };
    send(&mut chain, call(DEV_ACCOUNT, hub.address, 0, data.abi_encode()));
    let deployment = Deployment {
        chain_id: CHAIN_ID,
        start_block: 0,
        hub,
        game,
        step,
        courier: None,
        batch: None,
        attention: None,
        attention_game: None,
        terms: None,
    };
    (chain, deployment)
}

/// What the digits of the repository are registered as.
pub fn record() -> IHub::Model {
    let bundle = Bundle::open(&digits()).unwrap();
    let manifest = bundle.manifest();
    IHub::Model {
        programRoot: manifest.program_root,
        weightsRoot: manifest.weights_root,
        imageRoot: KernelImage::released().unwrap().root(),
        outputBase: manifest.output.base,
        outputLog2: manifest.output.log2_size,
        stepsLog2: manifest.steps_log2,
        maxInput: 784,
        fee: FEE,
        iterationFee: 0,
        maxIterations: 1,
    }
}

pub fn register(chain: &mut Chain, hub: Address, model: IHub::Model) -> B256 {
    let data = IHub::registerModelCall { model, uri: "file:digits".into() }.abi_encode();
    let receipt = send(chain, call(DEV_ACCOUNT, hub, 0, data));
    receipt.logs()[0].topics()[1]
}
