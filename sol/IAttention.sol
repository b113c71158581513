// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @title Attention: verifiers who are paid for computing, and lose their stake if they do not
/// @notice The owner of a model enrols it and funds it. A verifier registers with a stake and the end of a chain of
/// secrets, `anchor = keccak256(secret of its first epoch)`, each secret being the hash of the next epoch's. A claim on
/// the model belongs to the epoch in which it was made. Anyone may summon attention to it, which sets a pot aside. Each
/// registered verifier is drawn for it or not by its secret of that epoch, so that nobody but the verifier can know
/// before the secret is public. Who is drawn commits to the answer while the claim can be challenged, reveals the secret
/// afterwards and then shows the answer: after how many steps the trace first stands still, and the states there, one
/// step before, and at a step that claim and secret draw.
///
/// Times of an epoch that ends at T, w the hub's window:
///   commitments                  each until its claim's window is over, so all before T + w
///   secret, answers              from T + w, for `revealTime`
///   disputes, `slashMissing`     until `disputeTime` later (disputes from the answer on)
///   settlement                   from then on
///
/// Right answers share the pot. A verifier loses its whole stake if it does not reveal, if it was drawn and has not
/// answered, or if somebody wins a game about a part of its answer. Nothing is lost because a claim is void or because
/// nobody came. Registration is voluntary and for one enrolment, whose terms never change.
///
/// Money is never pushed, as in the hub. At every point the balance is credits + stakes of registrations that are active
/// or leaving + funds + pots + bonds of open games + `burned`; ether that is forced in comes on top and never out.
///
/// Calls into the game contract: `dispute`, and `initialize`, which reads its configuration. Calls out of it: `verdict`
/// and `lockStake`. The hub is read by views only. A re-entrant call of any function reverts.
/// @dev Hashes, draws and rules byte by byte: docs/spec.md, section "Attention".
interface IAttention {
    // ---- types -----------------------------------------------------------------------------------------------

    /// @notice What is fixed when the contract is initialised, for good.
    struct Parameters {
        /// Seconds of an epoch; epoch e begins at e times this. At least 60.
        uint32 epoch;
        /// Seconds that a summons leaves at least until the claim's window is over; 30 to the hub's window.
        uint32 commitTime;
        /// Seconds for secrets and answers; at least 60.
        uint32 revealTime;
        /// Seconds for disputes behind them; at least 60.
        uint32 disputeTime;
        /// Share of what is lost that is burned, in hundredths of a percent; 5000 to 9000.
        uint16 burnShare;
        /// Wei a verifier puts behind a registration; at least 10^15.
        uint128 stake;
        /// Wei a disputer puts behind a game; at least 10^15.
        uint128 bond;
    }

    /// @notice A model with terms for its verifiers.
    struct Enrolment {
        bytes32 modelId;
        address owner;
        /// Steps of a trace, as a power of two.
        uint8 stepsLog2;
        /// A verifier is drawn with probability threshold / 2^64.
        uint64 threshold;
        /// Wei that the right answers about a claim share.
        uint128 pot;
        /// Claims of an epoch to which attention can be summoned.
        uint32 summonsPerEpoch;
        /// Wei that are not set aside yet.
        uint128 fund;
        bytes32 programRoot;
        bytes32 imageRoot;
    }

    /// @notice Status of a registration. `Left` and `Slashed` are for good.
    enum RegistrationStatus {
        None,
        Active,
        /// Drawn for no claim of an epoch behind its last one.
        Leaving,
        /// The stake went back.
        Left,
        /// The stake is lost.
        Slashed
    }

    /// @notice What a verifier is slashed for.
    enum Offence {
        /// An epoch's secret was not revealed in time.
        Silent,
        /// Drawn, and no answer.
        Missing,
        /// A part of an answer is wrong.
        Wrong
    }

    /// @notice A verifier's registration with an enrolment.
    struct Registration {
        bytes32 enrolmentId;
        address verifier;
        RegistrationStatus status;
        /// First epoch for whose claims it can be drawn.
        uint64 firstEpoch;
        /// Epoch whose secret comes next.
        uint64 nextEpoch;
        /// Last epoch for whose claims it can be drawn; 2^48 - 1 while it is not leaving.
        uint64 lastEpoch;
        /// Games that are open.
        uint64 openGames;
        /// Games there were.
        uint64 games;
        /// Hash of the secret that comes next.
        bytes32 anchor;
    }

    /// @notice A claim to which attention was summoned.
    struct Summons {
        uint64 epoch;
        /// From this second on nothing can be committed; zero if attention was not summoned.
        uint64 windowEnd;
        /// Answers that are not settled.
        uint64 answers;
        /// Wei for these.
        uint128 pot;
        /// Hash of the first state of the trace.
        bytes32 start;
    }

