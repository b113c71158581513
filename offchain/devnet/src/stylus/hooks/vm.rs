//! A host function's view of the running contract.

use alloy_primitives::{Address, B256, Bytes, U256};
use thiserror::Error;
use wasmtime::{Caller, Global, Memory, Val};

use super::cache::StorageCache;
use super::lend::HostRef;
use crate::stylus::host::{Context, Host};
use crate::stylus::host_price as price;

/// Why a host function did not return to the contract.
#[derive(Debug, Error)]
pub enum Escape {
    /// No ink left.
    #[error("out of ink")]
    OutOfInk,
    /// A pointer outside the contract's memory.
    #[error("memory access out of bounds")]
    Memory,
    /// The contract asked for something impossible.
    #[error("{0}")]
    Logical(&'static str),
    /// The contract ended itself with this status.
    #[error("exit with status {0}")]
    Exit(u32),
    /// A part of the instance is missing; impossible for activated programs.
    #[error("instance lacks {0}")]
    Missing(&'static str),
}

/// Exported parts of an instance that host functions use.
#[derive(Clone, Copy)]
pub struct Handles {
    pub memory: Memory,
    pub ink_left: Global,
    pub ink_status: Global,
}

/// Data of one call.
pub struct State {
    pub host: HostRef,
    pub handles: Option<Handles>,
    pub context: Context,
    pub ink_price: u32,
    pub calldata: Vec<u8>,
    pub output: Vec<u8>,
    pub return_data: Bytes,
    pub storage: StorageCache,
    pub last_code: Option<(Address, Bytes)>,
    pub trace: Option<TraceBuffer>,
}

/// Input and output of the host function being traced.
#[derive(Default)]
pub struct TraceBuffer {
    pub input: Vec<u8>,
    pub output: Vec<u8>,
}

impl State {
    pub fn new(ink_price: u32) -> Self {
        Self {
            host: HostRef::default(),
            handles: None,
            context: Context::default(),
            ink_price,
            calldata: Vec::new(),
            output: Vec::new(),
            return_data: Bytes::new(),
            storage: StorageCache::default(),
            last_code: None,
            trace: None,
        }
    }

    /// Readies the state for another call.
    pub fn reset(&mut self, context: Context, calldata: &[u8]) {
        self.context = context;
        self.calldata.clear();
        self.calldata.extend_from_slice(calldata);
        self.output.clear();
        self.return_data = Bytes::new();
        self.storage = StorageCache::default();
        self.last_code = None;
    }
}

/// The running contract as a host function sees it.
pub struct Vm<'a> {
    caller: Caller<'a, State>,
    handles: Handles,
}

impl<'a> Vm<'a> {
    pub fn new(caller: Caller<'a, State>) -> Result<Self, Escape> {
        let handles = caller.data().handles.ok_or(Escape::Missing("exports"))?;
        Ok(Self { caller, handles })
    }

    pub fn state(&mut self) -> &mut State {
        self.caller.data_mut()
    }

    pub fn context(&self) -> &Context {
        &self.caller.data().context
    }

    pub fn host(&mut self) -> Result<&mut dyn Host, Escape> {
        self.caller.data_mut().host.get()
    }

    pub fn ink_left(&mut self) -> Result<u64, Escape> {
        match self.handles.ink_left.get(&mut self.caller) {
            Val::I64(ink) => Ok(ink.cast_unsigned()),
            _ => Err(Escape::Missing("ink")),
        }
    }

    fn set_ink(&mut self, ink: u64) -> Result<(), Escape> {
        let value = Val::I64(ink.cast_signed());
        self.handles.ink_left.set(&mut self.caller, value).map_err(|_| Escape::Missing("ink"))
    }

    fn out_of_ink(&mut self) -> Escape {
        let set = self.set_ink(0).and_then(|()| {
            self.handles
                .ink_status
                .set(&mut self.caller, Val::I32(1))
                .map_err(|_| Escape::Missing("ink status"))
        });
        set.err().unwrap_or(Escape::OutOfInk)
    }

    pub fn buy_ink(&mut self, ink: u64) -> Result<(), Escape> {
        match self.ink_left()?.checked_sub(ink) {
            Some(left) => self.set_ink(left),
            None => Err(self.out_of_ink()),
        }
    }

    pub fn buy_gas(&mut self, gas: u64) -> Result<(), Escape> {
        let price = u64::from(self.caller.data().ink_price);
        self.buy_ink(gas.saturating_mul(price))
    }

