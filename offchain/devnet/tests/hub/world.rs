//! A hub and its game contract on a chain, and the people who use them.

use std::path::PathBuf;

use alloy_eips::BlockId;
use alloy_primitives::{Address, B256, Bytes, U256, address};
use alloy_rpc_types_eth::{TransactionReceipt, TransactionRequest};
use alloy_sol_types::{SolCall, SolError, SolValue, sol};
use opml_devnet::chain::{CallError, Chain, ChainConfig, DEV_ACCOUNT, Overrides};

use crate::answer::{Answer, OUTPUT_BASE, OUTPUT_LOG2};
use crate::chain_support::{START, deploy_program, send, to};

pub mod abi {
    #![allow(clippy::pedantic, missing_docs, clippy::too_many_arguments)]
    super::sol!(
        #![sol(all_derives)]
        "../../sol/IHub.sol"
    );
    pub mod game {
        alloy_sol_types::sol!(
            #![sol(all_derives)]
            "../../sol/IGame.sol"
        );
    }
}
pub use abi::IHub;
pub use abi::game::IGame;

pub const OWNER: Address = address!("00000000000000000000000000000000000a0001");
pub const REQUESTER: Address = address!("00000000000000000000000000000000000a0002");
pub const SERVER: Address = address!("00000000000000000000000000000000000a0003");
pub const RIVAL: Address = address!("00000000000000000000000000000000000a0004");
pub const CAROL: Address = address!("00000000000000000000000000000000000a0005");
pub const DAVE: Address = address!("00000000000000000000000000000000000a0006");
pub const PEOPLE: [Address; 6] = [OWNER, REQUESTER, SERVER, RIVAL, CAROL, DAVE];

pub const CLOCK: u32 = 3600;
pub const WINDOW: u64 = 600;
pub const EXCLUSIVITY: u64 = 120;
pub const PATIENCE: u64 = 1200;
pub const SERVER_BOND: u128 = 10_000_000_000_000_001;
pub const CHALLENGER_BOND: u128 = 5_000_000_000_000_003;
pub const GAS_STAKE: u128 = 1_000_000_000_000_007;
pub const ACCEPT_BOND: u128 = 1_000_000_000_003;
pub const BASE_FEE: u128 = 2_000_000_000_000_001;
pub const ITERATION_FEE: u128 = 10_000_000_000_003;
pub const MAX_ITERATIONS: u32 = 100;
/// What a request pays that asks for no number of iterations.
pub const FEE: u128 = BASE_FEE + ITERATION_FEE * 100;
pub const STEPS_LOG2: u8 = 15;
pub const WORK_BURN: u128 = 1_000_000_011 << STEPS_LOG2;
pub const PRICE: u128 = FEE + WORK_BURN;
/// 60 percent, rounded up.
pub const SERVER_BOND_BURN: u128 = 6_000_000_000_000_001;
pub const CHALLENGER_BOND_BURN: u128 = 3_000_000_000_000_002;
const ETHER: u128 = 1_000_000_000_000_000_000;

pub fn parameters() -> IHub::Parameters {
    IHub::Parameters {
        window: 600,
        patience: 1200,
        burnShare: 6000,
        failedShare: 2500,
        serverBond: SERVER_BOND,
        challengerBond: CHALLENGER_BOND,
        gasStake: GAS_STAKE,
        burnPerStep: 1_000_000_011,
        exclusivity: 120,
        acceptBond: ACCEPT_BOND,
    }
}

pub fn model() -> IHub::Model {
    IHub::Model {
        programRoot: B256::repeat_byte(1),
        weightsRoot: B256::repeat_byte(2),
        imageRoot: B256::repeat_byte(3),
        outputBase: OUTPUT_BASE,
        outputLog2: OUTPUT_LOG2,
        stepsLog2: STEPS_LOG2,
        maxInput: 64,
        fee: BASE_FEE,
        iterationFee: ITERATION_FEE,
        maxIterations: MAX_ITERATIONS,
    }
}

/// Seconds of activation that something new needs.
pub fn runway() -> u64 {
    WINDOW + 2 * u64::from(CLOCK) + 86_400
}

pub fn module(name: &str) -> Vec<u8> {
    let test = std::env::current_exe().unwrap();
    let target: PathBuf = test.ancestors().nth(3).unwrap().into();
    std::fs::read(target.join(format!("contracts/{name}.wasm")))
        .expect("the contracts are built: cargo xtask build")
}

/// Header and input of a request that asks for no number of iterations.
pub fn request(input: &[u8]) -> Bytes {
    request_for(0, input)
}

