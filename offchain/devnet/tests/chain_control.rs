//! What a development chain lets one do: mining, time, snapshots, accounts, overrides.
#![allow(clippy::unwrap_used)]

mod chain_support;

use alloy_consensus::TxEip1559;
use alloy_eips::BlockId;
use alloy_primitives::{B256, Bytes, TxKind, U256};
use alloy_rpc_types_eth::TransactionRequest;
use chain_support::asm::COUNTER;
use chain_support::payment::{ALICE, BOB, balance, key, payment, refused, signed};
use chain_support::{ETHER, START, bytes, call, chain, creation, deploy_evm, sent, slot, to, word};
use opml_devnet::chain::{Chain, ChainConfig, DEV_ACCOUNT, Invalid, Mining, SendError};

#[test]
fn waiting_transactions_are_mined_together() {
    let mut chain = chain();
    chain.set_mining(Mining::OnDemand).unwrap();
    let first = chain.send_raw(&signed(payment(), &key(1))).unwrap();
    let second = chain.send_raw(&signed(TxEip1559 { nonce: 1, ..payment() }, &key(1))).unwrap();
    assert_eq!(
        refused(&mut chain, payment()),
        Invalid::NonceTooLow { sender: ALICE, tx: 0, state: 2 }
    );
    assert_eq!((chain.block_number(), chain.pool().len()), (0, 2));
    assert_eq!(chain.nonce(ALICE, BlockId::pending()).unwrap(), 2);
    assert_eq!(chain.nonce(ALICE, BlockId::latest()).unwrap(), 0);
    assert!(chain.receipt(first).is_none());
    chain.mine().unwrap();
    let receipts = chain.receipts(BlockId::latest()).unwrap();
    assert_eq!(receipts.len(), 2);
    assert_eq!(receipts[1].transaction_hash, second);
    assert_eq!(receipts[1].inner.cumulative_gas_used(), 42_000);
    assert!(chain.pool().is_empty());
}

#[test]
fn time_moves_as_told() {
    let mut chain = chain();
    let now = |chain: &Chain| chain.header(BlockId::latest()).unwrap().timestamp;
    chain.increase_time(100).unwrap();
    chain.mine().unwrap();
    assert_eq!(now(&chain), START + 100);
    assert!(chain.set_next_timestamp(START + 500).unwrap());
    chain.mine().unwrap();
    assert_eq!(now(&chain), START + 500);
    chain.mine().unwrap();
    assert_eq!(now(&chain), START + 500);
    assert!(!chain.set_next_timestamp(START).unwrap());
    chain.mine_many(3, 10).unwrap();
    assert_eq!(now(&chain), START + 520);
    assert_eq!(chain.block_number(), 6);
    // A parent block lasts twelve seconds.
    assert_eq!(chain.parent_chain_number(BlockId::latest()).unwrap(), 520 / 12);
    let seen = call(
        &chain,
        &TransactionRequest {
            to: Some(TxKind::Create),
            input: Bytes::from(chain_support::asm::assemble(
                "NUMBER PUSH0 MSTORE TIMESTAMP 0x20 MSTORE 0x40 PUSH0 RETURN",
            ))
            .into(),
            ..TransactionRequest::default()
        },
    )
    .unwrap();
    assert_eq!(seen, [word(520 / 12), word(START + 520)].concat());
}

#[test]
fn a_snapshot_brings_everything_back() {
    let mut chain = chain();
    let counter = deploy_evm(&mut chain, &chain_support::asm::assemble(COUNTER));
    let head = chain.header(BlockId::latest()).unwrap();
    let snapshot = chain.snapshot().unwrap();
    let receipt = sent(&mut chain, to(counter, Bytes::new()));
    chain.set_balance(BOB, U256::from(9)).unwrap();
    chain.increase_time(1000).unwrap();
    let later = chain.snapshot().unwrap();
    assert!(chain.revert(snapshot).unwrap());
    assert_eq!(chain.header(BlockId::latest()).unwrap(), head);
    assert_eq!(slot(&chain, counter, 0), U256::ZERO);
    assert_eq!(balance(&chain, BOB), U256::ZERO);
    assert!(chain.receipt(receipt.transaction_hash).is_none());
    assert_eq!(chain.next_timestamp(), START);
    assert!(!chain.revert(snapshot).unwrap() && !chain.revert(later).unwrap());
    sent(&mut chain, to(counter, Bytes::new()));
    assert_eq!(slot(&chain, counter, 0), U256::from(1));
    chain.snapshot().unwrap();
    assert!(!chain.revert(snapshot).unwrap());
}

