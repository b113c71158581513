// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IAIOracle, IAIOracleCallback, IAIOracleErrorCallback} from "./IAIOracle.sol";
import {ICourier} from "./ICourier.sol";
import {IHub} from "./IHub.sol";
import {OpmlConsumer} from "./OpmlConsumer.sol";
import {OpmlRequest} from "./OpmlRequest.sol";

/// @title ORA's oracle interface over a hub
/// @notice For contracts that were written for ORA's on-chain AI oracle: they take this contract's address for the
/// oracle's. Differences:
/// - a callback comes once, with a final result, never with one that can still change;
/// - a model's number is its id in the hub, as a number, and so is a request's; nobody maintains a list;
/// - there is an error callback, `aiOracleErrorCallback`;
/// - an output of more than 1024 bytes comes as its root and its length (36 bytes); `outcomeOf` says which it is.
///
/// Holds no ether and has no owner. Each request's callback gets exactly the gas that was asked for it. If one with a result
/// fails, all of the delivery is undone, and anybody may have it tried again: who delivers chooses the moment, and could choose one
/// in which the consumer is busy. So a callback returns at most once, and its events are there if it has.
contract OaoAdapter is IAIOracle, OpmlConsumer {
    /// @dev Who is to be called, with how much gas.
    struct Callback {
        address target;
        uint64 gasLimit;
    }

    /// @notice Gas of a delivery besides the callback's: two words of storage, the output copied and logged.
    uint64 public constant ADAPTER_GAS = 150_000;
    /// @dev Between the check of the gas and the call.
    uint256 private constant CALL_GAS = 12_000;

    /// @notice Callbacks of requests that wait.
    mapping(bytes32 requestId => Callback) public callbackOf;

    /// @notice There is no result, and will be none.
    /// @param told Whether the error callback has returned: contracts written for the oracle need not have one.
    event AICallbackError(address indexed account, uint256 indexed requestId, bool refunded, bool told);

    /// @notice The gas limit is larger than any block's.
    error GasLimitTooHigh(uint256 gasLimit);
    /// @notice Too little gas is left for the callback.
    error GasTooLow(uint256 have, uint256 want);
    /// @notice The callback has reverted or run out of gas.
    error CallbackFailed(address target);

    constructor(ICourier courier) OpmlConsumer(courier) {}

    /// @inheritdoc IAIOracle
    function requestCallback(
        uint256 modelId,
        bytes calldata input,
        address callbackContract,
        uint64 gasLimit,
        bytes calldata callbackData
    ) external payable returns (uint256) {
        OpmlRequest.Settings memory settings;
        bytes memory request = OpmlRequest.encode(input, settings);
        bytes32 requestId = _ask(bytes32(modelId), request, _ordered(gasLimit), callbackData);
        callbackOf[requestId] = Callback(callbackContract, gasLimit);
        emit AICallbackRequest(
            msg.sender, uint256(requestId), modelId, input, callbackContract, gasLimit, callbackData
        );
        return uint256(requestId);
    }

    /// @inheritdoc IAIOracle
    function estimateFee(uint256 modelId, uint256 gasLimit) external view returns (uint256) {
        return _price(bytes32(modelId), 0, _ordered(gasLimit));
    }

    /// @inheritdoc IAIOracle
    function isFinalized(uint256 requestId) external view returns (bool) {
        try HUB.result(bytes32(requestId)) returns (IHub.Outcome memory outcome) {
            return outcome.status == IHub.ResultStatus.Final;
        } catch {
            return false;
        }
    }

    /// @notice The result of a request with all that the hub says of it: provisional or final, failed, root and length.
    function outcomeOf(uint256 requestId) external view returns (IHub.Outcome memory) {
        return HUB.result(bytes32(requestId));
    }

    /// @dev Gas of a delivery, so that the callback gets all of its own: a call leaves one part of 64 behind.
    function _ordered(uint256 gasLimit) private pure returns (uint64) {
        if (gasLimit > type(uint32).max) revert GasLimitTooHigh(gasLimit);
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint64(gasLimit + gasLimit / 63 + 1) + ADAPTER_GAS;
    }

    function _onResult(bytes32 id, address payer, IHub.Outcome memory outcome, bytes memory data)
        internal
        override
    {
        if (outcome.failed) return _tell(id, payer, false, data);
        uint256 requestId = uint256(id);
        bytes memory output = outcome.output;
        if (outcome.outputLength > 1024) {
            output = abi.encodePacked(outcome.outputRoot, outcome.outputLength);
        }
        emit AICallbackResult(payer, requestId, msg.sender, output);
        (address target, bool success) =
            _call(id, abi.encodeCall(IAIOracleCallback.aiOracleCallback, (requestId, output, data)));
        if (!success) revert CallbackFailed(target);
    }

    function _onRefund(bytes32 id, address payer, bytes memory data) internal override {
        _tell(id, payer, true, data);
    }

    /// @dev Not undone if it fails: what is refunded is the payer's, whether its contract wants to know or not.
    function _tell(bytes32 id, address payer, bool refunded, bytes memory data) private {
        bytes memory call_ =
            abi.encodeCall(IAIOracleErrorCallback.aiOracleErrorCallback, (uint256(id), refunded, data));
        (, bool success) = _call(id, call_);
        emit AICallbackError(payer, uint256(id), refunded, success);
    }

    /// @dev The callback with exactly its gas; nothing that it returns is copied.
    function _call(bytes32 id, bytes memory data) private returns (address target, bool success) {
        Callback memory callback = callbackOf[id];
        delete callbackOf[id];
        uint256 gasLimit = callback.gasLimit;
        target = callback.target;
        if (target == address(0)) return (target, true);
        uint256 want = gasLimit + gasLimit / 63 + 1 + CALL_GAS;
        if (gasleft() < want) revert GasTooLow(gasleft(), want);
        assembly ("memory-safe") {
            success := call(gasLimit, target, 0, add(data, 32), mload(data), 0, 0)
        }
    }
}
