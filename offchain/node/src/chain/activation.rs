//! How long a Stylus contract stays activated, and what renewing it costs.

use alloy_primitives::{Address, B256, U256};
use alloy_provider::Provider;
use alloy_rpc_types_eth::TransactionRequest;
use alloy_sol_types::{SolCall, SolError};
use opml_client::contracts::arbitrum::{ARB_WASM, ArbWasm};
use opml_client::deployment::Deployed;
use opml_client::{ClientError, Connection};

use super::ChainError;
use crate::error::is_refusal;
use crate::intent::{Act, Renewal};

/// Percent of the fee that are sent: it may rise meanwhile, and what is too much comes back.
const FEE_PERCENT: u64 = 120;

/// A contract's activation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activation {
    /// Name of the contract.
    pub name: &'static str,
    /// The contract.
    pub program: Address,
    /// Hash of its code.
    pub code_hash: B256,
    /// Seconds until it ends; none are left if it is not active.
    pub seconds_left: u64,
    /// Wei that renewing it costs now; none while the chain refuses to renew it.
    pub fee: Option<U256>,
}

impl Activation {
    /// Asks for it; `payer` would pay.
    pub(super) async fn read(
        connection: &Connection,
        payer: Address,
        (name, deployed): (&'static str, Deployed),
    ) -> Result<Self, ChainError> {
        let Deployed { address: program, code_hash } = deployed;
        let wasm = ArbWasm::new(ARB_WASM, connection);
        let left = wasm.programTimeLeft(program).call().await.map_err(ClientError::from);
        let seconds_left = match left {
            Ok(left) => left,
            Err(error) if is_refusal(&error) => 0,
            Err(error) => return Err(error.into()),
        };
        let data = if seconds_left == 0 {
            ArbWasm::activateProgramCall { program }.abi_encode()
        } else {
            ArbWasm::codehashKeepaliveCall { codehash: code_hash }.abi_encode()
        };
        let request = TransactionRequest::default().from(payer).to(ARB_WASM).input(data.into());
        // Without value it is refused, and the refusal tells the price.
        let refusal = connection.call(request).await.map_err(ClientError::from);
        let fee = match refusal {
            Err(ClientError::Reverted(data)) => {
                let refused = ArbWasm::ProgramInsufficientValue::abi_decode_validate(&data);
                refused.ok().map(|refused| refused.want)
            }
            Err(error) => return Err(error.into()),
            Ok(_) => Some(U256::ZERO),
        };
        Ok(Self { name, program, code_hash, seconds_left, fee })
    }

    /// The act that renews it at second `now`; none while the chain refuses that.
    pub fn act(&self, now: u64) -> Option<Act> {
        Some(Act::Activate {
            program: self.program,
            // Named by the day on which it would end: a second try on another day is another intent.
            ends: now.saturating_add(self.seconds_left) / (24 * 3600),
            renewal: self.renewal()?,
        })
    }

    /// How it is renewed; none while the chain refuses that.
    pub fn renewal(&self) -> Option<Renewal> {
        let value = self.fee?.saturating_mul(U256::from(FEE_PERCENT)) / U256::from(100);
        Some(if self.seconds_left == 0 {
            Renewal::Activate { value }
        } else {
            Renewal::KeepAlive { code_hash: self.code_hash, value }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The chain says how many seconds are left, and may say anything.
    #[test]
    fn an_activation_without_end_is_renewed() {
        let activation = Activation {
            name: "hub",
            program: Address::ZERO,
            code_hash: B256::ZERO,
            seconds_left: u64::MAX,
            fee: Some(U256::MAX),
        };
        let Some(Act::Activate { ends, .. }) = activation.act(5) else {
            panic!("it is renewed");
        };
        assert_eq!(ends, u64::MAX / (24 * 3600));
    }
}
