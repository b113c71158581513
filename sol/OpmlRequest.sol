// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @title Requests as bytes
/// @notice A request is a header of 128 bytes and the input: length of the input (4 bytes), four zeros, a seed (8), 28
/// parameters of 4 bytes, all little-endian. Byte by byte: docs/spec.md, section "Request".
library OpmlRequest {
    /// @notice How a model is to answer. Zeros are what the model does by itself.
    struct Settings {
        /// Where sampling starts from.
        uint64 seed;
        /// Bits of an IEEE-754 single: 0 is greedy, 0x3f800000 is 1.
        uint32 temperature;
        /// How many of the likeliest tokens are drawn from.
        uint32 topK;
        /// Most iterations (new tokens, denoising steps), which are paid for; 0 asks for the model's most.
        uint32 iterations;
        /// Bits of an IEEE-754 single.
        uint32 topP;
    }

    /// @notice The input is longer than a request can hold.
    error InputTooLong(uint256 length);
    /// @notice The bytes are shorter than a header.
    error NoHeader(uint256 length);

    uint256 private constant MAX_INPUT = (1 << 28) - 128;

    /// @notice Header and input.
    function encode(bytes memory input, Settings memory settings) internal pure returns (bytes memory) {
        if (input.length > MAX_INPUT) revert InputTooLong(input.length);
        // Parameters 0 to 3; the 24 others are as the model has them by itself.
        bytes memory params = abi.encodePacked(
            _swap(settings.temperature),
            _swap(settings.topK),
            _swap(settings.iterations),
            _swap(settings.topP),
            new bytes(96)
        );
        bytes4 seedLow = _swap(uint32(settings.seed));
        bytes4 seedHigh = _swap(uint32(settings.seed >> 32));
        // forge-lint: disable-next-line(unsafe-typecast)
        bytes4 length = _swap(uint32(input.length));
        return abi.encodePacked(length, bytes4(0), seedLow, seedHigh, params, input);
    }

    /// @notice Iterations that a request asks for; 0 asks for the model's most.
    function iterationsOf(bytes memory request) internal pure returns (uint32) {
        if (request.length < 128) revert NoHeader(request.length);
        bytes4 word;
        // Parameter 2 stands behind 16 bytes and two parameters.
        assembly ("memory-safe") {
            word := mload(add(request, 56))
        }
        return uint32(_swap(uint32(word)));
    }

    /// @dev The four bytes in the other order.
    function _swap(uint32 value) private pure returns (bytes4) {
        value = (value & 0xff00ff00) >> 8 | (value & 0x00ff00ff) << 8;
        return bytes4(value >> 16 | value << 16);
    }
}
