// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @title Models, requests, claims, and all of the money
/// @notice A requester asks a model by `infer`; a server answers by `claim` with a bond; whoever has computed
/// another result opens a game by `challenge`. A claim is final when its window is over, no game against it is
/// open and every earlier claim on the request is void. Until then it is provisional.
///
/// Money is never pushed: what is owed is credited and taken out by `withdraw`. Ether sent to a payable function
/// is added to the sender's credit, and the price is taken out of the credit. At every point the balance is credits
/// + fees of open requests + bonds of held acceptances and of live claims + stakes of open games + `burned`; ether
/// that is forced in comes on top and never out.
///
/// Calls into the game contract: `challenge`, and `initialize`, which reads its configuration. Calls out of it:
/// `verdict` and `lockStake` alone. A re-entrant call of any function reverts.
///
/// The activation of a Stylus program lapses. What is begun must be able to end, so `claim` and `claimFor` are refused
/// while the hub, the game contract or its step verifier has less than `runway` seconds of activation left; `infer`
/// needs `patience` more, `accept` `exclusivity` more, `challenge` a window less: a claim that was taken can be
/// challenged to the end of its window. Everything that ends something works to the last second.
/// @dev Ids and rules byte by byte: docs/spec.md, section "Hub".
interface IHub {
    // ---- types -----------------------------------------------------------------------------------------------

    /// @notice What is fixed when the hub is initialised, for good.
    struct Parameters {
        /// Seconds in which a claim can be challenged; at least 60.
        uint32 window;
        /// Seconds from a request until its fee can be reclaimed; at least `window`, and with `runway` at most a program's
        /// activation of 365 days.
        uint32 patience;
        /// Share of a lost bond that is burned, in hundredths of a percent; 5000 to 10000.
        uint16 burnShare;
        /// Share of the fee that the server of a failed result gets, in hundredths of a percent; at most 10000.
        uint16 failedShare;
        /// Wei a server puts behind a claim; at least 10^15, below 2^96.
        uint128 serverBond;
        /// Wei a challenger puts behind a game; at least 10^15, below 2^96, and what is left of it after the burn at least `gasStake`.
        uint128 challengerBond;
        /// Wei a server puts behind its first reply in a game; at least 1.
        uint128 gasStake;
        /// Wei burned for each step of a final request's trace: a trace of 2^n steps burns 2^n times this; at least 1.
        uint64 burnPerStep;
        /// Seconds for which an accepted request is its server's alone; 1 to half of `patience`.
        uint32 exclusivity;
        /// Wei a server puts behind an acceptance; at least 10^12, at most `serverBond`. For so much anybody can delay a
        /// request by `exclusivity`, once.
        uint128 acceptBond;
    }

    /// @notice What a model commits to. Its id covers all of it, the owner, the chain and this contract.
    struct Model {
        /// Root of the program table.
        bytes32 programRoot;
        /// Root of the lower half of the graph memory.
        bytes32 weightsRoot;
        /// Root of the kernel image's window.
        bytes32 imageRoot;
        /// First byte of the output region: a multiple of its size in the upper half of the memory, behind the request.
        uint64 outputBase;
        /// Size of the output region in bytes, as a power of two; 5 to 28.
        uint8 outputLog2;
        /// Steps of a trace, as a power of two; at most 62.
        uint8 stepsLog2;
        /// Longest input in bytes.
        uint32 maxInput;
        /// What a request pays its server, in wei, whatever it asks for; below 2^96.
        uint128 fee;
        /// What it pays on top for each iteration it asks for, in wei; below 2^96.
        uint128 iterationFee;
        /// Most iterations that a request can ask for, in word 2 of its parameters; below 2^24. One that asks for none
        /// asks for these, and the program has to see it so.
        uint32 maxIterations;
    }

    /// @notice Status of a request: none, takes claims, answered for good, or its fee given back.
    enum RequestStatus {
        None,
        Open,
        Final,
        Refunded
    }

    /// @notice Status of a request's acceptance. All but `None` and `Held` are for good.
    enum AcceptanceStatus {
        None,
        /// The bond is in.
        Held,
        /// The server has claimed in time: the bond went back.
        Returned,
        /// The server has not: the bond is burned.
        Burned
    }

