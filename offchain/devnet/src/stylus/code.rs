//! The on-chain form of a contract: a 4-byte prefix, then the brotli stream of its module.

use std::io::{self, Read};

use brotli::{CompressorReader, Decompressor};
use thiserror::Error;

/// First three bytes of every deployed Stylus contract; the fourth names the dictionary.
pub const PREFIX: [u8; 3] = [0xef, 0xf0, 0x00];

/// Fourth byte when the stream was compressed without a dictionary.
pub const EMPTY_DICTIONARY: u8 = 0;

/// Largest deployed code, prefix included, in bytes (EIP-170).
pub const MAX_CODE_LEN: usize = 24_576;

/// Largest decompressed module in bytes.
pub const MAX_WASM_LEN: usize = 128 * 1024;

const QUALITY: u32 = 11;
const WINDOW_LOG2: u32 = 22;
const BUFFER_LEN: usize = 4096;

/// Why a module cannot be deployed, or deployed code holds no module.
#[derive(Debug, Error)]
pub enum CodeError {
    /// The deployed form would exceed [`MAX_CODE_LEN`].
    #[error("compressed contract has {len} bytes, more than {MAX_CODE_LEN}")]
    CodeTooLarge {
        /// Length of the deployed form in bytes, prefix included.
        len: usize,
    },
    /// The module exceeds [`MAX_WASM_LEN`].
    #[error("module has more than {MAX_WASM_LEN} bytes uncompressed")]
    WasmTooLarge,
    /// The code does not start with [`PREFIX`] and a dictionary byte.
    #[error("code is not a Stylus contract (no EFF000 prefix)")]
    NotStylus,
    /// A dictionary this crate does not carry.
    #[error("unsupported compression dictionary {0}")]
    Dictionary(u8),
    /// The brotli stream is damaged or incomplete.
    #[error("brotli: {0}")]
    Brotli(#[from] io::Error),
}

/// Whether `code` carries the Stylus prefix (it may still be malformed).
pub fn is_stylus(code: &[u8]) -> bool {
    code.len() > PREFIX.len() && code.starts_with(&PREFIX)
}

/// The deployed form of `wasm`: prefix, no dictionary, brotli quality 11.
///
/// # Errors
/// [`CodeError::WasmTooLarge`] and [`CodeError::CodeTooLarge`] for contracts no chain would take.
pub fn compress(wasm: &[u8]) -> Result<Vec<u8>, CodeError> {
    if wasm.len() > MAX_WASM_LEN {
        return Err(CodeError::WasmTooLarge);
    }
    let mut code = PREFIX.to_vec();
    code.push(EMPTY_DICTIONARY);
    CompressorReader::new(wasm, BUFFER_LEN, QUALITY, WINDOW_LOG2).read_to_end(&mut code)?;
    if code.len() > MAX_CODE_LEN {
        return Err(CodeError::CodeTooLarge { len: code.len() });
    }
    Ok(code)
}

/// The module inside deployed `code`.
///
/// Bytes after the end of the brotli stream are ignored, as the chain does.
///
/// # Errors
/// See [`CodeError`]; memory use is bounded by [`MAX_WASM_LEN`] whatever the stream claims.
pub fn decompress(code: &[u8]) -> Result<Vec<u8>, CodeError> {
    let stream = match code.strip_prefix(&PREFIX) {
        Some([EMPTY_DICTIONARY, stream @ ..]) => stream,
        Some([dictionary, ..]) => return Err(CodeError::Dictionary(*dictionary)),
        Some([]) | None => return Err(CodeError::NotStylus),
    };
    let limit = MAX_WASM_LEN as u64 + 1;
    let mut wasm = Vec::new();
    Decompressor::new(stream, BUFFER_LEN).take(limit).read_to_end(&mut wasm)?;
    if wasm.len() > MAX_WASM_LEN {
        return Err(CodeError::WasmTooLarge);
    }
    Ok(wasm)
}

/// Init code that deploys `code` unchanged, as the Stylus tools write it.
///
/// # Errors
/// [`CodeError::CodeTooLarge`] when `code` exceeds [`MAX_CODE_LEN`].
pub fn init_code(code: &[u8]) -> Result<Vec<u8>, CodeError> {
    /// PUSH32 len.
    const PUSH32: u8 = 0x7f;
    /// DUP1, PUSH1 43, PUSH1 0, CODECOPY, PUSH1 0, RETURN, and the version byte before the code.
    const TAIL: [u8; 10] = [0x80, 0x60, 0x2b, 0x60, 0x00, 0x39, 0x60, 0x00, 0xf3, 0x00];

    if code.len() > MAX_CODE_LEN {
        return Err(CodeError::CodeTooLarge { len: code.len() });
    }
    let mut init = vec![PUSH32];
    init.extend([0; 24]);
    init.extend((code.len() as u64).to_be_bytes());
    init.extend(TAIL);
    init.extend(code);
    Ok(init)
}
