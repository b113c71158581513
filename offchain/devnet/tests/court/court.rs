//! The three contracts on a chain, and the people who use them.

use alloy_primitives::{Address, B256, Bytes, U256, address};
use alloy_rpc_types_eth::{TransactionReceipt, TransactionRequest};
use alloy_sol_types::{SolCall, SolError};
use opml_devnet::chain::{Chain, ChainConfig, DEV_ACCOUNT};
use opml_runtime::tile::KernelImage;

use crate::abi::IHub;
use crate::chain_support::{START, call, deploy_program, send, to};
use crate::encoding::IGame;
use crate::ledger::Ledger;
use crate::model::{Answer, Model};

pub const OWNER: Address = address!("00000000000000000000000000000000000a0001");
pub const REQUESTER: Address = address!("00000000000000000000000000000000000a0002");
pub const SERVER: Address = address!("00000000000000000000000000000000000a0003");
pub const SECOND: Address = address!("00000000000000000000000000000000000a0004");
pub const CHALLENGER: Address = address!("00000000000000000000000000000000000a0005");
pub const MALLORY: Address = address!("00000000000000000000000000000000000a0006");
/// Party to nothing.
pub const STRANGER: Address = address!("00000000000000000000000000000000000a0007");
pub const PEOPLE: [Address; 7] = [OWNER, REQUESTER, SERVER, SECOND, CHALLENGER, MALLORY, STRANGER];

pub const CLOCK: u64 = 3_600;
pub const WINDOW: u64 = 600;
pub const PATIENCE: u64 = 1_200;
pub const SERVER_BOND: u128 = 10_000_000_000_000_001;
pub const CHALLENGER_BOND: u128 = 5_000_000_000_000_003;
pub const GAS_STAKE: u128 = 1_000_000_000_000_007;
pub const FEE: u128 = 3_000_000_000_000_001;
pub const ACCEPT_BOND: u128 = 1_000_000_000_001;
const BURN_PER_STEP: u64 = 1_000_000_011;
/// 60 percent, rounded up.
pub const SERVER_BOND_BURN: u128 = 6_000_000_000_000_001;
pub const CHALLENGER_BOND_BURN: u128 = 3_000_000_000_000_002;
const ETHER: u128 = 1_000_000_000_000_000_000;

fn parameters() -> IHub::Parameters {
    IHub::Parameters {
        window: 600,
        patience: 1_200,
        burnShare: 6_000,
        failedShare: 2_500,
        serverBond: SERVER_BOND,
        challengerBond: CHALLENGER_BOND,
        gasStake: GAS_STAKE,
        burnPerStep: BURN_PER_STEP,
        exclusivity: 300,
        acceptBond: ACCEPT_BOND,
    }
}

pub fn contract(name: &str) -> Vec<u8> {
    let test = std::env::current_exe().unwrap();
    let target = test.ancestors().nth(3).unwrap();
    std::fs::read(target.join(format!("contracts/{name}.wasm")))
        .expect("the contracts are built: cargo xtask contracts")
}

/// A transaction that has succeeded, and what it returned.
#[derive(Clone, Debug)]
pub struct Done {
    pub receipt: TransactionReceipt,
    pub output: Bytes,
}

/// Or what it reverted with.
pub type Sent = Result<Done, Bytes>;

pub struct Court {
    pub chain: Chain,
    pub hub: Address,
    pub game: Address,
    pub step: Address,
    pub ledger: Ledger,
    /// Whether the money is counted behind every transaction.
    pub audits: bool,
    /// Wei that the next request pays.
    pub price: u128,
}

impl Court {
    pub fn new() -> Self {
        Self::on(ChainConfig::fixed_time(START))
    }

    /// On a chain of one's own.
    pub fn on(config: ChainConfig) -> Self {
        let mut chain = Chain::new(config).unwrap();
        chain.impersonate_all(true).unwrap();
        let step = deploy_program(&mut chain, &contract("step"));
        let game = deploy_program(&mut chain, &contract("game"));
        let nonce = chain.nonce(DEV_ACCOUNT, alloy_eips::BlockId::latest()).unwrap();
        let hub = deploy_program(&mut chain, &contract("hub"));
        for person in PEOPLE {
            chain.set_balance(person, U256::from(1_000 * ETHER)).unwrap();
        }
        let ledger = Ledger { accounts: PEOPLE.into(), ..Ledger::default() };
        let mut court = Self { chain, hub, game, step, ledger, audits: true, price: 0 };
        let clock = u32::try_from(CLOCK).unwrap();
        court.play(DEV_ACCOUNT, IGame::initializeCall { hub, step, clock }).unwrap();
        let params = parameters();
        let call = IHub::initializeCall { creationNonce: nonce, game, params };
        court.ask(DEV_ACCOUNT, 0, call).unwrap();
        court
    }

