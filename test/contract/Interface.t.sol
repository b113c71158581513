// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IStepVerifier} from "../../sol/IStepVerifier.sol";
import {StepTest, Scene} from "../StepTest.sol";
import {Machine} from "../model/Machine.sol";
import {GraphProvocations, Provocation} from "./Provocation.sol";

/// The written interface against the compiled contract, selector by selector. The lists of functions and errors
/// come from the compiler's output, so that nothing in the interface goes without an answer here.
contract InterfaceTest is StepTest {
    using Machine for IStepVerifier.MachineState;

    string private constant ARTIFACT = "target/forge/out/IStepVerifier.sol/IStepVerifier.json";

    function test_interface_everyFunctionIsAnswered() public {
        string[] memory functions = vm.parseJsonKeys(vm.readFile(ARTIFACT), ".methodIdentifiers");
        assertGt(functions.length, 0, "functions in the interface");
        for (uint256 i = 0; i < functions.length; i++) {
            bytes4 selector = bytes4(keccak256(bytes(functions[i])));
            (bool success, bytes memory result) = _call(abi.encodePacked(selector));
            bool known = success || bytes4(result) != IStepVerifier.UnknownSelector.selector;
            assertTrue(known, string.concat("the contract has no ", functions[i]));
        }
    }

    function test_interface_everyErrorIsRaised() public {
        string memory json = vm.readFile(ARTIFACT);
        Provocation[] memory machine = _provocations();
        Provocation[] memory graph = GraphProvocations.list();
        for (uint256 i = 0; vm.keyExistsJson(json, _entry(i, "")); i++) {
            if (!_same(vm.parseJsonString(json, _entry(i, ".type")), "error")) continue;
            string memory name = vm.parseJsonString(json, _entry(i, ".name"));
            bytes4 selector = _selector(json, i, name);
            bool known =
                _raise(machine, name, selector) || _raise(graph, name, selector) || _isUnreachable(name);
            assertTrue(known, string.concat("no call here leads to the error ", name));
        }
    }

    function testFuzz_call_reverts_whenSelectorIsUnknown(bytes4 selector, bytes calldata arguments) public {
        string[] memory functions = vm.parseJsonKeys(vm.readFile(ARTIFACT), ".methodIdentifiers");
        for (uint256 i = 0; i < functions.length; i++) {
            vm.assume(selector != bytes4(keccak256(bytes(functions[i]))));
        }
        bytes memory want = abi.encodeWithSelector(IStepVerifier.UnknownSelector.selector, selector);
        _expectRevert(bytes.concat(selector, arguments), want);
    }

    /// What is missing of a selector counts as zero.
    function testFuzz_call_reverts_whenSelectorIsCut(bytes4 selector, uint8 length) public {
        bytes memory call = _part(bytes.concat(selector), 0, length % 4);
        bytes memory want = abi.encodeWithSelector(IStepVerifier.UnknownSelector.selector, bytes4(call));
        _expectRevert(call, want);
    }

    function test_version_isMajorMinorPatch() public {
        (bool success, bytes memory result) = _call(abi.encodeCall(IStepVerifier.version, ()));
        assertTrue(success, "version");
        string[] memory parts = vm.split(abi.decode(result, (string)), ".");
        assertEq(parts.length, 3, "major.minor.patch");
        for (uint256 i = 0; i < 3; i++) {
            assertEq(vm.toString(vm.parseUint(parts[i])), parts[i], "a number");
        }
    }

    /// Expects the error of this name from the call that the list has for it, if it has one.
    function _raise(Provocation[] memory list, string memory name, bytes4 selector) private returns (bool) {
        for (uint256 i = 0; i < list.length; i++) {
            if (!_same(name, list[i].error_)) continue;
            bool ether_ = selector == IStepVerifier.ValueNotAccepted.selector;
            (bool success, bytes memory result) =
                ether_ ? _callWithValue(list[i].call, 1) : _call(list[i].call);
            assertFalse(success, string.concat("no error ", name));
            assertEq(bytes4(result), selector, name);
            return true;
        }
        return false;
    }

    /// Proofs are cut to their length before their path is looked at; no node takes 2^28 bytes of request.
    function _isUnreachable(string memory name) private pure returns (bool) {
        return _same(name, "WitnessPathLength") || _same(name, "RequestTooLong");
    }

    /// Calls for the errors of the MIPS machine's part, and of all calls.
    function _provocations() private pure returns (Provocation[] memory list) {
        Scene memory s = _scene(1, 0, 0);
        _place(s, 0);
        bytes memory witness = _witness(s);
        bytes memory step_ = _stepCall(s, witness);
        list = new Provocation[](12);
        list[0] = Provocation("ValueNotAccepted", step_);
        list[1] = Provocation("UnknownSelector", hex"00000001");
        list[2] = Provocation("CalldataTooShort", _part(step_, 0, 4));
        list[3] = Provocation("CalldataTooLong", bytes.concat(step_, hex"00"));
        list[4] = Provocation("OffsetNotCanonical", bytes.concat(_part(step_, 0, 4), new bytes(96)));
        list[5] = Provocation("PaddingNotZero", _padded());
        list[6] = Provocation("WitnessTooShort", _stepCall(s, ""));
        list[7] = Provocation("WitnessTooLong", _stepCall(s, bytes.concat(witness, witness)));
        list[8] = Provocation("WitnessWrongRoot", _stepCall(s, new bytes(896)));
        list[9] = Provocation("StateLength", abi.encodeCall(IStepVerifier.stateHash, ""));
        s.before.status = 3;
        list[10] = Provocation("StateStatus", _stepCall(s, witness));
        s.before.registers[0] = 1;
        s.before.status = 0;
        list[11] = Provocation("StateRegisterZero", _stepCall(s, witness));
    }

    /// One byte whose padding is not zero.
    function _padded() private pure returns (bytes memory) {
        bytes memory arguments = abi.encode(uint256(32), uint256(1), type(uint256).max);
        return bytes.concat(IStepVerifier.stateHash.selector, arguments);
    }

    /// The selector of an entry of the ABI, from its name and the types of its arguments.
    function _selector(string memory json, uint256 i, string memory name) private view returns (bytes4) {
        string memory types;
        for (uint256 k = 0; vm.keyExistsJson(json, _input(i, k, "")); k++) {
            string memory type_ = vm.parseJsonString(json, _input(i, k, ".type"));
            types = k == 0 ? type_ : string.concat(types, ",", type_);
        }
        return bytes4(keccak256(bytes(string.concat(name, "(", types, ")"))));
    }

    function _entry(uint256 i, string memory field) private pure returns (string memory) {
        return string.concat(".abi[", vm.toString(i), "]", field);
    }

    function _input(uint256 i, uint256 k, string memory field) private pure returns (string memory) {
        return string.concat(_entry(i, ".inputs["), vm.toString(k), "]", field);
    }

    function _same(string memory a, string memory b) private pure returns (bool) {
        return keccak256(bytes(a)) == keccak256(bytes(b));
    }
}