    /// @notice Status of a verifier's answer about a claim.
    enum AnswerStatus {
        None,
        Committed,
        Given,
        Settled
    }

    /// @notice A verifier's answer about a claim.
    struct Answer {
        AnswerStatus status;
        /// Steps until the trace stands still; zero before the answer is given.
        uint64 steps;
        bytes32 commitment;
    }

    /// @notice Status of a game about an answer. All but `Open` are for good.
    enum GameStatus {
        None,
        Open,
        DisputerWon,
        VerifierWon,
        /// The verifier was slashed before; the bond went back.
        Cancelled
    }

    /// @notice A game about a segment of an answer.
    struct Game {
        bytes32 registrationId;
        bytes32 claimId;
        address disputer;
        GameStatus status;
    }

    // ---- events ----------------------------------------------------------------------------------------------

    /// @notice The contract works from here on.
    event Initialized(address hub, address game, uint32 window, Parameters parameters);
    /// @notice Verifiers may register.
    event Enrolled(
        bytes32 indexed enrolmentId,
        bytes32 indexed modelId,
        address indexed owner,
        uint128 pot,
        uint64 threshold,
        uint32 summonsPerEpoch
    );
    /// @notice The fund of an enrolment has changed to `fund` by a deposit, or by its owner taking some out.
    event FundChanged(bytes32 indexed enrolmentId, address indexed by, uint256 fund);
    /// @notice A verifier can be drawn from `firstEpoch` on.
    event Registered(
        bytes32 indexed registrationId,
        bytes32 indexed enrolmentId,
        address indexed verifier,
        uint64 firstEpoch,
        bytes32 anchor
    );
    /// @notice A verifier cannot be drawn behind `lastEpoch`.
    event Leaving(bytes32 indexed registrationId, uint64 lastEpoch);
    /// @notice A verifier's stake went back.
    event Left(bytes32 indexed registrationId);
    /// @notice Whoever is drawn for the claim has to commit before `windowEnd`.
    event Summoned(
        bytes32 indexed enrolmentId,
        bytes32 indexed claimId,
        uint64 epoch,
        uint64 windowEnd,
        uint128 pot,
        bytes32 start
    );
    /// @notice A verifier has committed to an answer.
    event Committed(bytes32 indexed registrationId, bytes32 indexed claimId, bytes32 commitment);
    /// @notice A secret is public.
    event Revealed(bytes32 indexed registrationId, uint64 indexed epoch, bytes32 secret);
    /// @notice An answer is public, and can be disputed.
    event Answered(
        bytes32 indexed registrationId,
        bytes32 indexed claimId,
        uint64 drawnStep,
        uint64 steps,
        bytes32[] hashes
    );
    /// @notice A stake is lost. `claimId` is zero for a silent verifier.
    event Slashed(bytes32 indexed registrationId, address indexed by, Offence offence, bytes32 claimId);
    /// @notice A game was opened against an answer.
    event Disputed(
        bytes32 indexed gameId,
        bytes32 indexed registrationId,
        address indexed disputer,
        bytes32 claimId,
        uint8 segment
    );
    /// @notice A game's bond is settled.
    event GameClosed(bytes32 indexed gameId, bytes32 indexed registrationId, GameStatus status);
    /// @notice An answer has got its share of the pot: the verifier has it, or the fund if the verifier was slashed.
    event Settled(bytes32 indexed registrationId, bytes32 indexed claimId, uint256 share, bool paid);
    /// @notice Nobody answered: the pot went back to the fund.
    event PotReturned(bytes32 indexed enrolmentId, bytes32 indexed claimId, uint256 pot);
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
    /// @notice The contract was initialised before.
    error AlreadyInitialized();
    /// @notice The contract is not initialised yet.
    error NotInitialized();
    /// @notice The sender did not create this contract with this nonce.
    error NotCreator(address sender, uint64 nonce);
    /// @notice What should be the hub or the game contract does not answer: it is none, or has no such model or claim.
    error NoAnswer(address account);
    /// @notice The game contract has another hub than this contract, another step verifier than the hub's, or another clock
    /// than the hub's game contract.
    error NotOurGame(address game, address hub, address step, uint32 clock);
    /// @notice A parameter, by its name in ASCII, is below or above its limit.
    error ParameterOutOfRange(bytes32 name, uint256 value, uint256 limit);
    /// @notice Credit and value sent, or the fund, do not cover it.
    error InsufficientFunds(address account, uint256 have, uint256 want);
    /// @notice The receiver did not take the payment.
    error PaymentRefused(address to, uint256 amount);
    /// @notice The sender does not own the model.
    error NotModelOwner(address sender, address owner);
    /// @notice The model is enrolled with these terms already.
    error EnrolmentExists(bytes32 enrolmentId);
    /// @notice There is no such enrolment.
    error UnknownEnrolment(bytes32 enrolmentId);
    /// @notice The fund does not cover a pot: no attention, hence no duty.
    error FundExhausted(bytes32 enrolmentId, uint256 have, uint256 want);
    /// @notice There is no such registration.
    error UnknownRegistration(bytes32 registrationId);
    /// @notice The registration has left, is leaving or was slashed.
    error RegistrationClosed(bytes32 registrationId, RegistrationStatus status);
    /// @notice The sender is not the registration's verifier.
    error NotVerifier(address sender, address verifier);
    /// @notice The claim is about another model.
    error WrongModel(bytes32 expected, bytes32 actual);
    /// @notice The claim is not live.
    error ClaimNotLive(bytes32 claimId);
    /// @notice Attention was summoned to as many claims of the epoch as the enrolment allows.
    error TooManySummonses(uint64 epoch, uint32 summonsPerEpoch);
    /// @notice Attention was summoned to this claim on the same request before.
    error AlreadySummoned(bytes32 claimId);
    /// @notice Nobody has summoned attention to the claim.
    error NotSummoned(bytes32 claimId);
    /// @notice The registration cannot be drawn in this epoch, or its secret is not public.
    error NotInEpoch(bytes32 registrationId, uint64 epoch);
    /// @notice The registration's last secret is public: nothing is left to reveal.
    error NothingToReveal(bytes32 registrationId);
    /// @notice Not before this second.
    error TooEarly(uint64 from);
    /// @notice Not from this second on.
    error TooLate(uint64 until);
    /// @notice The secret does not hash to the anchor.
    error WrongSecret(bytes32 anchor, bytes32 computed);
    /// @notice The claim did not draw the verifier.
    error NotDrawn(bytes32 registrationId, bytes32 claimId);
    /// @notice The answer is in another state.
    error WrongAnswerStatus(AnswerStatus status);
    /// @notice What is shown is not what was committed.
    error WrongCommitment(bytes32 expected, bytes32 computed);
    /// @notice No trace of the model stands still for the first time after so many steps.
    error BadSteps(uint64 steps);
    /// @notice The answer needs another number of hashes.
    error WrongHashes(uint64 expected, uint64 actual);
    /// @notice The bytes encode no graph state, or not that of the last hash.
    error BadState();
    /// @notice The trace runs on behind the last state.
    error StateRunning();
    /// @notice The trace stands still before the last step.
    error StoodStillBefore();
    /// @notice The answer has no such segment.
    error NoSuchSegment(uint8 segment, uint64 segments);
    /// @notice Games against the registration are open.
    error GamesOpen(uint64 openGames);
    /// @notice Secrets of the registration are not public yet.
    error SecretsDue(uint64 nextEpoch);
    /// @notice Answers are to be settled, or the pot is gone.
    error PotNotReturnable(uint64 answers, uint256 pot);
    /// @notice Only the game contract may.
    error NotGame(address sender);
    /// @notice There is no such game.
    error UnknownGame(bytes32 gameId);
    /// @notice The game's bond is settled.
    error GameNotOpen(bytes32 gameId, GameStatus status);

