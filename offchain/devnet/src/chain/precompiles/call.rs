//! How a precompiled contract of Arbitrum is called, and what that costs.

use alloy_primitives::{Address, B256, Bytes, Log, LogData, U256};
use alloy_sol_types::{SolError, SolInterface};
use revm::context_interface::JournalTr;
use revm::interpreter::{CallInputs, Gas, InstructionResult, InterpreterResult};

use crate::chain::exec::ArbContext;

const COPY_WORD: u64 = 3;
/// Reading a word of `ArbOS` storage.
pub const READ: u64 = 800;
/// Writing a word of `ArbOS` storage.
pub const WRITE: u64 = 20_000;
/// Reading the parameters of Stylus.
pub const READ_PARAMS: u64 = 100;
const LOG: u64 = 375;
const LOG_BYTE: u64 = 8;

/// What a method may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purity {
    /// Looks at nothing.
    Pure,
    /// Reads.
    View,
    /// Writes.
    Write,
    /// Writes, and takes money.
    Payable,
}

/// Why a call did not succeed. All of these are reverts to the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The gas did not suffice, or is taken as a punishment.
    OutOfGas,
    /// A published error; unspent gas is returned.
    Error(Vec<u8>),
    /// Nothing more is said; unspent gas is returned.
    Silent,
}

impl Refusal {
    /// A published error.
    pub fn error(error: &impl SolError) -> Self {
        Self::Error(error.abi_encode())
    }
}

/// ABI-encoded results, or why there are none.
pub type Answer = Result<Vec<u8>, Refusal>;

/// One call of a precompiled contract.
pub struct PrecompileCall<'c, 'a> {
    /// The chain.
    pub context: &'c mut ArbContext<'a>,
    /// Who calls.
    pub caller: Address,
    /// The contract called.
    pub address: Address,
    /// Wei sent along, already transferred.
    pub value: U256,
    input: Bytes,
    is_static: bool,
    is_own: bool,
    gas: Gas,
}

impl PrecompileCall<'_, '_> {
    /// Decodes the call and checks that it may do what its method does.
    ///
    /// # Errors
    /// All gas is taken when there is no such method or it may not be called so.
    pub fn decode<I: SolInterface>(&mut self, purity: fn(&I) -> Purity) -> Result<I, Refusal> {
        let call = I::abi_decode(&self.input).map_err(|_| Refusal::OutOfGas)?;
        let purity = purity(&call);
        let reaches_state = purity > Purity::Pure;
        let writes = purity > Purity::View;
        let pays = purity != Purity::Payable && !self.value.is_zero();
        if (reaches_state && !self.is_own) || (writes && self.is_static) || pays {
            return Err(Refusal::OutOfGas);
        }
        let words = self.input.len().saturating_sub(4).div_ceil(32) as u64;
        self.burn(COPY_WORD * words)?;
        if reaches_state {
            self.burn(READ)?;
        }
        Ok(call)
    }

    /// Takes gas.
    ///
    /// # Errors
    /// [`Refusal::OutOfGas`].
    pub fn burn(&mut self, gas: u64) -> Result<(), Refusal> {
        if self.gas.record_regular_cost(gas) { Ok(()) } else { Err(Refusal::OutOfGas) }
    }

    /// Seconds since 1970.
    pub fn time(&self) -> u64 {
        self.context.block.timestamp.saturating_to()
    }

    /// Code hash of `account`, zero when it does not exist.
    ///
    /// # Errors
    /// [`Refusal::OutOfGas`].
    pub fn code_hash(&mut self, account: Address) -> Result<B256, Refusal> {
        self.burn(2600)?;
        let Ok(hash) = self.context.journaled_state.code_hash(account);
        Ok(hash.data)
    }

    /// Emits an event of this contract.
    ///
    /// # Errors
    /// [`Refusal::OutOfGas`].
    pub fn emit(&mut self, event: LogData) -> Result<(), Refusal> {
        let topics = event.topics().len() as u64;
        self.burn(LOG * (1 + topics) + LOG_BYTE * event.data.len() as u64)?;
        self.emit_free(event);
        Ok(())
    }

    /// Emits an event that the caller does not pay for.
    pub fn emit_free(&mut self, event: LogData) {
        self.context.journaled_state.log(Log { address: self.address, data: event });
    }

    /// Gives all gas back that was taken.
    pub fn unburn(&mut self) {
        self.gas = Gas::new(self.gas.limit());
    }

    /// Pays out of what this contract holds.
    ///
    /// # Errors
    /// [`Refusal::Silent`] when it holds less.
    pub fn pay(&mut self, to: Address, amount: U256) -> Result<(), Refusal> {
        let Ok(refused) = self.context.journaled_state.transfer(self.address, to, amount);
        refused.map_or(Ok(()), |_| Err(Refusal::Silent))
    }
}

/// Runs `contract` and settles its gas.
pub fn run<'a>(
    context: &mut ArbContext<'a>,
    inputs: &CallInputs,
    contract: fn(&mut PrecompileCall<'_, '_>) -> Answer,
) -> InterpreterResult {
    let input = inputs.input.bytes(context);
    let mut call = PrecompileCall {
        context,
        caller: inputs.caller,
        address: inputs.bytecode_address,
        value: inputs.value.get(),
        input,
        is_static: inputs.is_static,
        is_own: inputs.target_address == inputs.bytecode_address,
        gas: Gas::new(inputs.gas_limit),
    };
    let answer = contract(&mut call).and_then(|output| {
        call.burn(COPY_WORD * output.len().div_ceil(32) as u64)?;
        Ok(output)
    });
    let (result, output) = match answer {
        Ok(output) => (InstructionResult::Return, output),
        Err(Refusal::Error(output)) => {
            let words = output.len().div_ceil(32) as u64;
            if call.burn(COPY_WORD * words).is_err() {
                call.gas.spend_all();
            }
            (InstructionResult::Revert, output)
        }
        Err(Refusal::Silent) => (InstructionResult::Revert, Vec::new()),
        Err(Refusal::OutOfGas) => {
            call.gas.spend_all();
            (InstructionResult::Revert, Vec::new())
        }
    };
    InterpreterResult::new(result, output.into(), call.gas)
}
