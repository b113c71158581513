//! Turns raw `rustc` output for `wasm32-unknown-unknown` into a module that activates.
//!
//! Chains parse contracts with reference types off. Current compilers emit some encodings of that
//! proposal even when no such feature is used: padded table indices in `call_indirect`, and a
//! `DataCount` section. Decoding and encoding every section anew removes the first; custom sections,
//! the `DataCount` section and exports that no chain looks at are dropped.

use thiserror::Error;
use wasm_encoder::reencode::{self, Reencode, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, DataSection, ElementSection, ExportSection, FunctionSection, GlobalSection,
    ImportSection, MemorySection, Module, StartSection, TableSection, TypeSection,
};
use wasmparser::{CodeSectionReader, Element, ElementKind, Parser, Payload};

/// Name a contract exports its memory under.
pub const MEMORY_EXPORT: &str = "memory";

/// Name of the function a call enters.
pub const ENTRYPOINT_EXPORT: &str = "user_entrypoint";

/// Exports a chain looks at; all others are dropped.
pub(crate) const KEPT_EXPORTS: [&str; 2] = [MEMORY_EXPORT, ENTRYPOINT_EXPORT];

/// Why a module could not be packed.
#[derive(Debug, Error)]
pub enum PackError {
    /// The input is not a well-formed module.
    #[error("not a WebAssembly module: {0}")]
    Parse(#[from] wasmparser::Error),
    /// A part of the input has no encoding.
    #[error("cannot be encoded: {0}")]
    Encode(#[from] reencode::Error),
    /// A section that no contract may have.
    #[error("section {id} is not allowed in a contract")]
    Section {
        /// Number of the section in the binary format.
        id: u8,
    },
    /// The input is a component, not a core module.
    #[error("is a component, not a module")]
    Component,
}

/// Packs compiler output `raw`; see the module documentation.
///
/// The result is canonical: packing it again changes nothing. It is not checked against the
/// activation rules here.
///
/// # Errors
/// See [`PackError`].
pub fn pack(raw: &[u8]) -> Result<Vec<u8>, PackError> {
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(raw) {
        section(&mut module, raw, payload?)?;
    }
    Ok(module.finish())
}

fn section(module: &mut Module, raw: &[u8], payload: Payload<'_>) -> Result<(), PackError> {
    let encoder = &mut RoundtripReencoder;
    match payload {
        Payload::Version { encoding, .. } => {
            if encoding != wasmparser::Encoding::Module {
                return Err(PackError::Component);
            }
        }
        Payload::TypeSection(reader) => {
            let mut types = TypeSection::new();
            encoder.parse_type_section(&mut types, reader)?;
            module.section(&types);
        }
        Payload::ImportSection(reader) => {
            let mut imports = ImportSection::new();
            encoder.parse_import_section(&mut imports, reader)?;
            module.section(&imports);
        }
        Payload::FunctionSection(reader) => {
            let mut functions = FunctionSection::new();
            encoder.parse_function_section(&mut functions, reader)?;
            module.section(&functions);
        }
        Payload::TableSection(reader) => {
            let mut tables = TableSection::new();
            encoder.parse_table_section(&mut tables, reader)?;
            module.section(&tables);
        }
        Payload::MemorySection(reader) => {
            let mut memories = MemorySection::new();
            encoder.parse_memory_section(&mut memories, reader)?;
            module.section(&memories);
        }
        Payload::GlobalSection(reader) => {
            let mut globals = GlobalSection::new();
            encoder.parse_global_section(&mut globals, reader)?;
            module.section(&globals);
        }
        Payload::ExportSection(reader) => {
            let mut exports = ExportSection::new();
            for export in reader {
                let export = export?;
                if KEPT_EXPORTS.contains(&export.name) {
                    encoder.parse_export(&mut exports, export)?;
                }
            }
            module.section(&exports);
        }
        Payload::StartSection { func, .. } => {
            module.section(&StartSection { function_index: func });
        }
        Payload::ElementSection(reader) => {
            let mut elements = ElementSection::new();
            for element in reader {
                encoder.parse_element(&mut elements, default_table(element?))?;
            }
            module.section(&elements);
        }
        Payload::CodeSectionStart { unchecked_range, .. } => {
            module.section(&code_section(raw, unchecked_range)?);
        }
        Payload::DataSection(reader) => {
            let mut data = DataSection::new();
            encoder.parse_data_section(&mut data, reader)?;
            module.section(&data);
        }
        Payload::DataCountSection { .. }
        | Payload::CustomSection(_)
        | Payload::CodeSectionEntry(_)
        | Payload::End(_) => {}
        other => {
            let id = other.as_section().map_or(0, |(id, _)| id);
            return Err(PackError::Section { id });
        }
    }
    Ok(())
}

/// Table 0 written out needs the reference-types encoding; left out it does not.
fn default_table(mut element: Element<'_>) -> Element<'_> {
    if let ElementKind::Active { table_index, .. } = &mut element.kind
        && *table_index == Some(0)
    {
        *table_index = None;
    }
    element
}

fn code_section(raw: &[u8], range: std::ops::Range<u64>) -> Result<CodeSection, PackError> {
    let bytes = usize::try_from(range.start)
        .ok()
        .zip(usize::try_from(range.end).ok())
        .and_then(|(start, end)| raw.get(start..end))
        .ok_or(reencode::Error::InvalidCodeSectionSize)?;
    let reader = CodeSectionReader::new(wasmparser::BinaryReader::new(bytes, range.start))?;
    let mut code = CodeSection::new();
    RoundtripReencoder.parse_code_section(&mut code, reader)?;
    Ok(code)
}
