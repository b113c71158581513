//! Who asks: a Solidity contract if one is built into this program, else an account.

use alloy_network::TransactionBuilder as _;
use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_rpc_types_eth::{TransactionReceipt, TransactionRequest};
use alloy_sol_types::{SolConstructor as _, SolEvent as _};
use anyhow::{Context as _, Result};
use opml_client::Deployment;
use opml_client::contracts::IHub;

use super::party::Party;
use super::subject::{Kind, Question};
use crate::contracts;

/// The consumers' interfaces as far as they are used here, and their constructors.
mod abi {
    #![allow(missing_docs, reason = "documented in sol/examples")]
    #![allow(clippy::pedantic, reason = "generated")]
    alloy_sol_types::sol! {
        #[sol(rpc)]
        contract DigitsConsumer {
            constructor(address courier, bytes32 model);
            function read(bytes calldata picture) external payable returns (bytes32 requestId);
            function estimate() external view returns (uint256);
            event Read(bytes32 indexed requestId, uint8 reading, uint8 digit);
        }

        struct Settings { uint64 seed; uint32 temperature; uint32 topK; uint32 iterations; uint32 topP; }
        enum Status { None, Asked, Answered, Failed, Refunded }
        struct Entry {
            address asker;
            Status status;
            string prompt;
            string answer;
            uint32 answerLength;
            bytes32 answerRoot;
        }
        #[sol(rpc)]
        contract PromptConsumer {
            constructor(address courier, bytes32 model);
            function ask(string calldata prompt, Settings calldata settings) external payable returns (bytes32 requestId);
            function estimate(uint32 iterations) external view returns (uint256);
            function entryOf(bytes32 requestId) external view returns (Entry memory);
        }
    }
}
use abi::{DigitsConsumer, PromptConsumer};

/// What has been asked.
pub struct Asked {
    pub id: B256,
    /// Header and input.
    pub request: Bytes,
}

/// A contract that asks in the name of whoever calls it.
pub struct Consumer {
    kind: Kind,
    address: Address,
}

impl Consumer {
    /// Deploys the one for what a model makes, if its code is built into this program.
    pub async fn deploy(
        party: &Party,
        kind: Kind,
        (courier, model): (Address, B256),
    ) -> Result<Option<Self>> {
        let (code, name) = match kind {
            Kind::Digit => (contracts::DIGITS_CONSUMER, "DigitsConsumer"),
            Kind::Text => (contracts::PROMPT_CONSUMER, "PromptConsumer"),
            // An account asks: the result is long and kept by its root.
            Kind::Picture => return Ok(None),
        };
        let Some(code) = code else {
            party.tell().note(&format!("{name} is not built into this program: an account asks"));
            return Ok(None);
        };
        let arguments = DigitsConsumer::constructorCall { courier, model }.abi_encode();
        let request = TransactionRequest::default().with_deploy_code([code, &arguments].concat());
        let receipt = party.act(&format!("deploys {name}"), request, U256::ZERO).await?;
        let address = receipt.contract_address.context("no contract was created")?;
        Ok(Some(Self { kind, address }))
    }

    /// Its name and what it is called for.
    pub const fn name(&self) -> &'static str {
        match self.kind {
            Kind::Digit => "DigitsConsumer",
            Kind::Text => "PromptConsumer",
            Kind::Picture => "no contract",
        }
    }

    /// Has a question asked.
    pub async fn ask(&self, party: &Party, question: &Question) -> Result<Asked> {
        let (request, price) = match self.kind {
            Kind::Picture => anyhow::bail!("no contract asks for pictures"),
            Kind::Digit => {
                let consumer = DigitsConsumer::new(self.address, &party.connection);
                let price = consumer.estimate().call().await?;
                let call = consumer.read(question.input.clone().into());
                (call.into_transaction_request(), price)
            }
            Kind::Text => {
                let consumer = PromptConsumer::new(self.address, &party.connection);
                let prompt = String::from_utf8(question.input.clone())?;
                let price = consumer.estimate(question.choice.iterations).call().await?;
                let call = consumer.ask(prompt, settings(question));
                (call.into_transaction_request(), price)
            }
        };
        let what = format!("{} asks: {}", self.name(), question.what);
        asked(&party.act(&what, request, price).await?)
    }

    /// What a delivery has told it, if it has.
    pub async fn told(
        &self,
        (party, asked): (&Party, &Asked),
        receipt: &TransactionReceipt,
    ) -> Result<Option<String>> {
        if self.kind == Kind::Text {
            let consumer = PromptConsumer::new(self.address, &party.connection);
            let entry = consumer.entryOf(asked.id).call().await?;
            let answered = matches!(entry.status, abi::Status::Answered);
            return Ok(answered.then_some(entry.answer));
        }
        let mut logs = receipt.logs().iter().filter(|log| log.address() == self.address);
        let event = logs.find_map(|log| DigitsConsumer::Read::decode_log(&log.inner).ok());
        Ok(event.map(|event| event.digit.to_string()))
    }
}

fn settings(question: &Question) -> abi::Settings {
    let choice = question.choice;
    abi::Settings {
        seed: choice.seed,
        temperature: choice.temperature,
        topK: choice.top_k,
        iterations: choice.iterations,
        topP: choice.top_p,
    }
}

/// Asks the hub directly.
pub async fn ask(
    party: &Party,
    (deployment, model): (&Deployment, B256),
    question: &Question,
) -> Result<Asked> {
    let hub = deployment.hub(&party.connection);
    let price = hub.quote(model, question.choice.iterations).call().await?;
    let infer = hub.infer(model, question.request()?.into()).into_transaction_request();
    let what = format!("asks the hub: {}", question.what);
    asked(&party.act(&what, infer, price.fee + price.workBurn).await?)
}

fn asked(receipt: &TransactionReceipt) -> Result<Asked> {
    let event = receipt.decoded_log::<IHub::Requested>().context("nothing was requested")?;
    Ok(Asked { id: event.requestId, request: event.data.request })
}
