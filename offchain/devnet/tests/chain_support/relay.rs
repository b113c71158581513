//! One contract, written twice: for the EVM and for Stylus. It interprets its calldata as a script,
//! so that a test can say what happens in which frame.

#![allow(clippy::format_collect, reason = "no test waits for it")]

use alloy_primitives::{Address, U256};

use super::asm::assemble;

/// How one frame calls another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Call = 0,
    Delegate = 1,
    Static = 2,
}

/// A script, built step by step.
#[derive(Clone, Debug, Default)]
pub struct Script(pub Vec<u8>);

impl Script {
    pub fn new() -> Self {
        Self::default()
    }

    fn op(mut self, op: u8, parts: &[&[u8]]) -> Self {
        self.0.push(op);
        self.0.extend(parts.concat());
        self
    }

    fn words(self, op: u8, words: &[u64]) -> Self {
        let bytes: Vec<u8> =
            words.iter().flat_map(|word| U256::from(*word).to_be_bytes::<32>()).collect();
        self.op(op, &[&bytes])
    }

    /// Writes a slot.
    pub fn store(self, slot: u64, value: u64) -> Self {
        self.words(1, &[slot, value])
    }

    /// Emits a log with this topic, and the same as data.
    pub fn log(self, topic: u64) -> Self {
        self.words(2, &[topic])
    }

    fn callee(kind: Kind, target: Address, script: &Self) -> Vec<u8> {
        let len = u16::try_from(script.0.len()).unwrap().to_be_bytes();
        [[kind as u8].as_slice(), target.as_slice(), &len, &script.0].concat()
    }

    /// Calls with all gas and the value received; reverts with what the callee reverts with.
    pub fn call(self, kind: Kind, target: Address, script: &Self) -> Self {
        self.op(3, &[&Self::callee(kind, target, script)])
    }

    /// Calls, and goes on if that fails.
    pub fn try_call(self, kind: Kind, target: Address, script: &Self) -> Self {
        self.op(4, &[&Self::callee(kind, target, script)])
    }

    /// Returns what the last callee returned.
    pub fn forward(self) -> Self {
        self.op(5, &[])
    }

    /// Returns a slot.
    pub fn load(self, slot: u64) -> Self {
        self.words(6, &[slot])
    }

    /// Reverts with a word.
    pub fn revert(self, word: u64) -> Self {
        self.words(7, &[word])
    }

    /// Returns caller, value and own address.
    pub fn context(self) -> Self {
        self.op(8, &[])
    }

    /// Never ends.
    pub fn spin(self) -> Self {
        self.op(9, &[])
    }

    /// Creates a contract and returns its address, zero if that fails.
    pub fn create(self, init_code: &[u8]) -> Self {
        self.op(10, &[init_code])
    }

    /// Calls `a`, which calls `b`, which calls `a`, as deep as it goes; returns the frames.
    pub fn recurse(self, a: Address, b: Address) -> Self {
        self.op(11, &[a.as_slice(), b.as_slice()])
    }

    /// Returns whether the frame is re-entrant (Stylus only).
    pub fn reentrant(self) -> Self {
        self.op(12, &[])
    }
}

/// The EVM's version.
pub fn evm() -> Vec<u8> {
    let table: String = [
        "store", "log", "call", "call", "forward", "load", "revert", "context", "spin", "create",
        "recurse",
    ]
    .iter()
    .zip(1u8..)
    .map(|(label, op)| format!("DUP1 0x{op:02x} EQ @{label} JUMPI "))
    .collect();
    let call = |gas_and_address: &str, instruction: &str, value: &str| {
        format!(
            "PUSH0 PUSH0 DUP3 PUSH0 {value} {gas_and_address} 0x01 ADD CALLDATALOAD 0x60 SHR GAS \
             {instruction} @done JUMP"
        )
    };
    assemble(&format!(
        "PUSH0
         next: DUP1 CALLDATALOAD PUSH0 BYTE SWAP1 0x01 ADD SWAP1 {table} STOP
         store: POP DUP1 0x20 ADD CALLDATALOAD DUP2 CALLDATALOAD SSTORE 0x40 ADD @next JUMP
         log: POP DUP1 CALLDATALOAD DUP1 PUSH0 MSTORE 0x20 PUSH0 LOG1 0x20 ADD @next JUMP
         call: SWAP1 DUP1 0x15 ADD CALLDATALOAD 0xf0 SHR
               DUP1 DUP3 0x17 ADD PUSH0 CALLDATACOPY
               DUP2 CALLDATALOAD PUSH0 BYTE DUP1 0x01 EQ @delegate JUMPI 0x02 EQ @static JUMPI
               {plain}
         delegate: POP {delegate}
         static: {fixed}
         done: ISZERO DUP4 0x03 EQ AND @bubble JUMPI ADD 0x17 ADD SWAP1 POP @next JUMP
         bubble: RETURNDATASIZE PUSH0 PUSH0 RETURNDATACOPY RETURNDATASIZE PUSH0 REVERT
         forward: RETURNDATASIZE PUSH0 PUSH0 RETURNDATACOPY RETURNDATASIZE PUSH0 RETURN
         load: POP CALLDATALOAD SLOAD PUSH0 MSTORE 0x20 PUSH0 RETURN
         revert: POP CALLDATALOAD PUSH0 MSTORE 0x20 PUSH0 REVERT
         context: CALLER PUSH0 MSTORE CALLVALUE 0x20 MSTORE ADDRESS 0x40 MSTORE 0x60 PUSH0 RETURN
         spin: @spin JUMP
         create: POP DUP1 CALLDATASIZE SUB DUP1 SWAP2 PUSH0 CALLDATACOPY PUSH0 PUSH0 CREATE
                 PUSH0 MSTORE 0x20 PUSH0 RETURN
         recurse: POP 0x0b PUSH0 MSTORE8
                  DUP1 0x14 ADD CALLDATALOAD 0x01 MSTORE DUP1 CALLDATALOAD 0x15 MSTORE
                  0x20 0x40 0x29 PUSH0 PUSH0 DUP6 CALLDATALOAD 0x60 SHR GAS CALL
                  0x40 MLOAD MUL 0x01 ADD PUSH0 MSTORE 0x20 PUSH0 RETURN",
        plain = call("DUP7", "CALL", "CALLVALUE"),
        delegate = call("DUP6", "DELEGATECALL", ""),
        fixed = call("DUP6", "STATICCALL", ""),
    ))
}

/// Stylus's version, as a module.
pub fn wasm() -> Vec<u8> {
    wat::parse_str(include_str!("relay.wat")).unwrap()
}