    /// @notice Status of a claim. All but `Live` are for good.
    enum ClaimStatus {
        None,
        /// May still be challenged, or waits for its games or for earlier claims.
        Live,
        /// A challenger has won.
        Void,
        /// The request's result.
        Final,
        /// Another claim has become final; the bond went back.
        Released
    }

    /// @notice Status of a game's stakes. All but `Open` are for good.
    enum GameStatus {
        None,
        Open,
        ChallengerWon,
        ServerWon,
        /// Another game has voided the claim; stakes went back.
        Cancelled
    }

    /// @notice How far the result of a request is.
    enum ResultStatus {
        /// Nobody has answered, or all answers are void.
        None,
        /// The first live claim: may still turn out wrong.
        Provisional,
        /// For good.
        Final
    }

    /// @notice A request.
    struct Request {
        bytes32 modelId;
        /// Hash of the first state of the trace.
        bytes32 start;
        address requester;
        RequestStatus status;
        /// From this second on the fee can be reclaimed while no claim is live.
        uint64 deadline;
        /// Claims so far.
        uint32 attempts;
        /// The first claim that is live; the final one when the request is final.
        bytes32 head;
        /// The last claim that is live.
        bytes32 tail;
        /// Iterations that are paid for.
        uint32 iterations;
        /// Who has accepted the request; zero if nobody has.
        address acceptedBy;
        AcceptanceStatus acceptance;
        /// Before this second only `acceptedBy` may claim, while the acceptance is `Held`.
        uint64 acceptedUntil;
    }

    /// @notice A claim.
    struct Claim {
        bytes32 requestId;
        /// Hash of the last state of the trace.
        bytes32 finalHash;
        address server;
        ClaimStatus status;
        /// Whether the trace ends in a failed state: the result is empty.
        bool failed;
        /// From this second on it cannot be challenged.
        uint64 windowEnd;
        /// Games that are open.
        uint64 openGames;
        /// Games there were.
        uint64 games;
        /// The next live claim on the request.
        bytes32 next;
        /// The live claim before it.
        bytes32 prev;
        /// Bytes of output.
        uint32 outputLength;
        /// Root of the output region; zero for a failed state.
        bytes32 outputRoot;
    }

    /// @notice Stakes of a game.
    struct Game {
        bytes32 claimId;
        address challenger;
        GameStatus status;
        /// Whether the server's gas stake is in.
        bool stakeLocked;
    }

    /// @notice The result of a request.
    struct Outcome {
        ResultStatus status;
        /// Whether the trace ends in a failed state: the output is empty.
        bool failed;
        /// The claim that it is from.
        bytes32 claimId;
        /// Bytes of output.
        uint32 outputLength;
        /// Root of the output region; zero for a failed state.
        bytes32 outputRoot;
        /// The output if it has at most 1024 bytes, else empty.
        bytes output;
    }

    // ---- events ----------------------------------------------------------------------------------------------

