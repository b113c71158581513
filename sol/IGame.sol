// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @title Dispute games
/// @notice A challenger disputes a server's claim that 2^n steps of the graph machine lead from one state to
/// another. Both sides cut the range down in turns until one step is left, and the step decides.
///
/// Holds no ether and takes none. Only the hub opens games; only the side on turn moves; anyone may call
/// `timeout` and `settle`. Of a position only its hash is stored: a move brings the position that it answers along,
/// as the header and the hashes that the last `Moved` of the game had.
/// @dev Positions, moves and clocks: docs/spec.md, section 9. Calldata must be the canonical ABI encoding: arguments
/// in order, no gaps, zero padding, nothing behind. What the step verifier reverts with is passed on as it is, and so
/// is what the hub reverts with. A move that reverts changes nothing: its side is still on turn and its clock runs.
interface IGame {
    /// @notice A party of a game.
    enum Side {
        Server,
        Challenger
    }

    /// @notice What ended a game.
    enum Cause {
        /// The loser's clock ran out.
        Timeout,
        /// The loser claimed a wrong successor of a graph step that has no run.
        Concluded,
        /// The loser claimed a wrong successor of an instruction.
        Proven
    }

    /// @notice Where a game is.
    enum Status {
        None,
        Open,
        /// The opening move has won; the hub learns of it by `settle`.
        Unsettled,
        ChallengerWon,
        ServerWon
    }

    /// @notice What is kept of a game.
    struct Game {
        Status status;
        /// Who answers; of meaning only while the game is open, as all that follows but the parties.
        Side onTurn;
        address server;
        address challenger;
        /// Seconds that the server had left when the turn began.
        uint32 serverSeconds;
        /// Seconds that the challenger had left when the turn began.
        uint32 challengerSeconds;
        /// Timestamp of the block in which the turn began.
        uint64 started;
        /// Hash of the position to answer; zero once the game is over.
        bytes32 positionHash;
        /// keccak256(programRoot || imageRoot); zero once the game is over.
        bytes32 program;
    }

    // ---- deployment --------------------------------------------------------------------------------------------

    /// @notice Fixes what all games share, once. Whoever comes first: a deployment is good if `configuration` says so.
    /// @param clock Seconds that each side has for all its moves of a game: an hour to 2^24 - 1.
    function initialize(address hub, address step, uint32 clock) external;

    /// @notice What `initialize` was called with; zeros before.
    function configuration() external view returns (address hub, address step, uint32 clock);

    // ---- moves -------------------------------------------------------------------------------------------------

    /// @notice Opens a game with the challenger's first move. Only the hub. Both clocks start in this second.
    /// @dev Calls the step verifier alone: a first move that wins (the claim is one step, and concluded) leaves the
    /// game `Unsettled`.
    /// @param start Hash of the graph state that the claim starts from: derived, never a party's choice.
    /// @param end Hash of the graph state that the server claims.
    /// @param stepsLog2 Steps of the claim, as a power of two.
    /// @param move The first move: the selector of `dissect`, `conclude` or `descend`, then the ABI encoding of that
    /// function's arguments from `segment` on.
    function open(
        bytes32 gameId,
        address server,
        address challenger,
        bytes32 programRoot,
        bytes32 imageRoot,
        bytes32 start,
        bytes32 end,
        uint8 stepsLog2,
        bytes calldata move
    ) external;

    /// @notice Cuts a segment of more than one step anew, to another end.
    /// @param header Header of the position that is answered.
    /// @param hashes Its hashes, the start first.
    /// @param segment The segment, from 0.
    /// @param ends State hashes at the ends of the new segments: 32, or as many as there are steps.
    function dissect(
        bytes32 gameId,
        bytes32 header,
        bytes32[] calldata hashes,
        uint8 segment,
        bytes32[] calldata ends
    ) external;

    /// @notice Shows the successor of a graph step without a run, and wins if it is not the disputed one.
    /// @param graphState Encoded graph state at the segment's start.
    /// @param beginWitness Witness of the verifier's `begin`.
    function conclude(
        bytes32 gameId,
        bytes32 header,
        bytes32[] calldata hashes,
        uint8 segment,
        bytes32 programRoot,
        bytes32 imageRoot,
        bytes calldata graphState,
        bytes calldata beginWitness
    ) external;

    /// @notice Claims the last state of a graph step's run, which leads to another graph state than the disputed one.
    /// @param finalState Encoded MIPS state behind the run's last step, as the sender claims it.
    /// @param endWitness Witness of the verifier's `end`.
    function descend(
        bytes32 gameId,
        bytes32 header,
        bytes32[] calldata hashes,
        uint8 segment,
        bytes32 programRoot,
        bytes32 imageRoot,
        bytes calldata graphState,
        bytes calldata beginWitness,
        bytes calldata finalState,
        bytes calldata endWitness
    ) external;

    /// @notice Shows the successor of an instruction, and wins if it is not the disputed one.
    /// @param state Encoded MIPS state at the segment's start.
    /// @param witness Witness of the verifier's `step`.
    function prove(
        bytes32 gameId,
        bytes32 header,
        bytes32[] calldata hashes,
        uint8 segment,
        bytes calldata state,
        bytes calldata witness
    ) external;

    /// @notice Ends a game whose side on turn has let its time pass. Anyone, from `deadline` on.
    function timeout(bytes32 gameId) external;

    /// @notice Tells the hub of a game that its opening move has won. Anyone.
    function settle(bytes32 gameId) external;

    // ---- views -------------------------------------------------------------------------------------------------

    /// @notice What is kept of a game; zeros if there is none.
    function getGame(bytes32 gameId) external view returns (Game memory);

