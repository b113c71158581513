//! Steps of the machines, asked of the step contract.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolCall;
use opml_core::game::{Begin, End, StepRules};
use opml_core::mips::State;

use crate::abi::IGame::{StateNotAgreed, VerifierAnswer, WrongProgram};
use crate::abi::verifier::IStepVerifier::{beginCall, endCall, stepCall};
use crate::calldata::{exact, wide};
use crate::encode::{Tail, encode};
use crate::errors;
use crate::host::Host;
use crate::moves::{GraphStep, RunEnd, Shown};
use crate::revert::Revert;
use crate::settings::step_contract;

/// `keccak256(program root || image root)`: all that a game keeps of what it is about.
pub fn program_hash<H: Host>(program_root: &B256, image_root: &B256) -> B256 {
    H::node(program_root, image_root)
}

/// The step contract, shown what a move shows.
pub struct Verifier<'a, H> {
    pub host: &'a H,
    /// Hash of the program that the game is about.
    pub program: B256,
    pub shown: &'a Shown<'a>,
}

impl<'a, H: Host> Verifier<'a, H> {
    /// The graph step shown. A move that asks for one shows one: both come from its kind.
    fn graph_step(&self) -> Result<&'a GraphStep<'a>, Revert> {
        let Shown::Step(step) = self.shown else { return Err(VerifierAnswer { length: 0 }.into()) };
        let computed = program_hash::<H>(&step.program_root, &step.image_root);
        if computed != self.program {
            return Err(WrongProgram { expected: self.program, computed }.into());
        }
        Ok(step)
    }

    /// The `N` words that the step contract answers.
    fn ask<const N: usize>(&self, calldata: &[u8]) -> Result<[B256; N], Revert> {
        let contract: Address = step_contract(self.host);
        let answer = self.host.query(contract, calldata).map_err(Revert)?;
        let words: Vec<B256> = answer.as_chunks::<32>().0.iter().map(B256::from).collect();
        let malformed = VerifierAnswer { length: wide(answer.len()) };
        if answer.len() != N.saturating_mul(32) {
            return Err(malformed.into());
        }
        words.try_into().map_err(|_| malformed.into())
    }
}

impl<H: Host> StepRules for Verifier<'_, H> {
    type Error = Revert;

    fn begin(&mut self, agreed: B256) -> Result<Begin, Revert> {
        let step = self.graph_step()?;
        let words = [agreed, step.program_root, step.image_root];
        let tails = [Tail::Bytes(step.state), Tail::Bytes(step.witness)];
        let [kind, result, bound] = self.ask(&encode(&beginCall::SELECTOR, &words, &tails))?;
        let malformed = VerifierAnswer { length: 96 };
        let bound = exact(&bound).and_then(|bound| u8::try_from(bound).ok());
        match (exact(&kind), bound) {
            (Some(0), Some(_)) => Ok(Begin::Direct { successor: result }),
            (Some(1), Some(bound)) => Ok(Begin::Run { initial: result, bound }),
            _ => Err(malformed.into()),
        }
    }

    fn end(&mut self, agreed: B256) -> Result<End, Revert> {
        let step = self.graph_step()?;
        let Some(RunEnd { state, witness }) = &step.end else {
            return Err(VerifierAnswer { length: 0 }.into());
        };
        let words = [agreed, step.program_root];
        let tails = [Tail::Bytes(step.state), Tail::Bytes(state), Tail::Bytes(witness)];
        let [successor, last] = self.ask(&encode(&endCall::SELECTOR, &words, &tails))?;
        Ok(End { successor, last })
    }

    fn step(&mut self, agreed: B256) -> Result<B256, Revert> {
        let Shown::Instruction { state, witness } = self.shown else {
            return Err(VerifierAnswer { length: 0 }.into());
        };
        // The step contract takes any state: that it is the agreed one is checked here.
        let computed = State::decode(state).map_err(errors::state)?.hash::<H>();
        if computed != agreed {
            return Err(StateNotAgreed { expected: agreed, computed }.into());
        }
        let tails = [Tail::Bytes(state), Tail::Bytes(witness)];
        let [successor] = self.ask(&encode(&stepCall::SELECTOR, &[], &tails))?;
        Ok(successor)
    }
}
