//! Writes the instrumented module.

use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, EntityType, ExportKind, ExportSection,
    Function, FunctionSection, GlobalSection, GlobalType, ImportSection, MemorySection, Module,
    TableSection, TypeSection, ValType,
};

use super::{Code, Globals, INK_LEFT, INK_STATUS, MUTABLE_GLOBAL_PREFIX, STACK_LEFT};
use crate::stylus::error::ActivationError;
use crate::stylus::module::ModuleView;
use crate::stylus::pack::KEPT_EXPORTS;

pub fn module(
    view: &ModuleView<'_>,
    functions: Vec<Code<'_>>,
    added: Globals,
) -> Result<Vec<u8>, ActivationError> {
    let mut module = Module::new();
    module.section(&types(view)?);
    module.section(&imports(view));
    let mut indices = FunctionSection::new();
    for index in &view.functions {
        indices.function(*index);
    }
    module.section(&indices);
    module.section(&tables(view)?);
    module.section(&memories(view)?);
    module.section(&globals(view)?);
    module.section(&exports(view, added)?);
    module.section(&elements(view)?);
    module.section(&code(view, functions)?);
    module.section(&data(view)?);
    Ok(module.finish())
}

fn types(view: &ModuleView<'_>) -> Result<TypeSection, ActivationError> {
    let mut types = TypeSection::new();
    for ty in &view.types {
        let ty = RoundtripReencoder.func_type(ty.clone())?;
        types.ty().func_type(&ty);
    }
    Ok(types)
}

fn imports(view: &ModuleView<'_>) -> ImportSection {
    let mut imports = ImportSection::new();
    for import in &view.imports {
        let ty = EntityType::Function(import.type_index);
        imports.import(import.module, import.name, ty);
    }
    imports
}

fn tables(view: &ModuleView<'_>) -> Result<TableSection, ActivationError> {
    let mut tables = TableSection::new();
    for table in &view.tables {
        RoundtripReencoder.parse_table(&mut tables, table.clone())?;
    }
    Ok(tables)
}

fn memories(view: &ModuleView<'_>) -> Result<MemorySection, ActivationError> {
    let mut memories = MemorySection::new();
    for memory in &view.memories {
        memories.memory(RoundtripReencoder.memory_type(*memory)?);
    }
    Ok(memories)
}

/// The contract's globals, then ink left, ink status, scratch and stack left, all zero.
fn globals(view: &ModuleView<'_>) -> Result<GlobalSection, ActivationError> {
    let mut globals = GlobalSection::new();
    for global in &view.globals {
        RoundtripReencoder.parse_global(&mut globals, global.clone())?;
    }
    let ty = |val_type| GlobalType { val_type, mutable: true, shared: false };
    globals.global(ty(ValType::I64), &ConstExpr::i64_const(0));
    for _ in 0..3 {
        globals.global(ty(ValType::I32), &ConstExpr::i32_const(0));
    }
    Ok(globals)
}

fn exports(view: &ModuleView<'_>, added: Globals) -> Result<ExportSection, ActivationError> {
    let mut exports = ExportSection::new();
    for export in &view.exports {
        if KEPT_EXPORTS.contains(&export.name) {
            RoundtripReencoder.parse_export(&mut exports, *export)?;
        }
    }
    exports.export(INK_LEFT, ExportKind::Global, added.ink_left);
    exports.export(INK_STATUS, ExportKind::Global, added.ink_status);
    exports.export(STACK_LEFT, ExportKind::Global, added.stack_left);
    for (index, global) in (0u32..).zip(&view.globals) {
        if global.ty.mutable {
            let name = format!("{MUTABLE_GLOBAL_PREFIX}{index}");
            exports.export(&name, ExportKind::Global, index);
        }
    }
    Ok(exports)
}

fn elements(view: &ModuleView<'_>) -> Result<ElementSection, ActivationError> {
    let mut elements = ElementSection::new();
    for element in &view.elements {
        RoundtripReencoder.parse_element(&mut elements, element.clone())?;
    }
    Ok(elements)
}

fn code(view: &ModuleView<'_>, functions: Vec<Code<'_>>) -> Result<CodeSection, ActivationError> {
    let mut section = CodeSection::new();
    for (body, code) in view.bodies.iter().zip(functions) {
        let mut locals = Vec::new();
        for local in body.get_locals_reader()? {
            let (count, ty) = local?;
            locals.push((count, RoundtripReencoder.val_type(ty)?));
        }
        let mut function = Function::new(locals);
        for op in code {
            function.instruction(&RoundtripReencoder.instruction(op)?);
        }
        section.function(&function);
    }
    Ok(section)
}

fn data(view: &ModuleView<'_>) -> Result<DataSection, ActivationError> {
    let mut data = DataSection::new();
    for segment in &view.data {
        RoundtripReencoder.parse_data(&mut data, segment.clone())?;
    }
    Ok(data)
}
