//! A small EVM assembler: mnemonics, `0x..` literals pushed by their width, `@label` pushes a
//! label's position, `label:` defines it with a `JUMPDEST`.

use std::collections::HashMap;

const MNEMONICS: &[(&str, u8)] = &[
    ("STOP", 0x00),
    ("ADD", 0x01),
    ("MUL", 0x02),
    ("SUB", 0x03),
    ("LT", 0x10),
    ("EQ", 0x14),
    ("ISZERO", 0x15),
    ("AND", 0x16),
    ("BYTE", 0x1a),
    ("SHR", 0x1c),
    ("ADDRESS", 0x30),
    ("BALANCE", 0x31),
    ("ORIGIN", 0x32),
    ("CALLER", 0x33),
    ("CALLVALUE", 0x34),
    ("CALLDATALOAD", 0x35),
    ("CALLDATASIZE", 0x36),
    ("CALLDATACOPY", 0x37),
    ("CODECOPY", 0x39),
    ("GASPRICE", 0x3a),
    ("RETURNDATASIZE", 0x3d),
    ("EXTCODESIZE", 0x3b),
    ("RETURNDATACOPY", 0x3e),
    ("EXTCODEHASH", 0x3f),
    ("BLOCKHASH", 0x40),
    ("COINBASE", 0x41),
    ("TIMESTAMP", 0x42),
    ("NUMBER", 0x43),
    ("GASLIMIT", 0x45),
    ("CHAINID", 0x46),
    ("BASEFEE", 0x48),
    ("POP", 0x50),
    ("MLOAD", 0x51),
    ("MSTORE", 0x52),
    ("MSTORE8", 0x53),
    ("SLOAD", 0x54),
    ("SSTORE", 0x55),
    ("JUMP", 0x56),
    ("JUMPI", 0x57),
    ("GAS", 0x5a),
    ("TLOAD", 0x5c),
    ("TSTORE", 0x5d),
    ("PUSH0", 0x5f),
    ("DUP1", 0x80),
    ("DUP2", 0x81),
    ("DUP3", 0x82),
    ("DUP4", 0x83),
    ("DUP6", 0x85),
    ("DUP7", 0x86),
    ("SWAP1", 0x90),
    ("SWAP2", 0x91),
    ("LOG1", 0xa1),
    ("CREATE", 0xf0),
    ("CALL", 0xf1),
    ("RETURN", 0xf3),
    ("DELEGATECALL", 0xf4),
    ("STATICCALL", 0xfa),
    ("REVERT", 0xfd),
    ("INVALID", 0xfe),
];

/// Assembles `source`.
pub fn assemble(source: &str) -> Vec<u8> {
    let table: HashMap<&str, u8> = MNEMONICS.iter().copied().collect();
    let (mut code, mut labels, mut uses) = (Vec::new(), HashMap::new(), Vec::new());
    for word in source.split_whitespace() {
        if let Some(label) = word.strip_suffix(':') {
            labels.insert(label, code.len());
            code.push(0x5b);
        } else if let Some(label) = word.strip_prefix('@') {
            code.extend([0x61, 0, 0]);
            uses.push((code.len() - 2, label));
        } else if let Some(hex) = word.strip_prefix("0x") {
            let bytes = alloy_primitives::hex::decode(hex).unwrap();
            code.push(0x5f + u8::try_from(bytes.len()).unwrap());
            code.extend(bytes);
        } else {
            code.push(*table.get(word).unwrap_or_else(|| panic!("no mnemonic {word}")));
        }
    }
    for (at, label) in uses {
        let target = u16::try_from(labels[label]).unwrap();
        code[at..at + 2].copy_from_slice(&target.to_be_bytes());
    }
    code
}

/// Init code that deploys `code`.
pub fn deployer(code: &[u8]) -> Vec<u8> {
    let len = u16::try_from(code.len()).unwrap().to_be_bytes();
    let mut init = vec![0x61, len[0], len[1], 0x80, 0x60, 12, 0x5f, 0x39, 0x5f, 0xf3];
    init.extend([0, 0]);
    init.extend(code);
    init
}

/// Counts calls in slot 0, logs the count, returns it.
pub const COUNTER: &str = "0x01 PUSH0 SLOAD ADD DUP1 PUSH0 SSTORE DUP1 PUSH0 MSTORE DUP1 0x20 PUSH0 \
                       LOG1 0x20 PUSH0 RETURN";
