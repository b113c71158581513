//! Activation, entry prices, expiry and the precompiled contracts of Arbitrum.
#![allow(clippy::unwrap_used)]

mod chain_support;

use alloy_eips::BlockId;
use alloy_primitives::{Address, B256, Bytes, U256, address, keccak256};
use alloy_rpc_types_eth::TransactionRequest;
use alloy_sol_types::{SolCall, SolError, SolEvent};
use chain_support::relay::{self, Kind, Script};
use chain_support::{
    ETHER, Relays, START, activation, bytes, call, chain, deploy_program, deploy_wasm, send, sent,
    to, word,
};
use opml_devnet::chain::precompiles::abi::{
    ArbGasInfo, ArbInfo, ArbOwner, ArbOwnerPublic, ArbSys, ArbWasm, ArbWasmCache,
};
use opml_devnet::chain::precompiles::{
    ARB_GAS_INFO, ARB_INFO, ARB_OWNER, ARB_OWNER_PUBLIC, ARB_SYS, ARB_WASM, ARB_WASM_CACHE,
};
use opml_devnet::chain::{
    ARBOS_VERSION, BASE_FEE, CHAIN_ID, CallError, Chain, DEV_ACCOUNT, Overrides,
};
use opml_devnet::stylus::activate::{BASE_ACTIVATION_GAS, DEFAULT_PAGE_LIMIT, activate};
use opml_devnet::stylus::code::compress;
use opml_devnet::stylus::data_fee::DataPricer;
use opml_devnet::stylus::entry::{Cached, Pages, StylusParams};

const DAY: u64 = 86_400;
const ALICE: Address = address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
const BOB: Address = Address::with_last_byte(0xb0);

fn ask<C: SolCall>(chain: &Chain, target: Address, method: &C) -> C::Return {
    let answer = call(chain, &to(target, method.abi_encode())).unwrap();
    C::abi_decode_returns(&answer).unwrap()
}

fn refusal<C: SolCall>(chain: &Chain, method: &C) -> Vec<u8> {
    match call(chain, &to(ARB_WASM, method.abi_encode())).unwrap_err() {
        CallError::Revert(data) => data.to_vec(),
        other => panic!("{other}"),
    }
}

fn code_hash(wasm: &[u8]) -> B256 {
    keccak256(compress(wasm).unwrap())
}

fn balance(chain: &Chain, account: Address) -> U256 {
    chain.balance(account, BlockId::latest()).unwrap()
}

#[test]
fn a_program_runs_only_once_it_is_activated() {
    let mut chain = chain();
    let wasm = relay::wasm();
    let address = deploy_wasm(&mut chain, &wasm);
    let error = call(&chain, &to(address, Bytes::new())).unwrap_err();
    assert_eq!(error.to_string(), "program not activated");
    let receipt =
        send(&mut chain, TransactionRequest { gas: Some(90_000), ..to(address, Bytes::new()) });
    assert_eq!((receipt.status(), receipt.gas_used), (false, 90_000));
    let version = ArbWasm::programVersionCall { program: address };
    assert_eq!(refusal(&chain, &version), ArbWasm::ProgramNotActivated {}.abi_encode());

    sent(&mut chain, activation(address));
    assert!(call(&chain, &to(address, Bytes::new())).unwrap().is_empty());
    assert_eq!(ask(&chain, ARB_WASM, &version), 2);
    let by_hash = ArbWasm::codehashVersionCall { codehash: code_hash(&wasm) };
    assert_eq!(ask(&chain, ARB_WASM, &by_hash), 2);
}

