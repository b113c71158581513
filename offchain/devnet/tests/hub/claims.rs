//! What counts as an answer.

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::SolValue;

use crate::answer::{Answer, FAILED, HALTED, RUNNING, path_within, region, region_root};
use crate::world::{
    CAROL, CHALLENGER_BOND, CHALLENGER_BOND_BURN, DAVE, FEE, GAS_STAKE, IHub, SERVER, SERVER_BOND,
    WINDOW, World, refused,
};

#[test]
fn an_id_commits_to_the_answer() {
    let mut world = World::new();
    let request = world.infer();
    let answer = Answer::halted(b"because", 1);
    let claim = world.claim(SERVER, request, &answer);
    let start = world.view(IHub::getRequestCall { requestId: request }).start;
    let tag = B256::right_padding_from(b"opml.claim.v1");
    let parts = (tag, request, SERVER, U256::ZERO, start, answer.hash());
    assert_eq!(claim, keccak256(parts.abi_encode()));
    let wanted = IHub::Claim {
        requestId: request,
        finalHash: answer.hash(),
        server: SERVER,
        status: IHub::ClaimStatus::Live,
        failed: false,
        windowEnd: world.now() + WINDOW,
        openGames: 0,
        games: 0,
        next: B256::ZERO,
        prev: B256::ZERO,
        outputLength: 7,
        outputRoot: answer.root(),
    };
    assert_eq!(world.view(IHub::getClaimCall { claimId: claim }), wanted);
}

#[test]
fn a_trace_that_has_not_ended_is_no_answer() {
    let mut world = World::new();
    let request = world.infer();
    let running = Answer::holding(&region(b"because"), 1, RUNNING, b"because");
    refused(world.try_claim(SERVER, request, &running), IHub::StateRunning {});
    let mut unknown = running.clone();
    *unknown.state.last_mut().unwrap() = 3;
    refused(world.try_claim(SERVER, request, &unknown), IHub::BadState {});
    let mut short = Answer::halted(b"because", 1);
    short.state.pop();
    refused(world.try_claim(SERVER, request, &short), IHub::BadState {});
}

#[test]
fn an_output_is_neither_trimmed_nor_extended_nor_dirty() {
    let mut world = World::new();
    let request = world.infer();
    let memory = region(b"because");
    let honest = Answer::halted(b"because", 1);
    let with = |output: &[u8]| Answer { output: output.into(), ..honest.clone() };
    let mut dirty = memory.clone();
    dirty.resize(1 << 12, 0);
    dirty[4000] = 1;
    let mut padded_length = memory.clone();
    padded_length[4] = 1;
    let mut short_path = honest.clone();
    short_path.path.truncate(27 * 32);
    let mut long_path = honest.clone();
    long_path.path.extend([0; 32]);
    let mut wrong_path = honest.clone();
    wrong_path.path[100] ^= 1;
    let wrong = [
        with(b"becaus"),
        with(b"because\0"),
        with(b"Because"),
        with(b""),
        with(&[7; 4065]),
        Answer::holding(&dirty, 1, HALTED, b"because"),
        Answer::holding(&padded_length, 1, HALTED, b"because"),
        short_path,
        long_path,
        wrong_path,
        Answer::holding(&memory, 1, FAILED, b"because"),
        Answer::holding(&memory, 1, FAILED, b""),
    ];
    for answer in wrong {
        refused(world.try_claim(SERVER, request, &answer), IHub::OutputNotProven {});
    }
    world.claim(SERVER, request, &honest);
}

#[test]
fn outputs_up_to_a_kibibyte_are_kept_and_longer_ones_by_root() {
    let mut world = World::new();
    for length in [0, 1, 31, 32, 33, 1024, 1025, 4064] {
        let request = world.infer();
        let output: Vec<u8> = (0..length).map(|byte| (byte % 251) as u8 + 1).collect();
        let answer = Answer::halted(&output, 1);
        world.claim(SERVER, request, &answer);
        let kept = world.view(IHub::resultCall { requestId: request });
        assert_eq!((kept.outputLength, kept.outputRoot), (length, answer.root()));
        let inline = if length <= 1024 { output } else { Vec::new() };
        assert_eq!(kept.output, Bytes::from(inline));
    }
}

