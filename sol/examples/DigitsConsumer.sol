// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ICourier} from "../ICourier.sol";
import {IHub} from "../IHub.sol";
import {OpmlConsumer} from "../OpmlConsumer.sol";
import {OpmlRequest} from "../OpmlRequest.sol";

/// @title Handwritten digits, read on-chain
/// @notice Asks the model `models/digits` which digit a picture shows.
contract DigitsConsumer is OpmlConsumer {
    /// @notice What a picture shows.
    enum Reading {
        None,
        Waiting,
        /// `digitOf` is known.
        Known,
        /// There is no answer, and will be none.
        Unreadable
    }

    /// @notice Bytes of a picture: 28 rows of 28 grey levels, bright on dark.
    uint256 public constant PIXELS = 784;
    /// @notice Gas for the digit to be stored.
    uint64 public constant GAS = 120_000;
    /// @notice The model.
    bytes32 public immutable MODEL;

    /// @notice How far the reading of a picture is.
    mapping(bytes32 requestId => Reading) public readingOf;
    /// @notice The digit.
    mapping(bytes32 requestId => uint8) public digitOf;

    /// @notice A picture was read.
    event Read(bytes32 indexed requestId, Reading reading, uint8 digit);

    /// @notice A picture has 784 bytes.
    error NotAPicture(uint256 length);

    constructor(ICourier courier, bytes32 model) OpmlConsumer(courier) {
        MODEL = model;
    }

    /// @notice Has a picture read. The value must be `estimate()`.
    function read(bytes calldata picture) external payable returns (bytes32 requestId) {
        if (picture.length != PIXELS) revert NotAPicture(picture.length);
        OpmlRequest.Settings memory settings;
        requestId = _ask(MODEL, OpmlRequest.encode(picture, settings), GAS, "");
        readingOf[requestId] = Reading.Waiting;
    }

    /// @notice What `read` costs, in wei.
    function estimate() external view returns (uint256) {
        return _price(MODEL, 0, GAS);
    }

    /// @dev The output is the class as a little-endian word.
    function _onResult(bytes32 requestId, address, IHub.Outcome memory outcome, bytes memory)
        internal
        override
    {
        bytes memory output = outcome.output;
        if (output.length != 4 || uint8(output[0]) > 9) return _set(requestId, Reading.Unreadable, 0);
        _set(requestId, Reading.Known, uint8(output[0]));
    }

    function _onRefund(bytes32 requestId, address, bytes memory) internal override {
        _set(requestId, Reading.Unreadable, 0);
    }

    function _set(bytes32 requestId, Reading reading, uint8 digit) private {
        (readingOf[requestId], digitOf[requestId]) = (reading, digit);
        emit Read(requestId, reading, digit);
    }
}
