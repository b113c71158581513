// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// A leaf that has been written. Every other leaf of the memory is zero.
struct Leaf {
    /// Address divided by 32.
    uint32 index;
    bytes32 value;
}

/// The machine's 2^32 bytes, of which a few leaves are not zero.
struct MerkleMemory {
    Leaf[] leaves;
    uint256 used;
    /// Root of the zero subtree of each height.
    bytes32[28] zeros;
}

using MerkleMemoryLib for MerkleMemory global;

/// Sparse Merkle memory as docs/spec.md, section 1, defines it.
library MerkleMemoryLib {
    /// Levels between a leaf and the root.
    uint256 internal constant HEIGHT = 27;
    /// Most leaves that can be written.
    uint256 internal constant CAPACITY = 8;

    error MemoryIsFull();

    /// Memory that is zero.
    function create() internal pure returns (MerkleMemory memory m) {
        m.leaves = new Leaf[](CAPACITY);
        for (uint256 height = 1; height <= HEIGHT; height++) {
            m.zeros[height] = keccak256(abi.encode(m.zeros[height - 1], m.zeros[height - 1]));
        }
    }

    function leafAt(MerkleMemory memory m, uint32 target) internal pure returns (bytes32) {
        (bool found, uint256 slot) = find(m, target / 32);
        return found ? m.leaves[slot].value : bytes32(0);
    }

    function setLeaf(MerkleMemory memory m, uint32 target, bytes32 value) internal pure {
        (bool found, uint256 slot) = find(m, target / 32);
        if (!found) {
            if (m.used == CAPACITY) revert MemoryIsFull();
            m.leaves[m.used++] = Leaf(target / 32, value);
        } else {
            m.leaves[slot].value = value;
        }
    }

    function byteAt(MerkleMemory memory m, uint32 target) internal pure returns (uint8) {
        return uint8(leafAt(m, target)[target % 32]);
    }

    function setByte(MerkleMemory memory m, uint32 target, uint8 value) internal pure {
        uint256 shift = 8 * (31 - uint256(target % 32));
        uint256 cleared = uint256(leafAt(m, target)) & ~(uint256(0xff) << shift);
        setLeaf(m, target, bytes32(cleared | (uint256(value) << shift)));
    }

    /// The little-endian number in the `size` bytes from `target` on.
    function read(MerkleMemory memory m, uint32 target, uint32 size) internal pure returns (uint32 value) {
        for (uint32 i = 0; i < size; i++) {
            value |= uint32(byteAt(m, target + i)) << (8 * i);
        }
    }

    /// Writes the low `size` bytes of `value`, lowest first.
    function write(MerkleMemory memory m, uint32 target, uint32 size, uint32 value) internal pure {
        for (uint32 i = 0; i < size; i++) {
            setByte(m, target + i, uint8(value >> (8 * i)));
        }
    }

    function root(MerkleMemory memory m) internal pure returns (bytes32) {
        return subtree(m, HEIGHT, 0);
    }

    /// The leaf of `target` and its path, 896 bytes.
    function prove(MerkleMemory memory m, uint32 target) internal pure returns (bytes memory proof) {
        uint256 index = target / 32;
        proof = new bytes(32 * (HEIGHT + 1));
        store(proof, 0, leafAt(m, target));
        for (uint256 height = 0; height < HEIGHT; height++) {
            store(proof, 32 * (height + 1), subtree(m, height, index ^ 1));
            index >>= 1;
        }
    }

    /// The root that a proof for `target` leads to, whatever it holds.
    function rootOf(bytes memory proof, uint32 target) internal pure returns (bytes32 node) {
        uint256 index = target / 32;
        node = load(proof, 0);
        for (uint256 height = 0; height < HEIGHT; height++) {
            bytes32 sibling = load(proof, 32 * (height + 1));
            node = index & 1 == 0 ? join(node, sibling) : join(sibling, node);
            index >>= 1;
        }
    }

    /// Root of the subtree of this height that has this index among those of its height.
    function subtree(MerkleMemory memory m, uint256 height, uint256 index) private pure returns (bytes32) {
        uint256 count;
        for (uint256 i = 0; i < m.used; i++) {
            if (m.leaves[i].index >> height == index) count++;
        }
        if (count == 0) return m.zeros[height];
        if (height == 0) return m.leaves[slotOf(m, index)].value;
        return join(subtree(m, height - 1, 2 * index), subtree(m, height - 1, 2 * index + 1));
    }

    function slotOf(MerkleMemory memory m, uint256 index) private pure returns (uint256 slot) {
        (, slot) = find(m, index);
    }

    function find(MerkleMemory memory m, uint256 index) private pure returns (bool, uint256) {
        for (uint256 i = 0; i < m.used; i++) {
            if (m.leaves[i].index == index) return (true, i);
        }
        return (false, 0);
    }

    function join(bytes32 left, bytes32 right) private pure returns (bytes32 node) {
        assembly ("memory-safe") {
            mstore(0, left)
            mstore(32, right)
            node := keccak256(0, 64)
        }
    }

    function store(bytes memory data, uint256 offset, bytes32 word) private pure {
        assembly ("memory-safe") {
            mstore(add(add(data, 32), offset), word)
        }
    }

    function load(bytes memory data, uint256 offset) private pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := mload(add(add(data, 32), offset))
        }
    }
}
