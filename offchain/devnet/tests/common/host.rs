//! A small chain for one contract, which notes everything it is asked.
#![allow(dead_code)]

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256, Bytes, U256};
use opml_devnet::stylus::entry::Pages;
use opml_devnet::stylus::host::{
    CallKind, CallReturn, CreateRefused, CreateReturn, HookTrace, Host, Priced, ReadOnly,
    StoreStatus, SubCall, SubCreate,
};
use opml_devnet::stylus::memory_model::MemoryModel;

/// Gas this chain takes for each slot written.
pub const STORE_GAS: u64 = 5000;

/// A host call as traced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traced {
    pub name: String,
    pub input: Vec<u8>,
    pub output: Vec<u8>,
    pub ink: u64,
}

/// A call or creation as asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    Call { kind: CallKind, target: Address, input: Vec<u8>, gas_left: u64, gas_offered: u64 },
    Create { init_code: Vec<u8>, value: U256, salt: Option<B256>, gas_left: u64 },
}

pub struct TestHost {
    pub storage: BTreeMap<B256, B256>,
    pub warm: BTreeSet<B256>,
    pub transient: BTreeMap<B256, B256>,
    pub stores: Vec<Vec<(B256, B256)>>,
    pub read_only: bool,
    pub asked: Vec<Asked>,
    pub call_return: CallReturn,
    pub create_return: Result<CreateReturn, CreateRefused>,
    pub logs: Vec<(Vec<B256>, Vec<u8>)>,
    pub balance: Priced<U256>,
    pub code: Priced<Bytes>,
    pub code_loads: u32,
    pub code_hash: Priced<B256>,
    pub pages: Pages,
    pub tracing: bool,
    pub traces: Vec<Traced>,
}

impl TestHost {
    pub fn new() -> Self {
        Self {
            storage: BTreeMap::new(),
            warm: BTreeSet::new(),
            transient: BTreeMap::new(),
            stores: Vec::new(),
            read_only: false,
            asked: Vec::new(),
            call_return: CallReturn { success: true, output: Bytes::new(), gas: 0 },
            create_return: Err(CreateRefused::ReadOnly),
            logs: Vec::new(),
            balance: free(U256::ZERO),
            code: free(Bytes::new()),
            code_loads: 0,
            code_hash: free(B256::ZERO),
            pages: Pages { open: 1, ever: 1 },
            tracing: true,
            traces: Vec::new(),
        }
    }

    /// Ink of every call of `name`.
    pub fn inks(&self, name: &str) -> Vec<u64> {
        let named = self.traces.iter().filter(|trace| trace.name == name);
        named.map(|trace| trace.ink).collect()
    }
}

pub fn free<T>(value: T) -> Priced<T> {
    Priced { value, gas: 0 }
}

impl Host for TestHost {
    fn storage_load(&mut self, key: B256) -> Priced<B256> {
        let cold = self.warm.insert(key);
        Priced {
            value: self.storage.get(&key).copied().unwrap_or_default(),
            gas: if cold { 2100 } else { 100 },
        }
    }

    fn storage_store(&mut self, slots: &[(B256, B256)], gas_left: u64) -> Priced<StoreStatus> {
        if self.read_only {
            return free(StoreStatus::ReadOnly);
        }
        self.stores.push(slots.to_vec());
        let mut gas = 0;
        for (key, value) in slots {
            gas += STORE_GAS;
            if gas > gas_left {
                let value = StoreStatus::OutOfGas;
                return Priced { value, gas: gas_left };
            }
            self.storage.insert(*key, *value);
        }
        let value = StoreStatus::Done;
        Priced { value, gas }
    }

    fn transient_load(&mut self, key: B256) -> B256 {
        self.transient.get(&key).copied().unwrap_or_default()
    }

    fn transient_store(&mut self, key: B256, value: B256) -> Result<(), ReadOnly> {
        if self.read_only {
            return Err(ReadOnly);
        }
        self.transient.insert(key, value);
        Ok(())
    }

    fn call(&mut self, call: SubCall<'_>) -> CallReturn {
        self.asked.push(Asked::Call {
            kind: call.kind,
            target: call.target,
            input: call.input.to_vec(),
            gas_left: call.gas_left,
            gas_offered: call.gas_offered,
        });
        self.call_return.clone()
    }

    fn create(&mut self, create: SubCreate<'_>) -> Result<CreateReturn, CreateRefused> {
        self.asked.push(Asked::Create {
            init_code: create.init_code.to_vec(),
            value: create.value,
            salt: create.salt,
            gas_left: create.gas_left,
        });
        self.create_return.clone()
    }

    fn log(&mut self, topics: &[B256], data: &[u8]) -> Result<(), ReadOnly> {
        if self.read_only {
            return Err(ReadOnly);
        }
        self.logs.push((topics.to_vec(), data.to_vec()));
        Ok(())
    }

    fn balance(&mut self, _account: Address) -> Priced<U256> {
        self.balance.clone()
    }

    fn code(&mut self, _account: Address, _gas_left: u64) -> Priced<Bytes> {
        self.code_loads += 1;
        self.code.clone()
    }

    fn code_hash(&mut self, _account: Address) -> Priced<B256> {
        self.code_hash.clone()
    }

    fn open_pages(&mut self, pages: u16) -> u64 {
        let before = self.pages.add(pages);
        MemoryModel::default().gas(pages, before.open, before.ever)
    }

    fn is_tracing(&self) -> bool {
        self.tracing
    }

    fn trace(&mut self, hook: HookTrace<'_>) {
        self.traces.push(Traced {
            name: hook.name.to_owned(),
            input: hook.input.to_vec(),
            output: hook.output.to_vec(),
            ink: hook.start_ink - hook.end_ink,
        });
    }
}
