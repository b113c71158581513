//! From calldata to the data returned or reverted with.

use alloc::vec::Vec;

use alloy_primitives::B256;
use alloy_sol_types::{SolCall, SolError};

use super::{
    Answer, answers, disputes, enrolments, money, records, require, secrets, settlement, setup,
    slash, summons, verifiers, views,
};
use crate::abi::IAttention::{
    UnknownSelector, ValueNotAccepted, answerCall, burnedCall, commitCall, creditOfCall,
    defundCall, depositCall, disputeCall, enrolCall, exitCall, flushBurnedCall, fundCall,
    getAnswerCall, getEnrolmentCall, getGameCall, getRegistrationCall, getSummonsCall,
    initializeCall, leaveCall, lockStakeCall, parametersCall, registerCall, returnPotCall,
    revealCall, secretOfCall, settleCall, slashMissingCall, slashSilentCall, summonCall,
    verdictCall, withdrawCall,
};
use opml_host::Arguments;
use opml_host::host;
use opml_host::{Word, concat, refusal};

/// Executes one call.
pub fn call(calldata: &[u8]) -> Answer<Vec<u8>> {
    let (selector, params) = calldata.split_first_chunk::<4>().unwrap_or((&[0; 4], &[]));
    let arguments = Arguments(params);
    if let Some(answer) = payable(*selector, arguments) {
        return answer;
    }
    let value = host::value();
    require!(value == 0, ValueNotAccepted, value);
    if let Some(answer) = act(*selector, arguments) {
        return answer.map(none);
    }
    match *selector {
        enrolCall::SELECTOR => enrolments::enrol(arguments).map(one),
        parametersCall::SELECTOR => Ok(setup::parameters()),
        getEnrolmentCall::SELECTOR => arguments.word(0).and_then(views::enrolment),
        getRegistrationCall::SELECTOR => arguments.word(0).and_then(views::registration),
        getGameCall::SELECTOR => arguments.word(0).and_then(views::game),
        getSummonsCall::SELECTOR => views::summons(arguments),
        getAnswerCall::SELECTOR => views::answer(arguments),
        secretOfCall::SELECTOR => views::secret(arguments).map(one),
        burnedCall::SELECTOR => Ok(one(records::burned().get())),
        creditOfCall::SELECTOR => {
            arguments.address(0).map(|account| one(records::credit_of(account).get()))
        }
        selector => Err(refusal(UnknownSelector::SELECTOR, &[B256::right_padding_from(&selector)])),
    }
}

/// The functions that take ether; none if it is another.
fn payable(selector: [u8; 4], arguments: Arguments<'_>) -> Option<Answer<Vec<u8>>> {
    Some(match selector {
        registerCall::SELECTOR => verifiers::register(arguments).map(one),
        disputeCall::SELECTOR => disputes::dispute(arguments).map(one),
        fundCall::SELECTOR => arguments.word(0).and_then(enrolments::fund).map(none),
        depositCall::SELECTOR => {
            money::deposit();
            Ok(Vec::new())
        }
        _ => return None,
    })
}

/// The functions that take no ether and return nothing; none if it is another.
fn act(selector: [u8; 4], arguments: Arguments<'_>) -> Option<Answer<()>> {
    Some(match selector {
        initializeCall::SELECTOR => setup::initialize(arguments),
        defundCall::SELECTOR => enrolments::defund(arguments),
        leaveCall::SELECTOR => arguments.word(0).and_then(verifiers::leave),
        exitCall::SELECTOR => arguments.word(0).and_then(verifiers::exit),
        revealCall::SELECTOR => secrets::reveal(arguments),
        slashSilentCall::SELECTOR => arguments.word(0).and_then(slash::silent),
        slashMissingCall::SELECTOR => slash::missing(arguments),
        summonCall::SELECTOR => summons::summon(arguments),
        commitCall::SELECTOR => answers::commit(arguments),
        answerCall::SELECTOR => answers::answer(arguments),
        settleCall::SELECTOR => settlement::settle(arguments),
        returnPotCall::SELECTOR => settlement::return_pot(arguments),
        verdictCall::SELECTOR => disputes::verdict(arguments),
        lockStakeCall::SELECTOR => arguments.word(0).and_then(disputes::lock_stake),
        withdrawCall::SELECTOR => money::withdraw(arguments),
        flushBurnedCall::SELECTOR => money::flush_burned(),
        _ => return None,
    })
}

fn none((): ()) -> Vec<u8> {
    Vec::new()
}

fn one(value: impl Word) -> Vec<u8> {
    concat(&[value.word()])
}
