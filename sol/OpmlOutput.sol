// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @title The root that stands for an output
/// @notice Outputs of more than 1024 bytes are known on-chain by length and root alone. Whoever has the bytes can show
/// that they are the output: their root is the one that the hub has. Byte by byte: docs/spec.md, section "Output".
library OpmlOutput {
    /// @notice The output does not fit a region of this size.
    error RegionTooSmall(uint256 length, uint8 log2Size);

    /// @notice Root of the region of 2^log2Size bytes that holds an output: its length in the first leaf, then its
    /// bytes, then zeros. Hashes each 32 bytes about twice.
    function root(bytes memory output, uint8 log2Size) internal pure returns (bytes32) {
        uint256 leaves = leavesOf(output.length, log2Size);
        bytes32[] memory row = new bytes32[](leaves + 1);
        row[0] = _lengthLeaf(uint32(output.length));
        for (uint256 i = 1; i < leaves; i++) {
            row[i] = _leaf(output, 32 * (i - 1));
        }
        bytes32 zero;
        for (uint256 height = 5; height < log2Size; height++) {
            row[leaves] = zero;
            leaves = (leaves + 1) / 2;
            for (uint256 i = 0; i < leaves; i++) {
                row[i] = node(row[2 * i], row[2 * i + 1]);
            }
            zero = node(zero, zero);
        }
        return row[0];
    }

    /// @notice Leaves of a region of 2^log2Size bytes that an output of so many bytes and its length take up. Those
    /// behind them are zero.
    function leavesOf(uint256 length, uint8 log2Size) internal pure returns (uint256 leaves) {
        leaves = length / 32 + (length % 32 == 0 ? 1 : 2);
        if (log2Size < 5 || log2Size > 28 || leaves > 1 << (log2Size - 5)) {
            revert RegionTooSmall(length, log2Size);
        }
    }

    /// @notice The node above two nodes.
    function node(bytes32 left, bytes32 right) internal pure returns (bytes32 above) {
        assembly ("memory-safe") {
            mstore(0, left)
            mstore(32, right)
            above := keccak256(0, 64)
        }
    }

    /// @dev The length, little-endian, and 28 zeros.
    function _lengthLeaf(uint32 value) private pure returns (bytes32) {
        value = (value & 0xff00ff00) >> 8 | (value & 0x00ff00ff) << 8;
        return bytes32(bytes4(value >> 16 | value << 16));
    }

    /// @dev Up to 32 bytes from `from` on, then zeros.
    function _leaf(bytes memory output, uint256 from) private pure returns (bytes32 word) {
        uint256 left = output.length - from;
        assembly ("memory-safe") {
            word := mload(add(add(output, 32), from))
        }
        if (left < 32) word &= bytes32(type(uint256).max << (8 * (32 - left)));
    }
}
