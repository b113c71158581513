// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ICourier} from "../ICourier.sol";
import {IHub} from "../IHub.sol";
import {OpmlConsumer} from "../OpmlConsumer.sol";
import {OpmlRequest} from "../OpmlRequest.sol";

/// @title Text in, text out
/// @notice Anybody asks one language model and finds the verified answer here.
contract PromptConsumer is OpmlConsumer {
    /// @notice How far an answer is. All but `Asked` are for good.
    enum Status {
        None,
        Asked,
        Answered,
        /// The model has failed on the prompt.
        Failed,
        /// Nobody has answered; the payer has what the hub was paid.
        Refunded
    }

    /// @notice A prompt with its answer.
    struct Entry {
        address asker;
        Status status;
        string prompt;
        /// Empty for an answer of more than 1024 bytes.
        string answer;
        /// Of an answer of any length.
        uint32 answerLength;
        bytes32 answerRoot;
    }

    /// @notice Gas for an answer of 1024 bytes to be stored.
    uint64 public constant GAS = 1_200_000;
    /// @notice The model.
    bytes32 public immutable MODEL;

    mapping(bytes32 requestId => Entry) private _entries;

    /// @notice A prompt was sent.
    event Asked(bytes32 indexed requestId, address indexed asker, string prompt);
    /// @notice A prompt is done with.
    event Done(bytes32 indexed requestId, Status status);

    constructor(ICourier courier, bytes32 model) OpmlConsumer(courier) {
        MODEL = model;
    }

    /// @notice Asks. The value must be `estimate(settings.iterations)`.
    function ask(string calldata prompt, OpmlRequest.Settings calldata settings)
        external
        payable
        returns (bytes32 requestId)
    {
        requestId = _ask(MODEL, OpmlRequest.encode(bytes(prompt), settings), GAS, "");
        Entry storage entry = _entries[requestId];
        (entry.asker, entry.status, entry.prompt) = (msg.sender, Status.Asked, prompt);
        emit Asked(requestId, msg.sender, prompt);
    }

    /// @notice What `ask` costs, in wei.
    function estimate(uint32 iterations) external view returns (uint256) {
        return _price(MODEL, iterations, GAS);
    }

    /// @notice A prompt and its answer.
    function entryOf(bytes32 requestId) external view returns (Entry memory) {
        return _entries[requestId];
    }

    function _onResult(bytes32 requestId, address, IHub.Outcome memory outcome, bytes memory)
        internal
        override
    {
        Entry storage entry = _entries[requestId];
        entry.status = outcome.failed ? Status.Failed : Status.Answered;
        (entry.answerLength, entry.answerRoot) = (outcome.outputLength, outcome.outputRoot);
        entry.answer = string(outcome.output);
        emit Done(requestId, entry.status);
    }

    function _onRefund(bytes32 requestId, address, bytes memory) internal override {
        _entries[requestId].status = Status.Refunded;
        emit Done(requestId, Status.Refunded);
    }
}
