//! The compiled contracts on a chain.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use alloy_eips::BlockId;
use alloy_primitives::{Address, B256, Bytes, TxKind, U256, keccak256};
use alloy_rpc_types_eth::{TransactionReceipt, TransactionRequest};
use alloy_sol_types::SolCall;
use opml_devnet::chain::precompiles::ARB_WASM;
use opml_devnet::chain::precompiles::abi::ArbWasm;
use opml_devnet::chain::{
    CallError, Chain, ChainConfig, DEV_ACCOUNT, NotFound, Overrides, SendError, SnapshotId,
    StartError, StoreError,
};
use opml_devnet::stylus::code::{CodeError, compress, init_code};

use crate::abi::game::IGame;
use crate::abi::hub::IHub;
use crate::encode::calldata;
use crate::machine::program::Program;
use crate::people;
use crate::record::Said;
use crate::spec::Spec;
use crate::spec::call::Sent;
use crate::spec::records::Model;
use crate::spec::terms::Terms;

/// The second in which everything begins.
const START: u64 = 1_750_000_000;
/// Wei that everybody begins with.
const WEALTH: u128 = 1 << 120;
const GAS: u64 = 30_000_000;

/// The world cannot be built, or the chain does not do what a chain does.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// A contract is not there.
    #[error("{path}: {source}; contracts are built by `cargo xtask contracts`")]
    Contract {
        /// Where it should be.
        path: PathBuf,
        /// Why it is not read.
        source: std::io::Error,
    },
    /// A contract cannot be deployed.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// The chain does not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The chain is not kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A transaction is not taken.
    #[error(transparent)]
    Send(#[from] SendError),
    /// A view fails.
    #[error(transparent)]
    Call(#[from] CallError),
    /// A block is missing.
    #[error(transparent)]
    NotFound(#[from] NotFound),
    /// A transaction of the set-up was refused.
    #[error("the set-up was refused: {0}")]
    Refused(Bytes),
    /// A transaction has no receipt.
    #[error("transaction {0} was not mined")]
    NotMined(B256),
}

/// What became of a call.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What it reverted with, if it did.
    pub refused: Option<Bytes>,
    /// Wei that its sender has paid for gas.
    pub gas: u128,
    /// Gas.
    pub gas_used: u64,
    /// What the game contract has said.
    pub said: Said,
}

/// How a call is answered.
#[derive(Debug)]
pub enum Answered {
    /// It returned.
    Returned,
    /// It reverted with this.
    Refused(Bytes),
    /// It ended otherwise: out of gas, or by a trap.
    Failed(CallError),
}

/// The chain with its contracts.
pub struct World {
    /// The chain.
    pub chain: Chain,
    /// The specification of what has been set up.
    pub first: Spec,
    /// Where contracts come from.
    pub(crate) folder: PathBuf,
    /// The second from which on a program that is active since the start is no more.
    expiry: u64,
}

impl World {
    /// Deploys the contracts of a folder (`target/contracts`), initialises them and registers models.
    ///
    /// # Errors
    /// [`WorldError`].
    pub fn new(contracts: &Path) -> Result<Self, WorldError> {
        let mut chain = Chain::new(ChainConfig::fixed_time(START))?;
        chain.impersonate_all(true)?;
        let step = deploy(&mut chain, contracts, "step")?;
        let game = deploy(&mut chain, contracts, "game")?;
        let nonce = chain.nonce(DEV_ACCOUNT, BlockId::latest())?;
        let hub = deploy(&mut chain, contracts, "hub")?;
        for person in people::all() {
            chain.set_balance(person, U256::from(WEALTH))?;
        }
        let params = parameters();
        let terms = terms(&params, [hub, game, step], chain.chain_id());
        let clock = u32::try_from(terms.clock).unwrap_or(u32::MAX);
        let call = IGame::initializeCall { hub, step, clock };
        order(&mut chain, (DEV_ACCOUNT, game), call.abi_encode())?;
        let call = IHub::initializeCall { creationNonce: nonce, game, params };
        order(&mut chain, (DEV_ACCOUNT, hub), call.abi_encode())?;
        let mut spec = Spec::new(terms);
        for (number, model) in (0_u8..).zip(models()) {
            let uri = format!("ipfs://model/{number}");
            let id = spec.model_id(&model, keccak256(&uri));
            let call = IHub::registerModelCall { model: entry(&model), uri };
            order(&mut chain, (model.owner, hub), call.abi_encode())?;
            spec.models.insert(id, model);
        }
        let call = ArbWasm::programTimeLeftCall { program: hub };
        let request = to(ARB_WASM, call.abi_encode());
        let left = chain.call(&request, BlockId::latest(), &Overrides::default())?;
        let left: u64 = U256::try_from_be_slice(&left).unwrap_or_default().saturating_to();
        let expiry = chain.last_timestamp() + left;
        let folder = contracts.into();
        let mut world = Self { chain, first: spec, folder, expiry };
        world.first.ether = world.balances()?;
        Ok(world)
    }

    /// The second of the next block.
    pub fn now(&self) -> u64 {
        self.chain.next_timestamp()
    }

    /// Seconds of activation that are left at a time.
    pub const fn activation(&self, now: u64) -> u64 {
        self.expiry.saturating_sub(now)
    }

    /// Ether of everybody, of the hub and of nobody.
    ///
    /// # Errors
    /// [`WorldError::NotFound`].
    pub fn balances(&self) -> Result<BTreeMap<Address, u128>, WorldError> {
        let terms = &self.first.terms;
        let others = [terms.hub, terms.game, terms.step, Address::ZERO];
        let accounts = people::all().chain(others);
        let balance = |account| {
            let balance = self.chain.balance(account, BlockId::latest())?;
            Ok((account, balance.saturating_to::<u128>()))
        };
        accounts.map(balance).collect()
    }

    /// Makes a call.
    ///
    /// # Errors
    /// [`WorldError`] if it is not mined; a call that is refused is none.
    pub fn send(&mut self, sent: &Sent) -> Result<Outcome, WorldError> {
        let terms = &self.first.terms;
        let target = if sent.call.is_of_game() { terms.game } else { terms.hub };
        let request = TransactionRequest {
            from: Some(sent.from),
            value: Some(U256::from(sent.value)),
            ..to(target, calldata(&sent.call))
        };
        let game = terms.game;
        let (refused, receipt) = transact(&mut self.chain, request)?;
        let gas_used = receipt.gas_used;
        let gas = u128::from(gas_used) * receipt.effective_gas_price;
        Ok(Outcome { refused, gas, gas_used, said: Said::new(game, &receipt) })
    }

    /// A word of a contract's storage.
    ///
    /// # Errors
    /// [`WorldError::NotFound`].
    pub fn word(&self, contract: Address, slot: B256) -> Result<B256, WorldError> {
        Ok(self.chain.storage(contract, slot.into(), BlockId::latest())?)
    }

    /// Calls a view.
    ///
    /// # Errors
    /// [`WorldError::Call`].
    pub fn view(&self, contract: Address, data: Vec<u8>) -> Result<Bytes, WorldError> {
        Ok(self.chain.call(&to(contract, data), BlockId::latest(), &Overrides::default())?)
    }

    /// Tries a call with plenty of gas; nothing comes of it.
    pub fn try_call(&self, from: Address, target: Address, data: Vec<u8>) -> Answered {
        let request = TransactionRequest { from: Some(from), gas: Some(GAS), ..to(target, data) };
        match self.chain.call(&request, BlockId::latest(), &Overrides::default()) {
            Ok(_) => Answered::Returned,
            Err(CallError::Revert(data)) => Answered::Refused(data),
            Err(error) => Answered::Failed(error),
        }
    }

    /// A point to go back to.
    ///
    /// # Errors
    /// [`WorldError::Store`].
    pub fn mark(&mut self) -> Result<SnapshotId, WorldError> {
        Ok(self.chain.snapshot()?)
    }

    /// Goes back; the point is used up.
    ///
    /// # Errors
    /// [`WorldError::Store`].
    pub fn back(&mut self, mark: SnapshotId) -> Result<bool, WorldError> {
        Ok(self.chain.revert(mark)?)
    }
}

fn to(target: Address, data: Vec<u8>) -> TransactionRequest {
    TransactionRequest {
        from: Some(DEV_ACCOUNT),
        to: Some(TxKind::Call(target)),
        input: Bytes::from(data).into(),
        ..TransactionRequest::default()
    }
}

type Transacted = (Option<Bytes>, TransactionReceipt);

fn transact(chain: &mut Chain, request: TransactionRequest) -> Result<Transacted, WorldError> {
    let hash = chain.send_request(TransactionRequest { gas: Some(GAS), ..request })?;
    let receipt = chain.receipt(hash).ok_or(WorldError::NotMined(hash))?;
    let refused = if receipt.status() { None } else { Some(chain.trace_transaction(hash)?.output) };
    Ok((refused, receipt))
}

pub(crate) fn order(
    chain: &mut Chain,
    (from, target): (Address, Address),
    data: Vec<u8>,
) -> Result<(), WorldError> {
    let request = TransactionRequest { from: Some(from), ..to(target, data) };
    match transact(chain, request)? {
        (Some(data), ..) => Err(WorldError::Refused(data)),
        _ => Ok(()),
    }
}

/// Deploys a program.
pub(crate) fn create(chain: &mut Chain, folder: &Path, name: &str) -> Result<Address, WorldError> {
    let path = folder.join(format!("{name}.wasm"));
    let wasm = std::fs::read(&path).map_err(|source| WorldError::Contract { path, source })?;
    let code = init_code(&compress(&wasm)?)?;
    let creation = TransactionRequest { to: Some(TxKind::Create), ..to(Address::ZERO, code) };
    let hash = chain.send_request(TransactionRequest { gas: Some(GAS), ..creation })?;
    let receipt = chain.receipt(hash).ok_or(WorldError::NotMined(hash))?;
    receipt.contract_address.ok_or(WorldError::NotMined(hash))
}

/// Deploys a program and activates it: its code is on the chain for the first time.
pub(crate) fn deploy(chain: &mut Chain, folder: &Path, name: &str) -> Result<Address, WorldError> {
    let program = create(chain, folder, name)?;
    let data = ArbWasm::activateProgramCall { program }.abi_encode();
    let value = Some(U256::from(1_000_000_000_000_000_000_u64));
    match transact(chain, TransactionRequest { value, ..to(ARB_WASM, data) })? {
        (Some(data), ..) => Err(WorldError::Refused(data)),
        _ => Ok(program),
    }
}

/// Odd numbers, so that every rounding shows.
fn parameters() -> IHub::Parameters {
    IHub::Parameters {
        window: 600,
        patience: 1_200,
        burnShare: 6_001,
        failedShare: 2_503,
        serverBond: 10_000_000_000_000_001,
        challengerBond: 5_000_000_000_000_003,
        gasStake: 1_000_000_000_000_007,
        burnPerStep: 1_000_003,
        exclusivity: 120,
        acceptBond: 1_000_000_000_003,
    }
}

fn terms(params: &IHub::Parameters, [hub, game, step]: [Address; 3], chain_id: u64) -> Terms {
    Terms {
        chain_id,
        hub,
        game,
        step,
        clock: 3_600,
        window: params.window.into(),
        patience: params.patience.into(),
        burn_share: params.burnShare.into(),
        failed_share: params.failedShare.into(),
        server_bond: params.serverBond,
        challenger_bond: params.challengerBond,
        gas_stake: params.gasStake,
        burn_per_step: params.burnPerStep.into(),
        exclusivity: params.exclusivity.into(),
        accept_bond: params.acceptBond,
    }
}

/// Traces of one step, of a few, and of more than anybody computes.
fn models() -> Vec<Model> {
    let lengths = [
        (0, Program::Empty),
        (0, Program::Relu),
        (3, Program::Relu),
        (7, Program::Empty),
        (12, Program::Relu),
        (62, Program::Empty),
    ];
    let model = |(number, (steps_log2, program))| Model {
        owner: people::OWNER,
        program,
        weights: B256::repeat_byte(number),
        // A window of zeros.
        image: crate::machine::memory::Memory::new(28).root(),
        output: ((1 << 39) + (1 << 28), 12),
        steps_log2,
        max_input: 64,
        fee: 2_000_000_000_000_001 * u128::from(number),
        iteration_fee: 10_000_000_000_003,
        max_iterations: 100 * u32::from(number % 2),
        retired: false,
    };
    (1..).zip(lengths).map(model).collect()
}

fn entry(model: &Model) -> IHub::Model {
    IHub::Model {
        programRoot: model.program.root(),
        weightsRoot: model.weights,
        imageRoot: model.image,
        outputBase: model.output.0,
        outputLog2: model.output.1,
        stepsLog2: model.steps_log2,
        maxInput: model.max_input,
        fee: model.fee,
        iterationFee: model.iteration_fee,
        maxIterations: model.max_iterations,
    }
}
