//! A contract that was written for ORA's oracle, on the adapter.

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::{SolCall, sol};

use crate::abi::IHub;
use crate::court::{PATIENCE, SERVER, STRANGER, WINDOW, refused};
use crate::desk::{Consumer, Desk, ICourier, USER, event};
use crate::model::{Answer, Model};

sol! {
    #![sol(all_derives)]
    interface Oracle {
        function requestCallback(uint256 modelId, bytes input, address callbackContract, uint64 gasLimit, bytes callbackData) external payable returns (uint256);
        function estimateFee(uint256 modelId, uint256 gasLimit) external view returns (uint256);
        function isFinalized(uint256 requestId) external view returns (bool);
        function aiOracleCallback(uint256 requestId, bytes output, bytes callbackData) external;
        function onResult(bytes32 requestId, Outcome outcome, bytes data) external;
        function onRefunded(bytes32 requestId, bytes data) external;
        event AICallbackRequest(address indexed account, uint256 indexed requestId, uint256 modelId, bytes input, address callbackContract, uint64 gasLimit, bytes callbackData);
        event AICallbackError(address indexed account, uint256 indexed requestId, bool refunded, bool told);
        event AICallbackResult(address indexed account, uint256 indexed requestId, address invoker, bytes output);
        struct Outcome { uint8 status; bool failed; bytes32 claimId; uint32 outputLength; bytes32 outputRoot; bytes output; }
    }
    interface Receiver {
        function behave(uint8 how) external;
        function calculate(uint256 modelId, bytes input, uint64 gasLimit, bytes callbackData) external payable returns (uint256);
        function calls() external view returns (uint256);
        function errors() external view returns (uint256);
        function gasGiven() external view returns (uint256);
        function refunded() external view returns (bool);
        function secondSucceeded() external view returns (bool);
        function output() external view returns (bytes);
        function data() external view returns (bytes);
        error UnauthorizedCallbackSource();
    }
}

const GAS: u64 = 300_000;

pub struct Scene {
    pub desk: Desk,
    pub model: Model,
    id: B256,
    adapter: Address,
    receiver: Address,
}

impl Scene {
    pub fn new(model: Model) -> Self {
        let mut desk = Desk::new();
        let id = desk.court.register(&model);
        let adapter = desk.deploy("sol/OaoAdapter.sol", (desk.courier,));
        let receiver = desk.deploy("test/fixtures/OaoReceiver.sol", (adapter,));
        Self { desk, model, id, adapter, receiver }
    }

    pub fn ask(&mut self) -> B256 {
        self.ask_with(GAS, b"for what".into())
    }

    /// With a callback of so much gas and data.
    fn ask_with(&mut self, gas_limit: u64, data: Vec<u8>) -> B256 {
        let (modelId, gasLimit) = (self.id.into(), U256::from(gas_limit));
        let fee = self.desk.view(self.adapter, Oracle::estimateFeeCall { modelId, gasLimit });
        let input = self.model.input.clone().into();
        let callbackData = data.into();
        let call = Receiver::calculateCall { modelId, input, gasLimit: gas_limit, callbackData };
        self.desk.ask(self.id, (self.receiver, fee), call)
    }

    fn is_final(&self, request: B256) -> bool {
        self.desk.view(self.adapter, Oracle::isFinalizedCall { requestId: request.into() })
    }

    fn count(&self) -> (u64, u64) {
        let calls = self.desk.view(self.receiver, Receiver::callsCall {});
        let errors = self.desk.view(self.receiver, Receiver::errorsCall {});
        (calls.to(), errors.to())
    }
}

/// A model of the test, with the seed and the parameters that the adapter asks for: all zero.
pub fn toy() -> Model {
    Model { seed: 0, ..Model::toy(4) }
}

#[test]
fn selectors_are_those_of_the_oracle() {
    // The published interface, by the text of its signatures.
    let selector =
        |text: &str| -> [u8; 4] { alloy_primitives::keccak256(text)[..4].try_into().unwrap() };
    let ask = "requestCallback(uint256,bytes,address,uint64,bytes)";
    assert_eq!(Oracle::requestCallbackCall::SELECTOR, selector(ask));
    assert_eq!(Oracle::estimateFeeCall::SELECTOR, selector("estimateFee(uint256,uint256)"));
    assert_eq!(Oracle::isFinalizedCall::SELECTOR, selector("isFinalized(uint256)"));
    let callback = "aiOracleCallback(uint256,bytes,bytes)";
    assert_eq!(Oracle::aiOracleCallbackCall::SELECTOR, selector(callback));
}

