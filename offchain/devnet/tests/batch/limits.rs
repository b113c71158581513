//! What is no batch.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{SolCall, SolError};
use opml_devnet::chain::DEV_ACCOUNT;

use crate::answer::Answer;
use crate::counter::{Counter, IBatch, item};
use crate::world::{CAROL, IHub, SERVER, SERVER_BOND, refused};

fn answers(requests: &[B256]) -> Vec<IBatch::Item> {
    requests.iter().map(|id| item(*id, &Answer::halted(b"because", 1))).collect()
}

#[test]
fn only_the_creator_initialises_and_only_once() {
    let (mut counter, nonce) = Counter::deployed();
    let hub = counter.world.hub;
    let call = |hub| IBatch::initializeCall { creationNonce: nonce, hub };
    refused(counter.ask(CAROL, call(hub)), IBatch::NotCreator { sender: CAROL, nonce });
    for none in [CAROL, counter.world.game] {
        refused(counter.ask(DEV_ACCOUNT, call(none)), IBatch::NoHub { hub: none });
    }
    let items = vec![item(B256::ZERO, &Answer::failed(1))];
    refused(counter.try_claim(SERVER, items), IBatch::NoHub { hub: Address::ZERO });
    counter.ask(DEV_ACCOUNT, call(hub)).unwrap();
    refused(counter.ask(DEV_ACCOUNT, call(hub)), IBatch::AlreadyInitialized {});
    let kept = counter.ask(CAROL, IBatch::configurationCall {}).unwrap();
    assert_eq!((kept.hub, kept.bond), (hub, U256::from(SERVER_BOND)));
}

#[test]
fn a_batch_has_one_to_thirty_two_items() {
    let mut counter = Counter::new();
    let most = U256::from(32);
    let none = IBatch::BadCount { count: U256::ZERO, most };
    refused(counter.try_claim(SERVER, Vec::new()), none);
    let requests = counter.requests(33);
    let many = IBatch::BadCount { count: U256::from(33), most };
    refused(counter.try_claim(SERVER, answers(&requests)), many);
    counter.try_claim(SERVER, answers(&requests[..1])).unwrap();
    let one = counter.world.last.as_ref().unwrap().gas_used;
    counter.try_claim(SERVER, answers(&requests[1..])).unwrap();
    let all = counter.world.last.as_ref().unwrap().gas_used;
    println!("a batch of one: {one} gas; of 32: {all} gas, {} an item", all / 32);
    assert!(all < 16_000_000);
}

#[test]
fn one_bad_item_undoes_the_batch_and_is_named() {
    let mut counter = Counter::new();
    let requests = counter.requests(4);
    let status = IHub::RequestStatus::Refunded;
    let cancel = IHub::cancelCall { requestId: requests[2] };
    counter.world.ask(crate::world::REQUESTER, cancel).unwrap();
    let closed = IHub::RequestClosed { requestId: requests[2], status };
    let (index, reason) = (U256::from(2), closed.abi_encode().into());
    refused(counter.try_claim(SERVER, answers(&requests)), IBatch::BadItem { index, reason });
    for request in [requests[0], requests[1], requests[3]] {
        let kept = counter.world.view(IHub::getRequestCall { requestId: request });
        assert_eq!(kept.attempts, 0);
    }
    // An output that is not the state's, in the first item.
    let mut items = answers(&requests[..2]);
    items[0].output = b"becausE".into();
    let reason = IHub::OutputNotProven {}.abi_encode().into();
    refused(counter.try_claim(SERVER, items), IBatch::BadItem { index: U256::ZERO, reason });
    // The same answer twice, in the last.
    let items = answers(&[requests[0], requests[1], requests[0]]);
    let refusal = counter.try_claim(SERVER, items).unwrap_err();
    let bad = IBatch::BadItem::abi_decode(&refusal).unwrap();
    assert_eq!(bad.index, U256::from(2));
    IHub::DuplicateClaim::abi_decode(&bad.reason).unwrap();
}

#[test]
fn a_server_has_to_allow_the_contract_once() {
    let mut counter = Counter::new();
    let requests = counter.requests(1);
    let refusal = IHub::PayerNotAllowed { server: CAROL, payer: counter.batch };
    let reason = refusal.abi_encode().into();
    let bad = IBatch::BadItem { index: U256::ZERO, reason };
    refused(counter.try_claim(CAROL, answers(&requests)), bad);
    counter.allow(CAROL);
    counter.try_claim(CAROL, answers(&requests)).unwrap();
}

#[test]
fn the_value_is_the_bonds() {
    let mut counter = Counter::new();
    let requests = counter.requests(2);
    let want = U256::from(2 * SERVER_BOND);
    for have in [0, SERVER_BOND, 2 * SERVER_BOND - 1, 2 * SERVER_BOND + 1] {
        let call = IBatch::claimManyCall { items: answers(&requests) };
        let refusal = IBatch::WrongValue { have: U256::from(have), want };
        refused(counter.pay(SERVER, have, call), refusal);
    }
    let value = U256::from(5);
    refused(
        counter.pay(SERVER, 5, IBatch::configurationCall {}),
        IBatch::ValueNotAccepted { value },
    );
}

#[test]
fn calldata_that_is_no_batch_is_refused() {
    let mut counter = Counter::new();
    let requests = counter.requests(2);
    let whole = IBatch::claimManyCall { items: answers(&requests) }.abi_encode();
    let batch = counter.batch;
    let value = 2 * SERVER_BOND;
    for length in (4..whole.len() - 32).step_by(29) {
        let cut = whole[..length].to_vec();
        refused(counter.world.send(SERVER, batch, value, cut), IBatch::BadCalldata {});
    }
    // Offsets that point nowhere, and a count that is no number of a batch.
    for word in [4, 68, 100] {
        let mut far = whole.clone();
        far[word..word + 32].fill(0xff);
        refused(counter.world.send(SERVER, batch, value, far), IBatch::BadCalldata {});
    }
    let mut many = whole;
    many[36..68].fill(0xff);
    refused(counter.world.send(SERVER, batch, value, many), IBatch::BadCalldata {});
}
