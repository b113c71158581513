//! Hub, step verifier, attention contract and its game contract on a chain, and the people who use them.

use std::sync::LazyLock;

use alloy_eips::BlockId;
use alloy_primitives::{Address, B256, Bytes, U256, address};
use alloy_rpc_types_eth::{TransactionReceipt, TransactionRequest};
use alloy_sol_types::{SolCall, SolError};
use opml_devnet::chain::{CallError, Chain, ChainConfig, DEV_ACCOUNT, Overrides};
use opml_runtime::tile::KernelImage;

use crate::abi::{IAttention, IHub};
use crate::chain_support::{START, deploy_program, deploy_wasm, send, to};
use crate::encoding::IGame;
use crate::ledger::Ledger;
use crate::model::Model;
use crate::verifier::{Secrets, States, Told};

pub const OWNER: Address = address!("00000000000000000000000000000000000a0001");
pub const REQUESTER: Address = address!("00000000000000000000000000000000000a0002");
pub const SERVER: Address = address!("00000000000000000000000000000000000a0003");
pub const ALICE: Address = address!("00000000000000000000000000000000000a0004");
pub const BOB: Address = address!("00000000000000000000000000000000000a0005");
pub const MALLORY: Address = address!("00000000000000000000000000000000000a0006");
pub const DAVE: Address = address!("00000000000000000000000000000000000a0007");
pub const PEOPLE: [Address; 7] = [OWNER, REQUESTER, SERVER, ALICE, BOB, MALLORY, DAVE];

pub const CLOCK: u64 = 3600;
pub const WINDOW: u64 = 600;
pub const SERVER_BOND: u128 = 10_000_000_000_000_001;
pub const EPOCH: u64 = 1000;
pub const COMMIT_TIME: u64 = 200;
pub const REVEAL_TIME: u64 = 300;
pub const DISPUTE_TIME: u64 = 400;
pub const STAKE: u128 = 20_000_000_000_000_003;
pub const BOND: u128 = 5_000_000_000_000_001;
/// 60 percent, rounded up.
pub const STAKE_BURN: u128 = 12_000_000_000_000_002;
pub const BOND_BURN: u128 = 3_000_000_000_000_001;
pub const POT: u128 = 7_000_000_000_000_001;
/// Summonses of an epoch.
pub const SUMMONS: u32 = 12;
/// Drawn as good as always.
pub const ALWAYS: u64 = u64::MAX;
const ETHER: u128 = 1_000_000_000_000_000_000;

pub fn parameters() -> IAttention::Parameters {
    IAttention::Parameters {
        epoch: 1000,
        commitTime: 200,
        revealTime: 300,
        disputeTime: 400,
        burnShare: 6000,
        stake: STAKE,
        bond: BOND,
    }
}

fn hub_parameters() -> IHub::Parameters {
    IHub::Parameters {
        window: 600,
        patience: 1200,
        burnShare: 6000,
        failedShare: 2500,
        serverBond: SERVER_BOND,
        challengerBond: BOND,
        gasStake: 1_000_000_000_000_000,
        burnPerStep: 1_000_000_011,
        exclusivity: 300,
        acceptBond: 1_000_000_000_001,
    }
}

/// The model of most tests, and its true trace.
pub static TOY: LazyLock<Model> = LazyLock::new(|| Model::toy(5));
pub static TRUTH: LazyLock<States> = LazyLock::new(|| States::true_of(&TOY));

fn module(name: &str) -> Vec<u8> {
    let test = std::env::current_exe().unwrap();
    let target = test.ancestors().nth(3).unwrap();
    std::fs::read(target.join(format!("contracts/{name}.wasm")))
        .expect("the contracts are built: cargo xtask contracts")
}

/// A registration and its secrets.
#[derive(Clone, Copy, Debug)]
pub struct Verifier {
    pub id: B256,
    pub account: Address,
    pub secrets: Secrets,
}

pub struct World {
    pub chain: Chain,
    pub hub: Address,
    pub attention: Address,
    pub game: Address,
    pub step: Address,
    /// Creation nonce of the attention contract.
    pub nonce: u64,
    pub model: B256,
    pub enrolment: B256,
    pub ledger: Ledger,
    pub last: Option<TransactionReceipt>,
    seeds: u64,
}