#[test]
fn activation_takes_its_gas_and_fee_and_tells_of_it() {
    let mut chain = chain();
    let wasm = relay::wasm();
    let address = deploy_wasm(&mut chain, &wasm);
    let facts = activate(&wasm, DEFAULT_PAGE_LIMIT).unwrap();
    let fee = U256::from(DataPricer::default().charge(facts.facts.asm_estimate, START));
    // Other than the dev account, which collects the fees.
    let before = balance(&chain, ALICE);
    let request = TransactionRequest { from: Some(ALICE), ..activation(address) };
    let promised =
        ArbWasm::activateProgramCall::abi_decode_returns(&call(&chain, &request).unwrap());
    assert_eq!(promised.unwrap().dataFee, fee);
    let receipt = sent(&mut chain, request);
    let event = ArbWasm::ProgramActivated::decode_log(&receipt.logs()[0].inner).unwrap();
    assert_eq!((event.codehash, event.program), (code_hash(&wasm), address));
    assert_eq!((event.dataFee, event.version), (fee, 2));
    let paid = before - balance(&chain, ALICE);
    assert_eq!(paid, fee + U256::from(receipt.gas_used * BASE_FEE));
    assert_eq!(balance(&chain, ARB_WASM), U256::ZERO);
    // Storage of ArbOS: ten words read at 800 less one at 100, four written; a log of 4 words.
    let storage = 800 + 100 + 800 + 5 * 800 + 4 * 20_000;
    let log = 375 * 3 + 8 * 128;
    let copies = 3 + 2 * 3;
    let intrinsic = 21_000 + calldata_gas(&activation(address));
    let want = intrinsic + BASE_ACTIVATION_GAS + facts.gas + storage + log + copies;
    assert_eq!(receipt.gas_used, want);
}

fn calldata_gas(request: &TransactionRequest) -> u64 {
    let input = request.input.input().unwrap();
    input.iter().map(|byte| if *byte == 0 { 4 } else { 16 }).sum()
}

#[test]
fn activation_is_refused_with_the_published_errors() {
    let mut chain = chain();
    let address = deploy_wasm(&mut chain, &relay::wasm());
    let method = |program| ArbWasm::activateProgramCall { program };
    assert_eq!(refusal(&chain, &method(ALICE)), ArbWasm::ProgramNotWasm {}.abi_encode());
    let unpaid = refusal(&chain, &method(address));
    let unpaid = ArbWasm::ProgramInsufficientValue::abi_decode(&unpaid).unwrap();
    assert!(unpaid.have.is_zero() && !unpaid.want.is_zero());
    sent(&mut chain, activation(address));
    assert_eq!(refusal(&chain, &method(address)), ArbWasm::ProgramUpToDate {}.abi_encode());
}

#[test]
fn a_module_that_breaks_a_rule_costs_all_gas_and_calls_tell_the_rule() {
    let mut chain = chain();
    let start = wat::parse_str(
        r#"(module (memory (export "memory") 0 0) (func $s) (start $s)
            (func (export "user_entrypoint") (param i32) (result i32) (i32.const 0)))"#,
    );
    let address = deploy_wasm(&mut chain, &start.unwrap());
    let error = call(&chain, &activation(address)).unwrap_err();
    assert_eq!(error.to_string(), "program activation failed: start functions are not allowed");
    let gas = Some(3_000_000);
    let receipt = send(&mut chain, TransactionRequest { gas, ..activation(address) });
    assert_eq!((receipt.status(), receipt.gas_used), (false, 3_000_000));
    assert!(
        chain.estimate_gas(&activation(address), BlockId::latest(), &Overrides::default()).is_err()
    );
}

#[test]
fn activation_undone_by_a_revert_is_undone() {
    let mut relays = Relays::new();
    let wasm = wat::parse_str(
        r#"(module (memory (export "memory") 0 0)
            (func (export "user_entrypoint") (param i32) (result i32) (i32.const 0)))"#,
    );
    let address = deploy_wasm(&mut relays.chain, &wasm.unwrap());
    let activate = Script(activation(address).input.input().unwrap().to_vec());
    let value = Some(U256::from(ETHER));
    for relay in [relays.evm[0], relays.wasm[0]] {
        let lost = Script::new().call(Kind::Call, ARB_WASM, &activate).revert(1);
        let script = Script::new().try_call(Kind::Call, relays.evm[1], &lost);
        sent(&mut relays.chain, TransactionRequest { value, ..to(relay, script.0) });
        assert!(call(&relays.chain, &to(address, Bytes::new())).is_err());
    }
    // Nor is it possible inside a static call.
    let fixed = Script::new().call(Kind::Static, ARB_WASM, &activate);
    assert!(call(&relays.chain, &to(relays.wasm[0], fixed.0)).is_err());
    let script = Script::new().call(Kind::Call, ARB_WASM, &activate);
    sent(&mut relays.chain, TransactionRequest { value, ..to(relays.wasm[0], script.0) });
    call(&relays.chain, &to(address, Bytes::new())).unwrap();
}

