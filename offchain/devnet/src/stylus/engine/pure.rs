//! Contracts that use nothing of the chain, called many times.

use alloy_primitives::{Address, B256, Bytes, U256};
use wasmtime::{Global, Val};

use super::super::entry::{Pages, StylusParams};
use super::super::host::{
    CallReturn, Context, CreateRefused, CreateReturn, Host, Priced, ReadOnly, StoreStatus, SubCall,
    SubCreate,
};
use super::super::instrument::MUTABLE_GLOBAL_PREFIX;
use super::super::memory_model::MemoryModel;
use super::outcome::{Failure, Finished, Outcome};
use super::program::{Program, Running};
use super::run::{Call, enter};

/// A static frame on an empty chain: reads find zero, writes are refused, calls find no contract.
#[derive(Clone, Copy, Debug)]
pub struct PureHost {
    model: MemoryModel,
    pages: Pages,
}

impl PureHost {
    /// A host for a program with an initial memory of `footprint` pages, already paid for.
    pub fn new(model: MemoryModel, footprint: u16) -> Self {
        let mut pages = Pages::default();
        pages.add(footprint);
        Self { model, pages }
    }
}

fn cold_account<T>(value: T) -> Priced<T> {
    Priced { value, gas: 2600 }
}

impl Host for PureHost {
    fn storage_load(&mut self, _key: B256) -> Priced<B256> {
        Priced { value: B256::ZERO, gas: 2100 }
    }

    fn storage_store(&mut self, _slots: &[(B256, B256)], _gas_left: u64) -> Priced<StoreStatus> {
        Priced { value: StoreStatus::ReadOnly, gas: 0 }
    }

    fn transient_load(&mut self, _key: B256) -> B256 {
        B256::ZERO
    }

    fn transient_store(&mut self, _key: B256, _value: B256) -> Result<(), ReadOnly> {
        Err(ReadOnly)
    }

    fn call(&mut self, call: SubCall<'_>) -> CallReturn {
        let _ = call;
        CallReturn { success: true, output: Bytes::new(), gas: 2600 }
    }

    fn create(&mut self, _create: SubCreate<'_>) -> Result<CreateReturn, CreateRefused> {
        Err(CreateRefused::ReadOnly)
    }

    fn log(&mut self, _topics: &[B256], _data: &[u8]) -> Result<(), ReadOnly> {
        Err(ReadOnly)
    }

    fn balance(&mut self, _account: Address) -> Priced<U256> {
        cold_account(U256::ZERO)
    }

    fn code(&mut self, _account: Address, _gas_left: u64) -> Priced<Bytes> {
        Priced { value: Bytes::new(), gas: 3300 }
    }

    fn code_hash(&mut self, _account: Address) -> Priced<B256> {
        cold_account(B256::ZERO)
    }

    fn open_pages(&mut self, pages: u16) -> u64 {
        let before = self.pages.add(pages);
        self.model.gas(pages, before.open, before.ever)
    }
}

/// Calls one program over and over on a [`PureHost`].
///
/// The instance is kept: between calls its memory and globals are set back, which costs a copy of
/// its initial memory instead of a new instance. Results do not depend on earlier calls.
pub struct PureRunner {
    program: Program,
    params: StylusParams,
    host: PureHost,
    instance: Fresh,
}

/// An instance and what it looked like at the start.
struct Fresh {
    running: Running,
    image: Vec<u8>,
    globals: Vec<(Global, Val)>,
}

impl PureRunner {
    /// A runner for `program`.
    ///
    /// # Errors
    /// [`Failure::Engine`] when the program cannot be instantiated.
    pub fn new(program: Program, params: StylusParams) -> Result<Self, Failure> {
        let instance = Fresh::start(&program, &params).map_err(Failure::Engine)?;
        Ok(Self {
            host: PureHost::new(params.memory, program.facts().footprint),
            program,
            params,
            instance,
        })
    }

    /// Calls the program with `input` and `gas`, in an all-zero [`Context`].
    pub fn call(&mut self, input: &[u8], gas: u64) -> Finished {
        if let Err(error) = self.set_back() {
            return Finished {
                outcome: Outcome::Failure(Failure::Engine(error)),
                ink_used: 0,
                gas_left: gas,
                pages: 0,
            };
        }
        let mut host = self.host;
        let call = Call { input, gas, context: Context::default() };
        super::on_deep_stack(|| enter(&mut self.instance.running, &mut host, &call, &self.params))
    }

    fn set_back(&mut self) -> wasmtime::Result<()> {
        let Fresh { running, image, globals } = &mut self.instance;
        let memory = running.handles.memory.data_mut(&mut running.store);
        if memory.len() != image.len() {
            // It grew; memories do not shrink.
            self.instance = Fresh::start(&self.program, &self.params)?;
            return Ok(());
        }
        memory.copy_from_slice(image);
        for (global, value) in globals {
            global.set(&mut running.store, *value)?;
        }
        Ok(())
    }
}

impl Fresh {
    fn start(program: &Program, params: &StylusParams) -> wasmtime::Result<Self> {
        let mut running = program.start(params.ink_price)?;
        let image = running.handles.memory.data(&running.store).to_vec();
        let exports: Vec<Global> = running
            .instance
            .exports(&mut running.store)
            .filter(|export| export.name().starts_with(MUTABLE_GLOBAL_PREFIX))
            .filter_map(wasmtime::Export::into_global)
            .collect();
        let globals =
            exports.into_iter().map(|global| (global, global.get(&mut running.store))).collect();
        Ok(Self { running, image, globals })
    }
}