impl World {
    /// Everything deployed, the hub with the toy model; attention not initialised.
    pub fn deployed() -> Self {
        let mut chain = Chain::new(ChainConfig::fixed_time(START)).unwrap();
        chain.impersonate_all(true).unwrap();
        let step = deploy_program(&mut chain, &module("step"));
        let hub_game = deploy_program(&mut chain, &module("game"));
        let game = deploy_wasm(&mut chain, &module("game"));
        let hub_nonce = chain.nonce(DEV_ACCOUNT, BlockId::latest()).unwrap();
        let hub = deploy_program(&mut chain, &module("hub"));
        let nonce = chain.nonce(DEV_ACCOUNT, BlockId::latest()).unwrap();
        let attention = deploy_program(&mut chain, &module("attention"));
        for person in PEOPLE {
            chain.set_balance(person, U256::from(1000 * ETHER)).unwrap();
        }
        let mut world = Self {
            chain,
            hub,
            attention,
            game,
            step,
            nonce,
            model: B256::ZERO,
            enrolment: B256::ZERO,
            ledger: Ledger { accounts: PEOPLE.into(), ..Ledger::default() },
            last: None,
            seeds: 0,
        };
        let clock = u32::try_from(CLOCK).unwrap();
        world.call(DEV_ACCOUNT, hub_game, IGame::initializeCall { hub, step, clock }).unwrap();
        let params = hub_parameters();
        let call = IHub::initializeCall { creationNonce: hub_nonce, game: hub_game, params };
        world.call(DEV_ACCOUNT, hub, call).unwrap();
        world.model = world.register_model(&TOY);
        world
    }

    /// The game contract of attention, bound to it.
    pub fn bind_game(&mut self) {
        let (hub, step, clock) = (self.attention, self.step, u32::try_from(CLOCK).unwrap());
        self.call(DEV_ACCOUNT, self.game, IGame::initializeCall { hub, step, clock }).unwrap();
    }

    /// Attention works, and the toy is enrolled with money for a hundred claims.
    pub fn new() -> Self {
        Self::with_threshold(ALWAYS)
    }

    pub fn with_threshold(threshold: u64) -> Self {
        let mut world = Self::deployed();
        world.bind_game();
        let (hub, game, params) = (world.hub, world.game, parameters());
        let creationNonce = world.nonce;
        let call = IAttention::initializeCall { creationNonce, hub, game, params };
        world.ask(DEV_ACCOUNT, call).unwrap();
        world.enrolment = world.enrol(POT, threshold);
        world.fund(100 * POT);
        world
    }

    pub fn register_model(&mut self, model: &Model) -> B256 {
        let manifest = model.bundle.manifest();
        let model = IHub::Model {
            programRoot: model.bundle.program().root(),
            weightsRoot: manifest.weights_root,
            imageRoot: KernelImage::released().unwrap().root(),
            outputBase: manifest.output.base,
            outputLog2: manifest.output.log2_size,
            stepsLog2: model.steps_log2,
            maxInput: 1024,
            fee: 1_000_000,
            iterationFee: 0,
            maxIterations: 1,
        };
        let call = IHub::registerModelCall { model, uri: "ipfs://model".into() };
        self.call(OWNER, self.hub, call).unwrap()
    }

    // ---- transactions ----------------------------------------------------------------------------

    /// Calls the attention contract; the data that it reverts with if it does.
    pub fn ask<C: SolCall>(&mut self, from: Address, call: C) -> Result<C::Return, Bytes> {
        self.pay(from, 0, call)
    }

    /// Calls the attention contract with ether.
    pub fn pay<C: SolCall>(
        &mut self,
        from: Address,
        value: u128,
        call: C,
    ) -> Result<C::Return, Bytes> {
        let returned = self.send((from, self.attention), value, call.abi_encode())?;
        Ok(C::abi_decode_returns(&returned).unwrap())
    }

    /// Calls another contract.
    pub fn call<C: SolCall>(
        &mut self,
        from: Address,
        target: Address,
        call: C,
    ) -> Result<C::Return, Bytes> {
        let returned = self.send((from, target), 0, call.abi_encode())?;
        Ok(C::abi_decode_returns(&returned).unwrap())
    }

