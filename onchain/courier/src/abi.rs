//! The ABI, read from its one written form: the contract's own, and of those that it calls.
#![allow(missing_docs, reason = "generated; the documentation is in the Solidity files")]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::pedantic,
    clippy::too_many_arguments,
    reason = "generated"
)]

use alloy_sol_types::SolCall;

#[cfg(target_arch = "wasm32")]
alloy_sol_types::sol!(
    #![sol(all_derives)]
    "../../sol/ICourier.sol"
);

#[cfg(target_arch = "wasm32")]
pub mod hub {
    alloy_sol_types::sol!("../../sol/IHub.sol");
}

mod consumer {
    alloy_sol_types::sol! {
        // The Solidity file imports the hub's, which the macro does not follow. A test compares the two.
        interface IOpmlConsumer {
            function onResult(
                bytes32 requestId,
                (uint8, bool, bytes32, uint32, bytes32, bytes) outcome,
                bytes data
            ) external;
            function onRefunded(bytes32 requestId, bytes data) external;
        }
    }
}

/// Selector of `IOpmlConsumer.onResult`.
pub const ON_RESULT: [u8; 4] = consumer::IOpmlConsumer::onResultCall::SELECTOR;
/// Selector of `IOpmlConsumer.onRefunded`.
pub const ON_REFUNDED: [u8; 4] = consumer::IOpmlConsumer::onRefundedCall::SELECTOR;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use alloy_primitives::keccak256;

    use super::*;

    /// Types of the fields of the hub's `Outcome`, as a signature has them.
    fn outcome() -> String {
        let source = include_str!("../../../sol/IHub.sol");
        let (_, fields) = source.split_once("struct Outcome {").unwrap();
        let (fields, _) = fields.split_once('}').unwrap();
        let lines = fields.lines().map(str::trim).filter(|line| line.ends_with(';'));
        let types: Vec<&str> = lines.map(|line| line.split_once(' ').unwrap().0).collect();
        format!("({})", types.join(",")).replace("ResultStatus", "uint8")
    }

    /// The signatures in the Solidity file, the outcome spelled out as the hub's ABI has it.
    #[test]
    fn selectors_are_those_of_the_solidity_file() {
        let source = include_str!("../../../sol/IOpmlConsumer.sol");
        let functions = [(ON_RESULT, "onResult"), (ON_REFUNDED, "onRefunded")];
        for (selector, name) in functions {
            let begin = source.find(&format!("function {name}(")).unwrap() + "function ".len();
            let end = begin + source[begin..].find(')').unwrap();
            let (name, parameters) = source[begin..end].split_once('(').unwrap();
            let types: Vec<&str> =
                parameters.split(',').map(|each| each.split_whitespace().next().unwrap()).collect();
            let signature =
                format!("{name}({})", types.join(",")).replace("IHub.Outcome", &outcome());
            assert_eq!(selector, keccak256(&signature)[..4], "{signature}");
        }
    }
}