    // ---- set-up ----------------------------------------------------------------------------------------------

    /// @notice Fixes the parameters, once. Only the account that created this contract by CREATE with `creationNonce`.
    /// The hub must be initialised, and the game contract too: with this contract for its hub, and with step verifier and
    /// clock as the hub's game contract has them. A game contract that somebody else has initialised is replaced by a new one.
    function initialize(uint64 creationNonce, address hub, address game, Parameters calldata params) external;

    /// @notice The parameters, both contracts and the hub's window; zeros before the contract is initialised.
    function parameters()
        external
        view
        returns (address hub, address game, uint32 window, Parameters memory params);

    // ---- enrolments ------------------------------------------------------------------------------------------

    /// @notice Offers verifiers of a model these terms; only the model's owner. Nothing of it can be altered later; a model
    /// may have several enrolments.
    /// @param pot Wei that the right answers about a request share; at least 1. A server can choose its claims so that it is
    /// drawn for them itself, so a pot above what a request burns, or above what is burned of a server's bond (a request with
    /// void claims gets back what it paid), invites requests that nobody needs.
    /// @param threshold A verifier is drawn with probability threshold / 2^64; at least 1.
    /// @param summonsPerEpoch Claims of an epoch to which attention can be summoned, hence the most that a verifier can owe;
    /// 1 to 2^24 - 1.
    function enrol(bytes32 modelId, uint128 pot, uint64 threshold, uint32 summonsPerEpoch)
        external
        returns (bytes32 enrolmentId);

    /// @notice Adds the value sent to an enrolment's fund. The fund is its owner's.
    function fund(bytes32 enrolmentId) external payable;

