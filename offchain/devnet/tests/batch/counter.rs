//! A batch contract beside a hub, and what is done with it.

use alloy_eips::BlockId;
use alloy_primitives::{Address, B256, Bytes, b256, keccak256};
use alloy_sol_types::{SolCall, SolValue, sol};
use opml_devnet::chain::DEV_ACCOUNT;

use crate::answer::Answer;
use crate::chain_support::deploy_program;
use crate::world::{IHub, RIVAL, SERVER, SERVER_BOND, World, module};

pub mod abi {
    #![allow(clippy::pedantic, missing_docs)]
    super::sol!(
        #![sol(all_derives)]
        "../../sol/IBatch.sol"
    );
}
pub use abi::IBatch;

pub struct Counter {
    pub world: World,
    pub batch: Address,
}

impl Counter {
    /// A contract that is not initialised, and its creation nonce.
    pub fn deployed() -> (Self, u64) {
        let mut world = World::new();
        let nonce = world.chain.nonce(DEV_ACCOUNT, BlockId::latest()).unwrap();
        let batch = deploy_program(&mut world.chain, &module("batch"));
        (Self { world, batch }, nonce)
    }

    pub fn new() -> Self {
        let (mut counter, nonce) = Self::deployed();
        let hub = counter.world.hub;
        counter.ask(DEV_ACCOUNT, IBatch::initializeCall { creationNonce: nonce, hub }).unwrap();
        for server in [SERVER, RIVAL] {
            counter.allow(server);
        }
        counter
    }

    /// A server lets the contract claim in its name.
    pub fn allow(&mut self, server: Address) {
        let call = IHub::allowPayerCall { payer: self.batch, allowed: true };
        self.world.ask(server, call).unwrap();
    }

    pub fn ask<C: SolCall>(&mut self, from: Address, call: C) -> Result<C::Return, Bytes> {
        self.pay(from, 0, call)
    }

    pub fn pay<C: SolCall>(
        &mut self,
        from: Address,
        value: u128,
        call: C,
    ) -> Result<C::Return, Bytes> {
        let returned = self.world.send(from, self.batch, value, call.abi_encode())?;
        Ok(C::abi_decode_returns(&returned).unwrap())
    }

    /// So many requests.
    pub fn requests(&mut self, count: usize) -> Vec<B256> {
        (0..count).map(|_| self.world.infer()).collect()
    }

    /// Claims items for a server with their bonds.
    pub fn try_claim(
        &mut self,
        server: Address,
        items: Vec<IBatch::Item>,
    ) -> Result<(B256, Vec<B256>), Bytes> {
        let value = SERVER_BOND * items.len() as u128;
        let claimed = self.pay(server, value, IBatch::claimManyCall { items })?;
        self.world.claims.extend(&claimed.claimIds);
        self.world.assert_balanced();
        Ok((claimed.root, claimed.claimIds))
    }

    pub fn balance(&self) -> u128 {
        self.world.chain.balance(self.batch, BlockId::latest()).unwrap().to()
    }
}

pub fn item(request: B256, answer: &Answer) -> IBatch::Item {
    let [finalState, output, path] = answer.parts();
    IBatch::Item { requestId: request, finalState, output, path }
}

/// Root of a batch, as its definition reads.
pub fn root(items: &[IBatch::Item]) -> B256 {
    let tag = B256::right_padding_from(b"opml.batch.item.v1");
    let mut level: Vec<B256> = items
        .iter()
        .map(|item| {
            let parts = [&item.finalState, &item.output, &item.path].map(keccak256);
            keccak256((tag, item.requestId, parts[0], parts[1], parts[2]).abi_encode())
        })
        .collect();
    level.resize(32, B256::ZERO);
    while level.len() > 1 {
        level = level.chunks(2).map(|pair| keccak256([pair[0].0, pair[1].0].concat())).collect();
    }
    level[0]
}

/// The vector of the specification.
#[test]
fn a_root_is_that_of_the_specification() {
    let item = |byte| IBatch::Item {
        requestId: B256::repeat_byte(byte),
        finalState: b"state".into(),
        output: b"output".into(),
        path: Bytes::new(),
    };
    let wanted = b256!("2af62006c2423179928ccdcaa550165a2368b103f940436cf98a6edec3c4f791");
    assert_eq!(root(&[item(1), item(2)]), wanted);
}