#[test]
fn a_waiting_transaction_can_be_dropped() {
    let mut chain = chain();
    chain.set_mining(Mining::OnDemand).unwrap();
    let hash = chain.send_raw(&signed(payment(), &key(1))).unwrap();
    assert!(chain.transaction(hash).unwrap().block_number.is_none());
    assert!(chain.drop_transaction(hash).unwrap() && !chain.drop_transaction(hash).unwrap());
    chain.set_mining(Mining::Instant).unwrap();
    assert_eq!(chain.block_number(), 0);
    chain.send_raw(&signed(payment(), &key(1))).unwrap();
    assert_eq!(balance(&chain, BOB), U256::from(5));
}

#[test]
fn the_transactions_that_wait_are_limited() {
    let config = ChainConfig { pool_limit: 2, ..ChainConfig::fixed_time(START) };
    let mut chain = Chain::new(config).unwrap();
    chain.set_mining(Mining::OnDemand).unwrap();
    let raw = |nonce| signed(TxEip1559 { nonce, ..payment() }, &key(1));
    let first = chain.send_raw(&raw(0)).unwrap();
    let second = chain.send_raw(&raw(1)).unwrap();
    let error = chain.send_raw(&raw(2)).unwrap_err();
    assert_eq!(error.to_string(), "txpool is full");
    assert_eq!(chain.next_nonce(ALICE), 2);
    assert!(chain.drop_transaction(second).unwrap());
    assert!(chain.is_waiting(first) && !chain.is_waiting(second));
    assert_eq!(chain.next_nonce(ALICE), 1);
    chain.send_raw(&raw(1)).unwrap();
    chain.mine().unwrap();
    assert!(chain.pool().is_empty() && chain.receipt(second).is_some());
    chain.send_raw(&raw(2)).unwrap();
}

#[test]
fn accounts_can_be_set_and_impersonated() {
    let mut chain = chain();
    let request = TransactionRequest {
        from: Some(BOB),
        value: Some(U256::from(3)),
        ..to(ALICE, Bytes::new())
    };
    let request = TransactionRequest { gas: Some(21_000), ..request };
    assert!(matches!(chain.send_request(request.clone()), Err(SendError::NoKey(BOB))));
    chain.set_balance(BOB, U256::from(ETHER)).unwrap();
    chain.impersonate(BOB).unwrap();
    let before = balance(&chain, ALICE);
    let hash = chain.send_request(request.clone()).unwrap();
    assert_eq!(chain.receipt(hash).unwrap().from, BOB);
    assert_eq!(balance(&chain, ALICE), before + U256::from(3));
    chain.stop_impersonating(BOB).unwrap();
    assert!(matches!(chain.send_request(request), Err(SendError::NoKey(BOB))));

    chain.set_code(BOB, chain_support::asm::assemble(COUNTER).into()).unwrap();
    chain.set_storage(BOB, U256::ZERO, U256::from(41)).unwrap();
    assert_eq!(call(&chain, &to(BOB, Bytes::new())).unwrap(), bytes(42));
    chain.set_nonce(ALICE, 7).unwrap();
    assert_eq!(chain.next_nonce(ALICE), 7);
}

#[test]
fn calls_see_overrides_and_leave_nothing_behind() {
    use alloy_rpc_types_eth::BlockOverrides;
    use alloy_rpc_types_eth::state::{AccountOverride, StateOverridesBuilder};
    let chain = chain();
    let code = chain_support::asm::assemble(COUNTER);
    let account =
        AccountOverride::default().with_code(code).with_state_diff([(B256::ZERO, word(8))]);
    let state = StateOverridesBuilder::default().append(BOB, account).build();
    let overrides = opml_devnet::chain::Overrides { state: Some(state), block: None };
    let result = chain.call(&to(BOB, Bytes::new()), BlockId::latest(), &overrides).unwrap();
    assert_eq!(result, bytes(9));
    assert!(call(&chain, &to(BOB, Bytes::new())).unwrap().is_empty());

    let clock = chain_support::asm::assemble("TIMESTAMP PUSH0 MSTORE 0x20 PUSH0 RETURN");
    let state = StateOverridesBuilder::default().with_code(BOB, clock).build();
    let block = BlockOverrides { time: Some(77), ..BlockOverrides::default() };
    let overrides = opml_devnet::chain::Overrides { state: Some(state), block: Some(block) };
    let result = chain.call(&to(BOB, Bytes::new()), BlockId::latest(), &overrides).unwrap();
    assert_eq!(result, bytes(77));
}