    /// @notice Hash of the position to answer; zero if no game is open.
    function positionHash(bytes32 gameId) external view returns (bytes32);

    /// @notice First second in which the side on turn can no longer move; reverts if no game is open.
    function deadline(bytes32 gameId) external view returns (uint64);

    /// @notice Version of the contract, `major.minor.patch`.
    function version() external pure returns (string memory);

    // ---- events ------------------------------------------------------------------------------------------------

    /// @notice A game is open. `Moved` with the challenger's first position, or `Over`, follows.
    event Opened(
        bytes32 indexed gameId,
        address indexed server,
        address indexed challenger,
        bytes32 programRoot,
        bytes32 imageRoot
    );

    /// @notice The position to answer now. The challenger is on turn if the header's number of moves is even.
    event Moved(
        bytes32 indexed gameId,
        bytes32 header,
        uint32 serverSeconds,
        uint32 challengerSeconds,
        uint64 started,
        bytes32[] hashes
    );

    /// @notice A game is decided.
    event Over(bytes32 indexed gameId, Side indexed winner, Cause cause);

    // ---- errors ------------------------------------------------------------------------------------------------

    /// @notice The call carried ether.
    error ValueNotAccepted(uint256 value);
    /// @notice No function has this selector, or a first move no such form; less than four bytes are padded with zeros.
    error UnknownSelector(bytes4 selector);
    /// @notice The encoding behind a selector ends early. Lengths in bytes, capped at 2^64 - 1.
    error CalldataTooShort(uint64 length, uint64 needed);
    /// @notice Bytes follow the last argument.
    error CalldataTooLong(uint64 length, uint64 expected);
    /// @notice An argument's offset is not where the canonical encoding has it. Capped at 2^64 - 1.
    error OffsetNotCanonical(uint64 argument, uint64 offset, uint64 expected);
    /// @notice The padding of an argument holds a bit that is not zero.
    error PaddingNotZero(uint64 argument);
    /// @notice An argument is too large for its type.
    error ArgumentOutOfRange(uint64 argument);

    /// @notice `initialize` has been called.
    error Initialized();
    /// @notice A contract is missing, or the clock is too short or too long.
    error Configuration(address hub, address step, uint32 clock);
    /// @notice Only the hub opens games.
    error NotHub(address caller);

    /// @notice A game with this id has been opened before.
    error GameExists(bytes32 gameId);
    /// @notice There is no such game.
    error NoSuchGame(bytes32 gameId);
    /// @notice The game is decided.
    error GameOver(bytes32 gameId, Status status);
    /// @notice There is nothing to settle.
    error NotUnsettled(bytes32 gameId, Status status);
    /// @notice The sender is neither of the two sides.
    error NotAParty(address caller);
    /// @notice The other side is on turn.
    error NotOnTurn(Side onTurn);
    /// @notice The side's time is over.
    error Late(uint64 deadline, uint64 now_);
    /// @notice The side on turn may still move.
    error Early(uint64 deadline, uint64 now_);
    /// @notice The game is in another position, or the position is another game's.
    error WrongPosition(bytes32 expected, bytes32 computed);
    /// @notice The game is about another program or image.
    error WrongProgram(bytes32 expected, bytes32 computed);

    /// @notice No such phase, or a graph step outside a run.
    error PositionPhase(uint32 phase, uint64 graphStep);
    /// @notice Not as many hashes as the degree asks for, or no degree.
    error PositionHashes(uint64 hashes, uint32 degree);
    /// @notice The range is too long, or shorter than its dissection.
    error PositionLength(uint32 log2Length, uint8 log2Degree);
    /// @notice The range does not begin at a multiple of its length, or ends too far out.
    error PositionBase(uint64 base, uint8 log2Length);

    /// @notice The dissection has no such segment.
    error NoSuchSegment(uint8 segment, uint8 degree);
    /// @notice A dissection has 1, 2, 4, 8, 16 or 32 segments.
    error NoDegree(uint64 count);
    /// @notice A dissection cuts its segment into as many as there can be.
    error WrongDegree(uint8 expected, uint8 actual);
    /// @notice A segment of one step cannot be dissected.
    error OneStep();
    /// @notice A step decides only where the segment is one step.
    error ManySteps(uint8 log2Length);
    /// @notice Conclude and descend belong to the graph machine.
    error InRun();
    /// @notice Prove belongs to the MIPS machine.
    error InGraph();
    /// @notice The move leads to the end that it disputes: the opponent is right.
    error SameEnd(bytes32 end);
    /// @notice A run decides the step: descend.
    error HasRun();
    /// @notice The step has no run to descend to: conclude.
    error HasNoRun();
    /// @notice A run of so many steps; no legal operator has one.
    error RunTooLong(uint8 bound);
    /// @notice No game has so many moves.
    error TooManyMoves();

    /// @notice A MIPS state has 192 bytes.
    error StateLength(uint64 actual);
    /// @notice Register 0 is always zero.
    error StateRegisterZero(uint32 value);
    /// @notice No such status, or a code that does not go with it.
    error StateStatus(uint32 status, uint32 code);
    /// @notice The state shown is not the one at the segment's start.
    error StateNotAgreed(bytes32 expected, bytes32 computed);
    /// @notice The step verifier's answer has not the form that it must have. Length in bytes.
    error VerifierAnswer(uint64 length);
}

/// @title What a game asks of its hub
/// @notice The game contract is the only one that may call these. Either may revert, which undoes the move.
interface IGameHub {
    /// @notice A game is decided: called exactly once a game, in the transaction that decides or settles it.
    function verdict(bytes32 gameId, bool challengerWon) external;

    /// @notice The server has replied for the first time, and plays on: its stake is locked.
    function lockStake(bytes32 gameId) external;
}