/// Header and input of a request; the number of iterations is word 2 of the parameters.
pub fn request_for(iterations: u32, input: &[u8]) -> Bytes {
    let mut bytes = vec![0; 128];
    bytes[24..28].copy_from_slice(&iterations.to_le_bytes());
    bytes[..4].copy_from_slice(&u32::try_from(input.len()).unwrap().to_le_bytes());
    bytes.extend(input);
    bytes.into()
}

pub struct World {
    pub chain: Chain,
    pub hub: Address,
    pub game: Address,
    pub model: B256,
    pub accounts: Vec<Address>,
    pub requests: Vec<B256>,
    pub claims: Vec<B256>,
    pub games: Vec<B256>,
    pub last: Option<TransactionReceipt>,
}

impl World {
    /// A hub that is not initialised, a game contract that knows it, and the creation nonce of the hub.
    pub fn deployed() -> (Self, u64) {
        let (mut world, nonce) = Self::bare();
        // No step is proven here: any program will do for the verifier.
        world.configure_game(world.game);
        (world, nonce)
    }

    /// A hub and a game contract that know nothing, and the creation nonce of the hub.
    fn bare() -> (Self, u64) {
        let mut chain = Chain::new(ChainConfig::fixed_time(START)).unwrap();
        chain.impersonate_all(true).unwrap();
        let game = deploy_program(&mut chain, &module("game"));
        let nonce = chain.nonce(DEV_ACCOUNT, BlockId::latest()).unwrap();
        let hub = deploy_program(&mut chain, &module("hub"));
        for person in PEOPLE {
            chain.set_balance(person, U256::from(1000 * ETHER)).unwrap();
        }
        let world = Self {
            chain,
            hub,
            game,
            model: B256::ZERO,
            accounts: PEOPLE.into(),
            requests: Vec::new(),
            claims: Vec::new(),
            games: Vec::new(),
            last: None,
        };
        (world, nonce)
    }

    /// Tells the game contract of the hub.
    pub fn configure_game(&mut self, step: Address) {
        let call = IGame::initializeCall { hub: self.hub, step, clock: CLOCK };
        self.play(DEV_ACCOUNT, call).unwrap();
    }

    /// A hub that works, with a model.
    pub fn new() -> Self {
        let (world, nonce) = Self::deployed();
        world.started(nonce)
    }

    /// The same with another step verifier.
    pub fn with_step(deploy: impl FnOnce(&mut Chain) -> Address) -> Self {
        let (mut world, nonce) = Self::bare();
        let step = deploy(&mut world.chain);
        world.configure_game(step);
        world.started(nonce)
    }

    fn started(mut self, nonce: u64) -> Self {
        let world = &mut self;
        let (game, params) = (world.game, parameters());
        let call = IHub::initializeCall { creationNonce: nonce, game, params };
        world.ask(DEV_ACCOUNT, call).unwrap();
        let call = IHub::registerModelCall { model: model(), uri: "ipfs://model".into() };
        world.model = world.ask(OWNER, call).unwrap();
        self
    }

    /// Calls the hub; the data that it reverts with if it does.
    pub fn ask<C: SolCall>(&mut self, from: Address, call: C) -> Result<C::Return, Bytes> {
        self.pay(from, 0, call)
    }

    /// Calls the hub with ether.
    pub fn pay<C: SolCall>(
        &mut self,
        from: Address,
        value: u128,
        call: C,
    ) -> Result<C::Return, Bytes> {
        let returned = self.send(from, self.hub, value, call.abi_encode())?;
        self.assert_balanced();
        Ok(C::abi_decode_returns(&returned).unwrap())
    }

    /// Calls the game contract.
    pub fn play<C: SolCall>(&mut self, from: Address, call: C) -> Result<C::Return, Bytes> {
        let returned = self.send(from, self.game, 0, call.abi_encode())?;
        self.assert_balanced();
        Ok(C::abi_decode_returns(&returned).unwrap())
    }

    /// Sends a transaction that succeeds; the data that it would revert with if it does not.
    #[allow(clippy::too_many_arguments, reason = "a transaction has so many parts")]
    pub fn send(
        &mut self,
        from: Address,
        target: Address,
        value: u128,
        data: Vec<u8>,
    ) -> Result<Bytes, Bytes> {
        let value = Some(U256::from(value));
        let request = TransactionRequest { from: Some(from), value, ..to(target, data) };
        match self.chain.call(&request, BlockId::pending(), &Overrides::default()) {
            Ok(returned) => {
                let receipt = send(&mut self.chain, request);
                assert!(receipt.status(), "{receipt:?}");
                self.last = Some(receipt);
                Ok(returned)
            }
            Err(CallError::Revert(data)) => Err(data),
            Err(error) => panic!("{error:?}"),
        }
    }

