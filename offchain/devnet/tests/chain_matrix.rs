//! EVM and Stylus contracts calling one another: the same expectations for all four pairs.
#![allow(clippy::unwrap_used)]

mod chain_support;

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_rpc_types_eth::TransactionRequest;
use chain_support::relay::{Kind, Script};
use chain_support::{Relays, asm, bytes, call, send, sent, slot, to, topics, word};
use opml_devnet::chain::{CallError, ChainConfig, DEV_ACCOUNT};

fn run(relays: &Relays, target: Address, script: &Script) -> Result<Bytes, CallError> {
    call(&relays.chain, &to(target, script.0.clone()))
}

fn padded(address: Address) -> B256 {
    address.into_word()
}

#[test]
fn a_call_changes_sender_and_account_and_carries_the_value() {
    let relays = Relays::new();
    for (a, b) in relays.pairs() {
        let script = Script::new().call(Kind::Call, b, &Script::new().context()).forward();
        let request = TransactionRequest { value: Some(U256::from(77)), ..to(a, script.0) };
        let seen = call(&relays.chain, &request).unwrap();
        assert_eq!(seen, [padded(a), word(77), padded(b)].concat(), "{a} calls {b}");
    }
}

#[test]
fn a_delegate_call_keeps_sender_account_and_value() {
    let relays = Relays::new();
    for (a, b) in relays.pairs() {
        let script = Script::new().call(Kind::Delegate, b, &Script::new().context()).forward();
        let request = TransactionRequest { value: Some(U256::from(77)), ..to(a, script.0) };
        let seen = call(&relays.chain, &request).unwrap();
        assert_eq!(seen, [padded(DEV_ACCOUNT), word(77), padded(a)].concat(), "{a} borrows {b}");
    }
}

#[test]
fn storage_and_logs_belong_to_the_account_acted_for() {
    for index in 0..4 {
        let mut relays = Relays::new();
        let (a, b) = relays.pairs()[index];
        let inner = Script::new().store(1, 11).log(5);
        let script = Script::new().call(Kind::Call, b, &inner).call(
            Kind::Delegate,
            b,
            &Script::new().store(2, 22).log(6),
        );
        let receipt = sent(&mut relays.chain, to(a, script.0));
        let chain = &relays.chain;
        let slots = |account| [slot(chain, account, 1), slot(chain, account, 2)];
        assert_eq!(slots(a), [U256::ZERO, U256::from(22)], "{a} with {b}");
        assert_eq!(slots(b), [U256::from(11), U256::ZERO], "{a} with {b}");
        assert_eq!(topics(&receipt), [(b, 5), (a, 6)]);
    }
}

#[test]
fn value_moves_with_calls_and_back_with_reverts() {
    for index in 0..4 {
        let mut relays = Relays::new();
        let (a, b) = relays.pairs()[index];
        let balance = |relays: &Relays, account| {
            relays.chain.balance(account, alloy_eips::BlockId::latest()).unwrap()
        };
        let script = Script::new().call(Kind::Call, b, &Script::new());
        let paid = TransactionRequest { value: Some(U256::from(9)), ..to(a, script.0) };
        sent(&mut relays.chain, paid);
        assert_eq!((balance(&relays, a), balance(&relays, b)), (U256::ZERO, U256::from(9)));

        let script = Script::new().try_call(Kind::Call, b, &Script::new().revert(1));
        let kept = TransactionRequest { value: Some(U256::from(9)), ..to(a, script.0) };
        sent(&mut relays.chain, kept);
        assert_eq!((balance(&relays, a), balance(&relays, b)), (U256::from(9), U256::from(9)));
    }
}

#[test]
fn a_static_call_writes_nothing_however_deep() {
    let relays = Relays::new();
    for (a, b) in relays.pairs() {
        for write in [
            Script::new().store(1, 1),
            Script::new().log(1),
            Script::new().create(&asm::deployer(&[0])),
            Script::new().call(Kind::Call, b, &Script::new().store(1, 1)),
            Script::new().call(Kind::Delegate, b, &Script::new().log(1)),
        ] {
            let refused = Script::new().call(Kind::Static, b, &write);
            let error = run(&relays, a, &refused).unwrap_err();
            assert!(matches!(error, CallError::Revert(_)), "{a} to {b}: {error}");
        }
        let read = Script::new().call(Kind::Static, b, &Script::new().load(1)).forward();
        assert_eq!(run(&relays, a, &read).unwrap(), bytes(0));
    }
}

