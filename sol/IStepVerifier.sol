// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @title Step verifier of the MIPS machine
/// @notice Executes one instruction of the MIPS machine from a witness and returns the hash of the
/// state it leads to. Holds no storage, calls nobody, takes no ether.
/// @dev Layouts of state and witness: docs/spec.md. A call either returns the one successor of the
/// given state or reverts with one of the errors below. Whatever the guest does wrong (a reserved
/// instruction, a misaligned access) is a trapped state, never a revert. Calldata must be the
/// canonical ABI encoding: arguments in order, no gaps, zero padding, nothing behind.
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
}
