//! Activation rules that hold before instrumentation.

use std::collections::{HashMap, HashSet};

use wasmparser::{ExternalKind, Operator, ValType, Validator, WasmFeatures};

use super::error::{ActivationError, Limited, Proposal};
use super::imports;
use super::module::ModuleView;
use super::pack::{ENTRYPOINT_EXPORT, MEMORY_EXPORT};

/// Names with this prefix belong to the host.
const RESERVED_PREFIX: &str = "stylus";

/// Most initial pages of 64 KiB.
pub const MAX_PAGES: u64 = 128;

/// What contracts may use. Of bulk memory only `memory.copy` and `memory.fill` survive the later
/// rules; floats may be moved about but not computed with.
const ALLOWED: WasmFeatures = WasmFeatures::MUTABLE_GLOBAL
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::FLOATS)
    .union(WasmFeatures::GC_TYPES);

/// Proposals tried, in this order, to name the reason of a rejection.
const REJECTED: [(Proposal, WasmFeatures); 11] = [
    (Proposal::ReferenceTypes, WasmFeatures::REFERENCE_TYPES),
    (Proposal::Simd, WasmFeatures::SIMD.union(WasmFeatures::RELAXED_SIMD)),
    (Proposal::Threads, WasmFeatures::THREADS),
    (Proposal::TailCalls, WasmFeatures::TAIL_CALL),
    (Proposal::Exceptions, WasmFeatures::EXCEPTIONS.union(WasmFeatures::LEGACY_EXCEPTIONS)),
    (Proposal::Memory64, WasmFeatures::MEMORY64),
    (Proposal::MultiMemory, WasmFeatures::MULTI_MEMORY),
    (Proposal::ExtendedConst, WasmFeatures::EXTENDED_CONST),
    (
        Proposal::Gc,
        WasmFeatures::REFERENCE_TYPES
            .union(WasmFeatures::FUNCTION_REFERENCES)
            .union(WasmFeatures::GC),
    ),
    (Proposal::WideArithmetic, WasmFeatures::WIDE_ARITHMETIC),
    (Proposal::CustomPageSizes, WasmFeatures::CUSTOM_PAGE_SIZES),
];

/// Reads `wasm` if it is valid within the allowed proposals.
pub fn read(wasm: &[u8]) -> Result<ModuleView<'_>, ActivationError> {
    if let Err(detail) = valid_with(wasm, ALLOWED) {
        return Err(match missing_proposal(wasm) {
            Some(proposal) => ActivationError::Proposal { proposal, detail },
            None => ActivationError::Invalid(detail),
        });
    }
    ModuleView::read(wasm)
}

fn valid_with(wasm: &[u8], features: WasmFeatures) -> wasmparser::Result<()> {
    Validator::new_with_features(features).validate_all(wasm).map(drop)
}

fn missing_proposal(wasm: &[u8]) -> Option<Proposal> {
    let single = REJECTED
        .into_iter()
        .find(|(_, features)| valid_with(wasm, ALLOWED.union(*features)).is_ok());
    match single {
        Some((proposal, _)) => Some(proposal),
        None => valid_with(wasm, WasmFeatures::all()).is_ok().then_some(Proposal::Several),
    }
}

/// Checks the rules that need no instrumentation; `page_limit` is what the chain has left.
pub fn check(view: &ModuleView<'_>, page_limit: u16) -> Result<(), ActivationError> {
    if view.start.is_some() {
        return Err(ActivationError::Start);
    }
    check_names(view)?;
    check_memory(view, page_limit)?;
    check_entrypoint(view)?;
    check_globals(view)?;
    check_limits(view)?;
    check_import_types(view)?;
    check_segments(view)
}

fn check_names(view: &ModuleView<'_>) -> Result<(), ActivationError> {
    let mut seen = HashMap::new();
    for import in &view.imports {
        let prior = seen.insert((import.module, import.name), import.type_index);
        if prior.is_some_and(|prior| prior != import.type_index) {
            return Err(ActivationError::InconsistentImport {
                module: import.module.to_owned(),
                name: import.name.to_owned(),
            });
        }
    }
    let exported: HashSet<&str> =
        view.exports.iter().filter_map(|export| export.name.rsplit("__").next()).collect();
    if let Some(import) = view.imports.iter().find(|i| exported.contains(i.name)) {
        return Err(ActivationError::ExportsImport { name: import.name.to_owned() });
    }
    let imported = view.imports.iter().map(|import| import.name);
    match exported.into_iter().chain(imported).find(|name| name.starts_with(RESERVED_PREFIX)) {
        Some(name) => Err(ActivationError::Reserved { name: name.to_owned() }),
        None => Ok(()),
    }
}

