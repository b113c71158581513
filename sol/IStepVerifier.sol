// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @title Step verifier of the two machines
/// @notice `step` executes one instruction of the MIPS machine from a witness. `begin` and `end` lead
/// from a state of the graph machine to the MIPS run of its step, and from the run's last state to the
/// next graph state. Holds no storage, calls nobody, takes no ether.
/// @dev Layouts of states and witnesses: docs/spec.md. A call either returns the one answer that
/// follows from what is committed to or reverts with one of the errors below. A revert means that the
/// caller's encodings or proofs are wrong, and decides nothing. Whatever the guest does wrong (a
/// reserved instruction, a misaligned access) is a trapped state, whatever a program does wrong (an
/// absent or illegal operator) is a failed state: never a revert. Calldata must be the canonical ABI
/// encoding: arguments in order, no gaps, zero padding, nothing behind.
interface IStepVerifier {
    /// @notice What a proven leaf of memory is for.
    enum Role {
        /// Holds the instruction.
        Instruction,
        /// Holds the data that the instruction loads or stores.
        Data
    }

    /// @notice A decoded state of the machine.
    struct MachineState {
        /// Root of the 2^32-byte Merkle memory.
        bytes32 memoryRoot;
        /// Address of the instruction to execute.
        uint32 pc;
        /// Address of the instruction after it (a branch target while `pc` is in a delay slot).
        uint32 nextPc;
        /// Upper half of products, remainder of divisions.
        uint32 hi;
        /// Lower half of products, quotient of divisions.
        uint32 lo;
        /// General registers; the first is zero.
        uint32[32] registers;
        /// 0 running, 1 exited, 2 trapped.
        uint8 status;
        /// Exit code of an exited machine, trap code of a trapped one, else zero.
        uint8 code;
        /// Steps taken from the initial state, modulo 2^64.
        uint64 step;
    }

    /// @notice How the step of a graph state is decided.
    enum StepKind {
        /// Without a run: the successor is known.
        Direct,
        /// By a run of the MIPS machine.
        Run
    }

    /// @notice What a part of a handover's witness proves.
    enum GraphPart {
        /// The operator at the state's pc, under the program root.
        Descriptor,
        /// An input region, in the agreed graph memory.
        Input0,
        Input1,
        Input2,
        Input3,
        Input4,
        Input5,
        Input6,
        Input7,
        /// The output region, in the memory of the run's last state.
        NewOutput,
        /// The output region, in the agreed graph memory.
        OldOutput,
        /// The first leaf of the new output region.
        FirstLeaf
    }

    /// @notice A decoded state of the graph machine.
    struct GraphMachineState {
        /// Root of the 2^40-byte Merkle memory.
        bytes32 memoryRoot;
        /// Number of the operator in the program table.
        uint32 pc;
        /// Tile of the operator that is computed next.
        uint32 tile;
        /// Iteration of the loop.
        uint32 iteration;
        /// 0 running, 1 halted, 2 failed.
        uint8 status;
    }

    /// @notice The step of an agreed graph state: its successor, or the MIPS run that computes it.
    /// @dev The answer is a function of `agreed`, `programRoot` and `imageRoot` alone: of all values of
    /// `graphState` and `witness` at most one pair is not refused. So a game passes the three from its
    /// own storage (the start that both sides agree on, and what the model was registered with), hands
    /// through the other two from whoever is on turn, and need not trust them. It must not let a party
    /// choose any of the three.
    ///
    /// What is proven: `graphState` hashes to `agreed`; the operator at its pc is part of the program;
    /// and, if `kind` is Run, that operator is legal at the state's iteration and tile, and the machine's
    /// memory consists of the image, the argument block (operator, iteration, tile) and the state's own
    /// input regions, everything else zero.
    ///
    /// - Direct: `result` is the hash of the successor graph state. It is `agreed` itself for a halted or
    ///   failed state; otherwise the state as failed, because its pc is outside the program or its
    ///   operator is absent or illegal. The party on turn wins exactly if `result` is not the disputed
    ///   end. `bound` is 0.
    /// - Run: `result` is the hash of the first MIPS state. The run is a trace of 2^`bound` steps
    ///   (stopped states repeat), and `end` says which graph state its last state leads to.
    /// @param agreed Hash of the graph state that the step starts from.
    /// @param programRoot Root of the program table, 2^25 bytes.
    /// @param imageRoot Root of the kernel image's window, 2^28 bytes.
    /// @param graphState Encoded graph state.
    /// @param witness Proofs of the operator and of its inputs; empty where the state is stopped or its
    /// pc outside the program.
    function begin(
        bytes32 agreed,
        bytes32 programRoot,
        bytes32 imageRoot,
        bytes calldata graphState,
        bytes calldata witness
    ) external pure returns (StepKind kind, bytes32 result, uint8 bound);

