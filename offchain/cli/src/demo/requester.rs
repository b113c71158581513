//! Who asks: a Solidity contract if one is built into this program, else an account.

use alloy_network::TransactionBuilder as _;
use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_rpc_types_eth::{TransactionReceipt, TransactionRequest};
use alloy_sol_types::{SolConstructor as _, SolEvent as _};
use anyhow::{Context as _, Result};
use opml_client::Deployment;
use opml_client::contracts::IHub;
use opml_core::graph::Request;

use super::party::Party;

/// The consumer's interface as far as it is used here, and its constructor.
mod abi {
    #![allow(missing_docs, reason = "documented in sol/examples/DigitsConsumer.sol")]
    #![allow(clippy::pedantic, reason = "generated")]
    alloy_sol_types::sol! {
        #[sol(rpc)]
        contract DigitsConsumer {
            constructor(address courier, bytes32 model);
            function read(bytes calldata picture) external payable returns (bytes32 requestId);
            function estimate() external view returns (uint256);
            function digitOf(bytes32 requestId) external view returns (uint8);
            event Read(bytes32 indexed requestId, uint8 reading, uint8 digit);
        }
    }
}
use abi::DigitsConsumer;

/// What has been asked.
pub struct Asked {
    pub id: B256,
    /// Header and input.
    pub request: Bytes,
}

/// A contract that asks in the name of whoever calls it.
pub struct Consumer {
    pub address: Address,
}

impl Consumer {
    /// Deploys it by its compiled code.
    pub async fn deploy(
        party: &Party,
        code: &[u8],
        (courier, model): (Address, B256),
    ) -> Result<Self> {
        let arguments = DigitsConsumer::constructorCall { courier, model }.abi_encode();
        let request = TransactionRequest::default().with_deploy_code([code, &arguments].concat());
        let receipt = party.act("deploys DigitsConsumer", request, U256::ZERO).await?;
        let address = receipt.contract_address.context("no contract was created")?;
        Ok(Self { address })
    }

    pub async fn ask(&self, party: &Party, (name, picture): (&str, Vec<u8>)) -> Result<Asked> {
        let consumer = DigitsConsumer::new(self.address, &party.connection);
        let price = consumer.estimate().call().await?;
        let request = consumer.read(picture.into()).into_transaction_request();
        let what = format!("DigitsConsumer.read({name}): which digit is it?");
        let receipt = party.act(&what, request, price).await?;
        asked(&receipt)
    }

    /// What the delivery has told it.
    pub fn told(&self, receipt: &TransactionReceipt) -> Option<u8> {
        let mut logs = receipt.logs().iter().filter(|log| log.address() == self.address);
        logs.find_map(|log| DigitsConsumer::Read::decode_log(&log.inner).ok())
            .map(|event| event.digit)
    }
}

/// Asks the hub directly.
pub async fn ask(
    party: &Party,
    (deployment, model): (&Deployment, B256),
    (name, picture): (&str, Vec<u8>),
) -> Result<Asked> {
    let request = Request::new(&picture, 0, [0; 28])?;
    let bytes: Bytes = [&request.header()[..], request.input()].concat().into();
    let hub = deployment.hub(&party.connection);
    let price = hub.quote(model, 0).call().await?;
    let infer = hub.infer(model, bytes).into_transaction_request();
    let what = format!("hub.infer({name}): which digit is it?");
    let receipt = party.act(&what, infer, price.fee + price.workBurn).await?;
    asked(&receipt)
}

fn asked(receipt: &TransactionReceipt) -> Result<Asked> {
    let event = receipt.decoded_log::<IHub::Requested>().context("nothing was requested")?;
    Ok(Asked { id: event.requestId, request: event.data.request })
}
