//! An endpoint that answers as the fuzzer says: often as a node would, of a chain that forks, lags and lies; else with anything
//! that is JSON.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use alloy_json_rpc::{RequestPacket, Response, ResponsePacket, ResponsePayload, SerializedRequest};
use alloy_primitives::{B256, Bytes, U256};
use alloy_rpc_types_eth::{Block, Log};
use alloy_transport::{TransportError, TransportErrorKind, TransportFut};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::draw::Draw;
use crate::logs;

/// Most answers to an input.
const ANSWERS: usize = 200;

struct Lies {
    bytes: Vec<u8>,
    used: usize,
    answers: usize,
    head: u64,
    /// Block from which on hashes are others, and of which kind.
    fork: (u64, u8),
    numbers: HashMap<B256, u64>,
}

/// The endpoint; cheap to clone.
#[derive(Clone)]
pub struct Endpoint(Arc<Mutex<Lies>>);

impl Endpoint {
    /// An endpoint that lies by these bytes.
    pub fn new(bytes: &[u8]) -> Self {
        let lies = Lies {
            bytes: bytes.to_vec(),
            used: 0,
            answers: 0,
            head: 2,
            fork: (0, 0),
            numbers: HashMap::new(),
        };
        Self(Arc::new(Mutex::new(lies)))
    }

    /// Whether all bytes are used up.
    pub fn is_done(&self) -> bool {
        let lies = self.0.lock().expect("nobody panics with it");
        lies.used >= lies.bytes.len() || lies.answers >= ANSWERS
    }
}

impl tower::Service<RequestPacket> for Endpoint {
    type Response = ResponsePacket;
    type Error = TransportError;
    type Future = TransportFut<'static>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, packet: RequestPacket) -> Self::Future {
        let mut lies = self.0.lock().expect("nobody panics with it");
        let answer = match packet {
            RequestPacket::Single(request) => lies.answer(&request).map(ResponsePacket::Single),
            RequestPacket::Batch(requests) => {
                let all: Result<Vec<_>, _> = requests.iter().map(|one| lies.answer(one)).collect();
                all.map(ResponsePacket::Batch)
            }
        };
        Box::pin(async move { answer })
    }
}

impl Lies {
    fn answer(&mut self, request: &SerializedRequest) -> Result<Response, TransportError> {
        self.answers += 1;
        if self.answers > ANSWERS {
            return Err(TransportErrorKind::custom_str("away"));
        }
        let bytes = std::mem::take(&mut self.bytes);
        let mut draw = Draw::new(&bytes[self.used.min(bytes.len())..]);
        let kind = draw.below(32);
        let params: Value =
            request.params().and_then(|p| serde_json::from_str(p.get()).ok()).unwrap_or_default();
        let (mut text, mut fails) = (String::new(), false);
        match kind {
            0 => text = String::from_utf8_lossy(draw.take(40)).into_owned(),
            1 => fails = true,
            _ => text = self.like_a_node(request.method(), &params, &mut draw).to_string(),
        }
        if kind == 2 || kind == 3 {
            let mut edited = text.into_bytes();
            draw.edit(&mut edited);
            text = String::from_utf8_lossy(&edited).into_owned();
        }
        if fails {
            text = refusal(&mut draw).to_string();
        }
        self.used = bytes.len() - draw.rest().len();
        self.bytes = bytes;
        let raw = RawValue::from_string(text).map_err(TransportErrorKind::custom)?;
        let payload = if fails {
            match serde_json::from_str(raw.get()) {
                Ok(error) => ResponsePayload::Failure(error),
                Err(error) => return Err(TransportErrorKind::custom(error)),
            }
        } else {
            ResponsePayload::Success(raw)
        };
        Ok(Response { id: request.id().clone(), payload })
    }