    /// @notice The graph state that follows `agreed` if the run of its step ends in `finalState`.
    /// @dev `successor` is a function of `agreed`, `programRoot` and `finalStateHash` alone: for given
    /// `finalState`, at most one `witness` is not refused. Whether the run does end in `finalState` is
    /// NOT proven here; that is what the second phase is about. The game that opens it from a segment of
    /// length 1 between `agreed` and a disputed end C
    /// 1. calls `begin` and goes on only if `kind` is Run (`end` reverts with NoRun if it is not);
    /// 2. calls `end` with the last state that the opening party reveals, and requires
    ///    `successor` != C: a party whose own run leads to the disputed state has nothing to dispute;
    /// 3. plays on between `result` of `begin` and `finalStateHash`, over 2^`bound` steps. Who shows that
    ///    the run ends in another state has shown that C' = `successor` does not follow.
    ///
    /// What is proven: `graphState` hashes to `agreed`; its step is a run; and, if `finalState` has exited
    /// with code 0, `successor` has the agreed memory with the operator's output region, and nothing else,
    /// replaced by the same number of bytes at the base of the run's output window, and control applied.
    /// If `finalState` is running, trapped or has exited with another code, `successor` is the agreed
    /// state as failed, and its memory is unchanged.
    /// @param agreed Hash of the graph state that the step starts from.
    /// @param programRoot Root of the program table, 2^25 bytes.
    /// @param graphState Encoded graph state.
    /// @param finalState Encoded MIPS state behind the last step of the run.
    /// @param witness Proofs of the operator and, after an exit with code 0, of the new and the old
    /// output, and of the new output's first leaf where control looks at it.
    function end(
        bytes32 agreed,
        bytes32 programRoot,
        bytes calldata graphState,
        bytes calldata finalState,
        bytes calldata witness
    ) external pure returns (bytes32 successor, bytes32 finalStateHash);

    /// @notice Hash of the first graph state of a model's program on a request.
    /// @param weightsRoot Root of the weights, the lower 2^39 bytes of the memory.
    /// @param request Header (128 bytes) and input.
    function initialState(bytes32 weightsRoot, bytes calldata request) external pure returns (bytes32);

    /// @notice Proves the output of a final state; reverts if `output_` is not its output.
    /// @dev At most one `output_` is not refused. The caller must not let a party choose `finalHash`,
    /// `base` or `log2Size`: the first is what was claimed, the others belong to the model.
    /// @param finalHash Hash of the final graph state.
    /// @param base First byte of the model's output region.
    /// @param log2Size Size of that region in bytes, as a power of two.
    /// @param graphState Encoded final graph state: halted or failed.
    /// @param output_ The output: what the region holds if halted, empty if failed.
    /// @param path Siblings of the region up to the memory root if halted, empty if failed.
    /// @return status 1 halted, 2 failed.
    function output(
        bytes32 finalHash,
        uint64 base,
        uint8 log2Size,
        bytes calldata graphState,
        bytes calldata output_,
        bytes calldata path
    ) external pure returns (uint8 status);

    /// @notice Hash by which a graph state is committed to.
    /// @param graphState Encoded graph state; must be well-formed.
    function graphStateHash(bytes calldata graphState) external pure returns (bytes32);

    /// @notice The fields of an encoded graph state.
    /// @param graphState Encoded graph state; must be well-formed.
    function decodeGraphState(bytes calldata graphState) external pure returns (GraphMachineState memory);

