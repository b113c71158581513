// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @title Many claims in one transaction
/// @notice A server answers several requests of a hub at once. Each item becomes a claim of the sender's with its own
/// bond, window and games, as if it had been made by the hub's `claim`: each can be challenged by itself, and nothing that
/// happens to one concerns another. An item is named by the batch's root and its index.
///
/// Holds no ether: what is sent is what the bonds take. A server allows this contract once at the hub, by `allowPayer`; it
/// claims in nobody's name but its caller's.
///
/// All or none: a request that is cancelled or answered for good in the meantime undoes the batch. Only a request that
/// the server has accepted at the hub is safe from that.
/// @dev Byte by byte: docs/spec.md, section "Batch".
interface IBatch {
    /// @notice An answer, as the hub's `claim` takes it.
    struct Item {
        bytes32 requestId;
        /// Encoded state, halted or failed.
        bytes finalState;
        /// The output; empty for a failed state, or if it is claimed by its root, as in `IHub.claim`.
        bytes output;
        /// Siblings of the output region in the state's memory; empty for a failed state. By root: as in `IHub.claim`.
        bytes path;
    }

    /// @notice The contract works from here on.
    event Initialized(address hub, uint256 bond);
    /// @notice A batch was claimed: item i is claim `claimIds[i]`.
    /// @param root Merkle root of the items' hashes, zeros behind them up to 32.
    event Batched(bytes32 indexed root, address indexed server, bytes32[] claimIds);

    /// @notice No function has this selector.
    error UnknownSelector(bytes4 selector);
    /// @notice Calldata does not encode the function's arguments.
    error BadCalldata();
    /// @notice The function takes no ether.
    error ValueNotAccepted(uint256 value);
    /// @notice The contract was initialised before.
    error AlreadyInitialized();
    /// @notice The sender did not create this contract with this nonce.
    error NotCreator(address sender, uint64 nonce);
    /// @notice There is no hub at the address, or it is not initialised.
    error NoHub(address hub);
    /// @notice A batch has 1 to 32 items.
    error BadCount(uint256 count, uint256 most);
    /// @notice The value is not the bonds' sum.
    error WrongValue(uint256 have, uint256 want);
    /// @notice The hub refused an item, and so the whole batch is.
    /// @param reason What the hub reverted with.
    error BadItem(uint256 index, bytes reason);

    /// @notice Fixes the hub, once. Only the account that created this contract by CREATE: `creationNonce` is the nonce
    /// that it had then. The hub must be initialised before.
    function initialize(uint64 creationNonce, address hub) external;

    /// @notice The hub, and the bond that it takes for a claim; zeros before.
    function configuration() external view returns (address hub, uint256 bond);

    /// @notice Claims all items for the sender. The value is exactly the bond times their number. All or none.
    /// @return root Merkle root of the items' hashes.
    /// @return claimIds The claims, in order.
    function claimMany(Item[] calldata items)
        external
        payable
        returns (bytes32 root, bytes32[] memory claimIds);
}
