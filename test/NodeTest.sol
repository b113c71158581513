// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Test} from "forge-std/Test.sol";
import {IStepVerifier} from "../sol/IStepVerifier.sol";

/// Tests of the compiled step contract on a node. Forge's own EVM runs no WebAssembly, so every call is an
/// `eth_call` over JSON-RPC.
///
/// OPML_RPC_URL  where the node is, `http://127.0.0.1:8547` unless said otherwise
/// OPML_STEP     address of the step contract there
abstract contract NodeTest is Test {
    string private constant DEFAULT_URL = "http://127.0.0.1:8547";
    string private constant ADVICE =
        "run `cargo xtask forge`, or start `opml devnet`, deploy the step contract (docs/clients.md) and name its address in OPML_STEP";
    /// What every Stylus contract's code starts with.
    bytes4 private constant STYLUS_PREFIX = 0xeff00000;

    string private url;
    /// The step contract on the node. Only selectors are taken from this type; forge cannot call it.
    address internal step;

    /// A result that is not what an `eth_call` can return.
    error RpcFailed(string message);

    function setUp() public virtual {
        url = vm.envOr("OPML_RPC_URL", DEFAULT_URL);
        step = vm.envOr("OPML_STEP", address(0));
        require(step != address(0), string.concat("OPML_STEP is not set: ", ADVICE));
        string memory params = string.concat("[\"", vm.toString(step), "\",\"latest\"]");
        try vm.rpc(url, "eth_getCode", params) returns (bytes memory code) {
            require(bytes4(code) == STYLUS_PREFIX, string.concat("no Stylus contract at OPML_STEP: ", ADVICE));
        } catch {
            revert(string.concat("no node answers at ", url, ": ", ADVICE));
        }
    }

    /// Calls the step contract: returned data, or the data that it reverted with.
    function _call(bytes memory data) internal returns (bool success, bytes memory result) {
        return _ethCall(string.concat("[{", _target(data), "},\"latest\"]"));
    }

    /// The same with ether, from an account that has it for the length of the call.
    function _callWithValue(bytes memory data, uint256 value)
        internal
        returns (bool success, bytes memory result)
    {
        string memory from = vm.toString(makeAddr("rich"));
        string memory ether_ = string.concat("\"", _quantity(value), "\"");
        string memory call = string.concat(_target(data), ",\"from\":\"", from, "\",\"value\":", ether_);
        string memory rich = string.concat("{\"", from, "\":{\"balance\":", ether_, "}}");
        return _ethCall(string.concat("[{", call, "},\"latest\",", rich, "]"));
    }

    function _target(bytes memory data) private view returns (string memory) {
        return string.concat("\"to\":\"", vm.toString(step), "\",\"data\":\"", vm.toString(data), "\"");
    }

    function _ethCall(string memory params) private returns (bool success, bytes memory result) {
        try vm.rpc(url, "eth_call", params) returns (bytes memory returned) {
            return (true, returned);
        } catch (bytes memory failure) {
            return (false, _revertData(failure));
        }
    }

    /// Expects the call to return `want`.
    function _expectReturn(bytes memory data, bytes memory want) internal {
        (bool success, bytes memory result) = _call(data);
        assertTrue(success, string.concat("reverted with ", vm.toString(result)));
        assertEq(result, want, "returned data");
    }

    /// Expects the call to revert with exactly this error.
    function _expectRevert(bytes memory data, bytes memory want) internal {
        (bool success, bytes memory result) = _call(data);
        assertFalse(success, string.concat("returned ", vm.toString(result)));
        assertEq(result, want, "error");
    }

    /// A number as JSON-RPC writes it: hexadecimal without leading zeros.
    function _quantity(uint256 value) private pure returns (string memory) {
        bytes memory digits = bytes(vm.toString(bytes32(value)));
        uint256 start = 2;
        while (start < 65 && digits[start] == "0") start++;
        bytes memory out = "0x";
        for (uint256 i = start; i < 66; i++) {
            out = bytes.concat(out, digits[i]);
        }
        return string(out);
    }

    /// The revert data in the message that `vm.rpc` fails with: `... data: "0x..."`.
    function _revertData(bytes memory failure) private pure returns (bytes memory) {
        string memory message = abi.decode(_behindSelector(failure), (string));
        string[] memory parts = vm.split(message, "data: \"");
        if (parts.length != 2) revert RpcFailed(message);
        return vm.parseBytes(vm.split(parts[1], "\"")[0]);
    }

    function _behindSelector(bytes memory data) private pure returns (bytes memory out) {
        out = new bytes(data.length - 4);
        for (uint256 i = 0; i < out.length; i++) {
            out[i] = data[i + 4];
        }
    }
}