    pub fn view<C: SolCall>(&self, call: C) -> C::Return {
        let request = to(self.hub, call.abi_encode());
        let answer = self.chain.call(&request, BlockId::latest(), &Overrides::default());
        C::abi_decode_returns(&answer.unwrap()).unwrap()
    }

    // ---- time ------------------------------------------------------------------------------------

    pub fn now(&self) -> u64 {
        self.chain.next_timestamp()
    }

    pub fn set_time(&mut self, time: u64) {
        self.chain.set_time(time).unwrap();
    }

    pub fn pass(&mut self, seconds: u64) {
        self.set_time(self.now() + seconds);
    }

    // ---- acts ------------------------------------------------------------------------------------

    pub fn infer(&mut self) -> B256 {
        self.infer_for(0)
    }

    /// Asks for so many iterations; none are all.
    pub fn infer_for(&mut self, iterations: u32) -> B256 {
        let request = request_for(iterations, b"why?");
        let call = IHub::inferCall { modelId: self.model, request };
        let iterations = if iterations == 0 { MAX_ITERATIONS } else { iterations };
        let price = BASE_FEE + ITERATION_FEE * u128::from(iterations) + WORK_BURN;
        let id = self.pay(REQUESTER, price, call).unwrap();
        self.requests.push(id);
        id
    }

    pub fn accept(&mut self, server: Address, request: B256) -> Result<(), Bytes> {
        let call = IHub::acceptCall { requestId: request };
        self.pay(server, ACCEPT_BOND, call).map(|_| ())
    }

    pub fn try_claim(
        &mut self,
        server: Address,
        request: B256,
        answer: &Answer,
    ) -> Result<B256, Bytes> {
        let [state, output, path] = answer.parts();
        let call = IHub::claimCall { requestId: request, finalState: state, output, path };
        let id = self.pay(server, SERVER_BOND, call)?;
        self.claims.push(id);
        Ok(id)
    }

    /// A claim of the second party's for which the first one pays.
    pub fn try_claim_for(
        &mut self,
        [payer, server]: [Address; 2],
        requestId: B256,
        answer: &Answer,
    ) -> Result<B256, Bytes> {
        let [finalState, output, path] = answer.parts();
        let call = IHub::claimForCall { server, requestId, finalState, output, path };
        let id = self.pay(payer, SERVER_BOND, call)?;
        self.claims.push(id);
        Ok(id)
    }

    pub fn claim(&mut self, server: Address, request: B256, answer: &Answer) -> B256 {
        self.try_claim(server, request, answer).unwrap()
    }

    pub fn try_challenge(&mut self, challenger: Address, claim: B256) -> Result<B256, Bytes> {
        let call = IHub::challengeCall { claimId: claim, firstMove: first_move() };
        let id = self.pay(challenger, CHALLENGER_BOND, call)?;
        self.games.push(id);
        Ok(id)
    }

    pub fn challenge(&mut self, challenger: Address, claim: B256) -> B256 {
        self.try_challenge(challenger, claim).unwrap()
    }

    /// The server's reply to the first move; it needs credit for its stake.
    pub fn reply(&mut self, game: B256) -> Result<(), Bytes> {
        let (server, _, start) = self.parties(game);
        let header = header(1, STEPS_LOG2);
        let hashes = [vec![start], cuts(7)].concat();
        let call = IGame::dissectCall { gameId: game, header, hashes, segment: 0, ends: cuts(9) };
        self.play(server, call).map(|_| ())
    }

    /// The challenger's answer to that.
    pub fn answer(&mut self, game: B256) {
        self.try_answer(game).unwrap();
    }

    pub fn try_answer(&mut self, game: B256) -> Result<(), Bytes> {
        let (_, challenger, start) = self.parties(game);
        let header = header(2, STEPS_LOG2 - 5);
        let hashes = [vec![start], cuts(9)].concat();
        let call = IGame::dissectCall { gameId: game, header, hashes, segment: 0, ends: cuts(11) };
        self.play(challenger, call).map(|_| ())
    }

    /// Server and challenger of a game, and the first state of its trace.
    fn parties(&self, game: B256) -> (Address, Address, B256) {
        let game = self.view(IHub::getGameCall { gameId: game });
        let claim = self.view(IHub::getClaimCall { claimId: game.claimId });
        let request = self.view(IHub::getRequestCall { requestId: claim.requestId });
        (claim.server, game.challenger, request.start)
    }

