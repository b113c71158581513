// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @title The public interface of ORA's on-chain AI oracle, as its consumers call it
interface IAIOracle {
    /// @notice A model was asked.
    event AICallbackRequest(
        address indexed account,
        uint256 indexed requestId,
        uint256 modelId,
        bytes input,
        address callbackContract,
        uint64 gasLimit,
        bytes callbackData
    );

    /// @notice A result has arrived.
    event AICallbackResult(address indexed account, uint256 indexed requestId, address invoker, bytes output);

    /// @notice Asks a model, and has the answer brought to a contract.
    /// @param callbackContract Implements `IAIOracleCallback`; zero for none.
    /// @param gasLimit Gas of the callback.
    /// @param callbackData Handed through to the callback.
    function requestCallback(
        uint256 modelId,
        bytes memory input,
        address callbackContract,
        uint64 gasLimit,
        bytes memory callbackData
    ) external payable returns (uint256 requestId);

    /// @notice Wei that `requestCallback` takes.
    function estimateFee(uint256 modelId, uint256 gasLimit) external view returns (uint256);

    /// @notice Whether the result of a request can no longer change.
    function isFinalized(uint256 requestId) external view returns (bool);
}

/// @title What the oracle calls
interface IAIOracleCallback {
    /// @notice The result of a request; once.
    function aiOracleCallback(uint256 requestId, bytes calldata output, bytes calldata callbackData) external;
}

/// @title What the oracle calls if there is no result
interface IAIOracleErrorCallback {
    /// @notice The model has failed on this input, or nobody answered in time and the fee came back; once, and instead of
    /// `aiOracleCallback`.
    /// @param refunded Whether the fee came back: `withdrawRefund` of the adapter pays it to whoever asked.
    function aiOracleErrorCallback(uint256 requestId, bool refunded, bytes calldata callbackData) external;
}
