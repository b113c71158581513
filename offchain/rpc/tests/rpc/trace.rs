//! What happened inside a transaction.

use alloy_primitives::{Address, hex};
use opml_devnet::stylus::code::{compress, init_code};
use serde_json::{Value, json};

use crate::support::relay::{self, Kind, Script};
use crate::support::{BOB, DEV, Failure, SERVER, Server, asm, number, server, word};

/// The relay contract for the EVM and for Stylus.
fn relays(server: &Server) -> [String; 2] {
    let evm = server.deploy(&relay::evm());
    let wasm = compress(&relay::wasm()).unwrap();
    [evm, activated(server, &init_code(&wasm).unwrap())]
}

/// Creates a Stylus contract that can run.
fn activated(server: &Server, init: &[u8]) -> String {
    let wasm = server.create(init);
    let activate = format!("0x58c780c2{:0>64}", &wasm[2..]);
    let fee = "0xde0b6b3a7640000";
    let arb_wasm = "0x0000000000000000000000000000000000000071";
    let activation = json!({ "from": DEV, "to": arb_wasm, "data": activate, "value": fee });
    assert_eq!(server.send(activation)["status"], "0x1");
    wasm
}

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

fn run(server: &Server, target: &str, script: &Script) -> Value {
    let data = hex::encode_prefixed(&script.0);
    server.send(json!({ "from": DEV, "to": target, "data": data, "gas": "0x1e8480" }))
}

fn trace(server: &Server, receipt: &Value, tracer: Value) -> Value {
    server.rpc("debug_traceTransaction", json!([receipt["transactionHash"], tracer]))
}

fn names(steps: &Value) -> Vec<&str> {
    steps.as_array().unwrap().iter().map(|step| step["name"].as_str().unwrap()).collect()
}

#[test]
fn calls_form_a_tree_with_the_host_calls_of_stylus_frames() {
    let server = server();
    let [evm, wasm] = relays(&server);
    let inner = Script::new().store(1, 2).log(3);
    let script = Script::new().call(Kind::Call, address(&wasm), &inner);
    let receipt = run(&server, &evm, &script);
    assert_eq!(receipt["status"], "0x1");
    let root = trace(&server, &receipt, json!({ "tracer": "callTracer" }));
    assert_eq!(
        (&root["type"], &root["from"], &root["to"]),
        (&json!("CALL"), &json!(DEV), &json!(evm))
    );
    assert_eq!((&root["gasUsed"], &root["gas"]), (&receipt["gasUsed"], &json!("0x1e8480")));
    assert_eq!(root["input"], hex::encode_prefixed(&script.0));
    assert_eq!((root.get("error"), root.get("hostCalls")), (None, None));
    let frame = &root["calls"][0];
    assert_eq!((&frame["from"], &frame["to"]), (&json!(evm), &json!(wasm)));
    let hooks = names(&frame["hostCalls"]);
    for name in ["read_args", "storage_cache_bytes32", "storage_flush_cache", "emit_log"] {
        assert!(hooks.contains(&name), "{name} in {hooks:?}");
    }
    let ink = |at: &str| frame["hostCalls"][0][at].as_u64().unwrap();
    assert!(ink("startInk") > ink("endInk"));
    let store = frame["hostCalls"].as_array().unwrap();
    let store = store.iter().find(|hook| hook["name"] == "storage_cache_bytes32").unwrap();
    assert_eq!(store["args"], format!("{}{}", word(1), &word(2)[2..]));

    let top = json!({ "tracer": "callTracer", "tracerConfig": { "onlyTopCall": true } });
    assert_eq!(trace(&server, &receipt, top).get("calls"), None);
}

#[test]
fn the_stylus_tracer_nests_steps_as_nitro_does() {
    let server = server();
    let [evm, wasm] = relays(&server);
    let back = Script::new().store(4, 5);
    let there = Script::new().call(Kind::Call, address(&wasm), &back);
    let script = Script::new().call(Kind::Delegate, address(&evm), &there).store(6, 7);
    let receipt = run(&server, &wasm, &script);
    // A re-entered program is still a program.
    assert_eq!(receipt["status"], "0x1");
    let steps = trace(&server, &receipt, json!({ "tracer": "stylusTracer" }));
    let hooks = names(&steps);
    let place = hooks.iter().position(|name| *name == "delegate_call_contract").unwrap();
    let call = &steps[place];
    assert_eq!(call["address"], json!(evm));
    assert_eq!(names(&call["steps"]), ["evm_call_contract"]);
    assert_eq!(call["steps"][0]["address"], json!(wasm));
    assert!(names(&call["steps"][0]["steps"]).contains(&"storage_cache_bytes32"));
    assert!(hooks[place..].contains(&"storage_cache_bytes32"), "{hooks:?}");
    assert_eq!(steps[0].get("steps"), None);
}

