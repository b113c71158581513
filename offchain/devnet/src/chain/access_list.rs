//! Which accounts and slots a call reads.

use alloy_eips::BlockId;
use alloy_eips::eip2930::{AccessList, AccessListItem, AccessListResult};
use alloy_primitives::{Address, B256, U256};
use alloy_rpc_types_eth::TransactionRequest;
use revm::primitives::AddressMap;
use revm::state::Account;

use super::call::{CALL_GAS, Overrides, Trial, succeeded};
use super::error::CallError;
use super::precompiles::ARBITRUM;
use super::{Chain, arbos};

/// Which accounts a call reads may depend on the gas left; after so many rounds the last list is
/// given.
const ROUNDS: usize = 8;

impl Chain {
    /// The access list of `request` on the state after block `at`: every account and slot it
    /// reads, but for those that cost nothing more without being listed. It gives the gas that
    /// `request` uses with that list, and why it failed, if it did.
    ///
    /// # Errors
    /// [`CallError`] if it cannot be run; failing is none.
    pub fn access_list(
        &self,
        request: &TransactionRequest,
        at: BlockId,
        overrides: &Overrides,
    ) -> Result<AccessListResult, CallError> {
        let mut request = request.clone();
        let mut list = request.access_list.clone().unwrap_or_default();
        let mut result = AccessListResult::default();
        let ground = &self.ground(at, overrides)?;
        for _ in 0..ROUNDS {
            request.access_list = Some(list.clone());
            let gas = request.gas.unwrap_or(CALL_GAS).min(CALL_GAS);
            let trial = Trial { request: &request, ground };
            let done = self.try_with(trial, gas, None)?;
            let read = listed(&done.changes, &request);
            let same = read == list;
            list = read;
            result.gas_used = U256::from(done.gas_used);
            result.error = succeeded(done).err().map(|error| error.to_string());
            if same {
                break;
            }
        }
        result.access_list = list;
        Ok(result)
    }
}

/// Accounts in order, each with its slots in order.
fn listed(read: &AddressMap<Account>, request: &TransactionRequest) -> AccessList {
    let sender = request.from.unwrap_or_default();
    let target = request.to.and_then(alloy_primitives::TxKind::into_to);
    let mut items: Vec<AccessListItem> = read
        .iter()
        .filter(|(address, account)| {
            let slots = !account.storage.is_empty();
            let free = **address == sender || Some(**address) == target || account.is_created();
            !is_system(**address) && (slots || !free)
        })
        .map(|(address, account)| item(*address, account))
        .collect();
    items.sort_unstable_by_key(|item| item.address);
    AccessList(items)
}

fn item(address: Address, account: &Account) -> AccessListItem {
    let mut storage_keys: Vec<B256> = account.storage.keys().map(|key| B256::from(*key)).collect();
    storage_keys.sort_unstable();
    AccessListItem { address, storage_keys }
}

/// Precompiled contracts are always warm, and what the chain keeps for itself is not read by
/// instructions.
fn is_system(address: Address) -> bool {
    let ethereum = address.as_slice()[..18].iter().all(|byte| *byte == 0)
        && (1..=0x100).contains(&u16::from_be_bytes([address[18], address[19]]));
    ethereum || address == arbos::STATE_ACCOUNT || ARBITRUM.iter().any(|(at, _)| *at == address)
}
