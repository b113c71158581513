// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {OpmlOutput} from "./OpmlOutput.sol";

/// @title Parts of an output
/// @notice Bytes of an output that is known by its root, such as a row of a picture, proven without the rest of it. A part
/// is one or more runs of bytes as far apart from one another as the next, so that a rectangle of a picture is one part with
/// one proof. Byte by byte: docs/spec.md, section "Parts of an output".
library OpmlPart {
    /// @notice What the hub knows of an output: `outputRoot` and `outputLength` of the result, `outputLog2` of the model.
    /// None of it may be taken from whoever brings a proof.
    struct Output {
        bytes32 root;
        uint32 length;
        uint8 log2Size;
    }

    /// @notice `count` runs of `length` bytes: the first one begins at byte `offset` of the output, each further one
    /// `stride` bytes behind the beginning of the one before.
    struct Runs {
        uint256 offset;
        uint256 length;
        uint256 stride;
        uint256 count;
    }

    /// @notice What leads from a part to the root.
    struct Proof {
        /// The leaves of 32 bytes that hold bytes of the part, whole and each once, ascending.
        bytes leaves;
        /// Nodes beside the way up: lowest level first, ascending in each. Those above nothing but zeros behind the
        /// output are left out.
        bytes32[] siblings;
    }

    /// @notice A part is of at least one byte, and its runs do not overlap.
    error NoPart(uint256 length, uint256 stride, uint256 count);
    /// @notice The part ends at `end` or behind it, and that is behind the output.
    error OutsideOutput(uint256 end, uint256 length);
    /// @notice The part has not so many bytes of leaves.
    error WrongLeaves(uint256 length);
    /// @notice There are too few siblings, or too many.
    error WrongSiblings(uint256 count);
    /// @notice The proof leads elsewhere.
    error WrongRoot(bytes32 have, bytes32 want);

    /// @dev The nodes of one level that are known from those below.
    struct Row {
        /// Their places in the level, ascending.
        uint256[] places;
        bytes32[] nodes;
        uint256 count;
        /// Places of the level that the output takes up.
        uint256 used;
        /// A node of this level above zeros alone.
        bytes32 zero;
        /// Siblings that are used up.
        uint256 taken;
    }

    /// @notice The bytes of a part, one run after the other. Reverts unless the proof shows that they are the output's.
    function read(Output memory output, Runs memory runs, Proof calldata proof)
        internal
        pure
        returns (bytes memory part)
    {
        Row memory row;
        row.used = OpmlOutput.leavesOf(output.length, output.log2Size);
        _check(runs, output.length);
        part = _gather(row, runs, proof.leaves);
        row.nodes = _nodes(proof.leaves);
        for (uint256 height = 5; height < output.log2Size; height++) {
            _climb(row, proof.siblings);
        }
        if (row.taken != proof.siblings.length) revert WrongSiblings(proof.siblings.length);
        if (row.nodes[0] != output.root) revert WrongRoot(row.nodes[0], output.root);
    }

    /// @dev Afterwards no number that counts exceeds 32 bits.
    function _check(Runs memory runs, uint256 length) private pure {
        bool none = runs.length == 0 || runs.count == 0;
        if (none || runs.count > 1 && runs.stride < runs.length) {
            revert NoPart(runs.length, runs.stride, runs.count);
        }
        uint256 largest = runs.offset | runs.length | runs.count | (runs.count > 1 ? runs.stride : 0);
        if (largest > type(uint32).max) revert OutsideOutput(largest, length);
        uint256 end = runs.offset + runs.length + runs.stride * (runs.count - 1);
        if (end > length) revert OutsideOutput(end, length);
    }

    /// @dev The part's bytes among those of its leaves, whose places become the row's.
    function _gather(Row memory row, Runs memory runs, bytes calldata leaves)
        private
        pure
        returns (bytes memory part)
    {
        uint256 size = runs.length * runs.count;
        // No proof pays for less memory than the part takes up.
        if (leaves.length % 32 != 0 || size > leaves.length) revert WrongLeaves(leaves.length);
        part = new bytes(size);
        row.places = new uint256[](leaves.length / 32);
        for (uint256 i = 0; i < runs.count; i++) {
            // Byte of the region: the length's leaf stands in front of the output.
            uint256 from = 32 + runs.offset + runs.stride * i;
            uint256 source = _place(row, from, runs.length);
            _copy(part, runs.length * i, leaves[source:source + runs.length]);
        }
        if (row.count != row.places.length) revert WrongLeaves(leaves.length);
    }

    /// @dev Adds the places of a run's leaves; where the run begins in all leaves so far.
    function _place(Row memory row, uint256 from, uint256 length) private pure returns (uint256 source) {
        uint256 count = row.count;
        uint256 place = from / 32;
        source = 32 * count + from % 32;
        // Runs may meet in a leaf.
        if (count > 0 && row.places[count - 1] == place) {
            source -= 32;
            place++;
        }
        for (; 32 * place < from + length; place++) {
            if (count == row.places.length) revert WrongLeaves(32 * count);
            row.places[count++] = place;
        }
        row.count = count;
    }

    function _copy(bytes memory to, uint256 offset, bytes calldata from) private pure {
        assembly ("memory-safe") {
            calldatacopy(add(add(to, 32), offset), from.offset, from.length)
        }
    }

    /// @dev Leaves as nodes.
    function _nodes(bytes calldata leaves) private pure returns (bytes32[] memory nodes) {
        nodes = new bytes32[](leaves.length / 32);
        assembly ("memory-safe") {
            calldatacopy(add(nodes, 32), leaves.offset, leaves.length)
        }
    }

    /// @dev From a level to the one above.
    function _climb(Row memory row, bytes32[] calldata siblings) private pure {
        uint256 above;
        for (uint256 i = 0; i < row.count; i++) {
            uint256 place = row.places[i];
            (bytes32 left, bytes32 right) = (row.nodes[i], row.zero);
            if (place % 2 == 1) {
                (left, right) = (_take(row, siblings), left);
            } else if (i + 1 < row.count && row.places[i + 1] == place + 1) {
                right = row.nodes[++i];
            } else if (place + 1 < row.used) {
                right = _take(row, siblings);
            }
            row.places[above] = place / 2;
            row.nodes[above++] = OpmlOutput.node(left, right);
        }
        row.count = above;
        row.used = (row.used + 1) / 2;
        row.zero = OpmlOutput.node(row.zero, row.zero);
    }

    function _take(Row memory row, bytes32[] calldata siblings) private pure returns (bytes32) {
        if (row.taken == siblings.length) revert WrongSiblings(siblings.length);
        return siblings[row.taken++];
    }
}
