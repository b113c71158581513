//! The timer of interval mining.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::node::Node;

/// Longest time between blocks; the timer cannot count to the end of all durations.
const LONGEST: Duration = Duration::from_secs(u32::MAX as u64);

/// Mines in the node's interval, until `stop` changes or its sender is gone.
pub async fn mine_in_intervals(node: Arc<Node>, mut stop: watch::Receiver<()>) {
    let mut interval = node.interval();
    loop {
        let period = *interval.borrow_and_update();
        tokio::select! {
            _ = stop.changed() => return,
            changed = interval.changed() => if changed.is_err() { return },
            () = mine_every(&node, period) => return,
        }
    }
}

/// Never ends.
async fn mine_every(node: &Arc<Node>, period: Option<Duration>) {
    let Some(period) = period else { return std::future::pending().await };
    let period = period.min(LONGEST);
    let mut ticks = interval_at(Instant::now() + period, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let node = node.clone();
        let mined = tokio::task::spawn_blocking(move || node.write(|ledger| ledger.chain.mine()));
        match mined.await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::error!(%error, "a block was not saved"),
            Err(error) => tracing::error!(%error, "mining a block failed"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use opml_devnet::chain::{Chain, ChainConfig};

    use super::*;
    use crate::config::Limits;

    #[tokio::test]
    async fn any_interval_can_be_waited_for() {
        let chain = Chain::new(ChainConfig::default()).unwrap();
        let node = Arc::new(Node::new(chain, Limits::default()));
        let endless = mine_every(&node, Some(Duration::MAX));
        assert!(tokio::time::timeout(Duration::from_millis(20), endless).await.is_err());
    }
}
