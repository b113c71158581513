// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IHub} from "./IHub.sol";

/// @title What a courier calls
/// @notice An implementation must check that the sender is the courier that it ordered from, and that it knows the
/// request. Each request's delivery calls one of the two functions, with exactly the gas ordered and no ether, until it
/// returns, which it does at most once. What it returns or reverts with is of no account.
interface IOpmlConsumer {
    /// @notice The request is final.
    /// @param outcome The hub's `result`, final. A failed trace has `failed` set and an empty output; an output of more
    /// than 1024 bytes is not inside, only its length and root.
    /// @param data What was ordered to be handed through.
    function onResult(bytes32 requestId, IHub.Outcome calldata outcome, bytes calldata data) external;

    /// @notice The request was cancelled or reclaimed: fee and work burn are in the requester's credit at the hub, and
    /// there will be no result.
    function onRefunded(bytes32 requestId, bytes calldata data) external;
}
