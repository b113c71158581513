// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {ICourier} from "../ICourier.sol";
import {IHub} from "../IHub.sol";
import {OpmlConsumer} from "../OpmlConsumer.sol";
import {OpmlOutput} from "../OpmlOutput.sol";
import {OpmlPart} from "../OpmlPart.sol";
import {OpmlPicture} from "../OpmlPicture.sol";
import {OpmlRequest} from "../OpmlRequest.sol";

/// @title Worlds, scenes and characters with verified artefacts
/// @notice Users create worlds, scenes in worlds and characters in scenes. Each is described in words, and a model makes
/// its artefact (a picture, a text) of the words; the artefact is attached when it is final, by length and root, and cannot
/// be changed. Who has the artefact's bytes can prove them here: all of them (`isArtefact`), or a row, a rectangle, a pixel
/// of a picture and any bytes of anything else, each by a proof that the chain can pay for.
contract SceneRegistry is OpmlConsumer {
    /// @notice What an entry is. Each is inside one of the kind before it.
    enum Kind {
        World,
        Scene,
        Character
    }

    /// @notice How far an entry's artefact is.
    enum Status {
        None,
        Waiting,
        Attached,
        /// The model has failed, or nobody answered: the creator may try again.
        Missing
    }

    /// @notice An entry.
    struct Entry {
        Kind kind;
        Status status;
        address creator;
        /// The world of a scene, the scene of a character; 0 for a world.
        uint64 parent;
        string name;
        /// What the artefact is made of.
        string description;
        /// The request that the artefact comes from.
        bytes32 requestId;
        /// Bytes of the artefact.
        uint32 length;
        /// Root of its output region.
        bytes32 root;
    }

    /// @notice Gas for an artefact to be attached.
    uint64 public constant GAS = 200_000;

    /// @notice The model of each kind.
    mapping(Kind => bytes32) public modelOf;
    /// @notice What pictures of each kind measure; zeros where the model makes none.
    mapping(Kind => OpmlPicture.Size) public sizeOf;
    /// @notice Entries so far; they are numbered from 1.
    uint64 public count;
    mapping(uint64 id => Entry) private _entries;
    /// Sizes of the output regions of the models, as powers of two: nothing of a model changes.
    mapping(Kind => uint8) private _outputLog2;

    /// @notice An entry was made, or its artefact is asked for again.
    event Created(
        uint64 indexed id, address indexed creator, Kind kind, uint64 indexed parent, bytes32 requestId
    );
    /// @notice An entry has its artefact.
    event ArtefactAttached(uint64 indexed id, bytes32 indexed requestId, uint32 length, bytes32 root);
    /// @notice There is no artefact.
    event ArtefactMissing(uint64 indexed id, bytes32 indexed requestId);

    /// @notice There is no such entry.
    error UnknownEntry(uint64 id);
    /// @notice The parent is not of the kind before.
    error WrongParent(uint64 parent, Kind kind);
    /// @notice Only the creator may, and only while there is no artefact.
    error CannotRetry(uint64 id, address creator, Status status);
    /// @notice The entry has no artefact.
    error NoArtefact(uint64 id, Status status);
    /// @notice The artefact has not the bytes of a picture of its kind's size.
    error NotAPicture(uint64 id, uint32 length, uint256 want);

    /// @param models Of worlds, scenes and characters; registered.
    /// @param sizes What the pictures measure that they make; zeros for a model that makes something else.
    constructor(ICourier courier, bytes32[3] memory models, OpmlPicture.Size[3] memory sizes)
        OpmlConsumer(courier)
    {
        for (uint8 kind = 0; kind < 3; kind++) {
            (modelOf[Kind(kind)], sizeOf[Kind(kind)]) = (models[kind], sizes[kind]);
            (IHub.Model memory model,,) = HUB.getModel(models[kind]);
            _outputLog2[Kind(kind)] = model.outputLog2;
        }
    }

    /// @notice Makes an entry and asks for its artefact. The value must be `estimate(kind, settings.iterations)`.
    /// @param parent The world of a scene, the scene of a character, 0 for a world.
    function create(
        Kind kind,
        uint64 parent,
        string calldata name,
        string calldata description,
        OpmlRequest.Settings calldata settings
    ) external payable returns (uint64 id) {
        _checkParent(kind, parent);
        id = ++count;
        Entry storage entry = _entries[id];
        (entry.kind, entry.creator, entry.parent) = (kind, msg.sender, parent);
        (entry.name, entry.description) = (name, description);
        _generate(id, settings);
    }

    /// @notice Asks once more for an artefact that there is not, with other settings perhaps. Costs as much as `create`.
    function retry(uint64 id, OpmlRequest.Settings calldata settings) external payable {
        Entry storage entry = _known(id);
        if (entry.creator != msg.sender || entry.status != Status.Missing) {
            revert CannotRetry(id, entry.creator, entry.status);
        }
        _generate(id, settings);
    }

    /// @notice What an artefact costs, in wei.
    function estimate(Kind kind, uint32 iterations) external view returns (uint256) {
        return _price(modelOf[kind], iterations, GAS);
    }

    /// @notice An entry.
    function entryOf(uint64 id) external view returns (Entry memory) {
        return _known(id);
    }

    /// @notice Whether these bytes are the entry's artefact.
    function isArtefact(uint64 id, bytes calldata artefact) external view returns (bool) {
        Entry storage entry = _known(id);
        if (entry.status != Status.Attached || entry.length != artefact.length) return false;
        return OpmlOutput.root(artefact, _outputLog2[entry.kind]) == entry.root;
    }

    /// @notice The row `y` of the entry's picture, a byte for each channel of each pixel. As all that follows it is proven
    /// by `opml model prove-part`, and reverts unless it is so.
    function rowOf(uint64 id, uint32 y, OpmlPart.Proof calldata proof) external view returns (bytes memory) {
        return OpmlPart.read(_artefact(id), OpmlPicture.row(_pictureSize(id), y), proof);
    }

    /// @notice A rectangle of the entry's picture, row by row.
    function tileOf(uint64 id, OpmlPicture.Tile calldata tile, OpmlPart.Proof calldata proof)
        external
        view
        returns (bytes memory)
    {
        return OpmlPart.read(_artefact(id), OpmlPicture.tile(_pictureSize(id), tile), proof);
    }

    /// @notice The pixel of the entry's picture in column `x` of row `y`.
    function pixelOf(uint64 id, uint32 x, uint32 y, OpmlPart.Proof calldata proof)
        external
        view
        returns (bytes memory)
    {
        return OpmlPart.read(_artefact(id), OpmlPicture.pixel(_pictureSize(id), x, y), proof);
    }

    /// @notice `length` bytes of the entry's artefact, whatever it is, from byte `offset` on.
    function bytesOf(uint64 id, uint256 offset, uint256 length, OpmlPart.Proof calldata proof)
        external
        view
        returns (bytes memory)
    {
        return OpmlPart.read(_artefact(id), OpmlPart.Runs(offset, length, length, 1), proof);
    }

    function _artefact(uint64 id) private view returns (OpmlPart.Output memory) {
        Entry storage entry = _known(id);
        if (entry.status != Status.Attached) revert NoArtefact(id, entry.status);
        return OpmlPart.Output(entry.root, entry.length, _outputLog2[entry.kind]);
    }

    function _pictureSize(uint64 id) private view returns (OpmlPicture.Size memory size) {
        Entry storage entry = _known(id);
        size = sizeOf[entry.kind];
        uint256 want = OpmlPicture.bytesOf(size);
        if (want == 0 || entry.length != want) revert NotAPicture(id, entry.length, want);
    }

    function _generate(uint64 id, OpmlRequest.Settings calldata settings) private {
        Entry storage entry = _entries[id];
        bytes memory request = OpmlRequest.encode(bytes(entry.description), settings);
        entry.requestId = _ask(modelOf[entry.kind], request, GAS, abi.encode(id));
        entry.status = Status.Waiting;
        emit Created(id, entry.creator, entry.kind, entry.parent, entry.requestId);
    }

    function _checkParent(Kind kind, uint64 parent) private view {
        if (kind == Kind.World) {
            if (parent != 0) revert WrongParent(parent, kind);
        } else if (uint8(_known(parent).kind) + 1 != uint8(kind)) {
            revert WrongParent(parent, kind);
        }
    }

    function _known(uint64 id) private view returns (Entry storage entry) {
        if (id == 0 || id > count) revert UnknownEntry(id);
        return _entries[id];
    }

    function _onResult(bytes32 requestId, address, IHub.Outcome memory outcome, bytes memory data)
        internal
        override
    {
        uint64 id = abi.decode(data, (uint64));
        if (outcome.failed) return _missing(id, requestId);
        Entry storage entry = _entries[id];
        (entry.status, entry.length, entry.root) = (Status.Attached, outcome.outputLength, outcome.outputRoot);
        emit ArtefactAttached(id, requestId, outcome.outputLength, outcome.outputRoot);
    }

    function _onRefund(bytes32 requestId, address, bytes memory data) internal override {
        _missing(abi.decode(data, (uint64)), requestId);
    }

    function _missing(uint64 id, bytes32 requestId) private {
        _entries[id].status = Status.Missing;
        emit ArtefactMissing(id, requestId);
    }
}
