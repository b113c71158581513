// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ICourier} from "./ICourier.sol";
import {IHub} from "./IHub.sol";
import {IOpmlConsumer} from "./IOpmlConsumer.sol";
import {OpmlRequest} from "./OpmlRequest.sol";

/// @title A contract that asks models
/// @notice Base of contracts that use results. A request is paid for by whoever has it made, with exactly `_price`; its
/// result arrives once, when it is final and no longer before. If there will be none, what was paid at the hub is the
/// payer's to take out.
///
/// What an heir has to do: ask by `_ask`, and say in `_onResult` and `_onRefund` what follows. Neither may be
/// expected to run with more gas than was ordered. If it runs out of that, or reverts, anybody may have it delivered again,
/// or call `recover`, which does the same with as much gas as its caller gives.
abstract contract OpmlConsumer is IOpmlConsumer {
    /// @notice A request that waits for its result.
    struct Pending {
        /// Who has paid.
        address payer;
        /// Wei that come back from the hub if there is no result.
        uint96 paid;
    }

    /// @notice The hub that is asked.
    IHub public immutable HUB;
    /// @notice Who delivers.
    ICourier public immutable COURIER;

    /// @notice Requests that wait.
    mapping(bytes32 requestId => Pending) public pending;
    /// @notice Wei of refunds that an account can take out.
    mapping(address account => uint256) public refundOf;

    /// @notice Somebody may take out what a request has cost at the hub.
    event RefundDue(bytes32 indexed requestId, address indexed account, uint256 amount);

    /// @notice The courier is not initialised.
    error NoCourier(address courier);
    /// @notice The value sent is not the price.
    error WrongPayment(uint256 have, uint256 want);
    /// @notice Only the courier delivers.
    error NotCourier(address caller);
    /// @notice The request is not one of this contract's, or its result has arrived before.
    error NotPending(bytes32 requestId);
    /// @notice The request has no final result.
    error NotFinal(bytes32 requestId);
    /// @notice No delivery has been tried yet.
    error NotDelivered(bytes32 requestId);

    /// @param courier Initialised: it knows the hub.
    constructor(ICourier courier) {
        (address hub,) = courier.configuration();
        if (hub == address(0)) revert NoCourier(address(courier));
        HUB = IHub(hub);
        COURIER = courier;
    }

    // ---- deliveries ------------------------------------------------------------------------------------------

    /// @inheritdoc IOpmlConsumer
    function onResult(bytes32 requestId, IHub.Outcome calldata outcome, bytes calldata data) external {
        if (msg.sender != address(COURIER)) revert NotCourier(msg.sender);
        _finish(requestId, outcome, data);
    }

    /// @inheritdoc IOpmlConsumer
    function onRefunded(bytes32 requestId, bytes calldata data) external {
        if (msg.sender != address(COURIER)) revert NotCourier(msg.sender);
        _refund(requestId, data);
    }

    /// @notice Does what a delivery should have done that has failed. Anyone, until it succeeds.
    function recover(bytes32 requestId) external {
        ICourier.Order memory order = COURIER.getOrder(requestId);
        if (order.status < ICourier.OrderStatus.Delivered) revert NotDelivered(requestId);
        if (HUB.getRequest(requestId).status == IHub.RequestStatus.Refunded) {
            _refund(requestId, order.data);
        } else {
            _finish(requestId, HUB.result(requestId), order.data);
        }
    }

    /// @notice Takes refunds of the sender out.
    function withdrawRefund(address to) external {
        _payRefund(msg.sender, to);
    }

    /// @notice Sends an account its refunds. Anyone: a contract may not know how to ask for them.
    function sendRefund(address account) external {
        _payRefund(account, account);
    }

    function _payRefund(address account, address to) private {
        uint256 amount = refundOf[account];
        refundOf[account] = 0;
        HUB.withdraw(to, amount);
    }

    function _finish(bytes32 requestId, IHub.Outcome memory outcome, bytes memory data) private {
        if (outcome.status != IHub.ResultStatus.Final) revert NotFinal(requestId);
        Pending memory was = _take(requestId);
        _onResult(requestId, was.payer, outcome, data);
    }

    function _refund(bytes32 requestId, bytes memory data) private {
        Pending memory was = _take(requestId);
        refundOf[was.payer] += was.paid;
        emit RefundDue(requestId, was.payer, was.paid);
        _onRefund(requestId, was.payer, data);
    }

    /// @dev From here on the request is done with, whatever is called.
    function _take(bytes32 requestId) private returns (Pending memory was) {
        was = pending[requestId];
        if (was.payer == address(0)) revert NotPending(requestId);
        delete pending[requestId];
    }

    // ---- for heirs -------------------------------------------------------------------------------------------

    /// @notice What follows from a result. `outcome.failed` may be set: then there is no output.
    /// @param payer Who has paid for the request.
    /// @param data What `_ask` was given.
    function _onResult(bytes32 requestId, address payer, IHub.Outcome memory outcome, bytes memory data)
        internal
        virtual;

    /// @notice What follows if there will be no result. The money is seen to.
    function _onRefund(bytes32 requestId, address payer, bytes memory data) internal virtual;

    /// @notice Asks a model in the sender's name. The value sent must be `_price`.
    /// @param request As `OpmlRequest.encode` makes it.
    /// @param gasLimit Gas that `onResult` or `onRefunded` get.
    /// @param data Handed through to `_onResult` and `_onRefund`, at most 1024 bytes.
    function _ask(bytes32 modelId, bytes memory request, uint64 gasLimit, bytes memory data)
        internal
        returns (bytes32 requestId)
    {
        uint256 atHub = _quote(modelId, OpmlRequest.iterationsOf(request));
        uint256 delivery = COURIER.price(gasLimit);
        if (msg.value != atHub + delivery) revert WrongPayment(msg.value, atHub + delivery);
        requestId = HUB.infer{value: atHub}(modelId, request);
        // Prices of the hub are below 2^128 wei, ether below 2^96.
        // forge-lint: disable-next-line(unsafe-typecast)
        pending[requestId] = Pending(msg.sender, uint96(atHub));
        COURIER.order{value: delivery}(requestId, address(this), gasLimit, data);
    }

    /// @notice Wei that `_ask` takes: fee and work burn at the hub, and the delivery.
    /// @param iterations As the request asks for them; 0 for the model's most.
    function _price(bytes32 modelId, uint32 iterations, uint64 gasLimit) internal view returns (uint256) {
        return _quote(modelId, iterations) + COURIER.price(gasLimit);
    }

    function _quote(bytes32 modelId, uint32 iterations) private view returns (uint256) {
        (uint256 fee, uint256 workBurn) = HUB.quote(modelId, iterations);
        return fee + workBurn;
    }
}
