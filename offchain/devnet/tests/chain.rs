//! Transactions, blocks and accounts of the chain.
#![allow(clippy::unwrap_used)]

mod chain_support;

use alloy_consensus::{SignableTransaction, TxEip1559, TxEip2930, TxEnvelope, TxLegacy};
use alloy_eips::eip2718::Encodable2718;
use alloy_eips::eip2930::{AccessList, AccessListItem};
use alloy_eips::{BlockId, BlockNumberOrTag};
use alloy_primitives::{Address, B256, Bytes, TxKind, U256, address};
use alloy_rpc_types_eth::{BlockTransactionsKind, Filter, TransactionRequest};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use chain_support::{ETHER, START, call, chain, deploy_evm, send, sent, slot, to, word};
use opml_devnet::chain::{
    BASE_FEE, CHAIN_ID, CallError, Chain, DEV_ACCOUNT, DEV_KEYS, Invalid, Mining, SendError,
};

const ALICE: Address = address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
const BOB: Address = address!("00000000000000000000000000000000000b0b00");
const GWEI: u128 = 1_000_000_000;

fn key(index: usize) -> PrivateKeySigner {
    PrivateKeySigner::from_bytes(&DEV_KEYS[index]).unwrap()
}

fn signed<T>(tx: T, signer: &PrivateKeySigner) -> Vec<u8>
where
    T: SignableTransaction<alloy_primitives::Signature>,
    TxEnvelope: From<alloy_consensus::Signed<T>>,
{
    let signature = signer.sign_hash_sync(&tx.signature_hash()).unwrap();
    TxEnvelope::from(tx.into_signed(signature)).encoded_2718()
}

fn payment() -> TxEip1559 {
    TxEip1559 {
        chain_id: CHAIN_ID,
        nonce: 0,
        gas_limit: 21_000,
        max_fee_per_gas: GWEI,
        max_priority_fee_per_gas: GWEI,
        to: TxKind::Call(BOB),
        value: U256::from(5),
        access_list: AccessList::default(),
        input: Bytes::new(),
    }
}

fn balance(chain: &Chain, account: Address) -> U256 {
    chain.balance(account, BlockId::latest()).unwrap()
}