#[test]
fn pending_is_the_state_after_what_waits() {
    let mut chain = chain();
    chain.set_mining(Mining::OnDemand).unwrap();
    let code = chain_support::asm::assemble(COUNTER);
    let counter = DEV_ACCOUNT.create(0);
    for request in [
        creation(&code),
        to(counter, Bytes::new()),
        TransactionRequest { value: Some(U256::from(3)), ..to(BOB, Bytes::new()) },
    ] {
        // Gas is estimated on the pending state, too: the counter is not there yet.
        chain.send_request(request).unwrap();
    }
    let (pending, latest) = (BlockId::pending(), BlockId::latest());
    assert_eq!(chain.code(counter, pending).unwrap(), code);
    assert_eq!(chain.storage(counter, U256::ZERO, pending).unwrap(), word(1));
    assert_eq!(chain.balance(BOB, pending).unwrap(), U256::from(3));
    assert_eq!(chain.nonce(DEV_ACCOUNT, pending).unwrap(), 3);
    let none = opml_devnet::chain::Overrides::default();
    let count = |at| chain.call(&to(counter, Bytes::new()), at, &none).unwrap();
    assert_eq!((count(pending), count(latest)), (bytes(2), Bytes::new()));
    assert_eq!(chain.balance(BOB, latest).unwrap(), U256::ZERO);
    assert_eq!(chain.header(pending), chain.header(latest));
    let fees = chain.balance(DEV_ACCOUNT, pending).unwrap();
    chain.mine().unwrap();
    assert_eq!(chain.balance(DEV_ACCOUNT, latest).unwrap(), fees);
    assert_eq!(slot(&chain, counter, 0), U256::from(1));
}

#[test]
fn block_hashes_can_be_overridden_and_what_cannot_be_is_refused() {
    use alloy_rpc_types_eth::BlockOverrides;
    use alloy_rpc_types_eth::state::{AccountOverride, StateOverridesBuilder};
    use opml_devnet::chain::{CallError, Overrides};
    let chain = chain();
    let code = chain_support::asm::assemble("0x63 BLOCKHASH PUSH0 MSTORE 0x20 PUSH0 RETURN");
    let request = TransactionRequest {
        to: Some(TxKind::Create),
        input: Bytes::from(code).into(),
        ..TransactionRequest::default()
    };
    let with = |block: BlockOverrides| {
        let overrides = Overrides { state: None, block: Some(block) };
        chain.call(&request, BlockId::latest(), &overrides)
    };
    let block = || BlockOverrides { number: Some(U256::from(100)), ..BlockOverrides::default() };
    let hashes = [(99, word(7))].into_iter().collect();
    let seen = with(BlockOverrides { block_hash: Some(hashes), ..block() }).unwrap();
    assert_eq!(seen, bytes(7));
    assert_ne!(with(block()).unwrap(), bytes(7));

    let refused = |error| matches!(error, Err(CallError::Unsupported(_)));
    assert!(refused(with(BlockOverrides { blob_base_fee: Some(U256::ZERO), ..block() })));
    assert!(refused(with(BlockOverrides { beacon_root: Some(B256::ZERO), ..block() })));
    let account = AccountOverride { move_precompile_to: Some(BOB), ..AccountOverride::default() };
    let state = StateOverridesBuilder::default().append(ALICE, account).build();
    let overrides = Overrides { state: Some(state), block: None };
    assert!(refused(chain.call(&request, BlockId::latest(), &overrides)));
}

#[test]
fn a_chain_can_be_shared_by_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    let chain = std::sync::RwLock::new(chain());
    shared(&chain);
    let funds = std::thread::scope(|scope| {
        let ask = || balance(&chain.read().unwrap(), ALICE);
        let others = [scope.spawn(ask), scope.spawn(ask)];
        others.map(|thread| thread.join().unwrap())
    });
    assert_eq!(funds, [balance(&chain.read().unwrap(), ALICE); 2]);
}