#[test]
fn activations_lapse_and_can_be_renewed_in_time() {
    let mut chain = chain();
    let wasm = relay::wasm();
    let program = deploy_program(&mut chain, &wasm);
    let codehash = code_hash(&wasm);
    let left = ArbWasm::programTimeLeftCall { program };
    // Activations are dated by the hour since 1421388000.
    let rounding = (START - 1_421_388_000) % 3600;
    assert_eq!(ask(&chain, ARB_WASM, &left), 365 * DAY - rounding);

    let renew = TransactionRequest {
        value: Some(U256::from(ETHER)),
        ..to(ARB_WASM, ArbWasm::codehashKeepaliveCall { codehash }.abi_encode())
    };
    let CallError::Revert(early) = call(&chain, &renew).unwrap_err() else { panic!("no revert") };
    let early = ArbWasm::ProgramKeepaliveTooSoon::abi_decode(&early).unwrap();
    assert_eq!(early.ageInSeconds, rounding);

    chain.increase_time(31 * DAY).unwrap();
    let receipt = sent(&mut chain, renew);
    let event = ArbWasm::ProgramLifetimeExtended::decode_log(&receipt.logs()[0].inner).unwrap();
    assert_eq!(event.codehash, codehash);
    assert_eq!(ask(&chain, ARB_WASM, &left), 365 * DAY - rounding);

    chain.increase_time(365 * DAY - rounding).unwrap();
    chain.mine().unwrap();
    call(&chain, &to(program, Bytes::new())).unwrap();
    chain.increase_time(1).unwrap();
    chain.mine().unwrap();
    let error = call(&chain, &to(program, Bytes::new())).unwrap_err();
    assert_eq!(error.to_string(), "program not activated");
    let expired = ArbWasm::ProgramExpired::abi_decode(&refusal(&chain, &left)).unwrap();
    assert_eq!(expired.ageInSeconds, 365 * DAY + 1);

    sent(&mut chain, activation(program));
    call(&chain, &to(program, Bytes::new())).unwrap();
}

/// A program that does nothing, and what entering it costs.
fn empty_program(chain: &mut Chain) -> (Address, [u64; 2]) {
    let wasm = wat::parse_str(
        r#"(module (memory (export "memory") 1 1)
            (func (export "user_entrypoint") (param i32) (result i32) (i32.const 0)))"#,
    )
    .unwrap();
    let facts = activate(&wasm, DEFAULT_PAGE_LIMIT).unwrap().facts;
    let params = StylusParams::default();
    let entry =
        [Cached::No, Cached::Yes].map(|cached| params.entry_gas(&facts, Pages::default(), cached));
    (deploy_program(chain, &wasm), entry)
}

#[test]
fn a_program_used_before_in_the_block_is_entered_at_the_cached_price() {
    use opml_devnet::chain::Mining;
    let mut chain = chain();
    let (program, [cold, warm]) = empty_program(&mut chain);
    // One basic block: its header, a constant and the end.
    let body = 1;
    chain.set_mining(Mining::OnDemand).unwrap();
    let request = TransactionRequest { gas: Some(100_000), ..to(program, Bytes::new()) };
    chain.send_request(request.clone()).unwrap();
    chain.send_request(request.clone()).unwrap();
    chain.mine().unwrap();
    let used: Vec<u64> =
        chain.receipts(BlockId::latest()).unwrap().iter().map(|receipt| receipt.gas_used).collect();
    assert_eq!(used, [21_000 + cold + body, 21_000 + warm + body]);
    // The next block starts anew.
    chain.send_request(request).unwrap();
    chain.mine().unwrap();
    assert_eq!(chain.receipts(BlockId::latest()).unwrap()[0].gas_used, 21_000 + cold + body);
}