    /// Sends a transaction that succeeds, behind which the money is counted; the data that it would revert
    /// with if it does not.
    pub fn send(
        &mut self,
        (from, target): (Address, Address),
        value: u128,
        data: Vec<u8>,
    ) -> Result<Bytes, Bytes> {
        let value = Some(U256::from(value));
        let request = TransactionRequest { from: Some(from), value, ..to(target, data) };
        match self.chain.call(&request, BlockId::pending(), &Overrides::default()) {
            Ok(returned) => {
                let receipt = send(&mut self.chain, request);
                assert!(receipt.status(), "{receipt:?}");
                self.ledger.note(self.attention, &receipt);
                self.last = Some(receipt);
                self.assert_balanced();
                Ok(returned)
            }
            Err(CallError::Revert(data)) => Err(data),
            Err(error) => panic!("{error:?}"),
        }
    }

    pub fn view<C: SolCall>(&self, call: C) -> C::Return {
        self.try_view(call).unwrap()
    }

    pub fn try_view<C: SolCall>(&self, call: C) -> Result<C::Return, Bytes> {
        let request = to(self.attention, call.abi_encode());
        match self.chain.call(&request, BlockId::latest(), &Overrides::default()) {
            Ok(data) => Ok(C::abi_decode_returns(&data).unwrap()),
            Err(CallError::Revert(data)) => Err(data),
            Err(error) => panic!("{error:?}"),
        }
    }

    /// What a call by anybody would return in the next block.
    pub fn would<C: SolCall>(&self, call: C) -> Result<Bytes, CallError> {
        let request = to(self.attention, call.abi_encode());
        self.chain.call(&request, BlockId::pending(), &Overrides::default())
    }

    /// Gas of the last transaction.
    pub fn gas(&self) -> u64 {
        self.last.as_ref().unwrap().gas_used
    }

    // ---- time ------------------------------------------------------------------------------------

    pub fn now(&self) -> u64 {
        self.chain.next_timestamp()
    }

    /// The next transactions are in this second.
    pub fn at(&mut self, second: u64) {
        assert!(second >= self.now(), "{second} has passed: it is {}", self.now());
        self.chain.set_time(second).unwrap();
    }

    pub fn pass(&mut self, seconds: u64) {
        self.at(self.now() + seconds);
    }

    pub fn epoch(&self) -> u64 {
        self.now() / EPOCH
    }

    // ---- acts ------------------------------------------------------------------------------------

    pub fn enrol(&mut self, pot: u128, threshold: u64) -> B256 {
        let modelId = self.model;
        self.ask(OWNER, IAttention::enrolCall { modelId, pot, threshold, summonsPerEpoch: SUMMONS })
            .unwrap()
    }

    pub fn fund(&mut self, amount: u128) {
        let enrolmentId = self.enrolment;
        self.pay(OWNER, amount, IAttention::fundCall { enrolmentId }).unwrap();
    }

    /// Registers with secrets of its own.
    pub fn register(&mut self, account: Address) -> Verifier {
        self.seeds += 1;
        let secrets = Secrets::new(self.seeds, self.epoch() + 1);
        let (enrolmentId, anchor) = (self.enrolment, secrets.anchor());
        let call = IAttention::registerCall { enrolmentId, anchor };
        let id = self.pay(account, STAKE, call).unwrap();
        Verifier { id, account, secrets }
    }

    /// A request of the toy.
    pub fn infer(&mut self) -> B256 {
        let (modelId, hub) = (self.model, self.hub);
        let call = IHub::quoteCall { modelId, iterations: 0 };
        let quote = self.call(REQUESTER, hub, call).unwrap();
        let request = TOY.request();
        let call = IHub::inferCall { modelId, request };
        let price: u128 = (quote.fee + quote.workBurn).to();
        let id = self.send((REQUESTER, hub), price, call.abi_encode()).unwrap();
        B256::from_slice(&id)
    }

    /// The right claim on a request of its own.
    pub fn claim(&mut self) -> B256 {
        let request = self.infer();
        self.claim_on(request, SERVER)
    }

