//! Any actions in any order, with the file closed and opened after each.

use alloy_eips::BlockId;
use alloy_primitives::{Address, Bytes, U256};
use alloy_rpc_types_eth::TransactionRequest;
use proptest::prelude::*;

use super::twins::{
    COUNTER, assert_equal, config, creation, deploy_relay, open, place, script, to,
};
use crate::chain::{Chain, DEV_ACCOUNT, Mining, SnapshotId};

#[derive(Clone, Debug)]
enum Action {
    Pay(u8, u8),
    Create,
    Count(u8),
    Relay(u8, u8),
    SetBalance(u8, u32),
    SetNonce(u8, u8),
    SetCode(u8),
    SetStorage(u8, u8, u8),
    Impersonate(u8),
    ImpersonateAll(bool),
    IncreaseTime(u16),
    SetNextTimestamp(u16),
    Snapshot,
    Revert(u8),
    Mine,
    MineMany(u8),
    Mining(bool),
    Drop,
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let account = 0u8..4;
    let action = prop_oneof![
        3 => (account.clone(), any::<u8>()).prop_map(|(to, value)| Action::Pay(to, value)),
        1 => Just(Action::Create),
        3 => account.clone().prop_map(Action::Count),
        3 => (0u8..3, 0u8..6).prop_map(|(slot, value)| Action::Relay(slot, value)),
        1 => (account.clone(), any::<u32>()).prop_map(|(of, value)| Action::SetBalance(of, value)),
        1 => (account.clone(), any::<u8>()).prop_map(|(of, nonce)| Action::SetNonce(of, nonce)),
        1 => account.clone().prop_map(Action::SetCode),
        1 => (account.clone(), 0u8..3, 0u8..3)
            .prop_map(|(of, slot, value)| Action::SetStorage(of, slot, value)),
        1 => account.prop_map(Action::Impersonate),
        1 => any::<bool>().prop_map(Action::ImpersonateAll),
        1 => any::<u16>().prop_map(Action::IncreaseTime),
        1 => any::<u16>().prop_map(Action::SetNextTimestamp),
        2 => Just(Action::Snapshot),
        2 => (0u8..6).prop_map(Action::Revert),
        1 => Just(Action::Mine),
        1 => (0u8..4).prop_map(Action::MineMany),
        1 => any::<bool>().prop_map(Action::Mining),
        1 => Just(Action::Drop),
    ];
    prop::collection::vec(action, 1..24)
}

/// Accounts that are paid, set and impersonated.
fn account(index: u8) -> Address {
    Address::with_last_byte(0xa0 + index)
}

fn act(chain: &mut Chain, relay: Address, action: &Action) {
    // Some are refused: the sender has nothing, or a nonce was set. Both twins refuse.
    let send = |chain: &mut Chain, request| drop(chain.send_request(request));
    match *action {
        Action::Pay(index, value) => {
            let from = if value % 8 == 0 { account(0) } else { DEV_ACCOUNT };
            let payment = TransactionRequest {
                from: Some(from),
                value: Some(U256::from(value)),
                gas: Some(21_000),
                ..to(account(index), Bytes::new())
            };
            send(chain, payment);
        }
        Action::Create => send(chain, creation(&COUNTER)),
        Action::Count(index) => send(chain, to(account(index), Bytes::new())),
        Action::Relay(slot, value) => send(chain, to(relay, script(slot, value))),
        Action::SetBalance(index, value) => {
            let wei = U256::from(value) * U256::from(1_000_000_000_000u64);
            chain.set_balance(account(index), wei).unwrap();
        }
        Action::SetNonce(index, nonce) => chain.set_nonce(account(index), nonce.into()).unwrap(),
        Action::SetCode(index) => chain.set_code(account(index), COUNTER.into()).unwrap(),
        Action::SetStorage(index, slot, value) => {
            chain.set_storage(account(index), U256::from(slot), U256::from(value)).unwrap();
        }
        Action::Impersonate(index) => chain.impersonate(account(index)).unwrap(),
        Action::ImpersonateAll(whether) => chain.impersonate_all(whether).unwrap(),
        Action::IncreaseTime(seconds) => drop(chain.increase_time(seconds.into()).unwrap()),
        Action::SetNextTimestamp(seconds) => {
            let timestamp = chain.next_timestamp() + u64::from(seconds);
            chain.set_next_timestamp(timestamp).unwrap();
        }
        Action::Snapshot => drop(chain.snapshot().unwrap()),
        Action::Revert(id) => drop(chain.revert(SnapshotId(id.into())).unwrap()),
        Action::Mine => drop(chain.mine().unwrap()),
        Action::MineMany(count) => chain.mine_many(count.into(), 3).unwrap(),
        Action::Mining(instant) => {
            let mining = if instant { Mining::Instant } else { Mining::OnDemand };
            chain.set_mining(mining).unwrap();
        }
        Action::Drop => {
            if let Some(hash) = chain.pool().first().map(|tx| *tx.inner().tx_hash()) {
                chain.drop_transaction(hash).unwrap();
            }
        }
    }
}

/// Runs each transaction of both chains again.
fn assert_equal_traces(left: &Chain, right: &Chain) {
    for number in 0..=left.block_number() {
        for receipt in left.receipts(BlockId::number(number)).unwrap() {
            let hash = receipt.transaction_hash;
            let trace = left.trace_transaction(hash).unwrap();
            assert_eq!(trace, right.trace_transaction(hash).unwrap());
            assert_eq!(trace.error.is_none(), receipt.status());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..<_>::default() })]

    #[test]
    fn a_file_holds_what_memory_does_after_every_action(actions in actions()) {
        let (_folder, path) = place();
        let mut twin = Chain::new(config()).unwrap();
        let mut kept = open(&path);
        let relay = deploy_relay(&mut twin);
        assert_eq!(deploy_relay(&mut kept), relay);
        for action in &actions {
            act(&mut twin, relay, action);
            act(&mut kept, relay, action);
            drop(kept);
            kept = open(&path);
            assert_equal(&kept, &twin);
        }
        assert_equal_traces(&kept, &twin);
    }
}
