//! An account with its own connection to the node.

use alloy_network::TransactionBuilder as _;
use alloy_primitives::{Address, B256, U256};
use alloy_rpc_types_eth::{TransactionReceipt, TransactionRequest};
use alloy_signer_local::PrivateKeySigner;
use anyhow::{Context as _, Result};
use opml_client::{ConnectSettings, Connection, connect, send};

use super::tell::Teller;

/// Who takes part.
pub struct Party {
    /// Its role.
    pub name: &'static str,
    /// Its account.
    pub address: Address,
    /// Signs for it.
    pub connection: Connection,
    tell: Teller,
}

impl Party {
    pub async fn new((name, key): (&'static str, &B256), url: &str, tell: Teller) -> Result<Self> {
        let signer = PrivateKeySigner::from_bytes(key)?;
        let address = signer.address();
        let connection = connect(url, Some(signer), ConnectSettings::default()).await?;
        Ok(Self { name, address, connection, tell })
    }

    /// Who tells of it.
    pub const fn tell(&self) -> Teller {
        self.tell
    }

    /// Sends a transaction and tells of it.
    pub async fn act(
        &self,
        what: &str,
        request: TransactionRequest,
        value: U256,
    ) -> Result<TransactionReceipt> {
        let receipt = self.quietly(request, value).await.with_context(|| what.to_owned())?;
        self.tell.sent(self.name, what, &receipt);
        Ok(receipt)
    }

    /// Sends a transaction.
    pub async fn quietly(
        &self,
        request: TransactionRequest,
        value: U256,
    ) -> Result<TransactionReceipt> {
        let request = request.with_from(self.address).with_value(value);
        Ok(send(&self.connection, request).await?)
    }
}
