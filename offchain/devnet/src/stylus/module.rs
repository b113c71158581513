//! A contract's sections, read once.

use wasmparser::{
    BinaryReader, Data, Element, Export, ExternalKind, FuncType, FunctionBody, Global, MemoryType,
    Name, NameSectionReader, Parser, Payload, Table, TypeRef,
};

use super::error::ActivationError;
use super::imports;

/// One imported function.
#[derive(Clone, Copy, Debug)]
pub struct Import<'a> {
    pub module: &'a str,
    pub name: &'a str,
    pub type_index: u32,
}

/// The parts of a validated module that activation looks at.
#[derive(Default)]
pub struct ModuleView<'a> {
    pub wasm: &'a [u8],
    pub types: Vec<FuncType>,
    pub imports: Vec<Import<'a>>,
    /// Type index of every function defined here.
    pub functions: Vec<u32>,
    pub tables: Vec<Table<'a>>,
    pub memories: Vec<MemoryType>,
    pub globals: Vec<Global<'a>>,
    pub exports: Vec<Export<'a>>,
    pub start: Option<u32>,
    pub elements: Vec<Element<'a>>,
    pub bodies: Vec<FunctionBody<'a>>,
    pub data: Vec<Data<'a>>,
    /// Length of the module's name in bytes, zero without one.
    pub name_len: usize,
}

impl<'a> ModuleView<'a> {
    /// Reads a module that has passed validation.
    pub fn read(wasm: &'a [u8]) -> Result<Self, ActivationError> {
        let mut view = Self { wasm, ..Self::default() };
        for payload in Parser::new(0).parse_all(wasm) {
            view.section(payload?)?;
        }
        Ok(view)
    }

    fn section(&mut self, payload: Payload<'a>) -> Result<(), ActivationError> {
        match payload {
            Payload::TypeSection(reader) => {
                for ty in reader.into_iter_err_on_gc_types() {
                    self.types.push(ty?);
                }
            }
            Payload::ImportSection(reader) => {
                for import in reader.into_imports() {
                    self.import(import?)?;
                }
            }
            Payload::FunctionSection(reader) => collect(&mut self.functions, reader)?,
            Payload::TableSection(reader) => collect(&mut self.tables, reader)?,
            Payload::MemorySection(reader) => collect(&mut self.memories, reader)?,
            Payload::GlobalSection(reader) => collect(&mut self.globals, reader)?,
            Payload::ExportSection(reader) => collect(&mut self.exports, reader)?,
            Payload::StartSection { func, .. } => self.start = Some(func),
            Payload::ElementSection(reader) => collect(&mut self.elements, reader)?,
            Payload::CodeSectionEntry(body) => self.bodies.push(body),
            Payload::DataSection(reader) => collect(&mut self.data, reader)?,
            Payload::CustomSection(reader) if reader.name() == "name" => {
                self.names(reader.data(), reader.data_offset())?;
            }
            Payload::Version { .. }
            | Payload::CodeSectionStart { .. }
            | Payload::CustomSection(_)
            | Payload::End(_) => {}
            other => {
                let id = other.as_section().map_or(0, |(id, _)| id);
                return Err(ActivationError::Section { id });
            }
        }
        Ok(())
    }

    fn import(&mut self, import: wasmparser::Import<'a>) -> Result<(), ActivationError> {
        let TypeRef::Func(type_index) = import.ty else {
            return Err(ActivationError::ImportKind {
                module: import.module.to_owned(),
                name: import.name.to_owned(),
            });
        };
        self.imports.push(Import { module: import.module, name: import.name, type_index });
        Ok(())
    }

    /// A malformed name section rejects the module, as it does on chain.
    fn names(&mut self, data: &'a [u8], offset: u64) -> Result<(), ActivationError> {
        for name in NameSectionReader::new(BinaryReader::new(data, offset)) {
            match name? {
                Name::Module { name, .. } => self.name_len = name.len(),
                Name::Function(map) => {
                    for naming in map {
                        naming?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Type of the function with this index in the whole index space, imports first.
    pub fn function_type(&self, index: u32) -> Option<&FuncType> {
        let index = index as usize;
        let type_index = match self.imports.get(index) {
            Some(import) => import.type_index,
            None => *self.functions.get(index - self.imports.len())?,
        };
        self.types.get(type_index as usize)
    }

    /// Index of the imported hook that pays for new pages.
    pub fn payment_import(&self) -> Option<u32> {
        let is_payment =
            |i: &Import<'_>| i.module == imports::MODULE && i.name == imports::PAY_FOR_MEMORY_GROW;
        let position = self.imports.iter().position(is_payment)?;
        u32::try_from(position).ok()
    }

    /// The export called `name`.
    pub fn export(&self, name: &str) -> Option<(ExternalKind, u32)> {
        let export = self.exports.iter().find(|export| export.name == name)?;
        Some((export.kind, export.index))
    }
}

fn collect<T>(
    into: &mut Vec<T>,
    from: impl IntoIterator<Item = wasmparser::Result<T>>,
) -> Result<(), ActivationError> {
    for item in from {
        into.push(item?);
    }
    Ok(())
}