#[test]
fn a_callback_comes_once_with_the_final_output_and_all_of_its_gas() {
    let mut scene = Scene::new(toy());
    let unknown = B256::repeat_byte(9);
    assert!(!scene.is_final(unknown));
    let request = scene.ask();
    let truth = scene.model.truth();
    assert!(!scene.is_final(request));
    let claim = scene.desk.court.claim(SERVER, request, &truth);
    // Provisional: the hub shows it, the oracle does not.
    assert!(!scene.is_final(request));
    refused(scene.desk.deliver(request), ICourier::NotSettled { requestId: request });
    scene.desk.court.pass(WINDOW);
    scene.desk.court.finalize(claim).unwrap();
    assert!(scene.is_final(request));
    assert_eq!(scene.count(), (0, 0));

    let done = scene.desk.deliver_with(request, true);
    let result: Oracle::AICallbackResult = event(&done);
    assert_eq!((result.account, &result.output[..]), (scene.receiver, &truth.output[..]));
    assert_eq!(scene.count(), (1, 0));
    let receiver = scene.receiver;
    let output: Bytes = truth.output.clone().into();
    assert_eq!(scene.desk.view(receiver, Receiver::outputCall {}), output);
    assert_eq!(scene.desk.view(receiver, Receiver::dataCall {}), b"for what"[..]);
    let given: u64 = scene.desk.view(receiver, Receiver::gasGivenCall {}).to();
    assert!((GAS - 1_000..=GAS).contains(&given), "{given}");
    println!("delivery by the adapter: {} gas, {given} for the callback", done.receipt.gas_used);
}

/// Once whoever liked made the contract call its consumers, as often as it liked. Now only a courier's call counts,
/// for a request that waits, and takes it.
#[test]
fn anyone_refires_a_callback() {
    let mut scene = Scene::new(toy());
    let (receiver, adapter) = (scene.receiver, scene.adapter);
    let request = scene.ask();
    let truth = scene.model.truth();
    for delivered in [false, true] {
        if delivered {
            scene.desk.answer(request, &truth);
            scene.desk.deliver_with(request, true);
            let refusal = ICourier::AlreadyDelivered { requestId: request };
            refused(scene.desk.deliver(request), refusal);
        }
        let count = scene.count();
        let recover = Consumer::recoverCall { requestId: request };
        let outcome = scene.desk.send(STRANGER, adapter, recover);
        if delivered {
            refused(outcome, Consumer::NotPending { requestId: request });
        } else {
            refused(outcome, Consumer::NotDelivered { requestId: request });
        }
        let outcome = Oracle::Outcome { status: 2, ..Oracle::Outcome::default() };
        let data = Bytes::new();
        let forged = Oracle::onResultCall { requestId: request, outcome, data: data.clone() };
        let refusal = Consumer::NotCourier { caller: STRANGER };
        refused(scene.desk.send(STRANGER, adapter, forged), refusal.clone());
        let forged = Oracle::onRefundedCall { requestId: request, data: data.clone() };
        refused(scene.desk.send(STRANGER, adapter, forged), refusal);
        let output = data.clone();
        let forged =
            Oracle::aiOracleCallbackCall { requestId: request.into(), output, callbackData: data };
        let refusal = Receiver::UnauthorizedCallbackSource {};
        refused(scene.desk.send(STRANGER, receiver, forged), refusal);
        assert_eq!(scene.count(), count);
    }
    // Nor does somebody else's order for the same request: only its requester orders.
    let order = ICourier::orderCall {
        requestId: request,
        callback: receiver,
        gasLimit: GAS,
        data: Bytes::new(),
    };
    let courier = scene.desk.courier;
    let wei = U256::from(10_u64.pow(17));
    let refusal = ICourier::NotRequester { sender: STRANGER, requester: adapter };
    refused(scene.desk.pay(STRANGER, (courier, wei), order), refusal);
}

/// Reverting or burning all gas: nothing has happened, and once the consumer is well again, one callback has.
#[test]
fn a_callback_that_fails_is_tried_again_until_it_returns_once() {
    for manner in [1, 2] {
        let mut scene = Scene::new(toy());
        let receiver = scene.receiver;
        scene.desk.send(USER, receiver, Receiver::behaveCall { how: manner }).unwrap();
        let request = scene.ask();
        let truth = scene.model.truth();
        scene.desk.answer(request, &truth);
        scene.desk.deliver_with(request, false);
        scene.desk.deliver_with(request, false);
        assert_eq!(scene.count(), (0, 0));
        scene.desk.send(USER, receiver, Receiver::behaveCall { how: 0 }).unwrap();
        scene.desk.deliver_with(request, true);
        assert_eq!(scene.count(), (1, 0));
        refused(scene.desk.deliver(request), ICourier::AlreadyDelivered { requestId: request });
    }
}

/// A consumer that asks for a second delivery from inside the first.
#[test]
fn a_callback_does_not_come_twice_from_inside_itself() {
    let mut scene = Scene::new(toy());
    let receiver = scene.receiver;
    scene.desk.send(USER, receiver, Receiver::behaveCall { how: 3 }).unwrap();
    let request = scene.ask();
    let truth = scene.model.truth();
    scene.desk.answer(request, &truth);
    scene.desk.deliver_with(request, true);
    assert_eq!(scene.count(), (1, 0));
    assert!(!scene.desk.view(receiver, Receiver::secondSucceededCall {}));
}

