//! Transactions, blocks and accounts of the chain.
#![allow(clippy::unwrap_used)]

mod chain_support;

use alloy_consensus::{TxEip1559, TxEip2930, TxLegacy};
use alloy_eips::eip2930::{AccessList, AccessListItem};
use alloy_eips::{BlockId, BlockNumberOrTag};
use alloy_primitives::{B256, Bytes, TxKind, U256, address};
use alloy_rpc_types_eth::{BlockTransactionsKind, Filter, TransactionRequest};
use chain_support::asm::COUNTER;
use chain_support::payment::{ALICE, BOB, GWEI, balance, key, payment, refused, signed};
use chain_support::{ETHER, START, bytes, call, chain, deploy_evm, send, sent, slot, to, word};
use opml_devnet::chain::{
    BASE_FEE, CHAIN_ID, CallError, DEV_ACCOUNT, Invalid, Overrides, SendError,
};

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
        let next = chain.call(&request, at, &Overrides::default()).unwrap();
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
        chain
            .estimate_gas(&to(BOB, Bytes::new()), BlockId::latest(), &Overrides::default())
            .unwrap(),
        21_000
    );
    let counter = deploy_evm(&mut chain, &chain_support::asm::assemble(COUNTER));
    let request = to(counter, Bytes::new());
    let gas = chain.estimate_gas(&request, BlockId::latest(), &Overrides::default()).unwrap();
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
fn fees_are_told() {
    let mut chain = chain();
    chain.mine_many(4, 1).unwrap();
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
    assert_eq!(trace.output, bytes(1));
    assert_eq!(trace.gas_used + 21_000, first.gas_used);
}