    /// Fails like [`Self::buy_gas`] but takes nothing.
    pub fn require_gas(&mut self, gas: u64) -> Result<(), Escape> {
        let ink = gas.saturating_mul(u64::from(self.caller.data().ink_price));
        if self.ink_left()? < ink {
            return Err(self.out_of_ink());
        }
        Ok(())
    }

    pub fn gas_left(&mut self) -> Result<u64, Escape> {
        let price = u64::from(self.caller.data().ink_price.max(1));
        Ok(self.ink_left()? / price)
    }

    pub fn pay_for_read(&mut self, bytes: u32) -> Result<(), Escape> {
        self.buy_ink(price::read(bytes))
    }

    pub fn pay_for_write(&mut self, bytes: u32) -> Result<(), Escape> {
        self.buy_ink(price::write(bytes))
    }

    fn slice(&self, pointer: u32, len: u32) -> Result<&[u8], Escape> {
        let (start, len) = (pointer as usize, len as usize);
        let memory = self.handles.memory.data(&self.caller);
        let end = start.checked_add(len).ok_or(Escape::Memory)?;
        memory.get(start..end).ok_or(Escape::Memory)
    }

    /// Runs `read` on a part of the contract's memory.
    pub fn with_slice<R>(
        &self,
        pointer: u32,
        len: u32,
        read: impl FnOnce(&[u8]) -> R,
    ) -> Result<R, Escape> {
        self.slice(pointer, len).map(read)
    }

    pub fn read_slice(&self, pointer: u32, len: u32) -> Result<Vec<u8>, Escape> {
        self.slice(pointer, len).map(<[u8]>::to_vec)
    }

    pub fn read_word(&self, pointer: u32) -> Result<B256, Escape> {
        self.slice(pointer, 32).map(B256::from_slice)
    }

    pub fn read_u256(&self, pointer: u32) -> Result<U256, Escape> {
        self.read_word(pointer).map(Into::into)
    }

    pub fn read_address(&self, pointer: u32) -> Result<Address, Escape> {
        self.slice(pointer, 20).map(Address::from_slice)
    }

    pub fn write(&mut self, pointer: u32, bytes: &[u8]) -> Result<(), Escape> {
        let memory = self.handles.memory.data_mut(&mut self.caller);
        copy_into(memory, pointer, bytes)
    }

    /// Copies a part of the call's state into the contract's memory.
    pub fn write_from(
        &mut self,
        pointer: u32,
        source: impl FnOnce(&State) -> &[u8],
    ) -> Result<(), Escape> {
        let (memory, state) = self.handles.memory.data_and_store_mut(&mut self.caller);
        copy_into(memory, pointer, source(state))
    }

    pub fn write_u32(&mut self, pointer: u32, value: u32) -> Result<(), Escape> {
        self.write(pointer, &value.to_le_bytes())
    }

    pub fn write_u256(&mut self, pointer: u32, value: U256) -> Result<(), Escape> {
        self.write(pointer, &value.to_be_bytes::<32>())
    }

    /// Notes what the contract passed, when someone traces.
    pub fn note_input(&mut self, bytes: &[u8]) {
        if let Some(trace) = &mut self.caller.data_mut().trace {
            trace.input.extend_from_slice(bytes);
        }
    }

    /// Notes what the contract gets back, when someone traces.
    pub fn note_output(&mut self, bytes: &[u8]) {
        if let Some(trace) = &mut self.caller.data_mut().trace {
            trace.output.extend_from_slice(bytes);
        }
    }

    /// Notes a part of the contract's memory as passed, when someone traces.
    pub fn note_input_at(&mut self, pointer: u32, len: u32) -> Result<(), Escape> {
        if self.caller.data().trace.is_some() {
            let bytes = self.read_slice(pointer, len)?;
            self.note_input(&bytes);
        }
        Ok(())
    }

    /// Notes the calldata as given back, when someone traces.
    pub fn note_calldata(&mut self) {
        let state = self.caller.data_mut();
        if let Some(trace) = &mut state.trace {
            trace.output.extend_from_slice(&state.calldata);
        }
    }
}

fn copy_into(memory: &mut [u8], pointer: u32, bytes: &[u8]) -> Result<(), Escape> {
    let start = pointer as usize;
    let end = start.checked_add(bytes.len()).ok_or(Escape::Memory)?;
    let target = memory.get_mut(start..end).ok_or(Escape::Memory)?;
    target.copy_from_slice(bytes);
    Ok(())
}
