// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IStepVerifier} from "../../sol/IStepVerifier.sol";
import {Scene, StepTest} from "../StepTest.sol";
import {Machine} from "../model/Machine.sol";
import {MerkleMemoryLib} from "../model/MerkleMemory.sol";

/// Witnesses that prove no step, each with the error that it must meet.
contract WitnessTest is StepTest {
    using Machine for IStepVerifier.MachineState;

    uint256 private constant PROOF = 896;
    /// sw $4, 0($5)
    uint32 private constant STORE = 0xaca4_0000;

    function testFuzz_step_reverts_whenInstructionProofIsCut(uint256 seed, uint16 length) public {
        Scene memory s = _nop(seed);
        uint256 rest = length % PROOF;
        bytes memory witness = _part(_witness(s), 0, rest);
        _checkRefused(s, witness, _tooShort(IStepVerifier.Role.Instruction, rest));
    }

    function testFuzz_step_reverts_whenDataProofIsCut(uint256 seed, uint16 length) public {
        Scene memory s = _store(seed);
        uint256 rest = length % PROOF;
        bytes memory witness = _part(_witness(s), 0, PROOF + rest);
        _checkRefused(s, witness, _tooShort(IStepVerifier.Role.Data, rest));
    }

    function test_step_reverts_whenWitnessIsEmpty() public {
        _checkRefused(_nop(1), "", _tooShort(IStepVerifier.Role.Instruction, 0));
    }

    function test_step_reverts_whenDataProofIsMissing() public {
        Scene memory s = _store(1);
        bytes memory witness = _part(_witness(s), 0, PROOF);
        _checkRefused(s, witness, _tooShort(IStepVerifier.Role.Data, 0));
    }

    function testFuzz_step_reverts_whenWitnessGoesOn(uint256 seed, bytes calldata more) public {
        vm.assume(more.length != 0);
        Scene memory s = seed % 2 == 0 ? _nop(seed) : _store(seed);
        _checkRefused(s, bytes.concat(_witness(s), more), _tooLong(more.length));
    }

    /// A proof that is valid, for data that the instruction does not touch.
    function testFuzz_step_reverts_whenDataProofIsNotNeeded(uint256 seed) public {
        Scene memory s = _nop(seed);
        _checkRefused(s, bytes.concat(_witness(s), s.ram.prove(s.before.pc)), _tooLong(PROOF));
    }

    function testFuzz_step_reverts_whenWitnessAndFetchIsMisaligned(uint256 seed) public {
        Scene memory s = _nop(seed);
        bytes memory witness = _witness(s);
        s.before.pc |= 2;
        _checkRefused(s, witness, _tooLong(PROOF));
    }

    function testFuzz_step_reverts_whenBitOfInstructionProofIsWrong(uint256 seed, uint16 bit) public {
        Scene memory s = _nop(seed);
        _checkWrong(s, _flipped(_witness(s), bit % (8 * PROOF)), "");
    }

    function testFuzz_step_reverts_whenBitOfDataProofIsWrong(uint256 seed, uint16 bit) public {
        Scene memory s = _store(seed);
        _checkWrongData(s, _flipped(s.ram.prove(s.data), bit % (8 * PROOF)));
    }

    function testFuzz_step_reverts_whenRootIsWrong(uint256 seed, bytes32 root) public {
        Scene memory s = _nop(seed);
        vm.assume(root != s.before.memoryRoot);
        bytes memory witness = _witness(s);
        s.before.memoryRoot = root;
        _checkWrong(s, witness, "");
    }

    /// A valid proof of the leaf beside the instruction's.
    function testFuzz_step_reverts_whenProofIsOfAnotherLeaf(uint256 seed) public {
        Scene memory s = _nop(seed);
        _checkWrong(s, s.ram.prove(s.before.pc ^ 32), "");
    }

    function testFuzz_step_reverts_whenProofsAreSwapped(uint256 seed) public {
        Scene memory s = _store(seed);
        _checkWrong(s, s.ram.prove(s.data), s.ram.prove(s.before.pc));
    }

    /// The data leaf as it will be after the store.
    function testFuzz_step_reverts_whenDataProofIsOfTheStateAfter(uint256 seed) public {
        Scene memory s = _store(seed);
        bytes memory code = s.ram.prove(s.before.pc);
        s.ram.write(s.data, 4, ~s.ram.read(s.data, 4));
        bytes memory data = s.ram.prove(s.data);
        _checkRefused(s, bytes.concat(code, data), _wrongData(s, data));
    }

    /// A machine before an instruction that touches no data.
    function _nop(uint256 seed) private pure returns (Scene memory s) {
        s = _scene(seed, 0, 0);
        _place(s, 0);
    }

    /// A machine before a store to a leaf that the instruction is not in.
    function _store(uint256 seed) private pure returns (Scene memory s) {
        s = _scene(seed, 0, 0);
        s.access = true;
        s.data = (s.before.pc ^ 0x0400_0000) & ~uint32(3);
        s.before.registers[5] = s.data;
        s.ram.setLeaf(s.data, keccak256(abi.encode(seed)));
        _place(s, STORE);
    }

    /// The instruction's proof leads to another root; `rest` follows it.
    function _checkWrong(Scene memory s, bytes memory code, bytes memory rest) private {
        bytes32 computed = MerkleMemoryLib.rootOf(code, s.before.pc);
        bytes memory want = abi.encodeWithSelector(
            IStepVerifier.WitnessWrongRoot.selector,
            IStepVerifier.Role.Instruction,
            s.before.pc,
            s.before.memoryRoot,
            computed
        );
        _checkRefused(s, bytes.concat(code, rest), want);
    }

    function _checkWrongData(Scene memory s, bytes memory data) private {
        _checkRefused(s, bytes.concat(s.ram.prove(s.before.pc), data), _wrongData(s, data));
    }

    function _wrongData(Scene memory s, bytes memory data) private pure returns (bytes memory) {
        return abi.encodeWithSelector(
            IStepVerifier.WitnessWrongRoot.selector,
            IStepVerifier.Role.Data,
            s.data,
            s.before.memoryRoot,
            MerkleMemoryLib.rootOf(data, s.data)
        );
    }

    function _tooShort(IStepVerifier.Role role, uint256 available) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IStepVerifier.WitnessTooShort.selector, role, available);
    }

    function _tooLong(uint256 surplus) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IStepVerifier.WitnessTooLong.selector, surplus);
    }

    function _flipped(bytes memory data, uint256 bit) private pure returns (bytes memory) {
        data[bit / 8] ^= bytes1(uint8(2 ** (bit % 8)));
        return data;
    }
}
