//! What a running contract asks of its chain.

use alloy_primitives::{Address, B256, Bytes, U256};

/// A value together with the gas of getting at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Priced<T> {
    /// The value.
    pub value: T,
    /// Gas to charge.
    pub gas: u64,
}

/// A write was tried inside a static call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write protection")]
pub struct ReadOnly;

/// How a batch of storage writes ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreStatus {
    /// All were written.
    Done,
    /// The gas did not suffice; the writes before that point stand until the frame is reverted.
    OutOfGas,
    /// The frame is static; nothing was written.
    ReadOnly,
}

/// How one contract calls another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallKind {
    /// `CALL` with this value in wei.
    Call(U256),
    /// `DELEGATECALL`.
    Delegate,
    /// `STATICCALL`.
    Static,
}

/// A call to another contract.
#[derive(Clone, Copy, Debug)]
pub struct SubCall<'a> {
    /// Which kind, with the value sent.
    pub kind: CallKind,
    /// Whom.
    pub target: Address,
    /// Calldata.
    pub input: &'a [u8],
    /// Gas the caller has left; the 63/64 rule applies to it.
    pub gas_left: u64,
    /// Gas the caller offers at most, never more than `gas_left`.
    pub gas_offered: u64,
}

/// Result of a [`SubCall`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallReturn {
    /// Whether the callee succeeded.
    pub success: bool,
    /// What it returned or reverted with.
    pub output: Bytes,
    /// Gas to charge the caller, the price of the call itself included.
    pub gas: u64,
}

/// A contract creation.
#[derive(Clone, Copy, Debug)]
pub struct SubCreate<'a> {
    /// Init code.
    pub init_code: &'a [u8],
    /// Value sent, in wei.
    pub value: U256,
    /// Salt of `CREATE2`; none for `CREATE`.
    pub salt: Option<B256>,
    /// Gas the creator has left.
    pub gas_left: u64,
}

/// Result of a [`SubCreate`] that was attempted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateReturn {
    /// The new contract, zero when its init code failed.
    pub address: Address,
    /// Revert data; empty on success.
    pub output: Bytes,
    /// Gas to charge the creator.
    pub gas: u64,
}

/// A creation that was not attempted; it fails the creator's frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CreateRefused {
    /// Inside a static call.
    #[error("write protection")]
    ReadOnly,
    /// Not even the base price is left.
    #[error("out of gas")]
    OutOfGas,
}

/// Block, transaction and call a contract runs in. Constant while it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// Base fee in wei.
    pub block_basefee: U256,
    /// Who collects fees.
    pub block_coinbase: Address,
    /// Gas limit of the block.
    pub block_gas_limit: u64,
    /// On Arbitrum: the estimate of the parent chain's block number.
    pub block_number: u64,
    /// Seconds since 1970.
    pub block_timestamp: u64,
    /// Chain id.
    pub chain_id: u64,
    /// Sender of the transaction.
    pub tx_origin: Address,
    /// Gas price in wei.
    pub tx_gas_price: U256,
    /// The running contract; with a delegate call, the contract it acts for.
    pub contract: Address,
    /// Who called it.
    pub caller: Address,
    /// Wei sent along.
    pub value: U256,
    /// Whether the contract is already running further up the call stack.
    pub reentrant: bool,
}

/// One finished host call, for tracers.
#[derive(Clone, Copy, Debug)]
pub struct HookTrace<'a> {
    /// Name of the host function.
    pub name: &'static str,
    /// What the contract passed: pointers replaced by what they point to, integers big-endian.
    pub input: &'a [u8],
    /// What it got back, in the same form.
    pub output: &'a [u8],
    /// Ink before.
    pub start_ink: u64,
    /// Ink after.
    pub end_ink: u64,
}

/// Chain state and everything else outside a contract, for one frame.
///
/// Prices follow the EVM with access lists (EIP-2929, EIP-3529); the library adds the ink of the
/// host call itself. The implementer journals: a frame that fails is rolled back by its caller.
pub trait Host {
    /// Reads a storage slot; gas is 2100 when the slot is cold, 100 when warm, and it is warm
    /// afterwards.
    fn storage_load(&mut self, key: B256) -> Priced<B256>;

    /// Writes storage slots in ascending order of their keys, each at the price of `SSTORE`
    /// without the sentry check, with at most `gas_left` gas. Returns the gas taken, which is all
    /// of `gas_left` when it does not suffice and none in a static frame.
    fn storage_store(&mut self, slots: &[(B256, B256)], gas_left: u64) -> Priced<StoreStatus>;

    /// Reads a transient slot.
    fn transient_load(&mut self, key: B256) -> B256;

    /// Writes a transient slot.
    ///
    /// # Errors
    /// [`ReadOnly`] in a static frame.
    fn transient_store(&mut self, key: B256, value: B256) -> Result<(), ReadOnly>;

    /// Calls another contract.
    fn call(&mut self, call: SubCall<'_>) -> CallReturn;

    /// Creates a contract.
    ///
    /// # Errors
    /// [`CreateRefused`] when it cannot be attempted; an init code that fails is no error.
    fn create(&mut self, create: SubCreate<'_>) -> Result<CreateReturn, CreateRefused>;

    /// Emits a log.
    ///
    /// # Errors
    /// [`ReadOnly`] in a static frame.
    fn log(&mut self, topics: &[B256], data: &[u8]) -> Result<(), ReadOnly>;

    /// Balance in wei; gas is that of touching the account.
    fn balance(&mut self, account: Address) -> Priced<U256>;

    /// Code; gas is 700 plus that of touching the account. When the gas exceeds `gas_left` the code
    /// may be left empty: the frame then runs out.
    fn code(&mut self, account: Address, gas_left: u64) -> Priced<Bytes>;

    /// Code hash, zero for accounts that do not exist; gas is that of touching the account.
    fn code_hash(&mut self, account: Address) -> Priced<B256>;

    /// Opens memory pages and returns their gas, see [`super::memory_model::MemoryModel`].
    fn open_pages(&mut self, pages: u16) -> u64;

    /// Whether [`Host::trace`] wants to be called.
    fn is_tracing(&self) -> bool {
        false
    }

    /// Takes note of a host call that did not fail.
    fn trace(&mut self, hook: HookTrace<'_>) {
        let _ = hook;
    }
}
