//! Between a node and its endpoint: keeps transactions that come before their turn, as nodes with a pool do, and
//! may alter what comes back.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use alloy_consensus::transaction::SignerRecoverable;
use alloy_consensus::{Transaction as _, TxEnvelope};
use alloy_eips::eip2718::Decodable2718;
use alloy_primitives::{Address, Bytes, U64};
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A text in answers, and what it is made into.
type Lie = (String, String);

struct Shared {
    target: SocketAddr,
    /// By sender and nonce.
    waiting: Mutex<BTreeMap<(Address, u64), Bytes>>,
    lies: Vec<Lie>,
    /// Says of each transaction that it does not take it, and takes it.
    denies: bool,
}

pub struct Pool(SocketAddr);

impl Pool {
    /// In front of the endpoint at `target`.
    pub async fn start(target: SocketAddr) -> Self {
        Self::with(target, Vec::new(), false).await
    }

    /// The same, which denies to have what it has.
    pub async fn denying(target: SocketAddr) -> Self {
        Self::with(target, Vec::new(), true).await
    }

    /// The same, with each of `lies` in its answers.
    pub async fn lying(target: SocketAddr, lies: Vec<Lie>) -> Self {
        Self::with(target, lies, false).await
    }

    async fn with(target: SocketAddr, lies: Vec<Lie>, denies: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared { target, waiting: Mutex::default(), lies, denies });
        let router = Router::new().route("/", post(pass)).with_state(shared);
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self(address)
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.0)
    }
}

async fn pass(
    State(shared): State<Arc<Shared>>,
    body: String,
) -> ([(&'static str, &'static str); 1], String) {
    let question: Value = serde_json::from_str(&body).unwrap();
    let answer = if question["method"] == "eth_sendRawTransaction" {
        let raw: Bytes = serde_json::from_value(question["params"][0].clone()).unwrap();
        let answer = shared.send(&question["id"], raw).await;
        shared.move_up().await;
        if shared.denies {
            let error = json!({ "code": -32000, "message": "not taken" });
            json!({ "jsonrpc": "2.0", "id": question["id"], "error": error }).to_string()
        } else {
            answer
        }
    } else if shared.denies && question["method"] == "eth_getTransactionByHash" {
        json!({ "jsonrpc": "2.0", "id": question["id"], "result": null }).to_string()
    } else {
        shared.forward(body).await
    };
    let lied = shared.lies.iter().fold(answer, |answer, (from, to)| answer.replace(from, to));
    ([("content-type", "application/json")], lied)
}

impl Shared {
    async fn send(&self, id: &Value, raw: Bytes) -> String {
        let transaction = TxEnvelope::decode_2718(&mut raw.as_ref()).unwrap();
        let sender = transaction.recover_signer().unwrap();
        if transaction.nonce() <= self.nonce(sender).await {
            let question = json!({
                "jsonrpc": "2.0", "id": id, "method": "eth_sendRawTransaction", "params": [raw]
            });
            return self.forward(question.to_string()).await;
        }
        self.waiting.lock().unwrap().insert((sender, transaction.nonce()), raw);
        json!({ "jsonrpc": "2.0", "id": id, "result": transaction.tx_hash() }).to_string()
    }

    /// Sends what has its turn now.
    async fn move_up(&self) {
        let senders: Vec<_> =
            self.waiting.lock().unwrap().keys().map(|(sender, _)| *sender).collect();
        for sender in senders {
            let nonce = self.nonce(sender).await;
            let next = self.waiting.lock().unwrap().remove(&(sender, nonce));
            if let Some(raw) = next {
                let question = json!({
                    "jsonrpc": "2.0", "id": 1, "method": "eth_sendRawTransaction", "params": [raw]
                });
                self.forward(question.to_string()).await;
            }
        }
    }

    async fn nonce(&self, sender: Address) -> u64 {
        let question = json!({
            "jsonrpc": "2.0", "id": 1, "method": "eth_getTransactionCount", "params": [sender, "latest"]
        });
        let answer: Value =
            serde_json::from_str(&self.forward(question.to_string()).await).unwrap();
        serde_json::from_value::<U64>(answer["result"].clone()).unwrap().to()
    }

    async fn forward(&self, body: String) -> String {
        let mut stream = TcpStream::connect(self.target).await.unwrap();
        let head = format!(
            "POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\nconnection: close\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }
}
