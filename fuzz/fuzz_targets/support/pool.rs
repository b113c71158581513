//! Calls that are right at some block of a chain on which requests, claims, games and enrolments were made: a call tried on the
//! state before it was mined does what it did.

use alloy_eips::BlockId;
use alloy_primitives::{Address, B256, TxKind, U256};
use alloy_rpc_types_eth::TransactionRequest;
use alloy_sol_types::{SolCall as _, SolInterface as _};
use opml_adversary::abi::{attention, batch, courier, game, hub, step};
use opml_adversary::action::Action;
use opml_adversary::actions;
use opml_adversary::encode::calldata;
use opml_adversary::others::Others;
use opml_adversary::people::CROWD;
use opml_adversary::spec::call::Call;
use opml_adversary::spec::{Moment, Spec};
use opml_adversary::world::World;

use crate::feedback;

/// A call, and where it is right.
pub struct Known {
    /// Block whose state it finds.
    pub block: u64,
    /// Who makes it.
    pub from: Address,
    /// The contract.
    pub target: Address,
    /// Wei.
    pub value: U256,
    /// Calldata.
    pub data: Vec<u8>,
}

/// The chain, and all calls that were made on it.
pub struct Pool {
    /// The chain.
    pub world: World,
    /// Block with which it is set up.
    pub first: u64,
    /// The calls.
    pub calls: Vec<Known>,
    /// Contracts with the selectors of their functions.
    pub contracts: Vec<(Address, Vec<[u8; 4]>)>,
    /// Words that mean something to the contracts.
    pub words: Vec<B256>,
}

/// Schedules, and actions of each.
const SCHEDULES: u64 = 8;
const ACTIONS: usize = 50;

impl Pool {
    /// Plays a few schedules and some calls of the other contracts.
    pub fn new() -> Self {
        let mut world = World::new(&feedback::contracts()).expect("built contracts");
        let others = world.others().expect("contracts");
        let terms = &world.first.terms;
        let contracts = vec![
            (terms.hub, hub::IHub::IHubCalls::selectors().collect()),
            (terms.game, game::IGame::IGameCalls::selectors().collect()),
            (terms.step, step::IStepVerifier::IStepVerifierCalls::selectors().collect()),
            (others.courier, courier::ICourier::ICourierCalls::selectors().collect()),
            (others.batch, batch::IBatch::IBatchCalls::selectors().collect()),
            (others.attention, attention::IAttention::IAttentionCalls::selectors().collect()),
        ];
        let words = world.first.models.keys().copied().collect();
        let first = world.chain.block_number();
        let mut pool = Self { world, first, calls: Vec::new(), contracts, words };
        let mut spec = pool.world.first.clone();
        for seed in 0..SCHEDULES {
            for action in actions(seed, ACTIONS) {
                pool.act(&mut spec, action);
            }
        }
        pool.words.extend(spec.arrivals.iter().flatten());
        pool.beside(&spec, others);
        pool
    }

    fn act(&mut self, spec: &mut Spec, action: Action) {
        if let Action::Pass { kind, .. } = action {
            let now = self.world.now();
            let date = spec.dates(now).first().copied().unwrap_or(now + 1);
            let time = if kind < 8 { now + 1 } else { date };
            self.world.chain.set_time(time).expect("kept in memory");
            return;
        }
        let Some(sent) = spec.direct(action) else { return };
        let target = if sent.call.is_of_game() { spec.terms.game } else { spec.terms.hub };
        let moment =
            Moment { now: self.world.now(), activation: self.world.activation(self.world.now()) };
        let _ = spec.apply(moment, &sent);
        self.send((sent.from, target), sent.value, calldata(&sent.call));
    }

    /// Makes a call, whatever comes of it.
    fn send(&mut self, (from, target): (Address, Address), value: u128, data: Vec<u8>) {
        let block = self.world.chain.block_number();
        let value = U256::from(value);
        let request = TransactionRequest {
            from: Some(from),
            to: Some(TxKind::Call(target)),
            gas: Some(30_000_000),
            value: Some(value),
            input: alloy_primitives::Bytes::from(data.clone()).into(),
            ..TransactionRequest::default()
        };
        let _ = self.world.chain.send_request(request);
        self.calls.push(Known { block, from, target, value, data });
    }

    /// Orders, batches and enrolments.
    fn beside(&mut self, spec: &Spec, others: Others) {
        let person = CROWD[1];
        let requests = spec.arrivals[0].clone();
        let ether = 1_000_000_000_000_000_000;
        for request in requests.iter().rev().take(3) {
            let data = alloy_primitives::Bytes::from(vec![1, 2, 3]);
            let call = courier::ICourier::orderCall {
                requestId: *request,
                callback: others.batch,
                gasLimit: 50_000,
                data,
            };
            let requester = spec.requests[request].requester;
            self.send((requester, others.courier), 50_000, call.abi_encode());
            let call = courier::ICourier::deliverCall { requestId: *request };
            self.send((person, others.courier), 0, call.abi_encode());
        }
        let call = Call::AllowPayer { payer: others.batch, allowed: true };
        self.send((person, spec.terms.hub), 0, calldata(&call));
        let items: Vec<batch::IBatch::Item> =
            requests.iter().rev().take(2).map(|id| item(spec, *id)).collect();
        let bond = spec.terms.server_bond * items.len() as u128;
        self.send(
            (person, others.batch),
            bond,
            batch::IBatch::claimManyCall { items }.abi_encode(),
        );
        self.attention(spec, (person, others.attention), ether);
    }

    fn attention(&mut self, spec: &Spec, (person, contract): (Address, Address), ether: u128) {
        use attention::IAttention as A;
        let Some((model, record)) = spec.models.iter().next() else { return };
        let owner = record.owner;
        let call =
            A::enrolCall { modelId: *model, pot: 1_000, threshold: u64::MAX, summonsPerEpoch: 4 };
        let at = BlockId::latest();
        let request = TransactionRequest {
            from: Some(owner),
            to: Some(TxKind::Call(contract)),
            input: alloy_primitives::Bytes::from(call.abi_encode()).into(),
            ..TransactionRequest::default()
        };
        let answer = self.world.chain.call(&request, at, &opml_devnet::chain::Overrides::default());
        let enrolment = answer.map_or(B256::ZERO, |word| B256::from_slice(&word[..32]));
        self.words.push(enrolment);
        self.send((owner, contract), 0, call.abi_encode());
        let call = A::fundCall { enrolmentId: enrolment };
        self.send((owner, contract), ether, call.abi_encode());
        let call =
            A::registerCall { enrolmentId: enrolment, anchor: alloy_primitives::keccak256([1]) };
        self.send((person, contract), 10_000_000_000_000_000, call.abi_encode());
        self.send((person, contract), ether, A::depositCall {}.abi_encode());
        let call = A::withdrawCall { to: person, amount: U256::from(5) };
        self.send((person, contract), 0, call.abi_encode());
        let claim = spec.arrivals[1].last().copied().unwrap_or_default();
        let call = A::summonCall { enrolmentId: enrolment, claimId: claim };
        self.send((person, contract), 0, call.abi_encode());
    }
}

fn item(spec: &Spec, request: B256) -> batch::IBatch::Item {
    let answer = spec.answer(request, 0);
    batch::IBatch::Item {
        requestId: request,
        finalState: answer.state.into(),
        output: answer.output.into(),
        path: answer.path.into(),
    }
}
