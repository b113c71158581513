//! Transactions that wait for a block, where nothing is mined by itself.

use alloy_consensus::Transaction as _;
use alloy_network::TransactionBuilder as _;
use alloy_primitives::{Address, B256, Bytes};
use alloy_provider::Provider as _;
use alloy_rpc_types_eth::TransactionRequest;

use crate::daemon::Daemon;
use crate::world::{World, account};

/// What waits for a block, as seen by somebody who looks all the time.
pub struct Waiting {
    filter: serde_json::Value,
}

/// A transaction that waits.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    pub hash: B256,
    pub from: Address,
    pub to: Option<Address>,
}

impl Waiting {
    /// From now on nothing is mined by itself.
    pub async fn begin(world: &World) -> Self {
        world.tell::<_, serde_json::Value>("evm_setAutomine", (false,)).await;
        Self { filter: world.tell("eth_newPendingTransactionFilter", ()).await }
    }

    /// Waits until something has come since the last look; nothing if all `nodes` do nothing at all.
    pub async fn next(&self, world: &World, nodes: &[&Daemon]) -> Vec<Sent> {
        world
            .until("a transaction", async |world| {
                let idle = world.are_idle(nodes).await;
                let sent = self.look(world).await;
                (idle || !sent.is_empty()).then_some(sent)
            })
            .await
    }

    /// What has come since the last look.
    pub async fn look(&self, world: &World) -> Vec<Sent> {
        let hashes: Vec<B256> = world.tell("eth_getFilterChanges", (&self.filter,)).await;
        let mut all = Vec::new();
        for hash in hashes {
            let found = world.connection.get_transaction_by_hash(hash).await.unwrap();
            // What came between a look and a block is in the block.
            let found = found.filter(|found| found.block_number.is_none());
            all.extend(found.map(|found| {
                let from = found.inner.signer();
                Sent { hash, from, to: found.to() }
            }));
        }
        all
    }

    /// Everything is mined at once again.
    pub async fn end(self, world: &World) {
        world.tell::<_, serde_json::Value>("evm_setAutomine", (true,)).await;
        world.mine().await;
    }
}

/// Puts a stranger's copy of a transaction before it: blocks are filled in the order of arrival.
pub async fn front_run(world: &World, stranger: usize, sent: &Sent) {
    let victim = world.connection.get_transaction_by_hash(sent.hash).await.unwrap().unwrap();
    let raw: Bytes = world.tell("eth_getRawTransactionByHash", (sent.hash,)).await;
    let dropped: serde_json::Value = world.tell("hardhat_dropTransaction", (sent.hash,)).await;
    assert!(dropped == sent.hash.to_string() || dropped == true, "{dropped}");
    let copy = TransactionRequest::default()
        .with_from(account(stranger))
        .with_to(sent.to.unwrap())
        .with_value(victim.value())
        .with_input(victim.input().clone())
        .with_gas_limit(10_000_000);
    let _: B256 = world.tell("eth_sendTransaction", (copy,)).await;
    let _: B256 = world.tell("eth_sendRawTransaction", (raw,)).await;
}