    // ---- transactions ----------------------------------------------------------------------------

    pub fn send(&mut self, request: TransactionRequest) -> Sent {
        let receipt = send(&mut self.chain, request);
        let output = self.chain.trace_transaction(receipt.transaction_hash).unwrap().output;
        if !receipt.status() {
            return Err(output);
        }
        self.ledger.note(self.hub, &receipt, self.price);
        if self.audits {
            self.ledger.assert_balanced(self);
        }
        Ok(Done { receipt, output })
    }

    pub fn send_to(&mut self, from: Address, target: Address, data: Vec<u8>) -> Sent {
        self.send(TransactionRequest { from: Some(from), ..to(target, data) })
    }

    /// A call of the hub, with wei.
    pub fn ask<C: SolCall>(&mut self, from: Address, wei: u128, call: C) -> Sent {
        let value = Some(U256::from(wei));
        let request = to(self.hub, call.abi_encode());
        self.send(TransactionRequest { from: Some(from), value, ..request })
    }

    /// A call of the game contract.
    pub fn play<C: SolCall>(&mut self, from: Address, call: C) -> Sent {
        self.send_to(from, self.game, call.abi_encode())
    }

    pub fn view<C: SolCall>(&self, target: Address, view: C) -> C::Return {
        let output = call(&self.chain, &to(target, view.abi_encode())).unwrap();
        C::abi_decode_returns_validate(&output).unwrap()
    }

    // ---- time ------------------------------------------------------------------------------------

    pub fn now(&self) -> u64 {
        self.chain.next_timestamp()
    }

    /// What follows is in this second.
    pub fn at(&mut self, second: u64) {
        self.chain.set_time(second).unwrap();
    }

    pub fn pass(&mut self, seconds: u64) {
        self.at(self.now() + seconds);
    }

    /// Does something and undoes it.
    pub fn what_if<T>(&mut self, something: impl FnOnce(&mut Self) -> T) -> T {
        let (snapshot, ledger) = (self.chain.snapshot().unwrap(), self.ledger.clone());
        let outcome = something(self);
        assert!(self.chain.revert(snapshot).unwrap());
        self.ledger = ledger;
        outcome
    }

    // ---- acts ------------------------------------------------------------------------------------

    /// Registers a model with its own roots and the released kernel image.
    pub fn register(&mut self, model: &Model) -> B256 {
        self.register_as(model, |_| ())
    }

    /// The same, altered.
    pub fn register_as(&mut self, model: &Model, alter: impl FnOnce(&mut IHub::Model)) -> B256 {
        let manifest = model.bundle.manifest();
        let mut entry = IHub::Model {
            programRoot: model.bundle.program().root(),
            weightsRoot: manifest.weights_root,
            imageRoot: KernelImage::released().unwrap().root(),
            outputBase: manifest.output.base,
            outputLog2: manifest.output.log2_size,
            stepsLog2: model.steps_log2,
            maxInput: 1_024,
            fee: FEE,
            iterationFee: 0,
            maxIterations: 1,
        };
        alter(&mut entry);
        let call = IHub::registerModelCall { model: entry, uri: "ipfs://model".into() };
        id(self.ask(OWNER, 0, call).unwrap())
    }

    /// What a request costs, and how much of it is burned.
    pub fn quote(&self, model: B256) -> (u128, u128) {
        let quote = self.view(self.hub, IHub::quoteCall { modelId: model, iterations: 0 });
        (quote.fee.to(), quote.workBurn.to())
    }

    pub fn infer(&mut self, model: B256, request: Bytes) -> B256 {
        let (fee, burn) = self.quote(model);
        self.price = fee + burn;
        let call = IHub::inferCall { modelId: model, request };
        id(self.ask(REQUESTER, self.price, call).unwrap())
    }

    /// A model registered and asked.
    pub fn asked(&mut self, model: &Model) -> B256 {
        let registered = self.register(model);
        self.infer(registered, model.request())
    }

