// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Test} from "forge-std/Test.sol";
import {OpmlOutput} from "../../sol/OpmlOutput.sol";
import {OpmlPart} from "../../sol/OpmlPart.sol";
import {OpmlPicture} from "../../sol/OpmlPicture.sol";
import {Definition} from "./Definition.sol";

/// Rows, rectangles and pixels of pictures of any size, by proofs from whole trees. What reading costs is kept in
/// test/snapshots, and another cost is a failure; FORGE_SNAPSHOT_CHECK=false writes it anew.
contract PictureTest is Test {
    using Definition for Definition.Tree;

    /// A picture of some size, in the smallest region that holds it or a larger one.
    function _drawn(OpmlPicture.Size memory size, uint8 spare, uint256 seed)
        private
        pure
        returns (Definition.Tree memory)
    {
        bytes memory pixels = new bytes(OpmlPicture.bytesOf(size));
        for (uint256 i = 0; i < pixels.length; i++) {
            pixels[i] = bytes1(uint8((seed >> (i % 249)) % 256 + 7 * i));
        }
        uint8 log2Size = 5;
        while (32 << (log2Size - 5) < 32 + pixels.length) log2Size++;
        return Definition.tree(pixels, log2Size + spare);
    }

    function _anySize(uint256 seed) private pure returns (OpmlPicture.Size memory) {
        uint8 channels = uint8(1 + seed % 4);
        return OpmlPicture.Size(uint32(1 + (seed >> 8) % 23), uint32(1 + (seed >> 16) % 17), channels);
    }

    function _anyTile(OpmlPicture.Size memory size, uint256 seed)
        private
        pure
        returns (OpmlPicture.Tile memory area)
    {
        area.x = uint32((seed >> 24) % size.width);
        area.y = uint32((seed >> 32) % size.height);
        area.width = uint32(1 + (seed >> 40) % (size.width - area.x));
        area.height = uint32(1 + (seed >> 48) % (size.height - area.y));
    }

    function read(OpmlPart.Output memory output, OpmlPart.Runs memory runs, OpmlPart.Proof calldata proof)
        external
        pure
        returns (bytes memory)
    {
        return OpmlPart.read(output, runs, proof);
    }

    function tile(OpmlPicture.Size memory size, OpmlPicture.Tile memory area)
        external
        pure
        returns (OpmlPart.Runs memory)
    {
        return OpmlPicture.tile(size, area);
    }

    function testFuzz_root_isThatOfTheWholeTree(uint256 seed) public pure {
        Definition.Tree memory drawn = _drawn(_anySize(seed), uint8((seed >> 56) % 3), seed);
        assertEq(OpmlOutput.root(drawn.output, drawn.known().log2Size), drawn.root());
    }

    function testFuzz_tile_isThatOfThePicture(uint256 seed) public view {
        OpmlPicture.Size memory size = _anySize(seed);
        Definition.Tree memory drawn = _drawn(size, uint8((seed >> 56) % 3), seed);
        OpmlPicture.Tile memory area = _anyTile(size, seed);
        OpmlPart.Runs memory runs = OpmlPicture.tile(size, area);
        bytes memory pixels = this.read(drawn.known(), runs, drawn.proof(runs));
        assertEq(pixels.length, uint256(area.width) * area.height * size.channels);
        uint256 i;
        for (uint256 y = area.y; y < area.y + area.height; y++) {
            for (uint256 x = area.x; x < area.x + area.width; x++) {
                for (uint256 c = 0; c < size.channels; c++) {
                    assertEq(pixels[i++], drawn.output[(y * size.width + x) * size.channels + c]);
                }
            }
        }
    }

    function testFuzz_read_reverts_whenAnyBitIsAnother(uint256 seed, uint256 place) public {
        OpmlPicture.Size memory size = _anySize(seed);
        Definition.Tree memory drawn = _drawn(size, uint8((seed >> 56) % 3), seed);
        OpmlPart.Runs memory runs = OpmlPicture.tile(size, _anyTile(size, seed));
        OpmlPart.Proof memory proof = drawn.proof(runs);
        uint256 bits = 8 * (proof.leaves.length + 32 * proof.siblings.length);
        uint256 bit = bound(place, 0, bits - 1);
        if (bit < 8 * proof.leaves.length) {
            proof.leaves[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        } else {
            bit -= 8 * proof.leaves.length;
            proof.siblings[bit / 256] ^= bytes32(1 << (bit % 256));
        }
        vm.expectPartialRevert(OpmlPart.WrongRoot.selector);
        this.read(drawn.known(), runs, proof);
    }

    function testFuzz_read_reverts_whenItIsAnotherRow(uint256 seed) public {
        OpmlPicture.Size memory size = OpmlPicture.Size(32, uint32(2 + seed % 15), 1);
        Definition.Tree memory drawn = _drawn(size, 0, seed);
        uint32 y = uint32((seed >> 8) % size.height);
        uint32 other = (y + 1 + uint32((seed >> 16) % (size.height - 1))) % size.height;
        OpmlPart.Runs memory runs = OpmlPicture.row(size, y);
        OpmlPart.Proof memory wrong = drawn.proof(OpmlPicture.row(size, other));
        vm.expectRevert();
        this.read(drawn.known(), runs, wrong);
    }

    function testFuzz_read_reverts_whenASiblingIsMissingOrTooMuch(uint256 seed, bytes32 more) public {
        OpmlPicture.Size memory size = _anySize(seed);
        Definition.Tree memory drawn = _drawn(size, uint8((seed >> 56) % 3), seed);
        OpmlPart.Runs memory runs = OpmlPicture.tile(size, _anyTile(size, seed));
        OpmlPart.Proof memory proof = drawn.proof(runs);
        bytes32[] memory siblings = proof.siblings;
        proof.siblings = Definition.append(siblings, more);
        vm.expectRevert(abi.encodeWithSelector(OpmlPart.WrongSiblings.selector, siblings.length + 1));
        this.read(drawn.known(), runs, proof);
        // The length's leaf is beside every part.
        proof.siblings = new bytes32[](siblings.length - 1);
        for (uint256 i = 1; i < siblings.length; i++) {
            proof.siblings[i - 1] = siblings[i];
        }
        vm.expectRevert(abi.encodeWithSelector(OpmlPart.WrongSiblings.selector, siblings.length - 1));
        this.read(drawn.known(), runs, proof);
    }

    function test_tile_isWhereItsPixelsAre() public pure {
        OpmlPicture.Size memory size = OpmlPicture.Size(10, 4, 3);
        OpmlPart.Runs memory runs = OpmlPicture.tile(size, OpmlPicture.Tile(7, 1, 3, 3));
        assertEq(abi.encode(runs), abi.encode(OpmlPart.Runs(51, 9, 30, 3)));
        assertEq(abi.encode(OpmlPicture.row(size, 2)), abi.encode(OpmlPart.Runs(60, 30, 30, 1)));
        assertEq(abi.encode(OpmlPicture.pixel(size, 9, 3)), abi.encode(OpmlPart.Runs(117, 3, 30, 1)));
    }

    function test_tile_reverts_whenItIsNotInThePicture() public {
        OpmlPicture.Size memory size = OpmlPicture.Size(10, 4, 3);
        uint32 most = type(uint32).max;
        uint32[4][7] memory wrong = [
            [uint32(0), 4, 10, 1],
            [uint32(8), 0, 3, 1],
            [uint32(0), 0, 11, 1],
            [uint32(0), 0, 0, 1],
            [uint32(0), 0, 1, 0],
            [most, 0, 2, 1],
            [uint32(0), most, 1, most]
        ];
        for (uint256 i = 0; i < wrong.length; i++) {
            uint32[4] memory a = wrong[i];
            OpmlPicture.Tile memory area = OpmlPicture.Tile(a[0], a[1], a[2], a[3]);
            vm.expectRevert(abi.encodeWithSelector(OpmlPicture.OutsidePicture.selector, area, size));
            this.tile(size, area);
        }
    }

    function test_gas() public {
        OpmlPicture.Size memory size = OpmlPicture.Size(128, 128, 1);
        Definition.Tree memory drawn = _drawn(size, 0, 7);
        _measure(drawn, OpmlPicture.row(size, 77), "a row of 128 x 128 heights");
        _measure(
            drawn, OpmlPicture.tile(size, OpmlPicture.Tile(48, 80, 16, 16)), "16 x 16 of 128 x 128 heights"
        );
        _measure(drawn, OpmlPicture.pixel(size, 5, 99), "a pixel of 128 x 128 heights");
        size = OpmlPicture.Size(64, 64, 3);
        drawn = _drawn(size, 0, 7);
        _measure(drawn, OpmlPicture.row(size, 33), "a row of 64 x 64 colours");
        _measure(drawn, OpmlPicture.tile(size, OpmlPicture.Tile(8, 8, 8, 8)), "8 x 8 of 64 x 64 colours");
        _measure(drawn, OpmlPicture.pixel(size, 5, 50), "a pixel of 64 x 64 colours");
    }

    function _measure(Definition.Tree memory drawn, OpmlPart.Runs memory runs, string memory name) private {
        OpmlPart.Proof memory proof = drawn.proof(runs);
        OpmlPart.Output memory output = drawn.known();
        bytes memory got = this.read(output, runs, proof);
        vm.snapshotGasLastCall(name);
        assertEq(got, drawn.part(runs));
    }
}
