// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Test} from "forge-std/Test.sol";
import {OpmlOutput} from "../../sol/OpmlOutput.sol";
import {OpmlPart} from "../../sol/OpmlPart.sol";

/// Parts of an output of a hundred bytes, 1 to 100, in a region of eight leaves, by nodes written out one by one.
contract PartTest is Test {
    bytes32 private constant L0 = 0x6400000000000000000000000000000000000000000000000000000000000000;
    bytes32 private constant L1 = 0x0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20;
    bytes32 private constant L2 = 0x2122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f40;
    bytes32 private constant L3 = 0x4142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f60;
    bytes32 private constant L4 = 0x6162636400000000000000000000000000000000000000000000000000000000;

    bytes32 private immutable LEFT = _node(_node(L0, L1), _node(L2, L3));
    bytes32 private immutable RIGHT = _node(_node(L4, 0), _node(0, 0));

    function _node(bytes32 a, bytes32 b) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(a, b));
    }

    function _output() private view returns (OpmlPart.Output memory) {
        return OpmlPart.Output(_node(LEFT, RIGHT), 100, 8);
    }

    function _list(bytes32 a, bytes32 b, bytes32 c) private pure returns (bytes32[] memory list) {
        list = new bytes32[](3);
        (list[0], list[1], list[2]) = (a, b, c);
    }

    function _list(bytes32 a, bytes32 b) private pure returns (bytes32[] memory list) {
        list = new bytes32[](2);
        (list[0], list[1]) = (a, b);
    }

    function _list(bytes32 a) private pure returns (bytes32[] memory list) {
        list = new bytes32[](1);
        list[0] = a;
    }

    function _range(uint256 offset, uint256 length) private pure returns (OpmlPart.Runs memory) {
        return OpmlPart.Runs(offset, length, 0, 1);
    }

    function read(OpmlPart.Output memory output, OpmlPart.Runs memory runs, OpmlPart.Proof calldata proof)
        external
        pure
        returns (bytes memory)
    {
        return OpmlPart.read(output, runs, proof);
    }

    function _read(OpmlPart.Runs memory runs, bytes memory leaves, bytes32[] memory siblings)
        private
        view
        returns (bytes memory)
    {
        return this.read(_output(), runs, OpmlPart.Proof(leaves, siblings));
    }

    // ---- what is proven --------------------------------------------------------------------------------------

    function test_root_isThatOfTheTreeWrittenOut() public view {
        bytes memory output = new bytes(100);
        for (uint8 i = 0; i < 100; i++) {
            output[i] = bytes1(i + 1);
        }
        assertEq(OpmlOutput.root(output, 8), _output().root);
    }

    function test_read_givesARange() public view {
        assertEq(_read(_range(30, 4), bytes.concat(L1, L2), _list(L0, L3, RIGHT)), hex"1f202122");
        assertEq(_read(_range(99, 1), bytes.concat(L4), _list(LEFT)), hex"64");
        bytes memory end = bytes.concat(L3, L4);
        assertEq(_read(_range(93, 7), end, _list(L2, _node(L0, L1))), hex"5e5f6061626364");
        bytes memory whole = bytes.concat(L1, L2, L3);
        assertEq(_read(_range(0, 96), whole, _list(L0, RIGHT)), whole);
    }

    function test_read_givesRunsThatAreFarApart() public view {
        OpmlPart.Runs memory ends = OpmlPart.Runs(0, 2, 98, 2);
        assertEq(_read(ends, bytes.concat(L1, L4), _list(L0, _node(L2, L3))), hex"01026364");
    }

    function test_read_givesRunsThatShareLeaves() public view {
        OpmlPart.Runs memory columns = OpmlPart.Runs(7, 2, 8, 7);
        bytes memory want = hex"0809101118192021282930313839";
        assertEq(_read(columns, bytes.concat(L1, L2), _list(L0, L3, RIGHT)), want);
    }

    function test_read_givesRunsThatTouch() public view {
        OpmlPart.Runs memory touching = OpmlPart.Runs(28, 2, 2, 3);
        assertEq(_read(touching, bytes.concat(L1, L2), _list(L0, L3, RIGHT)), hex"1d1e1f202122");
    }

    // ---- what is refused -------------------------------------------------------------------------------------

    function test_read_reverts_whenAnyBitIsAnother() public {
        OpmlPart.Proof memory proof = OpmlPart.Proof(bytes.concat(L1, L2), _list(L0, L3, RIGHT));
        bytes memory encoded = abi.encodePacked(proof.leaves, proof.siblings);
        for (uint256 bit = 0; bit < 8 * encoded.length; bit++) {
            bytes memory wrong = bytes.concat(encoded);
            wrong[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
            _refused(_range(30, 4), _decoded(wrong, 64), OpmlPart.WrongRoot.selector);
        }
    }

    /// As many bytes of leaves, then siblings.
    function _decoded(bytes memory encoded, uint256 leaves)
        private
        view
        returns (OpmlPart.Proof memory proof)
    {
        return this.decoded(encoded, leaves);
    }

    function decoded(bytes calldata encoded, uint256 leaves)
        external
        pure
        returns (OpmlPart.Proof memory proof)
    {
        proof.leaves = encoded[:leaves];
        proof.siblings = new bytes32[]((encoded.length - leaves) / 32);
        for (uint256 i = 0; i < proof.siblings.length; i++) {
            proof.siblings[i] = bytes32(encoded[leaves + 32 * i:]);
        }
    }

    /// With some error of a kind.
    function _refused(OpmlPart.Runs memory runs, OpmlPart.Proof memory proof, bytes4 selector) private {
        vm.expectPartialRevert(selector);
        this.read(_output(), runs, proof);
    }

    function test_read_reverts_whenThePartIsElsewhere() public {
        OpmlPart.Proof memory proof = OpmlPart.Proof(bytes.concat(L3), _list(L2, _node(L0, L1), RIGHT));
        assertEq(this.read(_output(), _range(64, 32), proof), bytes.concat(L3));
        _refused(_range(0, 32), proof, OpmlPart.WrongRoot.selector);
        _refused(_range(32, 32), proof, OpmlPart.WrongRoot.selector);
        _refused(_range(96, 4), proof, OpmlPart.WrongSiblings.selector);
        // The same leaves with more bytes asked for than they hold, or fewer leaves than are there.
        _refused(_range(63, 2), proof, OpmlPart.WrongLeaves.selector);
        _refused(_range(64, 33), proof, OpmlPart.WrongLeaves.selector);
        _refused(_range(95, 2), proof, OpmlPart.WrongLeaves.selector);
    }

    function test_read_reverts_whenLeavesAreNotThoseOfThePart() public {
        bytes32[] memory siblings = _list(L0, L3, RIGHT);
        bytes[5] memory wrong;
        wrong[0] = "";
        wrong[1] = bytes.concat(L1);
        wrong[2] = bytes.concat(L1, L2, L3);
        wrong[3] = bytes.concat(L1, L2, hex"00");
        wrong[4] = bytes.concat(L1, bytes31(L2));
        for (uint256 i = 0; i < wrong.length; i++) {
            vm.expectRevert(abi.encodeWithSelector(OpmlPart.WrongLeaves.selector, wrong[i].length));
            _read(_range(30, 4), wrong[i], siblings);
        }
        _refused(_range(30, 4), OpmlPart.Proof(bytes.concat(L2, L1), siblings), OpmlPart.WrongRoot.selector);
    }

    function test_read_reverts_whenSiblingsAreMissingOrTooMany() public {
        bytes memory leaves = bytes.concat(L1, L2);
        vm.expectRevert(abi.encodeWithSelector(OpmlPart.WrongSiblings.selector, 0));
        _read(_range(30, 4), leaves, new bytes32[](0));
        vm.expectRevert(abi.encodeWithSelector(OpmlPart.WrongSiblings.selector, 2));
        _read(_range(30, 4), leaves, _list(L0, L3));
        vm.expectRevert(abi.encodeWithSelector(OpmlPart.WrongSiblings.selector, 2));
        _read(_range(99, 1), bytes.concat(L4), _list(LEFT, 0));
        // The zeros behind the output are not to be brought.
        vm.expectRevert(abi.encodeWithSelector(OpmlPart.WrongSiblings.selector, 3));
        _read(_range(99, 1), bytes.concat(L4), _list(0, _node(0, 0), LEFT));
    }

    function test_read_reverts_whenTheTreeHasAnotherHeight() public {
        OpmlPart.Proof memory proof = OpmlPart.Proof(bytes.concat(L1, L2), _list(L0, L3, RIGHT));
        OpmlPart.Output memory output = _output();
        output.log2Size = 9;
        vm.expectPartialRevert(OpmlPart.WrongRoot.selector);
        this.read(output, _range(30, 4), proof);
        output.log2Size = 7;
        vm.expectRevert(abi.encodeWithSelector(OpmlOutput.RegionTooSmall.selector, 100, 7));
        this.read(output, _range(30, 4), proof);
        // With less output in it, so that it fits: a level of the proof is left over.
        output.length = 96;
        vm.expectRevert(abi.encodeWithSelector(OpmlPart.WrongSiblings.selector, 3));
        this.read(output, _range(30, 4), proof);
        output.log2Size = 29;
        vm.expectRevert(abi.encodeWithSelector(OpmlOutput.RegionTooSmall.selector, 96, 29));
        this.read(output, _range(30, 4), proof);
    }

    function test_read_reverts_whenThePartEndsBehindTheOutput() public {
        OpmlPart.Proof memory proof = OpmlPart.Proof(bytes.concat(L4), _list(LEFT));
        uint256 most = type(uint256).max;
        uint256[4][9] memory wrong = [
            [uint256(99), 2, 0, 1],
            [uint256(100), 1, 0, 1],
            [uint256(0), 101, 0, 1],
            [uint256(0), 1, 50, 3],
            [most, 1, 0, 1],
            [uint256(1), most, 0, 1],
            [uint256(1), 1, most, 2],
            [uint256(1), 1, 1, most],
            [uint256(1), most, most, most]
        ];
        for (uint256 i = 0; i < wrong.length; i++) {
            uint256[4] memory runs = wrong[i];
            _refused(
                OpmlPart.Runs(runs[0], runs[1], runs[2], runs[3]), proof, OpmlPart.OutsideOutput.selector
            );
        }
        vm.expectRevert(abi.encodeWithSelector(OpmlPart.OutsideOutput.selector, 101, 100));
        this.read(_output(), _range(99, 2), proof);
    }

    function test_read_reverts_whenThereIsNoPart() public {
        OpmlPart.Proof memory none = OpmlPart.Proof("", _list(_output().root));
        uint256[3][3] memory wrong = [[uint256(0), 0, 1], [uint256(1), 0, 0], [uint256(2), 1, 2]];
        for (uint256 i = 0; i < wrong.length; i++) {
            uint256[3] memory runs = wrong[i];
            vm.expectRevert(abi.encodeWithSelector(OpmlPart.NoPart.selector, runs[0], runs[1], runs[2]));
            this.read(_output(), OpmlPart.Runs(0, runs[0], runs[1], runs[2]), none);
        }
    }
}
