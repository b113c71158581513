// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {OpmlPart} from "../../sol/OpmlPart.sol";

/// The tree of an output's region by its definition, all of it, and proofs out of it: byte by byte, as nobody would pay for.
library Definition {
    /// `levels[h][i]`: the i-th node h levels above the leaves.
    struct Tree {
        bytes output;
        bytes32[][] levels;
    }

    function tree(bytes memory output, uint8 log2Size) internal pure returns (Tree memory whole) {
        whole.output = output;
        whole.levels = new bytes32[][](log2Size - 4);
        whole.levels[0] = _leaves(output, 1 << (log2Size - 5));
        for (uint256 h = 1; h < whole.levels.length; h++) {
            bytes32[] memory below = whole.levels[h - 1];
            whole.levels[h] = new bytes32[](below.length / 2);
            for (uint256 i = 0; i < below.length / 2; i++) {
                whole.levels[h][i] = keccak256(abi.encodePacked(below[2 * i], below[2 * i + 1]));
            }
        }
    }

    function root(Tree memory whole) internal pure returns (bytes32) {
        return whole.levels[whole.levels.length - 1][0];
    }

    function known(Tree memory whole) internal pure returns (OpmlPart.Output memory) {
        return OpmlPart.Output(root(whole), uint32(whole.output.length), uint8(whole.levels.length + 4));
    }

    /// The bytes of a part.
    function part(Tree memory whole, OpmlPart.Runs memory runs) internal pure returns (bytes memory bytes_) {
        bytes_ = new bytes(runs.length * runs.count);
        for (uint256 i = 0; i < bytes_.length; i++) {
            bytes_[i] = whole.output[_place(runs, i)];
        }
    }

    function proof(Tree memory whole, OpmlPart.Runs memory runs)
        internal
        pure
        returns (OpmlPart.Proof memory made)
    {
        bool[] memory have = new bool[](whole.levels[0].length);
        for (uint256 i = 0; i < runs.length * runs.count; i++) {
            have[1 + _place(runs, i) / 32] = true;
        }
        for (uint256 i = 0; i < have.length; i++) {
            if (have[i]) made.leaves = bytes.concat(made.leaves, whole.levels[0][i]);
        }
        uint256 behind = 1 + (whole.output.length + 31) / 32;
        for (uint256 h = 0; h + 1 < whole.levels.length; h++) {
            for (uint256 i = 0; i < have.length; i++) {
                uint256 beside = i ^ 1;
                if (!have[i] || have[beside] || beside << h >= behind) continue;
                made.siblings = append(made.siblings, whole.levels[h][beside]);
            }
            bool[] memory above = new bool[](have.length / 2);
            for (uint256 i = 0; i < have.length; i++) {
                if (have[i]) above[i / 2] = true;
            }
            have = above;
        }
    }

    function append(bytes32[] memory list, bytes32 last) internal pure returns (bytes32[] memory longer) {
        longer = new bytes32[](list.length + 1);
        for (uint256 i = 0; i < list.length; i++) {
            longer[i] = list[i];
        }
        longer[list.length] = last;
    }

    /// The byte of the output that is the i-th of a part.
    function _place(OpmlPart.Runs memory runs, uint256 i) private pure returns (uint256) {
        return runs.offset + runs.stride * (i / runs.length) + i % runs.length;
    }

    function _leaves(bytes memory output, uint256 count) private pure returns (bytes32[] memory leaves) {
        bytes memory region = new bytes(32 * count);
        for (uint256 i = 0; i < 4; i++) {
            region[i] = bytes1(uint8(output.length >> (8 * i)));
        }
        for (uint256 i = 0; i < output.length; i++) {
            region[32 + i] = output[i];
        }
        leaves = new bytes32[](count);
        for (uint256 i = 0; i < count; i++) {
            bytes32 leaf;
            assembly ("memory-safe") {
                leaf := mload(add(add(region, 32), mul(i, 32)))
            }
            leaves[i] = leaf;
        }
    }
}