    /// @notice Executes the instruction that `state` is about to execute.
    /// @param state Encoded pre-state.
    /// @param witness The leaves of memory that the instruction touches, with their proofs.
    /// @return postStateHash Hash of the successor; of `state` itself if it has exited or trapped.
    function step(bytes calldata state, bytes calldata witness) external pure returns (bytes32 postStateHash);

    /// @notice Hash by which a state is committed to.
    /// @param state Encoded state; must be well-formed.
    function stateHash(bytes calldata state) external pure returns (bytes32);

    /// @notice The fields of an encoded state.
    /// @param state Encoded state; must be well-formed.
    function decodeState(bytes calldata state) external pure returns (MachineState memory);

    /// @notice Version of the contract, `major.minor.patch`.
    function version() external pure returns (string memory);

    /// @notice The call carried ether.
    error ValueNotAccepted(uint256 value);
    /// @notice No function has this selector; calldata under four bytes is padded with zeros here.
    error UnknownSelector(bytes4 selector);
    /// @notice The calldata behind the selector ends early. Lengths in bytes, capped at 2^64 - 1.
    error CalldataTooShort(uint64 length, uint64 needed);
    /// @notice Bytes follow the last argument.
    error CalldataTooLong(uint64 length, uint64 expected);
    /// @notice An argument's offset is not where the canonical encoding has it. Capped at 2^64 - 1.
    error OffsetNotCanonical(uint64 argument, uint64 offset, uint64 expected);
    /// @notice The padding of an argument holds a bit that is not zero.
    error PaddingNotZero(uint64 argument);
    /// @notice An argument is too large for its type.
    error ArgumentOutOfRange(uint64 argument);

    /// @notice A state has 192 bytes.
    error StateLength(uint64 actual);
    /// @notice Register 0 is always zero.
    error StateRegisterZero(uint32 value);
    /// @notice No such status, or a code that does not go with it.
    error StateStatus(uint32 status, uint32 code);

    /// @notice The step needs a proof that is missing or cut short.
    error WitnessTooShort(Role role, uint64 available);
    /// @notice The step does not use the whole witness.
    error WitnessTooLong(uint64 surplus);
    /// @notice A proof's path has not one sibling a level. Lengths in bytes.
    error WitnessPathLength(Role role, uint32 target, uint64 expected, uint64 actual);
    /// @notice A proof for the word at `target` leads to another root than the state's.
    error WitnessWrongRoot(Role role, uint32 target, bytes32 expected, bytes32 computed);

    /// @notice A graph state has 48 bytes.
    error GraphStateLength(uint64 actual);
    /// @notice No such status.
    error GraphStateStatus(uint32 status);
    /// @notice The graph state given is not the one committed to.
    error GraphStateNotAgreed(bytes32 expected, bytes32 computed);
    /// @notice A part of the witness is missing or cut short. Lengths in bytes.
    error HandoverTooShort(GraphPart part, uint64 needed, uint64 available);
    /// @notice The step does not use the whole witness.
    error HandoverTooLong(uint64 surplus);
    /// @notice A part of the witness leads to another root than the one it is proven against.
    error HandoverWrongRoot(GraphPart part, bytes32 expected, bytes32 computed);
    /// @notice `end` was called for a step that has no run.
    error NoRun();

    /// @notice A request has at least 128 bytes.
    error RequestTooShort(uint64 actual);
    /// @notice The header names another length than the input has.
    error RequestInputLength(uint32 stated, uint64 actual);
    /// @notice The input does not fit its region.
    error RequestTooLong(uint64 actual);
    /// @notice The header's reserved word is not zero.
    error RequestReserved(uint32 value);

    /// @notice A running state has no output.
    error OutputOfRunningState();
    /// @notice A failed state's output is empty, and needs no path.
    error OutputOfFailedState(uint64 outputLength, uint64 pathLength);
    /// @notice `base` and `log2Size` name no region of the graph memory.
    error OutputRegion(uint64 base, uint8 log2Size);
    /// @notice The output does not fit the region.
    error OutputTooLong(uint64 actual, uint8 log2Size);
    /// @notice The path has not one sibling a level. Lengths in bytes.
    error OutputPathLength(uint64 expected, uint64 actual);
    /// @notice The output is not in the state's memory.
    error OutputWrongRoot(bytes32 expected, bytes32 computed);
}