    fn like_a_node(&mut self, method: &str, params: &Value, draw: &mut Draw<'_>) -> Value {
        match method {
            "eth_chainId" => json!("0x1"),
            "eth_getBlockByNumber" => self.block(params[0].as_str().unwrap_or_default(), draw),
            "eth_getLogs" => {
                let (from, to) = self.range(&params[0]);
                let block = params[0]["blockHash"].as_str().and_then(|hash| hash.parse().ok());
                let logs: Vec<Log> = (0..draw.below(5))
                    .map(|at| logs::log(draw, (from, to), (block, at as u64)))
                    .collect();
                json!(logs)
            }
            "eth_call" => json!(words(draw)),
            "eth_getCode" => json!(Bytes::copy_from_slice(draw.take(4))),
            "eth_getTransactionReceipt" => receipt(draw),
            _ => json!(U256::from(draw.number())),
        }
    }

    fn hash(&mut self, number: u64) -> B256 {
        let kind = if number >= self.fork.0 { self.fork.1 } else { 0 };
        let hash = B256::from((U256::from(kind) << 64) | U256::from(number));
        self.numbers.insert(hash, number);
        hash
    }

    fn block(&mut self, which: &str, draw: &mut Draw<'_>) -> Value {
        let asked = which.strip_prefix("0x").and_then(|hex| u64::from_str_radix(hex, 16).ok());
        match draw.below(16) {
            0 => return Value::Null,
            1 => self.fork = (self.head.saturating_sub(draw.below(6) as u64), draw.byte()),
            2 => self.head = draw.number(),
            3 => self.head = self.head.saturating_sub(1 + draw.below(4) as u64),
            _ if asked.is_none() => self.head = self.head.saturating_add(draw.below(40) as u64),
            _ => {}
        }
        let number = asked.unwrap_or(self.head);
        let mut block = Block::<alloy_rpc_types_eth::Transaction>::default();
        block.header.hash = self.hash(number);
        block.header.inner.number = if draw.below(64) == 1 { draw.number() } else { number };
        block.header.inner.parent_hash = self.hash(number.saturating_sub(1));
        block.header.inner.timestamp = draw.number();
        json!(block)
    }

    fn range(&self, filter: &Value) -> (u64, u64) {
        let number = |value: &Value| {
            let hex = value.as_str()?.strip_prefix("0x")?;
            u64::from_str_radix(hex, 16).ok()
        };
        let hash: Option<B256> = filter["blockHash"].as_str().and_then(|hash| hash.parse().ok());
        if let Some(number) = hash.and_then(|hash| self.numbers.get(&hash)) {
            return (*number, *number);
        }
        let from = number(&filter["fromBlock"]).unwrap_or(1);
        (from, number(&filter["toBlock"]).unwrap_or(from))
    }
}

/// Some words, as a view returns them.
fn words(draw: &mut Draw<'_>) -> Bytes {
    let mut bytes = Vec::new();
    for _ in 0..draw.below(16) {
        bytes.extend(U256::from(draw.number()).to_be_bytes::<32>());
    }
    bytes.extend(draw.take(draw_tail(bytes.len())));
    bytes.into()
}

const fn draw_tail(length: usize) -> usize {
    length / 32 % 3
}

fn refusal(draw: &mut Draw<'_>) -> Value {
    let code = if draw.below(2) == 0 { 3 } else { -32000 };
    match draw.below(3) {
        0 => json!({ "code": code, "message": "execution reverted", "data": words(draw) }),
        1 => json!({ "code": draw.number(), "message": "busy", "data": { "a": [1] } }),
        _ => {
            json!({ "code": code, "message": "execution reverted: 0x08c379a0", "data": Bytes::copy_from_slice(draw.take(40)) })
        }
    }
}

fn receipt(draw: &mut Draw<'_>) -> Value {
    if draw.below(4) == 0 {
        return Value::Null;
    }
    let hash = B256::repeat_byte(draw.byte());
    json!({
        "transactionHash": hash, "transactionIndex": U256::from(draw.number()), "blockHash": hash,
        "blockNumber": U256::from(draw.number()), "from": alloy_primitives::Address::ZERO, "to": null,
        "cumulativeGasUsed": U256::from(draw.number()), "gasUsed": U256::from(draw.number()),
        "effectiveGasPrice": U256::from(draw.number()), "contractAddress": null, "logs": [],
        "logsBloom": Bytes::from(vec![0; 256]), "type": "0x2", "status": if draw.below(2) == 0 { "0x0" } else { "0x1" },
    })
}