    /// A server's right claim.
    pub fn claim_on(&mut self, requestId: B256, server: Address) -> B256 {
        let answer = TOY.truth();
        let call = IHub::claimCall {
            requestId,
            finalState: answer.state.encode().into(),
            output: answer.output.into(),
            path: answer.path.into(),
        };
        let id = self.send((server, self.hub), SERVER_BOND, call.abi_encode()).unwrap();
        B256::from_slice(&id)
    }

    pub fn try_summon(&mut self, claimId: B256) -> Result<(), Bytes> {
        let enrolmentId = self.enrolment;
        let call = IAttention::summonCall { enrolmentId, claimId };
        self.ask(DAVE, call).map(|_| ())
    }

    /// A claim to which attention is summoned.
    pub fn summoned(&mut self) -> B256 {
        let claim = self.claim();
        self.try_summon(claim).unwrap();
        claim
    }

    /// What a verifier of the truth says about a claim.
    pub fn truth(&self, verifier: &Verifier, claim: B256) -> Told {
        TRUTH.told(claim, self.secret(verifier, claim))
    }

    /// A verifier's secret of a claim's epoch.
    pub fn secret(&self, verifier: &Verifier, claim: B256) -> B256 {
        verifier.secrets.of(self.summons(claim).epoch)
    }

    pub fn try_commit(&mut self, verifier: &Verifier, told: &Told) -> Result<(), Bytes> {
        let Verifier { id, account, .. } = *verifier;
        let commitment = told.commitment(id);
        let claimId = told.claim;
        let call = IAttention::commitCall { registrationId: id, claimId, commitment };
        self.ask(account, call).map(|_| ())
    }

    pub fn commit(&mut self, verifier: &Verifier, told: &Told) {
        self.try_commit(verifier, told).unwrap();
    }

    pub fn try_reveal(&mut self, verifier: &Verifier, epoch: u64) -> Result<(), Bytes> {
        let (registrationId, secret) = (verifier.id, verifier.secrets.of(epoch));
        let call = IAttention::revealCall { registrationId, secret };
        self.ask(verifier.account, call).map(|_| ())
    }

    pub fn reveal(&mut self, verifier: &Verifier, epoch: u64) {
        self.try_reveal(verifier, epoch).unwrap();
    }

    pub fn try_answer(&mut self, verifier: &Verifier, told: &Told) -> Result<(), Bytes> {
        let call = IAttention::answerCall {
            registrationId: verifier.id,
            claimId: told.claim,
            steps: told.steps,
            finalState: told.state.encode().into(),
            hashes: told.hashes.clone(),
        };
        self.ask(verifier.account, call).map(|_| ())
    }

    pub fn answer(&mut self, verifier: &Verifier, told: &Told) {
        self.try_answer(verifier, told).unwrap();
    }

    pub fn try_settle(&mut self, verifier: &Verifier, claimId: B256) -> Result<(), Bytes> {
        let call = IAttention::settleCall { registrationId: verifier.id, claimId };
        self.ask(DAVE, call).map(|_| ())
    }

    pub fn slash_missing(&mut self, verifier: &Verifier, claimId: B256) -> Result<(), Bytes> {
        let call = IAttention::slashMissingCall { registrationId: verifier.id, claimId };
        self.ask(DAVE, call).map(|_| ())
    }

    pub fn slash_silent(&mut self, verifier: &Verifier) -> Result<(), Bytes> {
        let call = IAttention::slashSilentCall { registrationId: verifier.id };
        self.ask(DAVE, call).map(|_| ())
    }
}

/// The first second of a phase of an epoch.
pub const fn reveal_from(epoch: u64) -> u64 {
    (epoch + 1) * EPOCH + WINDOW
}

pub const fn accuse_from(epoch: u64) -> u64 {
    reveal_from(epoch) + REVEAL_TIME
}

pub const fn settle_from(epoch: u64) -> u64 {
    accuse_from(epoch) + DISPUTE_TIME
}

/// The call was refused with exactly this error.
#[track_caller]
pub fn refused<T>(outcome: Result<T, Bytes>, error: impl SolError) {
    assert_eq!(outcome.err().expect("it was not refused"), Bytes::from(error.abi_encode()));
}
