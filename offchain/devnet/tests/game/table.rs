//! The contracts on a chain: games are opened from a hub, sides send moves, refusals show their data.

use alloy_primitives::{Address, B256, Bytes, U256, hex};
use alloy_rpc_types_eth::{TransactionReceipt, TransactionRequest};
use alloy_sol_types::{SolCall, SolEvent};
use opml_core::game::{Clock, Move, Position, Side};
use opml_core::graph::handover::Program;
use opml_devnet::chain::Chain;
use opml_devnet::chain::precompiles::ARB_WASM_CACHE;
use opml_devnet::chain::precompiles::abi::ArbWasmCache;
use opml_solver::machines::Evidence;

use crate::chain_support::asm::assemble;
use crate::chain_support::{START, call, chain, deploy_program, send, sent, to};
use crate::encoding::{IGame, IGameHub, answer, first};

/// Seconds of each side.
pub const CLOCK: u32 = 7_200;
pub const SERVER: Address = Address::repeat_byte(0x5e);
pub const CHALLENGER: Address = Address::repeat_byte(0xc4);
pub const STRANGER: Address = Address::repeat_byte(0x57);

/// Makes the hub call the game contract.
pub const KEEPER: Address = Address::repeat_byte(0x4e);
pub const HUB: Address = Address::repeat_byte(0x4b);

/// A hub that passes on what its keeper sends, and does as `told` with what it is called with.
fn hub(game: Address, told: &str) -> Vec<u8> {
    assemble(&format!(
        "CALLDATASIZE PUSH0 PUSH0 CALLDATACOPY
         CALLER 0x{keeper} EQ @forward JUMPI
         {told}
         forward: PUSH0 PUSH0 CALLDATASIZE PUSH0 PUSH0 0x{game} GAS CALL ISZERO
                  RETURNDATASIZE PUSH0 PUSH0 RETURNDATACOPY @bubble JUMPI
                  RETURNDATASIZE PUSH0 RETURN
         bubble: RETURNDATASIZE PUSH0 REVERT",
        keeper = hex::encode(KEEPER),
        game = hex::encode(game),
    ))
}

/// Logs what it is called with.
const LOGS: &str = "PUSH0 CALLDATASIZE PUSH0 LOG1 STOP";
/// Reverts with what it is called with.
const REFUSES: &str = "CALLDATASIZE PUSH0 REVERT";

/// Succeeded, or what it reverted with.
pub type Sent = Result<TransactionReceipt, Bytes>;

/// What a game is about.
#[derive(Clone, Debug)]
pub struct Case {
    pub id: B256,
    pub program: Program,
    pub claim: Position,
}

/// A call of the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HubCall {
    Verdict(B256, bool),
    LockStake(B256),
}

pub struct Table {
    pub chain: Chain,
    pub game: Address,
    pub step: Address,
}

fn contract(name: &str) -> Vec<u8> {
    let test = std::env::current_exe().unwrap();
    let target = test.ancestors().nth(3).unwrap();
    std::fs::read(target.join(format!("contracts/{name}.wasm")))
        .expect("the contracts are built: cargo xtask contracts")
}

impl Table {
    /// Deployed, not initialized.
    pub fn bare() -> Self {
        let mut chain = chain();
        let step = deploy_program(&mut chain, &contract("step"));
        let game = deploy_program(&mut chain, &contract("game"));
        for account in [KEEPER, SERVER, CHALLENGER, STRANGER] {
            chain.impersonate(account).unwrap();
            chain.set_balance(account, U256::MAX >> 8).unwrap();
        }
        let mut table = Self { chain, game, step };
        table.set_hub(LOGS);
        table
    }

    pub fn new() -> Self {
        let mut table = Self::bare();
        table.initialize(HUB, table.step, CLOCK).unwrap();
        table
    }

    pub fn initialize(&mut self, hub: Address, step: Address, clock: u32) -> Sent {
        self.send(STRANGER, IGame::initializeCall { hub, step, clock }.abi_encode())
    }

    /// Has the chain keep both contracts initialized.
    pub fn cache(&mut self) {
        for addr in [self.game, self.step] {
            let data = ArbWasmCache::cacheProgramCall { addr }.abi_encode();
            sent(&mut self.chain, to(ARB_WASM_CACHE, data));
        }
    }

    /// What the hub does from now on with what it is called with.
    pub fn set_hub(&mut self, told: &str) {
        self.chain.set_code(HUB, hub(self.game, told).into()).unwrap();
    }

