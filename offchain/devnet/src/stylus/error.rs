//! Why a module does not activate: one variant a rule.

use thiserror::Error;

/// A WebAssembly proposal that contracts may not use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Proposal {
    /// Reference types, padded table indices of `call_indirect` included.
    #[error("reference types")]
    ReferenceTypes,
    /// Fixed-width and relaxed SIMD.
    #[error("SIMD")]
    Simd,
    /// Shared memories and atomics.
    #[error("threads")]
    Threads,
    /// `return_call` and its relatives.
    #[error("tail calls")]
    TailCalls,
    /// Exceptions, the withdrawn encoding included.
    #[error("exceptions")]
    Exceptions,
    /// 64-bit memories and tables.
    #[error("memory64")]
    Memory64,
    /// More than one memory.
    #[error("multi-memory")]
    MultiMemory,
    /// Arithmetic in constant expressions.
    #[error("extended constant expressions")]
    ExtendedConst,
    /// Typed function references and garbage collection.
    #[error("garbage collection")]
    Gc,
    /// 128-bit addition and multiplication.
    #[error("wide arithmetic")]
    WideArithmetic,
    /// Memory pages of other sizes than 64 KiB.
    #[error("custom page sizes")]
    CustomPageSizes,
    /// Any other proposal, or several at once.
    #[error("more than one unsupported proposal")]
    Several,
}

/// What there can be too many of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Limited {
    /// Memories.
    #[error("memories")]
    Memories,
    /// Data segments.
    #[error("data segments")]
    DataSegments,
    /// Element segments.
    #[error("element segments")]
    ElementSegments,
    /// Exports that survive activation, those of the meter included.
    #[error("exports")]
    Exports,
    /// Functions defined in the module.
    #[error("functions")]
    Functions,
    /// Globals, those of the meter included.
    #[error("globals")]
    Globals,
    /// Declared locals of one function, parameters not counted.
    #[error("locals in a function")]
    Locals,
    /// Instructions of one function after instrumentation.
    #[error("instructions in a function")]
    Instructions,
    /// Imported functions.
    #[error("imports")]
    Imports,
    /// Initial table entries, summed over tables.
    #[error("table entries")]
    TableEntries,
    /// Encoded bytes of element segments, summed.
    #[error("bytes of element segments")]
    ElementBytes,
    /// Bytes of the module's name.
    #[error("bytes in the module's name")]
    NameBytes,
}

/// Why a module does not activate.
#[derive(Debug, Error)]
pub enum ActivationError {
    /// Not a valid module, whatever the proposals allowed.
    #[error("invalid module: {0}")]
    Invalid(#[from] wasmparser::Error),
    /// Valid, but only with a proposal that contracts may not use.
    #[error("module uses {proposal}: {detail}")]
    Proposal {
        /// The proposal.
        proposal: Proposal,
        /// What the validator says, with the byte offset.
        detail: wasmparser::Error,
    },
    /// A section contracts may not have (12 is `DataCount`, 13 tags).
    #[error("unsupported section {id}")]
    Section {
        /// Number of the section in the binary format.
        id: u8,
    },
    /// Something other than a function is imported.
    #[error("import {module}.{name} is not a function")]
    ImportKind {
        /// Module name of the import.
        module: String,
        /// Name of the import.
        name: String,
    },
    /// The same function is imported with two types.
    #[error("import {module}.{name} appears with different types")]
    InconsistentImport {
        /// Module name of the import.
        module: String,
        /// Name of the import.
        name: String,
    },
    /// No such host function.
    #[error("no host function {module}.{name}")]
    UnknownImport {
        /// Module name of the import.
        module: String,
        /// Name of the import.
        name: String,
    },
    /// The host function has another type.
    #[error("host function {name} imported with a wrong type")]
    ImportType {
        /// Name of the host function.
        name: String,
    },
    /// An export has the name of an import (after its last `__`).
    #[error("export has the name of the import {name}")]
    ExportsImport {
        /// The shared name.
        name: String,
    },
    /// A name starting with `stylus`, kept for the host.
    #[error("name {name} is reserved")]
    Reserved {
        /// The name.
        name: String,
    },
    /// A start function.
    #[error("start functions are not allowed")]
    Start,
    /// No memory, or memory 0 is not exported as `memory`.
    #[error("no memory exported as \"memory\"")]
    NoMemory,
    /// The initial memory exceeds what the chain has left.
    #[error("memory starts with {pages} pages, limit {limit}")]
    MemoryTooLarge {
        /// Initial pages of 64 KiB.
        pages: u64,
        /// Pages allowed.
        limit: u64,
    },
    /// The memory can grow but the hook that pays for it is not imported.
    #[error("memory can grow, but vm_hooks.pay_for_memory_grow is not imported")]
    NoMemoryPayment,
    /// No export `user_entrypoint`.
    #[error("no export \"user_entrypoint\"")]
    NoEntrypoint,
    /// `user_entrypoint` is not a function from `i32` to `i32`.
    #[error("\"user_entrypoint\" is not a function from i32 to i32")]
    EntrypointType,
    /// A global whose initial value is not one constant.
    #[error("global {index} has no constant initial value")]
    GlobalInit {
        /// Index of the global.
        index: usize,
    },
    /// A stack frame above the limit.
    #[error("frame of function {function} has {words} words, limit {limit}")]
    FrameTooLarge {
        /// Index among the functions defined here.
        function: usize,
        /// Values, locals and overhead, in words.
        words: u32,
        /// Words allowed.
        limit: u32,
    },
    /// More values on the operand stack than allowed.
    #[error("function {function} holds {values} values at once, limit {limit}")]
    TooManyValues {
        /// Index among the functions defined here.
        function: usize,
        /// Most values at once, the meter's included.
        values: u32,
        /// Values allowed.
        limit: u32,
    },
    /// An instruction the proposals allow but contracts may not use.
    #[error("unsupported instruction {0}")]
    Instruction(String),
    /// Floating-point arithmetic, comparison or conversion (moving floats is allowed).
    #[error("no implementation for floating point operation {0}")]
    Float(String),
    /// Too many of something.
    #[error("too many {what}: {count} > {limit}")]
    Limit {
        /// Of what.
        what: Limited,
        /// How many.
        count: u64,
        /// How many are allowed.
        limit: u64,
    },
    /// An active data segment outside the initial memory.
    #[error("data segment {index} lies outside the initial memory")]
    DataOutOfBounds {
        /// Index of the segment.
        index: usize,
    },
    /// An active element segment outside its table.
    #[error("element segment {index} lies outside its table")]
    ElementOutOfBounds {
        /// Index of the segment.
        index: usize,
    },
    /// A segment whose offset is not one `i32.const`.
    #[error("segment offset is not an i32 constant")]
    SegmentOffset,
    /// Element segments must list function indices.
    #[error("element segment {index} is not a list of functions")]
    ElementItems {
        /// Index of the segment.
        index: usize,
    },
    /// The price of entering the program does not fit its field.
    #[error("entering the program would cost too much")]
    InitCost,
    /// A part of the instrumented module has no encoding.
    #[error("instrumented module cannot be encoded: {0}")]
    Encode(#[from] wasm_encoder::reencode::Error),
}
