// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IStepVerifier} from "../../sol/IStepVerifier.sol";

/// Encoding and hash of a state: docs/spec.md, 2.1.
library Machine {
    bytes32 internal constant TAG = "opml.mips.state.v1";

    uint8 internal constant RUNNING = 0;
    uint8 internal constant EXITED = 1;
    uint8 internal constant TRAPPED = 2;

    /// The 192 bytes of a state.
    function encode(IStepVerifier.MachineState memory s) internal pure returns (bytes memory out) {
        out = abi.encodePacked(s.memoryRoot, s.pc, s.nextPc, s.hi, s.lo);
        for (uint256 i = 0; i < 32; i++) {
            out = bytes.concat(out, bytes4(s.registers[i]));
        }
        out = abi.encodePacked(out, s.step, uint32(s.status), uint32(s.code));
    }

    function hash(IStepVerifier.MachineState memory s) internal pure returns (bytes32) {
        return keccak256(bytes.concat(TAG, encode(s)));
    }

    function copy(IStepVerifier.MachineState memory s)
        internal
        pure
        returns (IStepVerifier.MachineState memory)
    {
        return abi.decode(abi.encode(s), (IStepVerifier.MachineState));
    }

    /// Writes a register; register 0 stays zero.
    function set(IStepVerifier.MachineState memory s, uint256 register, uint32 value) internal pure {
        if (register != 0) s.registers[register] = value;
    }

    /// The state that follows if an instruction does nothing but go on to the next one.
    function next(IStepVerifier.MachineState memory s)
        internal
        pure
        returns (IStepVerifier.MachineState memory after_)
    {
        after_ = copy(s);
        after_.pc = s.nextPc;
        unchecked {
            after_.nextPc = s.nextPc + 4;
            after_.step = s.step + 1;
        }
    }

    /// The state that follows if an instruction ends the run: only status, code and step change.
    function stop(IStepVerifier.MachineState memory s, uint8 status, uint8 code)
        internal
        pure
        returns (IStepVerifier.MachineState memory after_)
    {
        after_ = copy(s);
        after_.status = status;
        after_.code = code;
        unchecked {
            after_.step = s.step + 1;
        }
    }
}