#[test]
fn an_output_of_more_than_a_kibibyte_is_claimed_by_its_root() {
    let mut world = World::new();
    for length in [1025, 1056, 4064] {
        let request = world.infer();
        let output: Vec<u8> = (0..length).map(|byte| (byte % 251) as u8 + 1).collect();
        let answer = Answer::halted(&output, 1);
        let shown = answer.by_root();
        assert_eq!((shown.output.len(), shown.path.len()), (0, 1152));
        world.claim(SERVER, request, &shown);
        let kept = world.view(IHub::resultCall { requestId: request });
        assert_eq!((kept.outputLength, kept.outputRoot), (length, answer.root()));
        assert_eq!(kept.output, Bytes::new());
        // It is the same claim, whichever way it is shown.
        let again = world.try_claim(SERVER, request, &answer);
        let claim = world.view(IHub::getRequestCall { requestId: request }).head;
        refused(again, IHub::DuplicateClaim { claimId: claim });
    }
}

#[test]
fn what_is_delivered_as_it_is_has_to_be_shown() {
    let mut world = World::new();
    let request = world.infer();
    for length in [0, 1, 7, 32, 1024] {
        let shown = Answer::halted(&vec![7; length], 1).by_root();
        refused(world.try_claim(SERVER, request, &shown), IHub::OutputNotProven {});
    }
    // A region that begins with zeros and has something behind them holds no output of nothing.
    let mut dirty = vec![0; 4096];
    dirty[4095] = 1;
    let mut shown = Answer::holding(&dirty, 1, HALTED, b"");
    refused(world.try_claim(SERVER, request, &shown), IHub::OutputNotProven {});
    shown.path = [path_within(&dirty), shown.path].concat();
    refused(world.try_claim(SERVER, request, &shown), IHub::OutputNotProven {});
}

/// What lies behind a long output is none of it, and is looked at where its bytes are shown.
#[test]
fn a_long_output_with_something_behind_it_is_claimed_by_its_root_alone() {
    let mut world = World::new();
    let request = world.infer();
    let output = vec![7; 2000];
    let mut dirty = region(&output);
    dirty.resize(4096, 0);
    dirty[4095] = 1;
    let mut shown = Answer::holding(&dirty, 1, HALTED, &output);
    refused(world.try_claim(SERVER, request, &shown), IHub::OutputNotProven {});
    shown.path = [path_within(&dirty), shown.path].concat();
    shown.output.clear();
    world.claim(SERVER, request, &shown);
    let kept = world.view(IHub::resultCall { requestId: request });
    assert_eq!((kept.outputLength, kept.outputRoot), (2000, region_root(&dirty)));
}

#[test]
fn length_and_root_are_those_of_the_region() {
    let mut world = World::new();
    let request = world.infer();
    let honest = Answer::halted(&[7; 2000], 1).by_root();
    let with = |edit: &dyn Fn(&mut Answer)| {
        let mut answer = honest.clone();
        edit(&mut answer);
        answer
    };
    let mut wrong = vec![
        with(&|answer| answer.path[0] ^= 1),
        with(&|answer| answer.path[2] = 1),
        with(&|answer| answer.path[31] = 1),
        with(&|answer| answer.path[32] ^= 1),
        with(&|answer| answer.path[1151] ^= 1),
        with(&|answer| answer.path.truncate(1120)),
        with(&|answer| answer.path.extend([0; 32])),
        with(&|answer| answer.output = vec![7; 2000]),
        with(&|answer| answer.output = vec![7]),
        with(&|answer| answer.state[47] = 2),
    ];
    // A length that does not fit, and one with something behind it.
    for (place, value) in [(1, 0x10), (3, 1), (4, 1), (31, 1)] {
        let mut memory = region(&[7; 2000]);
        memory[place] = value;
        let mut shown = Answer::holding(&memory, 1, HALTED, &[7; 2000]).by_root();
        shown.path[..32].copy_from_slice(&memory[..32]);
        wrong.push(shown);
    }
    for answer in wrong {
        refused(world.try_claim(SERVER, request, &answer), IHub::OutputNotProven {});
    }
    world.claim(SERVER, request, &honest);
}