#[test]
fn revert_data_passes_up_through_both_machines() {
    let relays = Relays::new();
    for (a, b) in relays.pairs() {
        let deep = Script::new().call(Kind::Call, a, &Script::new().revert(0xbad));
        let script = Script::new().call(Kind::Call, b, &deep);
        let error = run(&relays, a, &script).unwrap_err();
        assert_eq!(error, CallError::Revert(word(0xbad).into()), "{a} with {b}");
        let swallowed = Script::new().try_call(Kind::Call, b, &deep).forward();
        assert_eq!(run(&relays, a, &swallowed).unwrap(), bytes(0xbad));
    }
}

#[test]
fn what_a_reverted_frame_did_is_gone_and_the_rest_stays() {
    for index in 0..4 {
        let mut relays = Relays::new();
        let (a, b) = relays.pairs()[index];
        // b writes and logs, has a do the same inside, and reverts; both is gone.
        let inside = Script::new().store(1, 5).log(5);
        let lost = Script::new().store(1, 2).log(2).call(Kind::Call, a, &inside).revert(0);
        let kept = Script::new().store(3, 6).log(6);
        let script = Script::new()
            .store(1, 1)
            .log(1)
            .try_call(Kind::Call, b, &lost)
            .call(Kind::Call, b, &kept)
            .store(2, 3)
            .log(3);
        let receipt = sent(&mut relays.chain, to(a, script.0));
        assert_eq!(topics(&receipt), [(a, 1), (b, 6), (a, 3)], "{a} with {b}");
        let chain = &relays.chain;
        let slots = |account| [1, 2, 3].map(|key| slot(chain, account, key).to::<u64>());
        assert_eq!(slots(a), [1, 3, 0]);
        assert_eq!(slots(b), [0, 0, 6]);
    }
}

#[test]
fn a_reverted_delegate_call_undoes_what_it_did_and_what_it_called() {
    for index in 0..4 {
        let mut relays = Relays::new();
        let (a, b) = relays.pairs()[index];
        // b's code writes for a, has b write for itself, and reverts; in one place within another
        // such call, which does not.
        let inside = Script::new().store(1, 5).log(5);
        let lost = Script::new().store(1, 2).log(2).call(Kind::Call, b, &inside).revert(0);
        let kept = Script::new().store(3, 6).log(6).try_call(Kind::Delegate, b, &lost);
        let script = Script::new()
            .store(1, 1)
            .log(1)
            .try_call(Kind::Delegate, b, &lost)
            .call(Kind::Delegate, b, &kept)
            .store(2, 3)
            .log(3);
        let receipt = sent(&mut relays.chain, to(a, script.0));
        assert_eq!(topics(&receipt), [(a, 1), (a, 6), (a, 3)], "{a} with {b}");
        let chain = &relays.chain;
        let slots = |account| [1, 2, 3].map(|key| slot(chain, account, key).to::<u64>());
        assert_eq!((slots(a), slots(b)), ([1, 3, 6], [0, 0, 0]));
    }
}

#[test]
fn a_contract_created_in_a_reverted_frame_is_gone() {
    for index in 0..4 {
        let mut relays = Relays::new();
        let (a, b) = relays.pairs()[index];
        let latest = alloy_eips::BlockId::latest();
        let before = relays.chain.nonce(b, latest).unwrap();
        let create = Script::new().create(&asm::deployer(&[0x5f, 0x5f, 0xf3]));
        let lost = Script::new().call(Kind::Call, b, &create).revert(0);
        let script = Script::new().try_call(Kind::Call, a, &lost).store(1, 1);
        sent(&mut relays.chain, to(a, script.0));
        assert!(relays.chain.code(b.create(before), latest).unwrap().is_empty());
        assert_eq!(relays.chain.nonce(b, latest).unwrap(), before);
        // The same without the revert.
        sent(&mut relays.chain, to(a, Script::new().call(Kind::Call, b, &create).0));
        assert_eq!(relays.chain.code(b.create(before), latest).unwrap().len(), 3);
    }
}