fn check_memory(view: &ModuleView<'_>, page_limit: u16) -> Result<(), ActivationError> {
    let export = view.export(MEMORY_EXPORT);
    let ([memory], Some((ExternalKind::Memory, 0))) = (view.memories.as_slice(), export) else {
        return Err(ActivationError::NoMemory);
    };
    let limit = MAX_PAGES.min(u64::from(page_limit));
    if memory.initial > limit {
        return Err(ActivationError::MemoryTooLarge { pages: memory.initial, limit });
    }
    let can_grow = memory.maximum != Some(memory.initial);
    if can_grow && view.payment_import().is_none() {
        return Err(ActivationError::NoMemoryPayment);
    }
    Ok(())
}

fn check_entrypoint(view: &ModuleView<'_>) -> Result<(), ActivationError> {
    let ty = match view.export(ENTRYPOINT_EXPORT) {
        Some((ExternalKind::Func, index)) => view.function_type(index),
        Some(_) => return Err(ActivationError::EntrypointType),
        None => return Err(ActivationError::NoEntrypoint),
    };
    let expected = |ty: &&wasmparser::FuncType| {
        ty.params() == [ValType::I32] && ty.results() == [ValType::I32]
    };
    ty.filter(expected).map(drop).ok_or(ActivationError::EntrypointType)
}

fn check_globals(view: &ModuleView<'_>) -> Result<(), ActivationError> {
    for (index, global) in view.globals.iter().enumerate() {
        let mut ops = global.init_expr.get_operators_reader();
        let first = ops.read()?;
        let constant = matches!(
            first,
            Operator::I32Const { .. }
                | Operator::I64Const { .. }
                | Operator::F32Const { .. }
                | Operator::F64Const { .. }
        );
        if !constant || !matches!(ops.read()?, Operator::End) {
            return Err(ActivationError::GlobalInit { index });
        }
    }
    Ok(())
}

fn check_limits(view: &ModuleView<'_>) -> Result<(), ActivationError> {
    let table_entries = view.tables.iter().map(|table| table.ty.initial);
    let element_bytes = view.elements.iter().map(|element| element.range.end - element.range.start);
    limit(Limited::DataSegments, view.data.len() as u64, 128)?;
    limit(Limited::ElementSegments, view.elements.len() as u64, 128)?;
    limit(Limited::Functions, view.bodies.len() as u64, 4096)?;
    limit(Limited::Imports, view.imports.len() as u64, 513)?;
    limit(Limited::TableEntries, table_entries.fold(0, u64::saturating_add), 4096)?;
    limit(Limited::ElementBytes, element_bytes.fold(0, u64::saturating_add), 4096)?;
    limit(Limited::NameBytes, view.name_len as u64, 512)
}

/// `Ok` when `count` is at most `limit`.
pub fn limit(what: Limited, count: u64, limit: u64) -> Result<(), ActivationError> {
    if count > limit {
        return Err(ActivationError::Limit { what, count, limit });
    }
    Ok(())
}

fn check_import_types(view: &ModuleView<'_>) -> Result<(), ActivationError> {
    for import in &view.imports {
        let hook = (import.module == imports::MODULE).then(|| imports::find(import.name)).flatten();
        let Some(hook) = hook else {
            return Err(ActivationError::UnknownImport {
                module: import.module.to_owned(),
                name: import.name.to_owned(),
            });
        };
        let ty = view.types.get(import.type_index as usize);
        if !ty.is_some_and(|ty| ty.params() == hook.params && ty.results() == hook.results) {
            return Err(ActivationError::ImportType { name: import.name.to_owned() });
        }
    }
    Ok(())
}

fn check_segments(view: &ModuleView<'_>) -> Result<(), ActivationError> {
    /// Bytes of one WebAssembly page.
    const PAGE: u64 = 1 << 16;

    let memory = view.memories.first().map_or(0, |memory| memory.initial) * PAGE;
    for (index, data) in view.data.iter().enumerate() {
        if let wasmparser::DataKind::Active { offset_expr, .. } = &data.kind {
            let end = u64::from(offset(offset_expr)?) + data.data.len() as u64;
            if end > memory {
                return Err(ActivationError::DataOutOfBounds { index });
            }
        }
    }
    for (index, element) in view.elements.iter().enumerate() {
        let wasmparser::ElementKind::Active { table_index, offset_expr } = &element.kind else {
            continue;
        };
        let wasmparser::ElementItems::Functions(functions) = &element.items else {
            return Err(ActivationError::ElementItems { index });
        };
        let end = u64::from(offset(offset_expr)?) + u64::from(functions.count());
        let table = view.tables.get(table_index.unwrap_or(0) as usize);
        if table.is_none_or(|table| end > table.ty.initial) {
            return Err(ActivationError::ElementOutOfBounds { index });
        }
    }
    Ok(())
}

fn offset(expression: &wasmparser::ConstExpr<'_>) -> Result<u32, ActivationError> {
    let mut ops = expression.get_operators_reader();
    match (ops.read()?, ops.read()?) {
        (Operator::I32Const { value }, Operator::End) => Ok(value.cast_unsigned()),
        _ => Err(ActivationError::SegmentOffset),
    }
}