    pub fn deposit(&mut self, account: Address, amount: u128) {
        self.pay(account, amount, IHub::depositCall {}).unwrap();
    }

    /// The side on turn runs out of time.
    pub fn time_out(&mut self, game: B256) {
        self.pass(u64::from(CLOCK));
        self.play(DAVE, IGame::timeoutCall { gameId: game }).unwrap();
    }

    /// A claim against which a challenger has won.
    pub fn voided(&mut self, server: Address, request: B256, answer: &Answer) -> B256 {
        let claim = self.claim(server, request, answer);
        let game = self.challenge(CAROL, claim);
        self.time_out(game);
        claim
    }

    pub fn finalize(&mut self, claim: B256) -> Result<(), Bytes> {
        self.ask(DAVE, IHub::finalizeCall { claimId: claim }).map(|_| ())
    }

    // ---- money -----------------------------------------------------------------------------------

    pub fn credit(&self, account: Address) -> u128 {
        self.view(IHub::creditOfCall { account }).to()
    }

    pub fn burned(&self) -> u128 {
        self.view(IHub::burnedCall {}).to()
    }

    pub fn balance(&self) -> u128 {
        self.chain.balance(self.hub, BlockId::latest()).unwrap().to()
    }

    /// What is at stake, counted object by object.
    pub fn stakes(&self) -> u128 {
        let requests = self.requests.iter().map(|id| {
            let request = self.view(IHub::getRequestCall { requestId: *id });
            let open = request.status == IHub::RequestStatus::Open;
            let held = request.acceptance == IHub::AcceptanceStatus::Held;
            let fee = BASE_FEE + ITERATION_FEE * u128::from(request.iterations);
            u128::from(open) * (fee + WORK_BURN) + u128::from(held) * ACCEPT_BOND
        });
        let claims = self.claims.iter().filter(|id| {
            let claim = self.view(IHub::getClaimCall { claimId: **id });
            claim.status == IHub::ClaimStatus::Live
        });
        let games = self.games.iter().map(|id| {
            let game = self.view(IHub::getGameCall { gameId: *id });
            let stake = if game.stakeLocked { GAS_STAKE } else { 0 };
            if game.status == IHub::GameStatus::Open { CHALLENGER_BOND + stake } else { 0 }
        });
        let claims = claims.count() as u128;
        requests.sum::<u128>() + claims * SERVER_BOND + games.sum::<u128>()
    }

    /// Balance = credits + stakes + burned. What a call has just added to the lists is counted by its caller.
    pub fn assert_balanced(&self) {
        if self.untracked() {
            return;
        }
        let credits: u128 = self.accounts.iter().map(|account| self.credit(*account)).sum();
        assert_eq!(self.balance(), credits + self.stakes() + self.burned());
    }

    /// Whether the last transaction made something that is not in the lists yet.
    fn untracked(&self) -> bool {
        use alloy_sol_types::SolEvent;
        let new = [
            IHub::Requested::SIGNATURE_HASH,
            IHub::Claimed::SIGNATURE_HASH,
            IHub::Challenged::SIGNATURE_HASH,
        ];
        let known = [&self.requests, &self.claims, &self.games];
        let logs = self.last.iter().flat_map(TransactionReceipt::logs);
        logs.into_iter().any(|log| {
            new.contains(&log.topics()[0])
                && !known.iter().any(|ids| ids.contains(&log.topics()[1]))
        })
    }
}

/// The challenger's dissection of the claim, behind the selector.
pub fn first_move() -> Bytes {
    let arguments = (U256::ZERO, cuts(7)).abi_encode_params();
    [IGame::dissectCall::SELECTOR.as_slice(), &arguments].concat().into()
}

/// Hashes for a dissection.
fn cuts(seed: u8) -> Vec<B256> {
    (0..32).map(|index| B256::repeat_byte(seed * 16 + index % 16)).collect()
}

/// Header of the position behind so many moves, all into the first segment.
fn header(moves: u32, log2: u8) -> B256 {
    let words = [1, moves, 0, 0, 0, 0, log2.into(), 32].map(u32::to_be_bytes);
    B256::from_slice(words.as_flattened())
}

/// The call was refused with exactly this error.
#[track_caller]
pub fn refused<T>(outcome: Result<T, Bytes>, error: impl SolError) {
    assert_eq!(outcome.err().expect("it was not refused"), Bytes::from(error.abi_encode()));
}