    /// @notice The hub works from here on.
    event Initialized(address game, address step, uint64 runway, Parameters parameters);
    /// @notice A model takes requests.
    event ModelRegistered(bytes32 indexed modelId, address indexed owner, Model model, string uri);
    /// @notice A model takes no more requests.
    event ModelRetired(bytes32 indexed modelId);
    /// @notice A model was asked. `fee` is what the server of a halted trace gets.
    event Requested(
        bytes32 indexed requestId,
        bytes32 indexed modelId,
        address indexed requester,
        uint64 nonce,
        bytes32 start,
        uint64 deadline,
        uint256 fee,
        bytes request
    );
    /// @notice A server has accepted a request: before `until` nobody else may claim.
    event Accepted(bytes32 indexed requestId, address indexed server, uint64 until);
    /// @notice An acceptance has ended: its bond went back, or is burned.
    event AcceptanceEnded(bytes32 indexed requestId, address indexed server, AcceptanceStatus status);
    /// @notice Fee and work burn were credited to the requester.
    event Refunded(bytes32 indexed requestId);
    /// @notice A server lets an account claim in its name, or no longer.
    event PayerAllowed(address indexed server, address indexed payer, bool allowed);
    /// @notice A server has answered.
    event Claimed(
        bytes32 indexed claimId,
        bytes32 indexed requestId,
        address indexed server,
        bytes32 finalHash,
        uint64 windowEnd,
        bool failed,
        uint32 outputLength
    );
    /// @notice A game was opened against a claim.
    event Challenged(bytes32 indexed gameId, bytes32 indexed claimId, address indexed challenger);
    /// @notice The server's gas stake is in.
    event StakeLocked(bytes32 indexed gameId);
    /// @notice A game's stakes are settled.
    event GameClosed(bytes32 indexed gameId, bytes32 indexed claimId, GameStatus status);
    /// @notice A challenger's win has voided a claim.
    event Voided(bytes32 indexed claimId, bytes32 indexed requestId, bytes32 gameId);
    /// @notice A claim is its request's result for good.
    event Finalized(bytes32 indexed requestId, bytes32 indexed claimId, address indexed server);
    /// @notice A server has its bond back because another claim is final.
    event Released(bytes32 indexed claimId);
    /// @notice Credit was added by `deposit`.
    event Deposited(address indexed account, uint256 amount);
    /// @notice Credit was taken out.
    event Withdrawn(address indexed account, address indexed to, uint256 amount);
    /// @notice What was burned has left.
    event BurnFlushed(uint256 amount);

    // ---- errors ----------------------------------------------------------------------------------------------

    /// @notice No function has this selector.
    error UnknownSelector(bytes4 selector);
    /// @notice Calldata does not encode the function's arguments, or an amount is not below 2^128.
    error BadCalldata();
    /// @notice The function takes no ether.
    error ValueNotAccepted(uint256 value);
    /// @notice The hub was initialised before.
    error AlreadyInitialized();
    /// @notice The hub is not initialised yet.
    error NotInitialized();
    /// @notice The sender did not create this contract with this nonce.
    error NotCreator(address sender, uint64 nonce);
    /// @notice The game contract has no configuration, or one that names another hub.
    error NotGameOfHub(address game, address hub);
    /// @notice The activation of a program that claims depend on ends too soon: renew it by ArbWasm. Zero seconds if
    /// it is not active.
    error ActivationLapsing(address program, uint64 secondsLeft);
    /// @notice A parameter, by its name in ASCII, is below or above its limit.
    error ParameterOutOfRange(bytes32 name, uint256 value, uint256 limit);
    /// @notice Credit and value sent do not cover the price.
    error InsufficientFunds(address account, uint256 have, uint256 want);
    /// @notice The receiver did not take the payment.
    error PaymentRefused(address to, uint256 amount);
    /// @notice There is no such model.
    error UnknownModel(bytes32 modelId);
    /// @notice The sender does not own the model.
    error NotModelOwner(address sender, address owner);
    /// @notice The model is registered already.
    error ModelExists(bytes32 modelId);
    /// @notice The model takes no requests.
    error ModelIsRetired(bytes32 modelId);
    /// @notice There is no such region, it has more than 2^28 bytes, or it is not behind the request.
    error BadOutputRegion(uint64 base, uint8 log2Size);
    /// @notice A trace cannot have so many steps.
    error TooManySteps(uint8 stepsLog2);
    /// @notice A fee is not below 2^96 wei.
    error PriceTooHigh();
    /// @notice The request asks for more iterations than the model takes, or the model for more than one can.
    error TooManyIterations(uint32 asked, uint32 maxIterations);
    /// @notice The bytes encode no request.
    error BadRequest(uint256 length);
    /// @notice The input is longer than the model's.
    error InputTooLong(uint256 length, uint32 maxInput);
    /// @notice There is no such request.
    error UnknownRequest(bytes32 requestId);
    /// @notice The request is final or its fee was given back.
    error RequestClosed(bytes32 requestId, RequestStatus status);
    /// @notice The sender did not make the request.
    error NotRequester(address sender, address requester);
    /// @notice There were claims: the request can no longer be cancelled or accepted. Or there were 2^24 - 1, and it takes
    /// no more.
    error HasClaims(uint32 attempts);
    /// @notice The deadline is not reached.
    error DeadlineNotReached(uint64 deadline);
    /// @notice The request has been accepted before.
    error AlreadyAccepted(address server);
    /// @notice The exclusive time would end behind the request's deadline.
    error TooLateToAccept(uint64 deadline);
    /// @notice The request is its acceptor's alone until then.
    error ExclusiveTo(address server, uint64 until);
    /// @notice A claim is live.
    error ClaimLive(bytes32 claimId);
    /// @notice The bytes encode no graph state.
    error BadState();
    /// @notice The state is running: the trace does not end there.
    error StateRunning();
    /// @notice The output, its length or its path are not those of the state.
    error OutputNotProven();
    /// @notice The server does not let the sender claim in its name.
    error PayerNotAllowed(address server, address payer);
    /// @notice A live claim of the server's has the same final state.
    error DuplicateClaim(bytes32 claimId);
    /// @notice There is no such claim.
    error UnknownClaim(bytes32 claimId);
    /// @notice The claim is not live.
    error ClaimClosed(bytes32 claimId, ClaimStatus status);
    /// @notice The claim can no longer be challenged.
    error WindowOver(uint64 windowEnd);
    /// @notice The claim can still be challenged.
    error WindowOpen(uint64 windowEnd);
    /// @notice Games against the claim are open.
    error GamesOpen(uint64 openGames);
    /// @notice An earlier claim is live.
    error NotFirst(bytes32 head);
    /// @notice The request has no final result yet.
    error RequestNotFinal(bytes32 requestId);
    /// @notice Only the game contract may.
    error NotGame(address sender);
    /// @notice There is no such game.
    error UnknownGame(bytes32 gameId);
    /// @notice The game's stakes are settled.
    error GameNotOpen(bytes32 gameId, GameStatus status);
    /// @notice The server's stake is in already.
    error StakeAlreadyLocked(bytes32 gameId);