#[test]
fn a_failed_transaction_leaves_nothing_but_its_fee() {
    for index in 0..4 {
        let mut relays = Relays::new();
        let (a, b) = relays.pairs()[index];
        let script =
            Script::new().store(1, 1).call(Kind::Call, b, &Script::new().store(1, 1)).revert(9);
        let receipt = send(&mut relays.chain, to(a, script.0));
        assert!(!receipt.status() && receipt.logs().is_empty());
        assert_eq!(slot(&relays.chain, a, 1), U256::ZERO);
        assert_eq!(slot(&relays.chain, b, 1), U256::ZERO);
    }
}

#[test]
fn a_callee_out_of_gas_leaves_its_caller_a_64th() {
    let kinds = [Kind::Call, Kind::Delegate, Kind::Static];
    for (index, kind) in (0..4).flat_map(|index| kinds.map(|kind| (index, kind))) {
        let mut relays = Relays::new();
        let (a, b) = relays.pairs()[index];
        let script = Script::new().try_call(kind, b, &Script::new().spin()).store(1, 7);
        let gas = 8_000_000;
        let request = TransactionRequest { gas: Some(gas), ..to(a, script.0) };
        let receipt = sent(&mut relays.chain, request);
        assert_eq!(slot(&relays.chain, a, 1), U256::from(7));
        // All but a 64th is lost, of which the write takes 22,100 and a little.
        assert!(
            receipt.gas_used > gas - gas / 64 && receipt.gas_used < gas,
            "{a} with {b}: {kind:?}"
        );
    }
}

#[test]
fn contracts_of_either_kind_create_contracts_of_either_kind() {
    for index in [0, 2] {
        let mut relays = Relays::new();
        let (a, _) = relays.pairs()[index];
        let code = asm::assemble("0x2a PUSH0 MSTORE 0x20 PUSH0 RETURN");
        let nonce = |relays: &Relays| relays.chain.nonce(a, alloy_eips::BlockId::latest()).unwrap();
        let before = nonce(&relays);
        let script = Script::new().create(&asm::deployer(&code));
        let told = run(&relays, a, &script).unwrap();
        sent(&mut relays.chain, to(a, script.0));
        let created = a.create(before);
        assert_eq!(told, created.into_word().to_vec());
        assert_eq!(call(&relays.chain, &to(created, Bytes::new())).unwrap(), bytes(42));
        assert_eq!(nonce(&relays), before + 1);

        let program = opml_devnet::stylus::code::compress(&chain_support::relay::wasm()).unwrap();
        let script = Script::new().create(&opml_devnet::stylus::code::init_code(&program).unwrap());
        sent(&mut relays.chain, to(a, script.0));
        let created = a.create(before + 1);
        let seen = run(&relays, created, &Script::new().context()).unwrap();
        assert_eq!(seen, [padded(DEV_ACCOUNT), word(0), padded(created)].concat());

        let failing = Script::new().create(&asm::assemble("PUSH0 PUSH0 REVERT"));
        assert_eq!(run(&relays, a, &failing).unwrap(), bytes(0));
    }
}

#[test]
fn reentrancy_is_seen_by_programs() {
    let relays = Relays::new();
    let ([e, _], [w, x]) = (relays.evm, relays.wasm);
    let ask = Script::new().reentrant();
    let through =
        |middle, script: &Script| Script::new().call(Kind::Call, middle, script).forward();
    assert_eq!(run(&relays, w, &ask).unwrap(), bytes(0));
    assert_eq!(run(&relays, w, &through(x, &ask)).unwrap(), bytes(0));
    for middle in [e, x, w] {
        let back = Script::new().call(Kind::Call, w, &ask).forward();
        assert_eq!(run(&relays, w, &through(middle, &back)).unwrap(), bytes(1), "by {middle}");
    }
    // Borrowing code is not entering its account, but the account acted for is entered already.
    let borrow = Script::new().call(Kind::Delegate, x, &ask).forward();
    assert_eq!(run(&relays, w, &borrow).unwrap(), bytes(0));
    assert_eq!(run(&relays, e, &borrow).unwrap(), bytes(0));
}

