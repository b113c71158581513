//! A chain behind a socket, and plain clients for HTTP and WebSocket.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use alloy_primitives::{B256, Bytes, U256, hex};
use opml_devnet::chain::{Chain, ChainConfig};
use opml_rpc::{Config, Handle, Limits};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

#[path = "../../../devnet/tests/chain_support/asm.rs"]
#[allow(dead_code)]
pub mod asm;
#[path = "../../../devnet/tests/chain_support/relay.rs"]
#[allow(dead_code)]
pub mod relay;

pub const START: u64 = 1_750_000_000;
pub const DEV: &str = "0x3f1eae7d46d88f08fc2f8ed27fcb2ab183eb2d0e";
pub const ALICE: &str = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
pub const BOB: &str = "0x00000000000000000000000000000000000b0b00";
pub const INVALID_PARAMS: i64 = -32602;
pub const SERVER: i64 = -32000;

/// A server on a free port; its time stands still.
pub struct Server {
    pub handle: Handle,
    pub runtime: Runtime,
}

/// What a request failed with.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    pub code: i64,
    pub message: String,
    pub data: Option<String>,
}

pub fn server() -> Server {
    with(Config::default())
}

pub fn limited(limits: Limits) -> Server {
    with(Config { limits, ..Config::default() })
}

pub fn with(config: Config) -> Server {
    let runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = { runtime }.worker_threads(2).enable_all().build().unwrap();
    let chain = Chain::new(ChainConfig::fixed_time(START)).unwrap();
    let config = Config { port: 0, ..config };
    let handle = runtime.block_on(opml_rpc::serve(config, chain)).unwrap();
    Server { handle, runtime }
}

impl Server {
    /// Sends a body by POST; status and body of the answer.
    pub fn post(&self, body: &str) -> (u16, String) {
        self.http(&format!(
            "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close\
             \r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    /// Sends bytes; status and body of the answer.
    pub fn http(&self, request: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.handle.address()).unwrap();
        // A server that refuses may hang up before it has read everything.
        let _ = stream.write_all(request.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let body = if head.to_lowercase().contains("transfer-encoding: chunked") {
            body.split("\r\n").skip(1).step_by(2).collect()
        } else {
            body.to_owned()
        };
        (status, body)
    }

    /// Sends bytes; the head of the answer.
    pub fn head(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.handle.address()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn request(&self, method: &str, params: &Value) -> Value {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let (status, body) = self.post(&body.to_string());
        assert_eq!(status, 200, "{body}");
        let answer: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(answer["jsonrpc"], "2.0");
        assert_eq!(answer["id"], 1);
        answer
    }

    /// The result of a request that succeeds.
    pub fn rpc(&self, method: &str, params: Value) -> Value {
        let answer = self.request(method, &params);
        let result = answer.get("result");
        result.unwrap_or_else(|| panic!("{method} {params}: {answer}")).clone()
    }

    /// What a request fails with.
    pub fn fails(&self, method: &str, params: Value) -> Failure {
        let answer = self.request(method, &params);
        assert!(answer.get("result").is_none(), "{method} {params}: {answer}");
        Failure::of(&answer["error"])
    }

    /// Sends from an account whose key the chain holds; the receipt.
    pub fn send(&self, transaction: Value) -> Value {
        let hash = self.rpc("eth_sendTransaction", json!([transaction]));
        self.rpc("eth_getTransactionReceipt", json!([hash]))
    }

    /// Deploys EVM code; its address.
    pub fn deploy(&self, code: &[u8]) -> String {
        self.create(&asm::deployer(code))
    }

    /// Runs init code; the contract's address.
    pub fn create(&self, init: &[u8]) -> String {
        let receipt = self.send(json!({ "from": DEV, "data": hex::encode_prefixed(init) }));
        assert_eq!(receipt["status"], "0x1");
        receipt["contractAddress"].as_str().unwrap().to_owned()
    }

    /// A contract that counts its calls, logs and returns the count.
    pub fn counter(&self) -> String {
        self.deploy(&asm::assemble(asm::COUNTER))
    }

    pub fn ws(&self) -> Socket {
        let (socket, _) = tungstenite::connect(self.handle.ws_url()).unwrap();
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        }
        Socket(socket)
    }
}

impl Failure {
    pub fn of(error: &Value) -> Self {
        Self {
            code: error["code"].as_i64().unwrap(),
            message: error["message"].as_str().unwrap().to_owned(),
            data: error["data"].as_str().map(str::to_owned),
        }
    }

    pub fn new(code: i64, message: &str) -> Self {
        Self { code, message: message.to_owned(), data: None }
    }
}

/// A WebSocket client.
pub struct Socket(pub WebSocket<MaybeTlsStream<TcpStream>>);

impl Socket {
    pub fn send(&mut self, text: &str) {
        self.0.send(Message::text(text)).unwrap();
    }

    /// The next message.
    pub fn next(&mut self) -> Value {
        loop {
            if let Message::Text(text) = self.0.read().unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    /// The answer to a request; nothing else may come before it.
    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        let body = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params });
        self.send(&body.to_string());
        let answer = self.next();
        assert_eq!(answer["id"], 7, "{answer}");
        answer
    }

    /// Subscribes; the subscription's id.
    pub fn subscribe(&mut self, params: Value) -> Value {
        let answer = self.ask("eth_subscribe", params);
        answer.get("result").unwrap_or_else(|| panic!("{answer}")).clone()
    }

    /// What the next notification of a subscription tells.
    pub fn notified(&mut self, id: &Value) -> Value {
        let message = self.next();
        assert_eq!(message["method"], "eth_subscription", "{message}");
        assert_eq!(message["params"]["subscription"], *id);
        message["params"]["result"].clone()
    }
}

pub fn word(value: u64) -> String {
    B256::from(U256::from(value)).to_string()
}

pub fn bytes(value: &Value) -> Bytes {
    value.as_str().unwrap().parse().unwrap()
}

pub fn number(value: &Value) -> U256 {
    value.as_str().unwrap().parse().unwrap()
}