fn refused(chain: &mut Chain, tx: TxEip1559) -> Invalid {
    match chain.send_raw(&signed(tx, &key(1))) {
        Err(SendError::Invalid(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_published_accounts_are_funded() {
    let chain = chain();
    assert_eq!(chain.accounts().len(), 11);
    assert_eq!(chain.accounts()[0], DEV_ACCOUNT);
    assert_eq!(chain.accounts()[1], ALICE);
    assert_eq!(chain.accounts()[10], address!("a0Ee7A142d267C1f36714E4a8F75612F20a79720"));
    let ether = U256::from(ETHER);
    assert!(chain.accounts().iter().all(|one| balance(&chain, *one) == ether * U256::from(10_000)));
}

#[test]
fn a_payment_costs_21000_gas_at_the_base_fee_whatever_the_tip() {
    let mut chain = chain();
    let before = balance(&chain, ALICE);
    let collected = balance(&chain, DEV_ACCOUNT);
    let hash = chain.send_raw(&signed(payment(), &key(1))).unwrap();
    let receipt = chain.receipt(hash).unwrap();
    let fee = U256::from(21_000 * BASE_FEE);
    assert!(receipt.status());
    assert_eq!((receipt.gas_used, receipt.effective_gas_price), (21_000, BASE_FEE.into()));
    assert_eq!(balance(&chain, BOB), U256::from(5));
    assert_eq!(balance(&chain, ALICE), before - fee - U256::from(5));
    // The network fee account is the dev account, as on a Nitro development node.
    assert_eq!(balance(&chain, DEV_ACCOUNT), collected + fee);
    assert_eq!(chain.nonce(ALICE, BlockId::latest()).unwrap(), 1);
}

#[test]
fn old_kinds_of_transactions_are_taken() {
    let mut chain = chain();
    let legacy = TxLegacy {
        chain_id: Some(CHAIN_ID),
        nonce: 0,
        gas_price: GWEI,
        gas_limit: 21_000,
        to: TxKind::Call(BOB),
        value: U256::from(1),
        input: Bytes::new(),
    };
    let listed = AccessList(vec![AccessListItem { address: BOB, storage_keys: vec![B256::ZERO] }]);
    let access = TxEip2930 {
        chain_id: CHAIN_ID,
        nonce: 1,
        gas_price: GWEI,
        gas_limit: 30_000,
        to: TxKind::Call(BOB),
        value: U256::from(2),
        access_list: listed,
        input: Bytes::new(),
    };
    let legacy = chain.send_raw(&signed(legacy, &key(1))).unwrap();
    let access = chain.send_raw(&signed(access, &key(1))).unwrap();
    assert_eq!(balance(&chain, BOB), U256::from(3));
    assert_eq!(chain.receipt(legacy).unwrap().gas_used, 21_000);
    assert_eq!(chain.receipt(access).unwrap().gas_used, 21_000 + 2400 + 1900);
    assert_eq!(chain.receipt(access).unwrap().effective_gas_price, BASE_FEE.into());
    assert_eq!(chain.transaction(legacy).unwrap().inner.signer(), ALICE);
}

#[test]
fn invalid_transactions_are_refused_with_the_reason_and_change_nothing() {
    let mut chain = chain();
    let reason = refused(&mut chain, TxEip1559 { nonce: 1, ..payment() });
    assert_eq!(reason, Invalid::NonceTooHigh { sender: ALICE, tx: 1, state: 0 });
    let reason = refused(&mut chain, TxEip1559 { gas_limit: 20_999, ..payment() });
    assert_eq!(reason, Invalid::IntrinsicGas { have: 20_999, want: 21_000 });
    let reason = refused(&mut chain, TxEip1559 { chain_id: 1, ..payment() });
    assert_eq!(reason, Invalid::ChainId { have: Some(1), want: CHAIN_ID });
    let poor = TxEip1559 { max_fee_per_gas: 1, max_priority_fee_per_gas: 0, ..payment() };
    assert_eq!(refused(&mut chain, poor), Invalid::FeeCap { cap: 1, base_fee: BASE_FEE });
    let tip = TxEip1559 { max_priority_fee_per_gas: 2 * GWEI, ..payment() };
    assert_eq!(refused(&mut chain, tip), Invalid::Tip);
    let value = U256::from(ETHER) * U256::from(10_000);
    let rich = refused(&mut chain, TxEip1559 { value, ..payment() });
    assert!(matches!(rich, Invalid::Funds { sender: ALICE, .. }), "{rich:?}");
    assert_eq!(chain.block_number(), 0);

    chain.send_raw(&signed(payment(), &key(1))).unwrap();
    let reason = refused(&mut chain, payment());
    assert_eq!(reason, Invalid::NonceTooLow { sender: ALICE, tx: 0, state: 1 });
    assert!(matches!(chain.send_raw(&[2, 1, 2]), Err(SendError::Decode(_))));
}

#[test]
fn a_block_names_its_parent_transactions_and_receipts() {
    let mut chain = chain();
    let hash = chain.send_raw(&signed(payment(), &key(1))).unwrap();
    let genesis = chain.block(BlockId::earliest(), BlockTransactionsKind::Hashes).unwrap();
    let block = chain.block(BlockId::latest(), BlockTransactionsKind::Full).unwrap();
    assert_eq!((genesis.header.number, block.header.number), (0, 1));
    assert_eq!(block.header.parent_hash, genesis.header.hash);
    assert_eq!(block.header.hash, block.header.inner.hash_slow());
    assert_eq!(block.header.timestamp, START);
    assert_eq!(block.header.gas_used, 21_000);
    assert_eq!(block.transactions.hashes().collect::<Vec<_>>(), [hash]);
    let transactions = block.transactions.as_transactions().unwrap();
    let root = alloy_consensus::proofs::calculate_transaction_root(
        &transactions.iter().map(|tx| tx.inner.inner().clone()).collect::<Vec<_>>(),
    );
    assert_eq!(block.header.transactions_root, root);
    assert_eq!(
        chain.block(block.header.hash.into(), BlockTransactionsKind::Hashes).unwrap().header,
        block.header
    );
    assert!(chain.block(BlockId::number(2), BlockTransactionsKind::Hashes).is_none());
}

/// Counts calls in slot 0, logs the count, returns it.
const COUNTER: &str = "0x01 PUSH0 SLOAD ADD DUP1 PUSH0 SSTORE DUP1 PUSH0 MSTORE DUP1 0x20 PUSH0 \
                       LOG1 0x20 PUSH0 RETURN";

#[test]
fn logs_are_found_by_address_topic_and_range() {
    let mut chain = chain();
    let counter = deploy_evm(&mut chain, &chain_support::asm::assemble(COUNTER));
    let receipts: Vec<_> = (0..3).map(|_| sent(&mut chain, to(counter, Bytes::new()))).collect();
    assert_eq!(slot(&chain, counter, 0), U256::from(3));
    let all = Filter::new().from_block(0).address(counter);
    assert_eq!(chain.logs(&all).unwrap().len(), 3);
    let second = all.clone().event_signature(word(2));
    let found = chain.logs(&second).unwrap();
    assert_eq!(found, receipts[1].logs());
    assert!(chain.logs(&all.clone().address(BOB)).unwrap().is_empty());
    let last = chain.block_number();
    let range = Filter::new().from_block(last).to_block(last);
    assert_eq!(chain.logs(&range).unwrap(), receipts[2].logs());
    assert!(chain.logs(&Filter::new().from_block(5).to_block(4)).is_err());
    assert!(chain.header(BlockId::latest()).unwrap().logs_bloom != alloy_primitives::Bloom::ZERO);
}

#[test]
fn past_states_can_be_read_and_called() {
    let mut chain = chain();
    let counter = deploy_evm(&mut chain, &chain_support::asm::assemble(COUNTER));
    let deployed = chain.block_number();
    for _ in 0..3 {
        sent(&mut chain, to(counter, Bytes::new()));
    }
    for past in 0..=3 {
        let at = BlockId::number(deployed + past);
        let stored = chain.storage(counter, U256::ZERO, at).unwrap();
        assert_eq!(stored, word(past));
        let request = to(counter, Bytes::new());
        let next = chain.call(&request, at, &opml_devnet::chain::Overrides::default()).unwrap();
        assert_eq!(B256::from_slice(&next), word(past + 1));
    }
    let before = BlockId::number(deployed - 1);
    assert!(chain.code(counter, before).unwrap().is_empty());
    assert!(!chain.code(counter, BlockId::latest()).unwrap().is_empty());
    assert!(chain.code(counter, BlockId::number(99)).is_err());
}

#[test]
fn failing_transactions_are_mined_and_cost_gas() {
    let mut chain = chain();
    let reverts = deploy_evm(
        &mut chain,
        &chain_support::asm::assemble("0x07 PUSH0 MSTORE 0x20 PUSH0 REVERT"),
    );
    let invalid = deploy_evm(&mut chain, &chain_support::asm::assemble("INVALID"));
    let receipt =
        send(&mut chain, TransactionRequest { gas: Some(100_000), ..to(reverts, Bytes::new()) });
    assert!(!receipt.status() && receipt.gas_used < 22_000);
    let receipt =
        send(&mut chain, TransactionRequest { gas: Some(100_000), ..to(invalid, Bytes::new()) });
    assert!(!receipt.status());
    assert_eq!(receipt.gas_used, 100_000);
    let error = call(&chain, &to(reverts, Bytes::new())).unwrap_err();
    assert_eq!(error, CallError::Revert(word(7).into()));
    assert_eq!(error.to_string(), "execution reverted");
    let error = call(&chain, &to(invalid, Bytes::new())).unwrap_err();
    assert_eq!(error.to_string(), "invalid opcode: INVALID");
}

#[test]
fn gas_beyond_32_million_is_accepted_and_returned() {
    let mut chain = chain();
    let spin = deploy_evm(&mut chain, &chain_support::asm::assemble("loop: @loop JUMP"));
    let receipt =
        send(&mut chain, TransactionRequest { gas: Some(60_000_000), ..to(spin, Bytes::new()) });
    assert!(!receipt.status());
    assert_eq!(receipt.gas_used, 32_000_000);
}

#[test]
fn an_estimate_suffices_and_is_close() {
    let mut chain = chain();
    assert_eq!(
        chain.estimate_gas(&to(BOB, Bytes::new()), BlockId::latest(), &Default::default()).unwrap(),
        21_000
    );
    let counter = deploy_evm(&mut chain, &chain_support::asm::assemble(COUNTER));
    let request = to(counter, Bytes::new());
    let gas = chain.estimate_gas(&request, BlockId::latest(), &Default::default()).unwrap();
    let receipt = sent(&mut chain, TransactionRequest { gas: Some(gas), ..request });
    assert!(gas < receipt.gas_used * 107 / 100, "{gas} for {}", receipt.gas_used);
}

#[test]
fn code_starting_with_ef_is_refused_unless_it_is_a_program() {
    let mut chain = chain();
    let request = |code: &[u8]| TransactionRequest {
        from: Some(DEV_ACCOUNT),
        to: Some(TxKind::Create),
        input: Bytes::from(chain_support::asm::deployer(code)).into(),
        ..TransactionRequest::default()
    };
    assert!(!send(&mut chain, request(&[0xef, 0x01])).status());
    assert!(!send(&mut chain, request(&[0xef, 0xf0, 0x00])).status());
    assert!(send(&mut chain, request(&[0xef, 0xf0, 0x00, 0x00])).status());
}

#[test]
fn waiting_transactions_are_mined_together() {
    let mut chain = chain();
    chain.set_mining(Mining::OnDemand);
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
    chain.mine();
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
    chain.increase_time(100);
    chain.mine();
    assert_eq!(now(&chain), START + 100);
    assert!(chain.set_next_timestamp(START + 500));
    chain.mine();
    assert_eq!(now(&chain), START + 500);
    chain.mine();
    assert_eq!(now(&chain), START + 500);
    assert!(!chain.set_next_timestamp(START));
    chain.mine_many(3, 10);
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
    let snapshot = chain.snapshot();
    let receipt = sent(&mut chain, to(counter, Bytes::new()));
    chain.set_balance(BOB, U256::from(9));
    chain.increase_time(1000);
    let later = chain.snapshot();
    assert!(chain.revert(snapshot));
    assert_eq!(chain.header(BlockId::latest()).unwrap(), head);
    assert_eq!(slot(&chain, counter, 0), U256::ZERO);
    assert_eq!(balance(&chain, BOB), U256::ZERO);
    assert!(chain.receipt(receipt.transaction_hash).is_none());
    assert_eq!(chain.next_timestamp(), START);
    assert!(!chain.revert(snapshot) && !chain.revert(later));
    sent(&mut chain, to(counter, Bytes::new()));
    assert_eq!(slot(&chain, counter, 0), U256::from(1));
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
    chain.set_balance(BOB, U256::from(ETHER));
    chain.impersonate(BOB);
    let before = balance(&chain, ALICE);
    let hash = chain.send_request(request.clone()).unwrap();
    assert_eq!(chain.receipt(hash).unwrap().from, BOB);
    assert_eq!(balance(&chain, ALICE), before + U256::from(3));
    chain.stop_impersonating(BOB);
    assert!(matches!(chain.send_request(request), Err(SendError::NoKey(BOB))));

    chain.set_code(BOB, chain_support::asm::assemble(COUNTER).into());
    chain.set_storage(BOB, U256::ZERO, U256::from(41));
    assert_eq!(call(&chain, &to(BOB, Bytes::new())).unwrap(), word(42));
    chain.set_nonce(ALICE, 7);
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
    assert_eq!(result, word(9));
    assert!(call(&chain, &to(BOB, Bytes::new())).unwrap().is_empty());

    let clock = chain_support::asm::assemble("TIMESTAMP PUSH0 MSTORE 0x20 PUSH0 RETURN");
    let state = StateOverridesBuilder::default().with_code(BOB, clock).build();
    let block = BlockOverrides { time: Some(77), ..BlockOverrides::default() };
    let overrides = opml_devnet::chain::Overrides { state: Some(state), block: Some(block) };
    let result = chain.call(&to(BOB, Bytes::new()), BlockId::latest(), &overrides).unwrap();
    assert_eq!(result, word(77));
}

#[test]
fn fees_are_told() {
    let mut chain = chain();
    chain.mine_many(4, 1);
    let history = chain.fee_history(3, BlockNumberOrTag::Latest, &[50.0]).unwrap();
    assert_eq!(history.oldest_block, 2);
    assert_eq!(history.base_fee_per_gas, [u128::from(BASE_FEE); 4]);
    assert_eq!(history.reward.unwrap(), [[0]; 3]);
}

#[test]
fn a_transaction_can_be_traced_after_it() {
    let mut chain = chain();
    let counter = deploy_evm(&mut chain, &chain_support::asm::assemble(COUNTER));
    let first = sent(&mut chain, to(counter, Bytes::new()));
    sent(&mut chain, to(counter, Bytes::new()));
    let trace = chain.trace_transaction(first.transaction_hash).unwrap();
    assert_eq!((trace.kind, trace.from, trace.to), ("CALL", DEV_ACCOUNT, Some(counter)));
    assert_eq!(trace.output, word(1));
    assert_eq!(trace.gas_used + 21_000, first.gas_used);
}
