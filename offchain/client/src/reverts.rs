//! What a contract means by the data that it reverts with.

use alloy_primitives::{Bytes, hex};
use alloy_sol_types::{Revert, SolError as _, SolInterface};

use crate::contracts::arbitrum::ArbWasm::ArbWasmErrors;
use crate::contracts::attention::IAttention::IAttentionErrors;
use crate::contracts::batch::IBatch::IBatchErrors;
use crate::contracts::courier::ICourier::ICourierErrors;
use crate::contracts::game::IGame::IGameErrors;
use crate::contracts::hub::IHub::IHubErrors;
use crate::contracts::step::IStepVerifier::IStepVerifierErrors;

type Decode = fn(&[u8]) -> Option<String>;

/// The interfaces in order: the first that has an error of this form explains it.
const INTERFACES: [Decode; 7] = [
    decode::<IHubErrors>,
    decode::<IGameErrors>,
    decode::<IStepVerifierErrors>,
    decode::<ICourierErrors>,
    decode::<IBatchErrors>,
    decode::<IAttentionErrors>,
    decode::<ArbWasmErrors>,
];

fn decode<E: SolInterface + std::fmt::Debug>(data: &[u8]) -> Option<String> {
    E::abi_decode_validate(data).ok().map(|error| format!("{error:?}"))
}

/// The error of one of the contracts that `data` encodes, with its values; none if there is no such error.
pub fn reason(data: &[u8]) -> Option<String> {
    if let Ok(revert) = Revert::abi_decode_validate(data) {
        return Some(revert.reason);
    }
    INTERFACES.iter().find_map(|decode| decode(data)).map(|text| inner(&text).to_owned())
}

/// `Variant(Struct { .. })` without the name that it has twice.
fn inner(text: &str) -> &str {
    text.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(text)
}

/// For messages: the error if it is known, else the bytes.
pub(crate) fn explain(data: &Bytes) -> String {
    reason(data).unwrap_or_else(|| match data.len() {
        0 => "without a reason".to_owned(),
        _ => hex::encode_prefixed(data),
    })
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{Address, U256};

    use super::*;
    use crate::contracts::IHub;

    #[test]
    fn a_contracts_error_is_named_with_its_values() {
        let account = Address::repeat_byte(7);
        let (have, want) = (U256::from(1), U256::from(2));
        let error = IHub::InsufficientFunds { account, have, want };
        let expected = format!("InsufficientFunds {{ account: {account}, have: 1, want: 2 }}");
        assert_eq!(reason(&error.abi_encode()), Some(expected));
    }

    #[test]
    fn unknown_data_is_shown_as_it_is() {
        assert_eq!(reason(&[1, 2, 3, 4]), None);
        assert_eq!(explain(&Bytes::from_static(&[1, 2, 3, 4])), "0x01020304");
        assert_eq!(explain(&Bytes::new()), "without a reason");
    }
}