#[test]
fn a_claim_costs_the_bond() {
    let mut world = World::new();
    let request = world.infer();
    let [finalState, output, path] = Answer::halted(b"because", 1).parts();
    let call = IHub::claimCall { requestId: request, finalState, output, path };
    let (have, want) = (U256::from(SERVER_BOND - 1), U256::from(SERVER_BOND));
    let refusal = IHub::InsufficientFunds { account: SERVER, have, want };
    refused(world.pay(SERVER, SERVER_BOND - 1, call), refusal);
}

#[test]
fn what_does_not_exist_is_unknown() {
    let mut world = World::new();
    let claimId = B256::repeat_byte(7);
    let unknown = IHub::UnknownClaim { claimId };
    refused(world.finalize(claimId), unknown.clone());
    refused(world.try_challenge(CAROL, claimId), unknown.clone());
    refused(world.ask(CAROL, IHub::releaseCall { claimId }), unknown.clone());
    refused(world.ask(CAROL, IHub::getClaimCall { claimId }), unknown);
    let requestId = claimId;
    let unknown = IHub::UnknownRequest { requestId };
    refused(world.ask(CAROL, IHub::resultCall { requestId }), unknown);
}

fn allow(world: &mut World, server: Address, payer: Address, allowed: bool) {
    world.ask(server, IHub::allowPayerCall { payer, allowed }).unwrap();
    assert_eq!(world.view(IHub::isAllowedCall { server, payer }), allowed);
}

#[test]
fn a_payer_is_allowed_until_it_is_not() {
    let mut world = World::new();
    let request = world.infer();
    assert!(!world.view(IHub::isAllowedCall { server: SERVER, payer: CAROL }));
    allow(&mut world, SERVER, CAROL, true);
    allow(&mut world, SERVER, CAROL, false);
    let refusal = IHub::PayerNotAllowed { server: SERVER, payer: CAROL };
    let answer = Answer::halted(b"because", 1);
    refused(world.try_claim_for([CAROL, SERVER], request, &answer), refusal);
    // Oneself needs no leave.
    world.try_claim_for([SERVER, SERVER], request, &answer).unwrap();
}

#[test]
fn a_claim_for_another_is_the_others() {
    let mut world = World::new();
    let request = world.infer();
    let answer = Answer::halted(b"because", 1);
    for server in [Address::ZERO, SERVER] {
        let refusal = IHub::PayerNotAllowed { server, payer: CAROL };
        refused(world.try_claim_for([CAROL, server], request, &answer), refusal);
    }
    allow(&mut world, SERVER, CAROL, true);
    // It is the server's word that counts, and for this one payer.
    let refusal = IHub::PayerNotAllowed { server: SERVER, payer: DAVE };
    refused(world.try_claim_for([DAVE, SERVER], request, &answer), refusal);
    let refusal = IHub::PayerNotAllowed { server: CAROL, payer: SERVER };
    refused(world.try_claim_for([SERVER, CAROL], request, &answer), refusal);
    let claim = world.try_claim_for([CAROL, SERVER], request, &answer).unwrap();
    let start = world.view(IHub::getRequestCall { requestId: request }).start;
    let tag = B256::right_padding_from(b"opml.claim.v1");
    let parts = (tag, request, SERVER, U256::ZERO, start, answer.hash());
    assert_eq!(claim, keccak256(parts.abi_encode()));
    // It is the server that has to defend it, with its own stake.
    let game = world.challenge(DAVE, claim);
    let refusal =
        IHub::InsufficientFunds { account: SERVER, have: U256::ZERO, want: U256::from(GAS_STAKE) };
    refused(world.reply(game), refusal);
    world.deposit(SERVER, GAS_STAKE);
    world.reply(game).unwrap();
    world.time_out(game);
    world.finalize(claim).unwrap();
    assert_eq!(world.credit(CAROL), 0);
    let won = CHALLENGER_BOND - CHALLENGER_BOND_BURN;
    assert_eq!(world.credit(SERVER), FEE + SERVER_BOND + GAS_STAKE + won);
}