#[test]
fn a_failed_model_and_a_refund_come_by_the_error_callback() {
    let mut scene = Scene::new(Model { seed: 0, ..Model::endless(4) });
    let request = scene.ask();
    let truth = scene.model.truth();
    scene.desk.answer(request, &truth);
    scene.desk.deliver_with(request, true);
    assert_eq!(scene.count(), (0, 1));
    assert!(!scene.desk.view(scene.receiver, Receiver::refundedCall {}));
    assert!(scene.is_final(request));

    let request = scene.ask();
    let price = scene.desk.court.price;
    scene.desk.court.pass(PATIENCE);
    let reclaim = IHub::reclaimCall { requestId: request };
    scene.desk.court.ask(STRANGER, 0, reclaim).unwrap();
    scene.desk.deliver_with(request, true);
    assert_eq!(scene.count(), (0, 2));
    assert!(scene.desk.view(scene.receiver, Receiver::refundedCall {}));
    assert!(!scene.is_final(request));
    // The fee is the receiver's, who has paid it.
    let due = Consumer::refundOfCall { account: scene.receiver };
    assert_eq!(scene.desk.view(scene.adapter, due), U256::from(price));
}

/// A contract that knows of no error callback: its refund is there all the same.
#[test]
fn a_refund_does_not_wait_for_who_cannot_be_told() {
    let mut scene = Scene::new(toy());
    let receiver = scene.receiver;
    scene.desk.send(USER, receiver, Receiver::behaveCall { how: 1 }).unwrap();
    let request = scene.ask();
    scene.desk.court.pass(PATIENCE);
    let reclaim = IHub::reclaimCall { requestId: request };
    scene.desk.court.ask(STRANGER, 0, reclaim).unwrap();
    let done = scene.desk.deliver_with(request, true);
    let error: Oracle::AICallbackError = event(&done);
    assert!(error.refunded && !error.told);
    let price = U256::from(scene.desk.court.price);
    let due = Consumer::refundOfCall { account: receiver };
    assert_eq!((scene.count(), scene.desk.view(scene.adapter, due)), ((0, 0), price));
}

/// More than the hub keeps: the root and the length, which whoever has the output can check it by.
#[test]
fn a_long_output_comes_as_its_root_and_length() {
    let mut scene = Scene::new(toy());
    scene.id = scene.desk.register(12);
    let request = scene.ask();
    let answer = Answer::holding(&[7; 2_000], 12);
    scene.desk.answer(request, &answer);
    scene.desk.deliver_with(request, true);
    let wanted = [answer.root(12).as_slice(), &2_000_u32.to_be_bytes()].concat();
    assert_eq!(scene.desk.view(scene.receiver, Receiver::outputCall {}), wanted[..]);
}

/// Without a contract to call there is an event, and the result in the hub.
#[test]
fn nobody_needs_to_be_called_back() {
    let mut scene = Scene::new(toy());
    let (modelId, adapter) = (scene.id.into(), scene.adapter);
    let fee = Oracle::estimateFeeCall { modelId, gasLimit: U256::ZERO };
    let fee = scene.desk.view(adapter, fee);
    let call = Oracle::requestCallbackCall {
        modelId,
        input: scene.model.input.clone().into(),
        callbackContract: Address::ZERO,
        gasLimit: 0,
        callbackData: Bytes::new(),
    };
    let request = scene.desk.ask(scene.id, (adapter, fee), call);
    let truth = scene.model.truth();
    scene.desk.answer(request, &truth);
    let done = scene.desk.deliver_with(request, true);
    let result: Oracle::AICallbackResult = event(&done);
    assert_eq!((result.account, &result.output[..]), (USER, &truth.output[..]));
    assert_eq!(scene.count(), (0, 0));
}

/// As much output and data as a delivery can carry: what the adapter keeps for itself is enough, and the callback has
/// all of its own.
#[test]
fn the_largest_delivery_has_gas_enough() {
    const MOST: u64 = 2_000_000;
    let mut scene = Scene::new(toy());
    scene.id = scene.desk.register(12);
    let request = scene.ask_with(MOST, vec![8; 1_024]);
    scene.desk.answer(request, &Answer::holding(&[7; 1_024], 12));
    let done = scene.desk.deliver_with(request, true);
    println!("the largest delivery: {} gas", done.receipt.gas_used);
    let receiver = scene.receiver;
    assert_eq!(scene.desk.view(receiver, Receiver::outputCall {}), [7; 1_024][..]);
    assert_eq!(scene.desk.view(receiver, Receiver::dataCall {}), [8; 1_024][..]);
    let given: u64 = scene.desk.view(receiver, Receiver::gasGivenCall {}).to();
    assert!((MOST - 2_000..=MOST).contains(&given), "{given}");
}
