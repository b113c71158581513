//! The envelope: what is a request, and how large it may be.

use opml_rpc::Limits;
use serde_json::{Value, json};

use crate::support::{Failure, limited, server};

#[test]
fn ids_come_back_as_they_were() {
    let server = server();
    for id in ["7", "\"seven\"", "null"] {
        let body = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"eth_chainId"}}"#);
        let want = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":"0x64aba"}}"#);
        assert_eq!(server.post(&body), (200, want));
    }
}

#[test]
fn parameters_may_be_left_out_or_null() {
    let server = server();
    for params in ["", r#","params":[]"#, r#","params":null"#] {
        let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"net_version"{params}}}"#);
        let (_, answer) = server.post(&body);
        assert_eq!(answer, r#"{"jsonrpc":"2.0","id":1,"result":"412346"}"#);
    }
}

#[test]
fn malformed_requests_are_told_apart() {
    let server = server();
    let error = |body: &str| {
        let (_, answer) = server.post(body);
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert!(answer["id"].is_null() || answer["id"] == 1);
        answer["error"]["code"].clone()
    };
    assert_eq!(error("{"), -32700);
    assert_eq!(error(r#"{"jsonrpc":"2.0","id":1,"method":}"#), -32700);
    assert_eq!(error("{}"), -32700);
    assert_eq!(error(r#"{"jsonrpc":"1.0","id":1,"method":"eth_chainId"}"#), -32600);
    assert_eq!(error("[]"), -32600);
    assert_eq!(error(r#"{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":{}}"#), -32602);
}

#[test]
fn methods_that_are_not_there_are_named() {
    let server = server();
    let failure = server.fails("eth_noSuchMethod", json!([]));
    let text = "the method eth_noSuchMethod does not exist/is not available";
    assert_eq!(failure, Failure::new(-32601, text));
    // The state is no Merkle-Patricia tree, so nothing could be proven.
    assert_eq!(server.fails("eth_getProof", json!([])).code, -32601);
    let failure = server.fails("eth_subscribe", json!(["newHeads"]));
    assert_eq!(failure, Failure::new(-32601, "notifications not supported"));
}

#[test]
fn batches_are_answered_in_order_and_notifications_not_at_all() {
    let server = server();
    let batch = r#"[{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber"},
                    {"jsonrpc":"2.0","method":"eth_chainId"},
                    5,
                    {"jsonrpc":"2.0","id":2,"method":"evm_mine"},
                    {"jsonrpc":"2.0","id":3,"method":"nothing"},
                    {"jsonrpc":"2.0","id":4,"method":"eth_blockNumber"}]"#;
    let (status, answer) = server.post(batch);
    let answers: Value = serde_json::from_str(&answer).unwrap();
    let answers = answers.as_array().unwrap();
    assert_eq!(status, 200);
    assert_eq!(answers.len(), 5);
    assert_eq!(answers[0], json!({ "jsonrpc": "2.0", "id": 1, "result": "0x0" }));
    assert_eq!(answers[1]["error"]["code"], -32600);
    assert_eq!(
        answers[3]["error"]["message"],
        "the method nothing does not exist/is not available"
    );
    assert_eq!(answers[4], json!({ "jsonrpc": "2.0", "id": 4, "result": "0x1" }));
    let (_, nothing) = server.post(r#"{"jsonrpc":"2.0","method":"eth_chainId"}"#);
    // Over HTTP something has to come back; it is no answer.
    assert_eq!(nothing, "null");
}

#[test]
fn what_is_too_large_is_refused_with_the_limit() {
    let server = limited(Limits { request_bytes: 2000, batch: 3, ..Limits::default() });
    let (status, answer) = server.post(&format!(r#"{{"pad":"{}"}}"#, "x".repeat(2000)));
    assert_eq!(status, 413);
    assert!(answer.contains("2000"), "{answer}");
    let one = r#"{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}"#;
    let (_, answer) = server.post(&format!("[{one},{one},{one},{one}]"));
    assert!(answer.contains('3') && answer.contains("error"), "{answer}");
    let (_, answer) = server.post(&format!("[{one},{one},{one}]"));
    assert!(!answer.contains("error"), "{answer}");
}

#[test]
fn a_request_of_megabytes_passes() {
    let server = server();
    let data = format!("0x{}", "ab".repeat(4 << 20));
    let hash = server.rpc("web3_sha3", json!([data]));
    assert_eq!(hash.as_str().unwrap().len(), 66);
}

#[test]
fn only_json_by_post_is_served() {
    let server = server();
    let (status, _) = server.http("GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    assert_eq!(status, 405);
    let (status, _) = server.http(
        "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/html\r\nconnection: close\r\n\
         content-length: 2\r\n\r\n{}",
    );
    assert_eq!(status, 415);
}

#[test]
fn requests_over_websockets_are_answered_as_over_http() {
    let server = server();
    let mut socket = server.ws();
    assert_eq!(socket.ask("eth_chainId", json!([]))["result"], "0x64aba");
    socket.send("{");
    assert_eq!(socket.next()["error"]["code"], -32700);
    socket.send(r#"[{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber"}]"#);
    assert_eq!(socket.next(), json!([{ "jsonrpc": "2.0", "id": 1, "result": "0x0" }]));
}

#[test]
fn connections_are_limited() {
    let server = limited(Limits { connections: 1, ..Limits::default() });
    let _open = server.ws();
    let (status, _) = server.post("{}");
    assert_eq!(status, 429);
}

#[test]
fn a_port_in_use_is_an_error_and_a_stopped_server_frees_it() {
    let first = server();
    let address = first.handle.address();
    let config = opml_rpc::Config { port: address.port(), ..opml_rpc::Config::default() };
    let start = |config| {
        let chain = opml_devnet::chain::Chain::new(opml_devnet::chain::ChainConfig::default());
        first.runtime.block_on(opml_rpc::serve(config, chain.unwrap()))
    };
    let Err(error) = start(config.clone()) else { panic!("two servers on one port") };
    assert!(error.to_string().starts_with(&format!("cannot listen on {address}")), "{error}");
    let mut socket = first.ws();
    socket.ask("eth_subscribe", json!(["newHeads"]));
    first.runtime.block_on(first.handle.stop());
    assert!(std::net::TcpStream::connect(address).is_err());
}