#[test]
fn failures_inside_are_named() {
    let server = server();
    let [evm, wasm] = relays(&server);
    let script = Script::new()
        .try_call(Kind::Call, address(&wasm), &Script::new().revert(7))
        .try_call(Kind::Static, address(&evm), &Script::new().store(1, 1));
    let receipt = run(&server, &evm, &script);
    assert_eq!(receipt["status"], "0x1");
    let root = trace(&server, &receipt, json!({ "tracer": "callTracer" }));
    let first = &root["calls"][0];
    assert_eq!(
        (&first["error"], &first["output"]),
        (&json!("execution reverted"), &json!(word(7)))
    );
    let second = &root["calls"][1];
    assert_eq!(
        (&second["error"], &second["type"]),
        (&json!("write protection"), &json!("STATICCALL"))
    );
    assert_eq!(second.get("value"), None);
}

#[test]
fn calls_that_are_only_tried_are_traced_with_overrides() {
    let server = server();
    let code = hex::encode_prefixed(asm::assemble("TIMESTAMP PUSH0 MSTORE 0x20 PUSH0 RETURN"));
    let options = json!({
        "tracer": "callTracer",
        "stateOverrides": { BOB: { "code": code } },
        "blockOverrides": { "time": "0x5" },
    });
    let call = json!([{ "from": DEV, "to": BOB, "gas": "0x186a0" }, "latest", options]);
    let root = server.rpc("debug_traceCall", call);
    assert_eq!(root["output"], word(5));
    assert_eq!(root["gas"], "0x186a0");
    assert!(number(&root["gasUsed"]) > alloy_primitives::U256::from(21_000));
}

/// Passes 256 KiB to an account without code, until the gas is spent.
const ECHO: &str = "loop: PUSH0 PUSH0 0x040000 PUSH0 PUSH0 0xb0b0 0x61a8 CALL POP @loop JUMP";

/// Asks for its ink, until that is spent.
const ASK: &str = r#"(module
  (import "vm_hooks" "pay_for_memory_grow" (func (param i32)))
  (import "vm_hooks" "evm_ink_left" (func $ink (result i64)))
  (memory (export "memory") 1)
  (func (export "user_entrypoint") (param i32) (result i32)
    (loop $again (drop (call $ink)) (br $again)) unreachable))"#;

#[test]
fn traces_are_limited() {
    let server = server();
    let echo = server.deploy(&asm::assemble(ECHO));
    let wasm = compress(&wat::parse_str(ASK).unwrap()).unwrap();
    let ask = activated(&server, &init_code(&wasm).unwrap());
    for (contract, gas) in [(echo, "0x1e8480"), (ask, "0x1e8480")] {
        let call = json!({ "from": DEV, "to": contract, "gas": gas });
        for tracer in ["callTracer", "stylusTracer"] {
            let failure =
                server.fails("debug_traceCall", json!([call, "latest", { "tracer": tracer }]));
            let text = "trace exceeds 1000000 calls or 67108864 bytes of what they pass and return";
            assert_eq!(failure, Failure::new(-32005, text));
        }
        let receipt = server.send(call);
        assert_eq!(receipt["status"], "0x0");
        let tracer = json!({ "tracer": "callTracer" });
        let failure =
            server.fails("debug_traceTransaction", json!([receipt["transactionHash"], tracer]));
        assert_eq!(failure.code, -32005);
    }
}

#[test]
fn what_cannot_be_traced_is_said() {
    let server = server();
    let tracer = json!({ "tracer": "callTracer" });
    let failure = server.fails("debug_traceTransaction", json!([word(1), tracer]));
    assert_eq!(failure, Failure::new(SERVER, "transaction not found"));
    let receipt = server.send(json!({ "from": DEV, "to": BOB }));
    let hash = &receipt["transactionHash"];
    let failure = server.fails("debug_traceTransaction", json!([hash]));
    assert!(failure.message.contains("structLogger"), "{failure:?}");
    let with_log = json!({ "tracer": "callTracer", "tracerConfig": { "withLog": true } });
    let failure = server.fails("debug_traceTransaction", json!([hash, with_log]));
    assert!(failure.message.contains("withLog"), "{failure:?}");
}