    pub fn try_claim(
        &mut self,
        server: Address,
        request: B256,
        answer: &Answer,
    ) -> Result<B256, Bytes> {
        let call = IHub::claimCall {
            requestId: request,
            finalState: answer.state.encode().into(),
            output: answer.output.clone().into(),
            path: answer.path.clone().into(),
        };
        self.ask(server, SERVER_BOND, call).map(id)
    }

    pub fn claim(&mut self, server: Address, request: B256, answer: &Answer) -> B256 {
        self.try_claim(server, request, answer).unwrap()
    }

    pub fn deposit(&mut self, account: Address, wei: u128) {
        self.ask(account, wei, IHub::depositCall {}).unwrap();
    }

    pub fn withdraw(&mut self, account: Address, wei: u128) -> Sent {
        let amount = U256::from(wei);
        self.ask(account, 0, IHub::withdrawCall { to: account, amount })
    }

    pub fn finalize(&mut self, claim: B256) -> Sent {
        self.ask(STRANGER, 0, IHub::finalizeCall { claimId: claim })
    }

    pub fn timeout(&mut self, game: B256) -> Sent {
        self.play(STRANGER, IGame::timeoutCall { gameId: game })
    }

    pub fn settle(&mut self, game: B256) -> Sent {
        self.play(STRANGER, IGame::settleCall { gameId: game })
    }

    pub fn refund_game(&mut self, game: B256) -> Sent {
        self.ask(STRANGER, 0, IHub::refundGameCall { gameId: game })
    }

    // ---- views -----------------------------------------------------------------------------------

    pub fn request(&self, id: B256) -> IHub::Request {
        self.view(self.hub, IHub::getRequestCall { requestId: id })
    }

    pub fn claim_of(&self, id: B256) -> IHub::Claim {
        self.view(self.hub, IHub::getClaimCall { claimId: id })
    }

    /// What the hub keeps of a game.
    pub fn stakes_of(&self, id: B256) -> IHub::Game {
        self.view(self.hub, IHub::getGameCall { gameId: id })
    }

    /// What the game contract keeps of a game.
    pub fn game_of(&self, id: B256) -> IGame::Game {
        self.view(self.game, IGame::getGameCall { gameId: id })
    }

    pub fn deadline(&self, id: B256) -> u64 {
        self.view(self.game, IGame::deadlineCall { gameId: id })
    }

    pub fn result(&self, request: B256) -> IHub::Outcome {
        self.view(self.hub, IHub::resultCall { requestId: request })
    }

    pub fn credit(&self, account: Address) -> u128 {
        self.view(self.hub, IHub::creditOfCall { account }).to()
    }

    pub fn burned(&self) -> u128 {
        self.view(self.hub, IHub::burnedCall {}).to()
    }

    /// Wei that accounts have paid for gas so far.
    pub fn gas_spent<const N: usize>(&self, accounts: [Address; N]) -> [u128; N] {
        let blocks = 0..=self.chain.block_number();
        let receipts = blocks.filter_map(|number| self.chain.receipts(number.into())).flatten();
        let mut spent = [0; N];
        for receipt in receipts {
            let paid = u128::from(receipt.gas_used) * receipt.effective_gas_price;
            for (place, account) in spent.iter_mut().zip(accounts) {
                *place += if receipt.from == account { paid } else { 0 };
            }
        }
        spent
    }

    pub fn balance(&self, account: Address) -> u128 {
        self.chain.balance(account, alloy_eips::BlockId::latest()).unwrap().to()
    }

    /// All take out what they have; nothing is left in the hub but what was forced in.
    pub fn assert_nothing_left(&mut self) {
        for account in self.ledger.accounts.clone() {
            let credit = self.credit(account);
            self.withdraw(account, credit).unwrap();
        }
        self.ask(STRANGER, 0, IHub::flushBurnedCall {}).unwrap();
        assert_eq!(self.balance(self.hub), self.ledger.forced);
    }
}

/// The id that a call has returned.
pub fn id(done: Done) -> B256 {
    B256::from_slice(&done.output)
}

/// The call was refused with exactly this error.
#[track_caller]
pub fn refused<T: std::fmt::Debug>(outcome: Result<T, Bytes>, error: impl SolError) {
    assert_eq!(outcome.expect_err("it was not refused"), Bytes::from(error.abi_encode()));
}
