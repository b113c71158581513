//! Consumers, in a few instructions each.

use alloy_primitives::{Address, B256, Bytes, U256, hex};
use alloy_sol_types::{SolCall, SolValue, sol};

use crate::chain_support::asm::assemble;
use crate::desk::{GAS, ICourier, price};
use crate::world::{IHub, PRICE, request};

sol! {
    interface IOpmlConsumer {
        function onResult(
            bytes32 requestId,
            (uint8, bool, bytes32, uint32, bytes32, bytes) outcome,
            bytes data
        ) external;
        function onRefunded(bytes32 requestId, bytes data) external;
    }
}

/// Stores the gas it has at the start (after reading it) in slot 0 and the value in slot 1, and logs its
/// calldata with the caller as topic.
pub fn recorder() -> Vec<u8> {
    assemble(
        "GAS PUSH0 SSTORE CALLVALUE 0x01 SSTORE
         CALLDATASIZE PUSH0 PUSH0 CALLDATACOPY CALLER CALLDATASIZE PUSH0 LOG1 STOP",
    )
}

/// Reverts on deliveries while it is locked, else counts them in slot 1; a call without data turns the lock, slot 0.
pub fn lockable() -> Vec<u8> {
    assemble(
        "CALLDATASIZE @delivery JUMPI PUSH0 SLOAD ISZERO PUSH0 SSTORE STOP
         delivery: PUSH0 SLOAD @locked JUMPI 0x01 SLOAD 0x01 ADD 0x01 SSTORE STOP
         locked: PUSH0 PUSH0 REVERT",
    )
}

/// Uses all gas that it gets.
pub fn spinner() -> Vec<u8> {
    assemble("loop: @loop JUMP")
}

/// Ends with a mebibyte of zeros.
pub fn bomb(ending: &str) -> Vec<u8> {
    assemble(&format!("0x100000 PUSH0 {ending}"))
}

/// Reverts unless it has been given exactly so much gas.
pub fn particular(gas: u64) -> Vec<u8> {
    let gas = hex::encode((gas - 2).to_be_bytes());
    assemble(&format!("GAS 0x{gas} EQ @enough JUMPI PUSH0 PUSH0 REVERT enough: STOP"))
}

/// Calls `target` with a selector and two words, the first that of its own calldata; keeps in slot 1 whether that
/// worked, and in slot 2 the first word returned.
pub fn prober(target: Address, selector: [u8; 4]) -> Vec<u8> {
    let selector = hex::encode(B256::right_padding_from(&selector));
    let target = hex::encode(target);
    assemble(&format!(
        "0x{selector} PUSH0 MSTORE 0x20 0x04 0x04 CALLDATACOPY
         0x20 0x60 0x44 PUSH0 PUSH0 0x{target} GAS CALL 0x01 SSTORE 0x60 MLOAD 0x02 SSTORE STOP"
    ))
}

/// Asks the model and orders the delivery to itself, whenever it is called.
pub fn asker(hub: Address, model: B256, courier: Address) -> Vec<u8> {
    const DATA: usize = 0x200;
    let infer = IHub::inferCall { modelId: model, request: request(b"and then?") }.abi_encode();
    // Request and callback are filled in.
    let order = ICourier::orderCall {
        requestId: B256::ZERO,
        callback: Address::ZERO,
        gasLimit: 10 * GAS,
        data: Bytes::new(),
    };
    let order = order.abi_encode();
    let number = |value: usize| hex::encode(u16::try_from(value).unwrap().to_be_bytes());
    let (infer_length, order_length) = (number(infer.len()), number(order.len()));
    let (infer_at, order_at) = (number(DATA), number(DATA + infer.len()));
    let (cost, pay) =
        (hex::encode(PRICE.to_be_bytes()), hex::encode(price(10 * GAS).to_be_bytes()));
    let (hub, courier) = (hex::encode(hub), hex::encode(courier));
    let mut code = assemble(&format!(
        "0x{infer_length} 0x{infer_at} PUSH0 CODECOPY
         0x20 PUSH0 0x{infer_length} PUSH0 0x{cost} 0x{hub} GAS CALL ISZERO @fail JUMPI
         PUSH0 MLOAD
         0x{order_length} 0x{order_at} PUSH0 CODECOPY
         0x04 MSTORE ADDRESS 0x24 MSTORE
         PUSH0 PUSH0 0x{order_length} PUSH0 0x{pay} 0x{courier} GAS CALL ISZERO @fail JUMPI STOP
         fail: PUSH0 PUSH0 REVERT"
    ));
    code.resize(DATA, 0);
    [code, infer, order].concat()
}

/// What a consumer is called with for a result.
pub fn on_result(id: B256, outcome: &IHub::Outcome, data: &[u8]) -> Vec<u8> {
    let arguments = (id, outcome.clone(), Bytes::copy_from_slice(data));
    [IOpmlConsumer::onResultCall::SELECTOR.as_slice(), &arguments.abi_encode_params()].concat()
}

/// What it is called with for a refund.
pub fn on_refunded(id: B256, data: &[u8]) -> Vec<u8> {
    let data = Bytes::copy_from_slice(data);
    IOpmlConsumer::onRefundedCall { requestId: id, data }.abi_encode()
}

/// A selector as the first word returned has it.
pub fn selector_word(selector: [u8; 4]) -> U256 {
    B256::right_padding_from(&selector).into()
}