#[test]
fn the_owner_keeps_programs_cached() {
    let mut chain = chain();
    let (program, [cold, warm]) = empty_program(&mut chain);
    let cache = to(ARB_WASM_CACHE, ArbWasmCache::cacheProgramCall { addr: program }.abi_encode());
    let stranger = TransactionRequest { from: Some(ALICE), gas: Some(200_000), ..cache.clone() };
    let receipt = send(&mut chain, stranger);
    assert_eq!((receipt.status(), receipt.gas_used), (false, 200_000));
    let gas = |chain: &mut Chain| sent(chain, to(program, Bytes::new())).gas_used - 21_000 - 1;
    assert_eq!(gas(&mut chain), cold);
    let receipt = sent(&mut chain, cache);
    assert_eq!(receipt.logs().len(), 1);
    assert_eq!(gas(&mut chain), warm);
    let codehash = keccak256(chain.code(program, BlockId::latest()).unwrap());
    let is_cached = ArbWasmCache::codehashIsCachedCall { codehash };
    assert!(ask(&chain, ARB_WASM_CACHE, &is_cached));
    sent(&mut chain, to(ARB_WASM_CACHE, ArbWasmCache::evictCodehashCall { codehash }.abi_encode()));
    assert_eq!(gas(&mut chain), cold);
}

#[test]
fn cache_managers_keep_programs_cached_while_the_owner_lets_them() {
    let mut chain = chain();
    let (program, [cold, warm]) = empty_program(&mut chain);
    let gas = |chain: &mut Chain| sent(chain, to(program, Bytes::new())).gas_used - 21_000 - 1;
    let from = |sender, request| TransactionRequest { from: Some(sender), ..request };
    let add = |manager| to(ARB_OWNER, ArbOwner::addWasmCacheManagerCall { manager }.abi_encode());
    let remove =
        |manager| to(ARB_OWNER, ArbOwner::removeWasmCacheManagerCall { manager }.abi_encode());
    let cache = to(ARB_WASM_CACHE, ArbWasmCache::cacheProgramCall { addr: program }.abi_encode());
    let managers =
        |chain: &Chain| ask(chain, ARB_WASM_CACHE, &ArbWasmCache::allCacheManagersCall {});
    let is_manager = |chain: &Chain, manager| {
        ask(chain, ARB_WASM_CACHE, &ArbWasmCache::isCacheManagerCall { manager })
    };

    // The owner alone says who they are, and pays for no more than the transaction.
    let refused =
        send(&mut chain, from(ALICE, TransactionRequest { gas: Some(90_000), ..add(ALICE) }));
    assert_eq!((refused.status(), refused.gas_used), (false, 90_000));
    let receipt = sent(&mut chain, add(ALICE));
    let input = ArbOwner::addWasmCacheManagerCall { manager: ALICE }.abi_encode();
    let intrinsic = input.iter().map(|byte| if *byte == 0 { 4 } else { 16 }).sum::<u64>();
    assert_eq!(receipt.gas_used, 21_000 + intrinsic);
    let event = ArbOwner::OwnerActs {
        method: ArbOwner::addWasmCacheManagerCall::SELECTOR.into(),
        owner: DEV_ACCOUNT,
        data: input.into(),
    };
    assert_eq!(receipt.logs()[0].data(), &event.encode_log_data());
    for manager in [BOB, ALICE, ARB_WASM] {
        sent(&mut chain, add(manager));
    }
    assert_eq!(managers(&chain), [ALICE, BOB, ARB_WASM]);
    assert!(is_manager(&chain, BOB) && !is_manager(&chain, DEV_ACCOUNT));

    assert_eq!(gas(&mut chain), cold);
    sent(&mut chain, from(ALICE, cache.clone()));
    assert_eq!(gas(&mut chain), warm);
    let codehash = keccak256(chain.code(program, BlockId::latest()).unwrap());
    let evict = to(ARB_WASM_CACHE, ArbWasmCache::evictCodehashCall { codehash }.abi_encode());
    sent(&mut chain, from(ALICE, evict));
    assert_eq!(gas(&mut chain), cold);

    // The last takes the place of the one removed.
    sent(&mut chain, remove(ALICE));
    assert_eq!(managers(&chain), [ARB_WASM, BOB]);
    assert!(!send(&mut chain, from(ALICE, cache)).status());
    assert!(!send(&mut chain, remove(ALICE)).status());
    sent(&mut chain, remove(BOB));
    sent(&mut chain, remove(ARB_WASM));
    assert!(managers(&chain).is_empty() && !is_manager(&chain, BOB));
}

