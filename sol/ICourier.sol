// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @title Delivery of results to the contracts that asked
/// @notice The requester of a hub's request orders its delivery and pays for it; once the hub says that the request is
/// final, or that its fee went back, anybody delivers and earns the pay. A delivery is one call of `IOpmlConsumer` with
/// exactly the gas ordered. Its function returns at most once. Where it reverts or runs out of gas, the delivery is paid
/// all the same, and can be tried again by anybody, for nothing: a deliverer chooses the moment, and could choose one in
/// which the consumer is busy. A consumer can always read the hub, delivered or not.
///
/// The courier has no rights anywhere: it calls nothing but those two functions, with no ether, at an address that its
/// orderer chose; nobody must take a call from it for more than that. It reads the hub by views.
///
/// Pay is credited and taken out by `withdraw`. At every point the balance is credits + pay of orders that wait; ether
/// that is forced in comes on top and never out.
///
/// From inside a delivery a consumer may call `order` and the views, the hub included; `deliver` and `withdraw` revert.
/// @dev Byte by byte: docs/spec.md, section "Courier".
interface ICourier {
    // ---- types -----------------------------------------------------------------------------------------------

    /// @notice Status of an order. `Delivered` is for good.
    enum OrderStatus {
        None,
        /// To be delivered as soon as the hub has a result.
        Waiting,
        /// The consumer's function has returned.
        Delivered,
        /// It has not; paid, and may be tried again.
        Failed
    }

    /// @notice An order.
    struct Order {
        /// Who is called.
        address callback;
        /// Gas that the call gets.
        uint64 gasLimit;
        OrderStatus status;
        /// What the deliverer earns, in wei.
        uint128 pay;
        /// Handed through to the consumer.
        bytes data;
    }

    // ---- events ----------------------------------------------------------------------------------------------

    /// @notice The courier works from here on.
    event Initialized(address hub, uint64 gasPrice);
    /// @notice A delivery was ordered.
    event Ordered(
        bytes32 indexed requestId,
        address indexed callback,
        address indexed requester,
        uint64 gasLimit,
        uint256 pay
    );
    /// @notice A consumer was called: for the last time, if its function returned.
    /// @param refunded Whether the consumer was told of a refund, not of a result.
    /// @param success Whether the consumer's function returned.
    event Delivered(bytes32 indexed requestId, address indexed deliverer, bool refunded, bool success);
    /// @notice Pay was taken out.
    event Withdrawn(address indexed account, address indexed to, uint256 amount);

    // ---- errors ----------------------------------------------------------------------------------------------

    /// @notice No function has this selector.
    error UnknownSelector(bytes4 selector);
    /// @notice Calldata does not encode the function's arguments, or an amount is not below 2^128.
    error BadCalldata();
    /// @notice The function takes no ether.
    error ValueNotAccepted(uint256 value);
    /// @notice The function cannot be called from inside a delivery.
    error Reentered();
    /// @notice The courier was initialised before.
    error AlreadyInitialized();
    /// @notice The sender did not create this contract with this nonce.
    error NotCreator(address sender, uint64 nonce);
    /// @notice There is no contract at the hub's address.
    error NoHub(address hub);
    /// @notice The hub did not answer: it is not a hub, knows no such request, or its activation has lapsed.
    error HubRefused(bytes reason);
    /// @notice The sender did not make the request.
    error NotRequester(address sender, address requester);
    /// @notice The delivery has been ordered before.
    error AlreadyOrdered(bytes32 requestId);
    /// @notice There is no contract at the address, or it is the hub or the courier.
    error BadCallback(address callback);
    /// @notice More gas than a delivery can get.
    error GasLimitTooHigh(uint64 gasLimit, uint64 most);
    /// @notice More data than an order can have.
    error DataTooLong(uint256 length, uint256 most);
    /// @notice The value does not cover `price(gasLimit)`.
    error PayTooLow(uint256 have, uint256 want);
    /// @notice There is no order for the request.
    error NotOrdered(bytes32 requestId);
    /// @notice The consumer's function has returned before.
    error AlreadyDelivered(bytes32 requestId);
    /// @notice The request is still open: it has no result, or a provisional one.
    error NotSettled(bytes32 requestId);
    /// @notice The transaction has not gas enough to give the consumer all that was ordered; nothing has happened.
    error GasTooLow(uint64 have, uint64 want);
    /// @notice The credit does not cover the amount.
    error InsufficientFunds(address account, uint256 have, uint256 want);
    /// @notice The receiver did not take the payment.
    error PaymentRefused(address to, uint256 amount);

    // ---- set-up ----------------------------------------------------------------------------------------------

    /// @notice Fixes hub and price, once. Only the account that created this contract by CREATE: `creationNonce` is the
    /// nonce that it had then.
    /// @param gasPrice Wei that an order pays at least for each gas.
    function initialize(uint64 creationNonce, address hub, uint64 gasPrice) external;

    /// @notice What `initialize` was called with; zeros before.
    function configuration() external view returns (address hub, uint64 gasPrice);

    // ---- orders ----------------------------------------------------------------------------------------------

    /// @notice Least pay of an order: the gas price times the gas limit and what a delivery takes besides it.
    function price(uint64 gasLimit) external view returns (uint256);

    /// @notice Orders the delivery of a request's result; only its requester, once. The value sent is the deliverer's
    /// pay, all of it.
    /// @param callback Who is called; implements `IOpmlConsumer`.
    /// @param gasLimit Gas that the call gets, at most 10,000,000.
    /// @param data Handed through to the consumer, at most 1024 bytes.
    function order(bytes32 requestId, address callback, uint64 gasLimit, bytes calldata data) external payable;

    /// @notice Delivers: `onResult` if the request is final, `onRefunded` if its fee went back. Anyone, until it succeeds;
    /// the first one earns the pay. The transaction needs 64/63 of the gas limit and a little more behind what was used
    /// so far, else it reverts.
    function deliver(bytes32 requestId) external returns (bool success);

    /// @notice An order; zeros if there is none. `data` is kept after the delivery too.
    function getOrder(bytes32 requestId) external view returns (Order memory);

    // ---- money -----------------------------------------------------------------------------------------------

    /// @notice Takes pay of the sender out.
    function withdraw(address to, uint256 amount) external;

    /// @notice What an account has earned and not taken out, in wei.
    function creditOf(address account) external view returns (uint256);
}