    // ---- set-up ----------------------------------------------------------------------------------------------

    /// @notice Fixes the parameters, once. Only the account that created this contract by CREATE: `creationNonce`
    /// is the nonce that it had then, which the contract checks against its own address. The game contract must be
    /// initialised before, and name this hub.
    function initialize(uint64 creationNonce, address game, Parameters calldata params) external;

    /// @notice The parameters; zeros before the hub is initialised.
    /// @return game The game contract.
    /// @return step The step verifier that the game contract asks.
    /// @return runway Seconds of activation that a claim needs: window + two clocks + a day to settle.
    function parameters()
        external
        view
        returns (address game, address step, uint64 runway, Parameters memory params);

    // ---- models ----------------------------------------------------------------------------------------------

    /// @notice Registers a model. Nothing of it can be altered later.
    /// @param uri Where its bundle is found.
    function registerModel(Model calldata model, string calldata uri) external returns (bytes32 modelId);

    /// @notice Stops new requests of a model; only its owner. Open requests go on.
    function retireModel(bytes32 modelId) external;

    /// @notice A model and its owner.
    function getModel(bytes32 modelId) external view returns (Model memory model, address owner, bool retired);

    // ---- requests --------------------------------------------------------------------------------------------

    /// @notice Asks a model. Costs `quote(modelId, iterations)`, with the iterations that the request's header asks for.
    /// @param request Header and input, as the specification encodes a request.
    function infer(bytes32 modelId, bytes calldata request) external payable returns (bytes32 requestId);

    /// @notice What a request of a model costs: the fee and the work burn, in wei.
    /// @param iterations As in the request's header: none are `maxIterations`, more are refused.
    function quote(bytes32 modelId, uint32 iterations) external view returns (uint256 fee, uint256 workBurn);

    /// @notice Takes a request for oneself: until `exclusivity` seconds from now only the sender's claim is taken, so
    /// that work is neither done twice nor copied. Puts the acceptance bond in, which comes back with that claim and is
    /// burned without it. Once a request, before any claim, and early enough that the deadline is not held up.
    function accept(bytes32 requestId) external payable;

