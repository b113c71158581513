//! How the server is set up.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// Port of a Nitro development node.
pub const PORT: u16 = 8547;

/// Where the server listens, when it mines and what it allows.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address to listen on.
    pub host: IpAddr,
    /// Port; 0 takes a free one.
    pub port: u16,
    /// Mines a block each time this has passed, instead of one for each transaction.
    pub block_time: Option<Duration>,
    /// Web pages that may connect besides those of this machine, by origin
    /// (`https://example.org`); `*` is all.
    pub origins: Vec<String>,
    /// What clients may ask for.
    pub limits: Limits,
}

impl Default for Config {
    /// On this machine only, a block for each transaction.
    fn default() -> Self {
        Self {
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: PORT,
            block_time: None,
            origins: Vec::new(),
            limits: Limits::default(),
        }
    }
}

/// What clients may ask for; beyond it they get an error that names the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request, batches included.
    pub request_bytes: u32,
    /// Bytes of a response.
    pub response_bytes: u32,
    /// Requests in a batch.
    pub batch: u32,
    /// Connections at a time.
    pub connections: u32,
    /// Requests of one connection that run at a time; further ones wait.
    pub running: usize,
    /// A WebSocket is pinged so often, and given up when it does not answer.
    pub ping_interval: Duration,
    /// Subscriptions of one connection.
    pub subscriptions: u32,
    /// Notifications waiting for a slow client before it is read no further.
    pub buffered_messages: u32,
    /// Filters at a time, of all clients.
    pub filters: usize,
    /// A filter not asked for so long is removed.
    pub filter_lifetime: Duration,
    /// Blocks that a query for logs may cover.
    pub log_blocks: u64,
    /// Logs that it may give.
    pub logs: usize,
    /// Blocks that one request may mine.
    pub mined_blocks: u64,
    /// How long a transaction waits for the one before it from the same sender.
    pub nonce_gap_wait: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_bytes: 10 << 20,
            response_bytes: 100 << 20,
            batch: 1000,
            connections: 500,
            running: 128,
            ping_interval: Duration::from_secs(30),
            subscriptions: 128,
            buffered_messages: 1024,
            filters: 1024,
            filter_lifetime: Duration::from_mins(5),
            log_blocks: 1_000_000,
            logs: 20_000,
            mined_blocks: 1_000_000,
            nonce_gap_wait: Duration::from_secs(1),
        }
    }
}