    /// Whether the hub refuses what it is told from now on.
    pub fn hub_refuses(&mut self, refuses: bool) {
        self.set_hub(if refuses { REFUSES } else { LOGS });
    }

    /// Calls the game contract, by a transaction of `from` or of the hub's keeper.
    pub fn send(&mut self, from: Address, data: Vec<u8>) -> Sent {
        let (from, target) = if from == HUB { (KEEPER, HUB) } else { (from, self.game) };
        self.send_request(TransactionRequest { from: Some(from), ..to(target, data) })
    }

    pub fn send_request(&mut self, request: TransactionRequest) -> Sent {
        let receipt = send(&mut self.chain, request);
        if receipt.status() {
            return Ok(receipt);
        }
        assert!(receipt.logs().is_empty());
        Err(self.chain.trace_transaction(receipt.transaction_hash).unwrap().output)
    }

    /// The next transaction is in this second.
    pub fn at(&mut self, second: u64) {
        assert!(self.chain.set_next_timestamp(second).unwrap());
    }

    pub fn open_call(case: &Case, play: (&Move, &Evidence)) -> IGame::openCall {
        let segments = case.claim.segments();
        IGame::openCall {
            gameId: case.id,
            server: SERVER,
            challenger: CHALLENGER,
            programRoot: case.program.program_root,
            imageRoot: case.program.image_root,
            start: segments.start,
            end: segments.ends.last(),
            stepsLog2: case.claim.log2_length(),
            r#move: first(&case.program, play).into(),
        }
    }

    pub fn open(&mut self, case: &Case, play: (&Move, &Evidence)) -> Sent {
        self.send(HUB, Self::open_call(case, play).abi_encode())
    }

    pub fn play(
        &mut self,
        from: Address,
        (case, position): (&Case, &Position),
        play: (&Move, &Evidence),
    ) -> Sent {
        self.send(from, answer(case.id, position, &case.program, play))
    }

    pub fn timeout(&mut self, id: B256) -> Sent {
        self.send(STRANGER, IGame::timeoutCall { gameId: id }.abi_encode())
    }

    pub fn settle(&mut self, id: B256) -> Sent {
        self.send(STRANGER, IGame::settleCall { gameId: id }.abi_encode())
    }

    pub fn view<C: SolCall>(&self, view: &C) -> C::Return {
        let output = call(&self.chain, &to(self.game, view.abi_encode())).unwrap();
        C::abi_decode_returns_validate(&output).unwrap()
    }

    pub fn state(&self, id: B256) -> IGame::Game {
        self.view(&IGame::getGameCall { gameId: id })
    }

    pub fn deadline(&self, id: B256) -> u64 {
        self.view(&IGame::deadlineCall { gameId: id })
    }
}

/// What the hub was told in a transaction.
pub fn told(receipt: &TransactionReceipt) -> Vec<HubCall> {
    let calls = receipt.logs().iter().filter(|log| log.address() == HUB);
    calls
        .map(|log| {
            let data = &log.data().data;
            if let Ok(call) = IGameHub::lockStakeCall::abi_decode_validate(data) {
                return HubCall::LockStake(call.gameId);
            }
            let call = IGameHub::verdictCall::abi_decode_validate(data).unwrap();
            HubCall::Verdict(call.gameId, call.challengerWon)
        })
        .collect()
}

/// The events of type `E` in a transaction.
pub fn events<E: SolEvent>(receipt: &TransactionReceipt) -> Vec<E> {
    receipt.logs().iter().filter_map(|log| E::decode_log_data_validate(log.data()).ok()).collect()
}

/// The position and the clock that a daemon reads from a transaction's events.
pub fn published(receipt: &TransactionReceipt) -> Option<(Position, Clock)> {
    let moved: Vec<IGame::Moved> = events(receipt);
    assert!(moved.len() <= 1);
    let moved = moved.first()?;
    let position = Position::decode(&moved.header.0, &moved.hashes).unwrap();
    let clock = Clock {
        server: moved.serverSeconds.into(),
        challenger: moved.challengerSeconds.into(),
        started: moved.started,
    };
    Some((position, clock))
}

pub const fn account(side: Side) -> Address {
    match side {
        Side::Server => SERVER,
        Side::Challenger => CHALLENGER,
    }
}

/// The second in which a fresh table's chain stands.
pub const NOW: u64 = START;
