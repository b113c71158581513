//! The precompiled contracts of Ethereum and those of Arbitrum that contracts, deployment and
//! clocks need.

pub mod abi;
mod call;
mod info;
mod owner;
mod sys;
mod wasm;
mod wasm_cache;

use alloy_primitives::{Address, address};
use revm::handler::{EthPrecompiles, PrecompileProvider};
use revm::interpreter::{CallInputs, InterpreterResult};
use revm::primitives::AddressSet;
use revm::primitives::hardfork::SpecId;

use super::exec::ArbContext;
use call::{Answer, PrecompileCall, run};

/// `ArbSys`.
pub const ARB_SYS: Address = address!("0000000000000000000000000000000000000064");
/// `ArbInfo`.
pub const ARB_INFO: Address = address!("0000000000000000000000000000000000000065");
/// `ArbOwnerPublic`.
pub const ARB_OWNER_PUBLIC: Address = address!("000000000000000000000000000000000000006b");
/// `ArbGasInfo`.
pub const ARB_GAS_INFO: Address = address!("000000000000000000000000000000000000006c");
/// `ArbOwner`.
pub const ARB_OWNER: Address = address!("0000000000000000000000000000000000000070");
/// `ArbWasm`.
pub const ARB_WASM: Address = address!("0000000000000000000000000000000000000071");
/// `ArbWasmCache`.
pub const ARB_WASM_CACHE: Address = address!("0000000000000000000000000000000000000072");

type Contract = fn(&mut PrecompileCall<'_, '_>) -> Answer;

/// The contracts of Arbitrum by address.
pub const ARBITRUM: [(Address, Contract); 7] = [
    (ARB_SYS, sys::answer),
    (ARB_INFO, info::arb_info),
    (ARB_OWNER_PUBLIC, info::arb_owner_public),
    (ARB_GAS_INFO, info::arb_gas_info),
    (ARB_OWNER, owner::answer),
    (ARB_WASM, wasm::answer),
    (ARB_WASM_CACHE, wasm_cache::answer),
];

/// All precompiled contracts.
#[derive(Clone, Debug)]
pub struct ArbPrecompiles {
    ethereum: EthPrecompiles,
    warm: AddressSet,
}

impl ArbPrecompiles {
    /// Those of `spec` and Arbitrum's.
    pub fn new(spec: SpecId) -> Self {
        let ethereum = EthPrecompiles::new(spec);
        let mut warm = ethereum.warm_addresses().clone();
        warm.extend(ARBITRUM.iter().map(|(address, _)| *address));
        Self { ethereum, warm }
    }
}

impl<'a> PrecompileProvider<ArbContext<'a>> for ArbPrecompiles {
    type Output = InterpreterResult;

    fn set_spec(&mut self, spec: SpecId) -> bool {
        <EthPrecompiles as PrecompileProvider<ArbContext<'a>>>::set_spec(&mut self.ethereum, spec)
    }

    fn run(
        &mut self,
        context: &mut ArbContext<'a>,
        inputs: &CallInputs,
    ) -> Result<Option<InterpreterResult>, String> {
        let contract = ARBITRUM.iter().find(|(address, _)| *address == inputs.bytecode_address);
        match contract {
            Some((_, contract)) => Ok(Some(run(context, inputs, *contract))),
            None => self.ethereum.run(context, inputs),
        }
    }

    fn warm_addresses(&self) -> &AddressSet {
        &self.warm
    }
}