#[test]
fn calls_nest_1025_frames_deep_and_programs_as_deep_as_128_pages_reach() {
    let config = ChainConfig {
        base_fee: 0,
        tx_gas_limit: u64::MAX,
        ..ChainConfig::fixed_time(chain_support::START)
    };
    let mut relays = Relays::on(config);
    let ([e, f], [w, x]) = (relays.evm, relays.wasm);
    // Each program has one page of memory, and the page after 128 is not to be paid for.
    for (a, b, frames) in [(e, f, 1025), (e, w, 257), (w, e, 256), (w, x, 128), (w, w, 128)] {
        let script = Script::new().recurse(b, a);
        let request = TransactionRequest { gas: Some(1 << 49), ..to(a, script.0) };
        let hash = relays.chain.send_request(request).unwrap();
        assert!(relays.chain.receipt(hash).unwrap().status());
        let trace = relays.chain.trace_transaction(hash).unwrap();
        assert_eq!(trace.output, bytes(frames), "{a} and {b}");
    }
}

#[test]
fn traces_show_both_machines() {
    let mut relays = Relays::new();
    let ([e, _], [w, _]) = (relays.evm, relays.wasm);
    let inner = Script::new().store(1, 1).revert(3);
    let script = Script::new().try_call(Kind::Static, w, &Script::new()).try_call(
        Kind::Call,
        w,
        &Script::new().call(Kind::Call, e, &inner),
    );
    let receipt = sent(&mut relays.chain, to(e, script.0));
    let trace = relays.chain.trace_transaction(receipt.transaction_hash).unwrap();
    let kinds: Vec<_> = trace.calls.iter().map(|call| (call.kind, call.to)).collect();
    assert_eq!(kinds, [("STATICCALL", Some(w)), ("CALL", Some(w))]);
    let program = &trace.calls[1];
    assert_eq!(program.output, bytes(3));
    assert!(program.error.is_some());
    assert_eq!(program.calls[0].to, Some(e));
    let hooks: Vec<_> = program.hooks.iter().map(|hook| hook.name).collect();
    assert_eq!(
        hooks,
        [
            "read_args",
            "msg_value",
            "call_contract",
            "return_data_size",
            "read_return_data",
            "write_result"
        ]
    );
    assert!(program.hooks.iter().all(|hook| hook.start_ink > hook.end_ink));
}

#[test]
fn clearing_a_slot_is_refunded_unless_it_is_rolled_back() {
    for index in 0..4 {
        let mut relays = Relays::new();
        let (a, b) = relays.pairs()[index];
        let set = Script::new().store(1, 1);
        let clear = Script::new().store(1, 0);
        let undone = Script::new().store(2, 1).call(Kind::Call, b, &clear).revert(0);
        sent(&mut relays.chain, to(b, set.0));
        let mut refund = |script: Script| {
            let request = to(a, script.0);
            let data = request.input.input().unwrap().clone();
            let receipt = sent(&mut relays.chain, request);
            let trace = relays.chain.trace_transaction(receipt.transaction_hash).unwrap();
            let calldata: u64 = data.iter().map(|byte| if *byte == 0 { 4 } else { 16 }).sum();
            trace.gas_used + 21_000 + calldata - receipt.gas_used
        };
        assert_eq!(refund(Script::new().try_call(Kind::Call, b, &undone)), 0, "{a} with {b}");
        assert_eq!(refund(Script::new().call(Kind::Call, b, &clear)), 4800, "{a} with {b}");
    }
}

#[test]
fn an_account_can_delegate_to_a_program() {
    use alloy_eips::eip7702::Authorization;
    use alloy_signer::SignerSync;
    use chain_support::payment::{ALICE, key};
    let mut relays = Relays::new();
    for program in [relays.wasm[0], relays.evm[0]] {
        let nonce = relays.chain.next_nonce(ALICE);
        let chain_id = U256::from(relays.chain.chain_id());
        let authorization = Authorization { chain_id, address: program, nonce };
        let signature = key(1).sign_hash_sync(&authorization.signature_hash()).unwrap();
        let request = TransactionRequest {
            authorization_list: Some(vec![authorization.into_signed(signature)]),
            ..to(ALICE, Script::new().store(1, 5).log(1).0)
        };
        let receipt = sent(&mut relays.chain, request);
        assert_eq!(topics(&receipt), [(ALICE, 1)]);
        assert_eq!(slot(&relays.chain, ALICE, 1), U256::from(5));
        for caller in [relays.wasm[1], relays.evm[1]] {
            let script = Script::new().call(Kind::Call, ALICE, &Script::new().context()).forward();
            let seen = run(&relays, caller, &script).unwrap();
            assert_eq!(seen, [padded(caller), word(0), padded(ALICE)].concat());
        }
    }
}