#[test]
fn programs_share_the_pages_of_a_transaction() {
    // Thirty pages each; the second is entered while the first is open, the third after it.
    let mut relays = Relays::new();
    let big = wat::parse_str(
        r#"(module (memory (export "memory") 30 30)
            (func (export "user_entrypoint") (param i32) (result i32) (i32.const 0)))"#,
    );
    let program = deploy_program(&mut relays.chain, &big.unwrap());
    let once = Script::new().call(Kind::Call, program, &Script::new());
    let twice = once.clone().call(Kind::Call, program, &Script::new());
    let gas = |relays: &mut Relays, script: Script| {
        sent(&mut relays.chain, to(relays.evm[0], script.0)).gas_used
    };
    let (first, both) = (gas(&mut relays, once), gas(&mut relays, twice));
    // The second entry pays 28,000 for its pages again, but nothing for the peak, and is cached.
    let facts = opml_devnet::stylus::memory_model::MemoryModel::default();
    let second = both - first;
    assert!(second > facts.gas(30, 0, 30) && second < facts.gas(30, 0, 30) + 2000, "{second}");
    assert_eq!(facts.gas(30, 0, 30), 28_000);
}

#[test]
fn arb_wasm_tells_its_parameters() {
    let mut chain = chain();
    let (program, [cold, warm]) = empty_program(&mut chain);
    assert_eq!(ask(&chain, ARB_WASM, &ArbWasm::stylusVersionCall {}), 2);
    assert_eq!(ask(&chain, ARB_WASM, &ArbWasm::inkPriceCall {}), 10_000);
    assert_eq!(ask(&chain, ARB_WASM, &ArbWasm::maxStackDepthCall {}), 262_144);
    assert_eq!(ask(&chain, ARB_WASM, &ArbWasm::freePagesCall {}), 2);
    assert_eq!(ask(&chain, ARB_WASM, &ArbWasm::pageGasCall {}), 1000);
    assert_eq!(ask(&chain, ARB_WASM, &ArbWasm::pageRampCall {}), 620_674_314);
    assert_eq!(ask(&chain, ARB_WASM, &ArbWasm::pageLimitCall {}), 128);
    let least = ask(&chain, ARB_WASM, &ArbWasm::minInitGasCall {});
    assert_eq!((least.gas, least.cached), (8832, 352));
    assert_eq!(ask(&chain, ARB_WASM, &ArbWasm::initCostScalarCall {}), 100);
    assert_eq!(ask(&chain, ARB_WASM, &ArbWasm::expiryDaysCall {}), 365);
    assert_eq!(ask(&chain, ARB_WASM, &ArbWasm::keepaliveDaysCall {}), 31);
    assert_eq!(ask(&chain, ARB_WASM, &ArbWasm::blockCacheSizeCall {}), 32);
    let gas = ask(&chain, ARB_WASM, &ArbWasm::programInitGasCall { program });
    assert_eq!((gas.gas, gas.gasWhenCached), (cold, warm));
    let footprint = ArbWasm::programMemoryFootprintCall { program };
    assert_eq!(ask(&chain, ARB_WASM, &footprint), 1);
}

