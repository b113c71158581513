//! New heads by subscription, where the endpoint is a WebSocket. It is a bell, not a source: what has happened
//! is read from the chain, so one that does not ring costs time and nothing else.

use std::time::{Duration, Instant};

use alloy_provider::Provider;
use alloy_rpc_types_eth::Header;
use futures_util::stream::{BoxStream, StreamExt};
use opml_client::Connection;

/// Longest wait for a subscription.
const PATIENCE: Duration = Duration::from_secs(5);

/// Pause before another try.
const PAUSE: Duration = Duration::from_secs(30);

/// Heads in a row that were found without it before it is given up as dead.
const MISSES: u32 = 3;

/// A subscription to new heads, if there is one.
pub struct Heads {
    connection: Connection,
    /// The endpoint can tell by itself.
    possible: bool,
    stream: Option<BoxStream<'static, Header>>,
    /// The next try.
    next_try: Instant,
    /// It has rung since the last look.
    rung: bool,
    misses: u32,
}

impl Heads {
    /// Of the endpoint at `url`, which `connection` is connected to.
    pub fn new(connection: Connection, url: &str) -> Self {
        let possible = url.starts_with("ws://") || url.starts_with("wss://");
        let next_try = Instant::now();
        Self { connection, possible, stream: None, next_try, rung: false, misses: 0 }
    }

    /// Whether heads come by subscription.
    pub const fn is_live(&self) -> bool {
        self.stream.is_some()
    }

    /// Waits for a new head; for ever if there is no subscription.
    pub async fn next(&mut self) {
        let Some(stream) = &mut self.stream else { return std::future::pending().await };
        if stream.next().await.is_none() {
            self.lost("it has ended");
        }
        self.rung = true;
    }

    /// Subscribes if that is possible and due. `moved`: there was a new head at this look; if others were
    /// there before it rang, again and again, it is dead.
    pub async fn keep(&mut self, moved: bool) {
        let rung = std::mem::take(&mut self.rung);
        self.misses = if moved && !rung { self.misses + 1 } else { 0 };
        if self.stream.is_some() && self.misses > MISSES {
            self.lost("it has not told of new heads");
        }
        if self.possible && self.stream.is_none() && Instant::now() >= self.next_try {
            self.subscribe().await;
        }
    }

    async fn subscribe(&mut self) {
        self.misses = 0;
        let subscribing = async { self.connection.subscribe_blocks().await };
        match tokio::time::timeout(PATIENCE, subscribing).await {
            Ok(Ok(subscription)) => {
                tracing::info!("new heads come by subscription");
                self.stream = Some(subscription.into_stream().boxed());
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "no subscription to new heads: they are asked for");
                self.next_try = Instant::now() + PAUSE;
            }
            Err(_) => {
                tracing::warn!("no subscription to new heads in time: they are asked for");
                self.next_try = Instant::now() + PAUSE;
            }
        }
    }

    fn lost(&mut self, why: &str) {
        tracing::warn!(why, "the subscription to new heads is given up: they are asked for");
        self.stream = None;
        self.next_try = Instant::now() + PAUSE;
    }
}

#[cfg(test)]
mod tests {
    use alloy_provider::ProviderBuilder;
    use alloy_transport::mock::Asserter;
    use futures_util::stream;

    use super::*;

    fn heads(stream: BoxStream<'static, Header>) -> Heads {
        let connection = ProviderBuilder::new().connect_mocked_client(Asserter::new()).erased();
        let mut heads = Heads::new(connection, "http://nowhere");
        heads.stream = Some(stream);
        heads
    }

    #[tokio::test]
    async fn a_subscription_that_ends_is_given_up() {
        let mut heads = heads(stream::empty().boxed());
        heads.next().await;
        assert!(!heads.is_live());
    }

    #[tokio::test]
    async fn a_subscription_that_does_not_ring_is_given_up() {
        let mut heads = heads(stream::pending().boxed());
        // Nothing new is nothing to tell.
        for moved in [true, true, true, false, true, true, true] {
            heads.keep(moved).await;
            assert!(heads.is_live());
        }
        heads.keep(true).await;
        assert!(!heads.is_live());
    }

    #[tokio::test]
    async fn a_subscription_that_rings_is_kept() {
        let mut heads = heads(stream::repeat(Header::default()).boxed());
        for _ in 0..10 {
            heads.next().await;
            heads.keep(true).await;
            assert!(heads.is_live());
        }
    }
}
