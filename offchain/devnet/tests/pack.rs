//! Packing compiler output, and the deployed form of a module.
#![allow(clippy::unwrap_used, clippy::format_collect)]

use opml_devnet::stylus::code::{self, CodeError};
use opml_devnet::stylus::pack::{self, PackError};

fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}

fn leb_section(id: u8, body: &[u8]) -> Vec<u8> {
    let mut section = vec![id, u8::try_from(body.len()).unwrap()];
    section.extend(body);
    section
}

/// What a current compiler emits: a padded table index in `call_indirect`, a `DataCount`
/// section,
/// custom sections and exports for the linker.
fn compiler_output() -> Vec<u8> {
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    module.extend(leb_section(1, &[2, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 0, 0]));
    module.extend(leb_section(3, &[2, 0, 1]));
    module.extend(leb_section(4, &[1, 0x70, 1, 2, 2]));
    module.extend(leb_section(5, &[1, 1, 1, 1]));
    module.extend(leb_section(6, &[1, 0x7f, 0, 0x41, 7, 0x0b]));
    let mut exports = vec![3, 6];
    exports.extend(b"memory\x02\x00\x0fuser_entrypoint\x00\x00\x0a__data_end\x03\x00");
    module.extend(leb_section(7, &exports));
    module.extend(leb_section(9, &[1, 0, 0x41, 1, 0x0b, 1, 1]));
    module.extend(leb_section(12, &[1]));
    let entrypoint =
        [0, 0x41, 1, 0x11, 0x81, 0x80, 0x80, 0x80, 0, 0x80, 0x80, 0x80, 0x80, 0, 0x41, 0, 0x0b];
    let mut bodies = vec![2, u8::try_from(entrypoint.len()).unwrap()];
    bodies.extend(entrypoint);
    bodies.extend([2, 0, 0x0b]);
    module.extend(leb_section(10, &bodies));
    module.extend(leb_section(11, &[1, 0, 0x41, 0, 0x0b, 2, b'h', b'i']));
    module.extend(leb_section(0, b"\x09producers\0"));
    module
}

#[test]
fn packing_lowers_what_a_chain_rejects() {
    let expected = wasm(
        r#"(module
            (type (func (param i32) (result i32)))
            (type (func))
            (func (type 0) (call_indirect (type 1) (i32.const 1)) (i32.const 0))
            (func (type 1))
            (table 2 2 funcref)
            (memory 1 1)
            (global i32 (i32.const 7))
            (export "memory" (memory 0))
            (export "user_entrypoint" (func 0))
            (elem (i32.const 1) func 1)
            (data (i32.const 0) "hi"))"#,
    );
    let packed = pack::pack(&compiler_output()).unwrap();
    assert_eq!(packed, expected);
}

#[test]
fn packing_is_idempotent() {
    let once = pack::pack(&compiler_output()).unwrap();
    assert_eq!(pack::pack(&once).unwrap(), once);
}

#[test]
fn packing_refuses_what_is_no_module() {
    assert!(matches!(pack::pack(b"\0asm"), Err(PackError::Parse(_))));
    assert!(matches!(pack::pack(b"\0asm\x0d\0\x01\0"), Err(PackError::Component)));
    let tags = wasm("(module (tag))");
    assert!(matches!(pack::pack(&tags), Err(PackError::Section { id: 13 })));
    let mut cut = compiler_output();
    cut.truncate(40);
    assert!(matches!(pack::pack(&cut), Err(PackError::Parse(_))));
}

#[test]
fn deployed_code_round_trips() {
    let module = compiler_output();
    let deployed = code::compress(&module).unwrap();
    assert_eq!(deployed[..4], [0xef, 0xf0, 0, 0]);
    assert!(code::is_stylus(&deployed));
    assert_eq!(code::decompress(&deployed).unwrap(), module);
}

#[test]
fn bytes_after_the_stream_are_ignored() {
    let mut deployed = code::compress(b"module").unwrap();
    deployed.extend(b"tail");
    assert_eq!(code::decompress(&deployed).unwrap(), b"module");
}

#[test]
fn a_module_of_128_kib_is_the_largest() {
    let largest = vec![0; code::MAX_WASM_LEN];
    let deployed = code::compress(&largest).unwrap();
    assert_eq!(code::decompress(&deployed).unwrap().len(), largest.len());
    let above = vec![0; code::MAX_WASM_LEN + 1];
    assert!(matches!(code::compress(&above), Err(CodeError::WasmTooLarge)));
}

#[test]
fn a_stream_that_expands_too_far_is_refused() {
    let mut bomb = vec![0xef, 0xf0, 0, 0];
    let zeros = vec![0; 1 << 24];
    let mut stream = brotli::CompressorReader::new(&zeros[..], 4096, 11, 22);
    std::io::Read::read_to_end(&mut stream, &mut bomb).unwrap();
    assert!(matches!(code::decompress(&bomb), Err(CodeError::WasmTooLarge)));
}

#[test]
fn code_above_24576_bytes_is_refused() {
    let mut state = 1u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    })
    .take(30_000)
    .collect();
    assert!(matches!(
        code::compress(&noise),
        Err(CodeError::CodeTooLarge { len }) if len > code::MAX_CODE_LEN
    ));
    assert!(matches!(code::init_code(&noise), Err(CodeError::CodeTooLarge { len: 30_000 })));
}

#[test]
fn foreign_code_is_refused() {
    assert!(matches!(code::decompress(b""), Err(CodeError::NotStylus)));
    assert!(matches!(code::decompress(&[0x60, 0x80]), Err(CodeError::NotStylus)));
    assert!(matches!(code::decompress(&[0xef, 0xf0, 0]), Err(CodeError::NotStylus)));
    assert!(matches!(code::decompress(&[0xef, 0xf0, 0, 1, 2]), Err(CodeError::Dictionary(1))));
    let mut cut = code::compress(&compiler_output()).unwrap();
    cut.truncate(20);
    assert!(matches!(code::decompress(&cut), Err(CodeError::Brotli(_))));
}

#[test]
fn init_code_is_what_the_stylus_tools_send() {
    let init = code::init_code(&[0xef, 0xf0, 0, 0, 0xaa]).unwrap();
    let mut expected = vec![0x7f];
    expected.extend([0; 31]);
    expected.push(5);
    expected.extend([0x80, 0x60, 0x2b, 0x60, 0, 0x39, 0x60, 0, 0xf3, 0]);
    expected.extend([0xef, 0xf0, 0, 0, 0xaa]);
    assert_eq!(init, expected);
    assert_eq!(init.len(), 43 + 5);
}
