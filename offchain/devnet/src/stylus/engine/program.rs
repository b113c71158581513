//! Compiled contracts.

use thiserror::Error;
use wasmtime::{Config, Global, Instance, InstancePre, Linker, Module, Store, TypedFunc, Val};

use super::super::activate::{Activation, ProgramFacts};
use super::super::hooks::{self, Handles, State};
use super::super::instrument::{INK_LEFT, INK_STATUS, STACK_LEFT};
use super::super::pack::{ENTRYPOINT_EXPORT, MEMORY_EXPORT};

/// Compilation or linking failed; does not happen to activated programs.
#[derive(Debug, Error)]
#[error("WebAssembly engine: {0}")]
pub struct EngineError(#[from] wasmtime::Error);

/// Compiles contracts. One is enough for a process; cloning is cheap.
#[derive(Clone)]
pub struct Engine {
    engine: wasmtime::Engine,
    linker: Linker<State>,
}

impl Engine {
    /// An engine with every host function.
    ///
    /// # Errors
    /// When the machine is not supported.
    pub fn new() -> Result<Self, EngineError> {
        let mut config = Config::new();
        // The second only because the engine insists; nothing here is asynchronous.
        config.max_wasm_stack(super::NATIVE_STACK);
        config.async_stack_size(super::NATIVE_STACK + (1 << 20));
        let engine = wasmtime::Engine::new(&config)?;
        let mut linker = Linker::new(&engine);
        hooks::link(&mut linker)?;
        Ok(Self { engine, linker })
    }

    /// Compiles an activated contract.
    ///
    /// # Errors
    /// See [`EngineError`].
    pub fn compile(&self, activation: &Activation) -> Result<Program, EngineError> {
        let module = Module::new(&self.engine, &activation.instrumented.wasm)?;
        Ok(Program { instance: self.linker.instantiate_pre(&module)?, facts: activation.facts })
    }
}

/// A compiled contract, ready to be entered any number of times. Cloning is cheap.
#[derive(Clone)]
pub struct Program {
    instance: InstancePre<State>,
    facts: ProgramFacts,
}

impl Program {
    /// What the chain stores about the program.
    pub fn facts(&self) -> &ProgramFacts {
        &self.facts
    }

    pub(super) fn start(&self, ink_price: u32) -> wasmtime::Result<Running> {
        let mut store = Store::new(self.instance.module().engine(), State::new(ink_price));
        let instance = self.instance.instantiate(&mut store)?;
        let missing = |name: &str| wasmtime::Error::msg(format!("module does not export {name}"));
        let memory =
            instance.get_memory(&mut store, MEMORY_EXPORT).ok_or_else(|| missing(MEMORY_EXPORT))?;
        let mut global = |name| instance.get_global(&mut store, name).ok_or_else(|| missing(name));
        let handles =
            Handles { memory, ink_left: global(INK_LEFT)?, ink_status: global(INK_STATUS)? };
        let stack_left = global(STACK_LEFT)?;
        let entrypoint = instance.get_typed_func(&mut store, ENTRYPOINT_EXPORT)?;
        store.data_mut().handles = Some(handles);
        Ok(Running { store, instance, handles, stack_left, entrypoint })
    }
}

/// An instance of a program.
pub(super) struct Running {
    pub store: Store<State>,
    pub instance: Instance,
    pub handles: Handles,
    pub stack_left: Global,
    pub entrypoint: TypedFunc<u32, u32>,
}

impl Running {
    /// Gives the instance this much ink and stack.
    pub fn fuel(&mut self, ink: u64, stack_words: u32) -> wasmtime::Result<()> {
        let store = &mut self.store;
        let ink = Val::I64(ink.cast_signed());
        self.handles.ink_left.set(&mut *store, ink)?;
        self.handles.ink_status.set(&mut *store, Val::I32(0))?;
        self.stack_left.set(&mut *store, Val::I32(stack_words.cast_signed()))
    }

    /// Ink left, `None` once it ran out.
    pub fn ink_left(&mut self) -> Option<u64> {
        let status = self.handles.ink_status.get(&mut self.store);
        let ink = self.handles.ink_left.get(&mut self.store);
        match (status, ink) {
            (Val::I32(0), Val::I64(ink)) => Some(ink.cast_unsigned()),
            _ => None,
        }
    }

    /// Whether a frame did not fit.
    pub fn stack_overflowed(&mut self) -> bool {
        matches!(self.stack_left.get(&mut self.store), Val::I32(0))
    }
}