    /// @notice Gives fee and work burn back before any claim; only the requester, and not while the request is somebody's
    /// alone.
    function cancel(bytes32 requestId) external;

    /// @notice Gives fee and work burn back to the requester from the deadline on, if no claim is live. Anyone.
    function reclaim(bytes32 requestId) external;

    /// @notice Requests an account has made: the nonce of its next one.
    function nonceOf(address requester) external view returns (uint64);

    /// @notice A request.
    function getRequest(bytes32 requestId) external view returns (Request memory);

    /// @notice The result of a request: that of its final claim, or of its first live one.
    function result(bytes32 requestId) external view returns (Outcome memory);

    // ---- claims ----------------------------------------------------------------------------------------------

    /// @notice Answers a request: puts the server bond behind the last state of its trace. Refused while a claim
    /// of the same server with the same state is live; others may claim the same, and stand in for it if it is voided.
    /// @param finalState Encoded state, halted or failed.
    /// @param output The output; empty for a failed state. One of more than 1024 bytes may be empty here, too, and is
    /// claimed by its root then.
    /// @param path Siblings of the output region in the state's memory; empty for a failed state. For an output that is
    /// claimed by its root: the region's first leaf, which holds the length, and its 35 siblings in the state's memory.
    function claim(bytes32 requestId, bytes calldata finalState, bytes calldata output, bytes calldata path)
        external
        payable
        returns (bytes32 claimId);

    /// @notice Lets another account claim in the sender's name, such as a batch contract, or no longer.
    function allowPayer(address payer, bool allowed) external;

    /// @notice Whether `payer` may claim in `server`'s name.
    function isAllowed(address server, address payer) external view returns (bool);

    /// @notice As `claim`, for another: the sender puts the bond in, the claim and all that it earns are `server`'s, who
    /// also has to defend it. Only the server itself, and whom it has allowed.
    function claimFor(
        address server,
        bytes32 requestId,
        bytes calldata finalState,
        bytes calldata output,
        bytes calldata path
    ) external payable returns (bytes32 claimId);

    /// @notice Opens a game against a live claim within its window, with the challenger's bond and first move.
    /// @param firstMove As the game contract takes it. Reverts with that contract's error if it is refused there.
    function challenge(bytes32 claimId, bytes calldata firstMove) external payable returns (bytes32 gameId);

    /// @notice Ends a request with this claim. Anyone, as soon as the claim can be final.
    function finalize(bytes32 claimId) external;

    /// @notice Gives a server its bond back where another claim has become final, once no game against it is open.
    /// Anyone.
    function release(bytes32 claimId) external;

    /// @notice A claim.
    function getClaim(bytes32 claimId) external view returns (Claim memory);

    // ---- games -----------------------------------------------------------------------------------------------

    /// @notice Settles a game; only the game contract. If the claim is live, the loser's bond is split between burn
    /// and winner, and a challenger's win voids the claim. If the claim is void already, stakes go back as by `refundGame`;
    /// if they went back already, nothing happens.
    function verdict(bytes32 gameId, bool challengerWon) external;

    /// @notice Takes the gas stake out of the server's credit at its first reply; only the game contract.
    function lockStake(bytes32 gameId) external;

    /// @notice Gives the stakes of an open game back whose claim another game has voided: the challenger's bond and the
    /// gas stake, if it is in, to the challenger. Anyone, once.
    function refundGame(bytes32 gameId) external;

    /// @notice Stakes of a game.
    function getGame(bytes32 gameId) external view returns (Game memory);

    // ---- money -----------------------------------------------------------------------------------------------

    /// @notice Adds to the sender's credit: a server needs credit for the gas stakes of its games.
    function deposit() external payable;

    /// @notice Takes credit of the sender out.
    function withdraw(address to, uint256 amount) external;

    /// @notice Sends what is burned to the zero address. Anyone.
    function flushBurned() external;

    /// @notice Credit of an account, in wei.
    function creditOf(address account) external view returns (uint256);

    /// @notice What is burned and has not left yet, in wei.
    function burned() external view returns (uint256);
}