    /// @notice Credits a part of the fund to the enrolment's owner, who has to be the sender. Pots stay.
    function defund(bytes32 enrolmentId, uint256 amount) external;

    /// @notice An enrolment.
    function getEnrolment(bytes32 enrolmentId) external view returns (Enrolment memory);

    // ---- verifiers -------------------------------------------------------------------------------------------

    /// @notice Puts the stake in, to be drawn from the next epoch on. Whoever registers has to be able to compute
    /// `summonsPerEpoch` of the largest requests of the model within `commitTime`, to reveal a secret each epoch, to leave before
    /// its chain of secrets ends, and to see to it that the programs stay activated.
    /// @param anchor keccak256 of the secret of the next epoch, which is keccak256 of that behind it, and so on.
    function register(bytes32 enrolmentId, bytes32 anchor) external payable returns (bytes32 registrationId);

    /// @notice The present epoch is the registration's last one; only its verifier.
    function leave(bytes32 registrationId) external;

    /// @notice Credits the stake of a verifier that has left, when its last epoch can no longer be disputed, its secrets are
    /// public and no game is open. Anyone.
    function exit(bytes32 registrationId) external;

    /// @notice Makes the secret of `nextEpoch` public, in its time. Anyone who has it.
    function reveal(bytes32 registrationId, bytes32 secret) external;

    /// @notice Slashes a verifier whose next secret's time has passed. Anyone; the sender is credited what is not burned.
    function slashSilent(bytes32 registrationId) external;

    /// @notice A registration.
    function getRegistration(bytes32 registrationId) external view returns (Registration memory);

    /// @notice A secret that is public; reverts if it is not.
    function secretOf(bytes32 registrationId, uint64 epoch) external view returns (bytes32);

    // ---- claims ----------------------------------------------------------------------------------------------

    /// @notice Sets a pot aside for a live claim. Anyone, while `commitTime` is left in its window, and once a request: the
    /// trace that an answer is about is that of all claims on it.
    function summon(bytes32 enrolmentId, bytes32 claimId) external;

    /// @notice Commits the sender to an answer, or to another one. Before the claim's window is over.
    function commit(bytes32 registrationId, bytes32 claimId, bytes32 commitment) external;

    /// @notice Shows the answer that was committed. Anyone who has it, in the epoch's time for answers.
    /// @param steps Steps until the trace first stands still.
    /// @param finalState Encoded state behind them. A running one only if `steps` are all that the model has.
    /// @param hashes State hashes at the cuts: from the start to the drawn step, from there to `steps` - 1 by powers of two,
    /// largest first, and at `steps`.
    function answer(
        bytes32 registrationId,
        bytes32 claimId,
        uint64 steps,
        bytes calldata finalState,
        bytes32[] calldata hashes
    ) external;

    /// @notice Slashes a verifier that was drawn for a claim and has not answered. Anyone, in the time for disputes; the
    /// sender is credited what is not burned.
    function slashMissing(bytes32 registrationId, bytes32 claimId) external;

    /// @notice Gives an answer that stands its share of the pot: the verifier, or the fund if it was slashed. Anyone, behind
    /// the time for disputes and when no game against the registration is open.
    function settle(bytes32 registrationId, bytes32 claimId) external;

    /// @notice Gives the pot of a claim that nobody answered about back to the fund. Anyone, behind the time for answers.
    function returnPot(bytes32 enrolmentId, bytes32 claimId) external;

    /// @notice A summons; zeros if there is none.
    function getSummons(bytes32 enrolmentId, bytes32 claimId) external view returns (Summons memory);

    /// @notice An answer; zeros if there is none.
    function getAnswer(bytes32 registrationId, bytes32 claimId) external view returns (Answer memory);

    // ---- games -----------------------------------------------------------------------------------------------

    /// @notice Opens a game against a segment of an answer, with the bond and the first move. Anyone, from the answer until
    /// the time for disputes is over. The verifier is the game's server.
    /// @param hashes As they were answered.
    /// @param segment Number of the segment with a right start and a wrong end.
    /// @param firstMove As the game contract takes it. Reverts with that contract's error if it is refused there.
    function dispute(
        bytes32 registrationId,
        bytes32 claimId,
        bytes32[] calldata hashes,
        uint8 segment,
        bytes calldata firstMove
    ) external payable returns (bytes32 gameId);

    /// @notice Settles a game; only the game contract. The loser's stake or bond is split between burn and winner. If the
    /// verifier was slashed before, the bond goes back.
    function verdict(bytes32 gameId, bool disputerWon) external;

    /// @notice The verifier has replied; only the game contract. Its stake is in already: nothing happens.
    function lockStake(bytes32 gameId) external;

    /// @notice A game.
    function getGame(bytes32 gameId) external view returns (Game memory);

    // ---- money -----------------------------------------------------------------------------------------------

    /// @notice Adds to the sender's credit.
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
