// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Test} from "forge-std/Test.sol";
import {OpmlOutput} from "../../sol/OpmlOutput.sol";
import {OpmlRequest} from "../../sol/OpmlRequest.sol";

/// Requests and outputs as bytes, by the values that docs/spec.md gives for checking. What they cost is kept in
/// test/snapshots, and another cost is a failure; FORGE_SNAPSHOT_CHECK=false writes it anew.
contract LibrariesTest is Test {
    bytes private constant QUESTION = "What is seven times six?";
    bytes private constant ANSWER = "forty-two, as everybody knows by now";

    function _settings() private pure returns (OpmlRequest.Settings memory) {
        return OpmlRequest.Settings(0x0123456789abcdef, 0x3f000000, 40, 128, 0);
    }

    function test_encode_isHeaderAndInput() public pure {
        bytes memory request = OpmlRequest.encode(QUESTION, _settings());
        bytes memory want = bytes.concat(
            hex"1800000000000000efcdab89674523010000003f280000008000000000000000", new bytes(96), QUESTION
        );
        assertEq(request, want);
        assertEq(OpmlRequest.iterationsOf(request), 128);
    }

    function testFuzz_encode_hasLengthSeedAndParameters(bytes calldata input, OpmlRequest.Settings calldata s)
        public
        pure
    {
        bytes memory request = OpmlRequest.encode(input, s);
        assertEq(request.length, 128 + input.length);
        assertEq(_word(request, 0), input.length);
        assertEq(_word(request, 4), 0);
        assertEq(_word(request, 8) | _word(request, 12) << 32, s.seed);
        assertEq(_word(request, 16), s.temperature);
        assertEq(_word(request, 20), s.topK);
        assertEq(_word(request, 24), s.iterations);
        assertEq(_word(request, 28), s.topP);
        assertEq(OpmlRequest.iterationsOf(request), s.iterations);
        for (uint256 offset = 32; offset < 128; offset += 4) {
            assertEq(_word(request, offset), 0);
        }
        for (uint256 offset = 0; offset < input.length; offset++) {
            assertEq(request[128 + offset], input[offset]);
        }
    }

    function test_iterationsOf_reverts_whenThereIsNoHeader() public {
        vm.expectRevert(abi.encodeWithSelector(OpmlRequest.NoHeader.selector, 127));
        this.iterationsOf(new bytes(127));
    }

    function iterationsOf(bytes calldata request) external pure returns (uint32) {
        return OpmlRequest.iterationsOf(request);
    }

    function test_root_isThatOfTheSpecification() public pure {
        assertEq(
            OpmlOutput.root(ANSWER, 10), 0x7843026571d2092b3040c99da1ef9b9e492930c2752fe4f9d9d63c49bb6a0720
        );
    }

    /// Against the definition: a full tree over the whole region.
    function testFuzz_root_isThatOfTheWholeRegion(bytes calldata output) public pure {
        bytes memory memory_ = new bytes(2048);
        vm.assume(output.length <= 2048 - 32);
        for (uint256 i = 0; i < 4; i++) {
            // forge-lint: disable-next-line(unsafe-typecast)
            memory_[i] = bytes1(uint8(output.length >> (8 * i)));
        }
        for (uint256 i = 0; i < output.length; i++) {
            memory_[32 + i] = output[i];
        }
        bytes32[] memory row = new bytes32[](64);
        for (uint256 i = 0; i < 64; i++) {
            bytes32 leaf;
            assembly {
                leaf := mload(add(add(memory_, 32), mul(i, 32)))
            }
            row[i] = leaf;
        }
        for (uint256 width = 32; width > 0; width /= 2) {
            for (uint256 i = 0; i < width; i++) {
                row[i] = keccak256(abi.encodePacked(row[2 * i], row[2 * i + 1]));
            }
        }
        assertEq(OpmlOutput.root(output, 11), row[0]);
    }

    function test_root_reverts_whenTheOutputDoesNotFit() public {
        this.root(new bytes(992), 10);
        vm.expectRevert(abi.encodeWithSelector(OpmlOutput.RegionTooSmall.selector, 993, 10));
        this.root(new bytes(993), 10);
        vm.expectRevert(abi.encodeWithSelector(OpmlOutput.RegionTooSmall.selector, 0, 4));
        this.root("", 4);
    }

    function root(bytes calldata output, uint8 log2Size) external pure returns (bytes32) {
        return OpmlOutput.root(output, log2Size);
    }

    function encode(bytes calldata input) external pure returns (bytes memory) {
        return OpmlRequest.encode(input, _settings());
    }

    function test_gas() public {
        this.root(new bytes(1024), 11);
        vm.snapshotGasLastCall("root of 1024 bytes in 2^11");
        this.root(new bytes(4), 6);
        vm.snapshotGasLastCall("root of 4 bytes in 2^6");
        this.root(new bytes(4), 28);
        vm.snapshotGasLastCall("root of 4 bytes in 2^28");
        this.encode(new bytes(784));
        vm.snapshotGasLastCall("request of 784 bytes");
        this.encode(QUESTION);
        vm.snapshotGasLastCall("request of 24 bytes");
    }

    /// The little-endian word at an offset.
    function _word(bytes memory data, uint256 offset) private pure returns (uint64) {
        uint64 value;
        for (uint256 i = 4; i > 0; i--) {
            value = value << 8 | uint8(data[offset + i - 1]);
        }
        return value;
    }
}
