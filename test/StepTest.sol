// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IStepVerifier} from "../sol/IStepVerifier.sol";
import {NodeTest} from "./NodeTest.sol";
import {Assembler, Fields} from "./model/Assembler.sol";
import {Machine} from "./model/Machine.sol";
import {MerkleMemory, MerkleMemoryLib} from "./model/MerkleMemory.sol";

/// One step: the machine before it, its memory, and the machine that must come out.
///
/// A test makes a scene, changes `before` as it likes, places the instruction, changes `want`, checks.
struct Scene {
    IStepVerifier.MachineState before;
    IStepVerifier.MachineState want;
    MerkleMemory ram;
    /// Random operand fields.
    Fields f;
    /// Values of registers rs and rt.
    uint32 x;
    uint32 y;
    /// Address of the data that the instruction loads or stores, if it does.
    bool access;
    uint32 data;
    /// Where the scene's other random choices come from.
    uint256 seed;
}

/// Steps of random machines in the compiled contract, and what they must lead to.
abstract contract StepTest is NodeTest {
    using Machine for IStepVerifier.MachineState;

    /// A random running machine with `x` in rs and `y` in rt; every fourth is in a delay slot.
    function _scene(uint256 seed, uint32 x, uint32 y) internal pure returns (Scene memory s) {
        s.seed = seed;
        s.f = _fields(_random(seed, "fields"));
        s.before = _machine(_random(seed, "machine"));
        s.before.set(s.f.rs, x);
        s.before.set(s.f.rt, y);
        _refresh(s);
        s.ram = MerkleMemoryLib.create();
    }

    /// The same with an address in rs plus `offset`, and memory there.
    function _sceneAt(uint256 seed, uint32 target, uint16 offset) internal pure returns (Scene memory s) {
        s = _scene(seed, 0, 0);
        s.f.rs = 1 + _random(seed, "base") % 31;
        s.f.imm = offset;
        unchecked {
            s.before.registers[s.f.rs] = target - _sext(offset);
        }
        _refresh(s);
        _access(s, target);
    }

    /// Reads the operands anew after a test has changed fields or registers.
    function _refresh(Scene memory s) internal pure {
        s.x = s.before.registers[s.f.rs];
        s.y = s.before.registers[s.f.rt];
    }

    /// Moves the machine out of a delay slot.
    function _straight(Scene memory s) internal pure {
        unchecked {
            s.before.nextPc = s.before.pc + 4;
        }
    }

    /// Names the address that the instruction loads from or stores to and fills its surroundings.
    /// Every fourth time the instruction is in the same leaf.
    function _access(Scene memory s, uint32 data) internal pure {
        uint256 random = _random(s.seed, "access");
        s.access = true;
        s.data = data;
        if (random % 4 == 0) {
            s.before.pc = (data & ~uint32(31)) | uint32((random >> 8) % 8 * 4);
            _straight(s);
        }
        s.ram.setLeaf(data, bytes32(_random(s.seed, "data")));
        s.ram.setLeaf(data ^ uint32(2 ** ((random >> 16) % 32)), bytes32(_random(s.seed, "beside the data")));
    }

    /// Puts the instruction where the machine stands. What follows is, so far, the next instruction.
    function _place(Scene memory s, uint32 instruction) internal pure {
        uint32 pc = s.before.pc & ~uint32(3);
        if (s.ram.leafAt(pc) == 0) s.ram.setLeaf(pc, bytes32(_random(s.seed, "code")));
        s.ram.setLeaf(pc ^ 32, bytes32(_random(s.seed, "beside the code")));
        s.ram.write(pc, 4, instruction);
        s.before.memoryRoot = s.ram.root();
        s.want = s.before.next();
    }

    /// The witness of the step: docs/spec.md, 2.7.
    function _witness(Scene memory s) internal pure returns (bytes memory) {
        bytes memory code = s.ram.prove(s.before.pc);
        return s.access ? bytes.concat(code, s.ram.prove(s.data)) : code;
    }

    /// Executes the step in the contract and compares the state it leads to.
    function _check(Scene memory s) internal {
        _check(s, _witness(s));
    }

    function _check(Scene memory s, bytes memory witness) internal {
        _expectReturn(_stepCall(s, witness), abi.encode(s.want.hash()));
    }

    /// Expects the contract to refuse the witness with exactly this error.
    function _checkRefused(Scene memory s, bytes memory witness, bytes memory error_) internal {
        _expectRevert(_stepCall(s, witness), error_);
    }

    function _stepCall(Scene memory s, bytes memory witness) internal pure returns (bytes memory) {
        return abi.encodeCall(IStepVerifier.step, (s.before.encode(), witness));
    }

    /// The instruction does nothing but write `value` to `register`.
    function _checkWrite(Scene memory s, uint32 instruction, uint256 register, uint32 value) internal {
        _place(s, instruction);
        s.want.set(register, value);
        _check(s);
    }

    /// The instruction does nothing but write the low `size` bytes of `value` from `target` on.
    function _checkStore(Scene memory s, uint32 target, uint32 size, uint32 value) internal {
        bytes memory witness = _witness(s);
        s.ram.write(target, size, value);
        s.want.memoryRoot = s.ram.root();
        _check(s, witness);
    }

    /// The instruction traps.
    function _checkTrap(Scene memory s, uint32 instruction, uint8 code) internal {
        _place(s, instruction);
        s.want = s.before.stop(Machine.TRAPPED, code);
        _check(s);
    }

    function _fields(uint256 random) private pure returns (Fields memory) {
        return Fields({
            rs: random & 31,
            rt: (random >> 5) & 31,
            rd: (random >> 10) & 31,
            sa: (random >> 15) & 31,
            imm: uint16(random >> 20)
        });
    }

    function _machine(uint256 random) private pure returns (IStepVerifier.MachineState memory s) {
        s.pc = uint32(random) & ~uint32(3);
        s.hi = uint32(random >> 32);
        s.lo = uint32(random >> 64);
        s.step = uint64(random >> 96);
        unchecked {
            s.nextPc = (random >> 160) % 4 == 0 ? uint32(random >> 168) : s.pc + 4;
        }
        for (uint256 i = 1; i < 32; i++) {
            s.registers[i] = uint32(uint256(keccak256(abi.encode(random, i))));
        }
    }

    /// A number that depends on nothing but the seed and the purpose.
    function _random(uint256 seed, string memory purpose) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, purpose)));
    }

    /// The 16 bits with their sign, as 32 bits.
    function _sext(uint16 imm) internal pure returns (uint32) {
        return uint32(int32(int16(imm)));
    }

    /// Bytes `start` to `end` (exclusive) of `data`.
    function _part(bytes memory data, uint256 start, uint256 end) internal pure returns (bytes memory out) {
        out = new bytes(end - start);
        for (uint256 i = 0; i < out.length; i++) {
            out[i] = data[start + i];
        }
    }
}
