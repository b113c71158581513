//! Sending a transaction and waiting until it is in a block.

use std::time::{Duration, Instant};

use alloy_primitives::B256;
use alloy_provider::Provider;
use alloy_rpc_types_eth::{TransactionReceipt, TransactionRequest};

use crate::connect::Connection;
use crate::error::ClientError;

/// How long [`send`] waits for a receipt.
pub const WAIT_FOR_RECEIPT: Duration = Duration::from_mins(2);

/// Pauses between questions double from the first to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LAST_PAUSE: Duration = Duration::from_secs(1);

/// Signs and sends a transaction and waits for its receipt; one that fails in its block is an error.
pub async fn send(
    connection: &Connection,
    request: TransactionRequest,
) -> Result<TransactionReceipt, ClientError> {
    let sent = connection.send_transaction(request).await?;
    let receipt = receipt(connection, *sent.tx_hash(), WAIT_FOR_RECEIPT).await?;
    if receipt.status() {
        return Ok(receipt);
    }
    let (transaction, block) = (receipt.transaction_hash, receipt.block_number.unwrap_or_default());
    Err(ClientError::Failed { transaction, block })
}

/// The receipt of a transaction that was sent, also if the transaction has failed, as soon as it is in a block.
pub async fn receipt(
    connection: &Connection,
    transaction: B256,
    patience: Duration,
) -> Result<TransactionReceipt, ClientError> {
    let start = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        if let Some(receipt) = connection.get_transaction_receipt(transaction).await? {
            return Ok(receipt);
        }
        let waited = start.elapsed();
        if waited >= patience {
            return Err(ClientError::NotMined { transaction, waited });
        }
        tokio::time::sleep(pause).await;
        pause = (2 * pause).min(LAST_PAUSE);
    }
}