#[test]
fn arb_sys_knows_the_chains_own_blocks() {
    let mut chain = chain();
    chain.mine_many(3, 0).unwrap();
    assert_eq!(ask(&chain, ARB_SYS, &ArbSys::arbBlockNumberCall {}), U256::from(3));
    assert_eq!(ask(&chain, ARB_SYS, &ArbSys::arbChainIDCall {}), U256::from(CHAIN_ID));
    let version = U256::from(55 + ARBOS_VERSION);
    assert_eq!(ask(&chain, ARB_SYS, &ArbSys::arbOSVersionCall {}), version);
    let hash = chain.header(BlockId::number(2)).unwrap().hash;
    let second = ArbSys::arbBlockHashCall { arbBlockNum: U256::from(2) };
    assert_eq!(ask(&chain, ARB_SYS, &second), hash);
    let future = ArbSys::arbBlockHashCall { arbBlockNum: U256::from(3) }.abi_encode();
    let Err(CallError::Revert(data)) = call(&chain, &to(ARB_SYS, future)) else { panic!() };
    let error = ArbSys::InvalidBlockNumber::abi_decode(&data).unwrap();
    assert_eq!((error.requested, error.current), (U256::from(3), U256::from(3)));
    let alias = ArbSys::mapL1SenderContractAddressToL2AliasCall {
        sender: address!("ffffffffffffffffffffffffffffffffffffffff"),
        unused: Address::ZERO,
    };
    let want = address!("1111000000000000000000000000000000001110");
    assert_eq!(ask(&chain, ARB_SYS, &alias), want);
}

#[test]
fn the_other_precompiled_contracts_answer() {
    let chain = chain();
    let owner = ArbOwnerPublic::isChainOwnerCall { addr: DEV_ACCOUNT };
    assert!(ask(&chain, ARB_OWNER_PUBLIC, &owner));
    let price = ArbGasInfo::getMinimumGasPriceCall {};
    assert_eq!(ask(&chain, ARB_GAS_INFO, &price), U256::from(BASE_FEE));
    let funds = ArbInfo::getBalanceCall { account: DEV_ACCOUNT };
    assert_eq!(ask(&chain, ARB_INFO, &funds), balance(&chain, DEV_ACCOUNT));
    // Solidity checks that there is code before it calls.
    assert!(!chain.code(ARB_SYS, BlockId::latest()).unwrap().is_empty());
    assert!(call(&chain, &to(ARB_SYS, word(1).to_vec())).is_err());
}

#[test]
fn precompiled_contracts_of_arbitrum_answer_programs_and_contracts() {
    let relays = Relays::new();
    let number = Script(ArbSys::arbBlockNumberCall {}.abi_encode());
    for relay in [relays.evm[0], relays.wasm[0]] {
        let script = Script::new().call(Kind::Static, ARB_SYS, &number).forward();
        let seen = call(&relays.chain, &to(relay, script.0)).unwrap();
        assert_eq!(seen, bytes(relays.chain.block_number()));
        // They have no power over others' accounts.
        let script = Script::new().call(Kind::Delegate, ARB_SYS, &number).forward();
        assert!(call(&relays.chain, &to(relay, script.0)).is_err());
    }
}

#[test]
fn a_module_can_be_checked_and_priced_before_it_is_deployed() {
    use alloy_rpc_types_eth::state::StateOverridesBuilder;
    let mut chain = chain();
    let wasm = relay::wasm();
    let nobody = Address::repeat_byte(0x99);
    let state = StateOverridesBuilder::default()
        .with_code(nobody, compress(&wasm).unwrap())
        .with_balance(nobody, U256::from(ETHER));
    let overrides = Overrides { state: Some(state.build()), block: None };
    let request = TransactionRequest { from: Some(nobody), ..activation(nobody) };
    let answer = chain.call(&request, BlockId::latest(), &overrides).unwrap();
    let fee = ArbWasm::activateProgramCall::abi_decode_returns(&answer).unwrap().dataFee;
    let gas = chain.estimate_gas(&request, BlockId::latest(), &overrides).unwrap();
    assert!(chain.call(&request, BlockId::latest(), &Overrides::default()).is_err());

    let program = deploy_wasm(&mut chain, &wasm);
    let request = TransactionRequest { value: Some(fee), gas: Some(gas), ..activation(program) };
    let receipt = sent(&mut chain, request);
    assert!(gas < receipt.gas_used * 102 / 100, "{gas} for {}", receipt.gas_used);
}
