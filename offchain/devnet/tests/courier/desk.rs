//! A courier beside a hub, and what is done with it.

use alloy_eips::BlockId;
use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::{SolCall, SolEvent, sol};
use opml_devnet::chain::DEV_ACCOUNT;

use crate::answer::Answer;
use crate::chain_support::{deploy_evm, deploy_program};
use crate::world::{IHub, REQUESTER, SERVER, WINDOW, World, module};

pub mod abi {
    #![allow(clippy::pedantic, clippy::too_many_arguments, missing_docs)]
    super::sol!(
        #![sol(all_derives)]
        "../../sol/ICourier.sol"
    );
}
pub use abi::ICourier;

/// Wei for each gas.
pub const GAS_PRICE: u64 = 20_000_003;
/// Gas that an order pays for besides the consumer's.
pub const DELIVERY_GAS: u64 = 300_000;
pub const GAS: u64 = 200_000;

/// Least pay of an order.
pub fn price(gas_limit: u64) -> u128 {
    u128::from(GAS_PRICE) * u128::from(gas_limit + DELIVERY_GAS)
}

pub struct Desk {
    pub world: World,
    pub courier: Address,
}

impl Desk {
    /// A courier that is not initialised, and its creation nonce.
    pub fn deployed() -> (Self, u64) {
        let mut world = World::new();
        let nonce = world.chain.nonce(DEV_ACCOUNT, BlockId::latest()).unwrap();
        let courier = deploy_program(&mut world.chain, &module("courier"));
        (Self { world, courier }, nonce)
    }

    pub fn new() -> Self {
        let (mut desk, nonce) = Self::deployed();
        let hub = desk.world.hub;
        let call = ICourier::initializeCall { creationNonce: nonce, hub, gasPrice: GAS_PRICE };
        desk.ask(DEV_ACCOUNT, call).unwrap();
        desk
    }

    /// Calls the courier; the data that it reverts with if it does.
    pub fn ask<C: SolCall>(&mut self, from: Address, call: C) -> Result<C::Return, Bytes> {
        self.pay(from, 0, call)
    }

    /// Calls the courier with ether.
    pub fn pay<C: SolCall>(
        &mut self,
        from: Address,
        value: u128,
        call: C,
    ) -> Result<C::Return, Bytes> {
        let returned = self.world.send(from, self.courier, value, call.abi_encode())?;
        Ok(C::abi_decode_returns(&returned).unwrap())
    }

    pub fn consumer(&mut self, code: &[u8]) -> Address {
        deploy_evm(&mut self.world.chain, code)
    }

    pub fn order_call(request: B256, callback: Address) -> ICourier::orderCall {
        let data = Bytes::from_static(b"for whom");
        ICourier::orderCall { requestId: request, callback, gasLimit: GAS, data }
    }

    /// Orders with the usual gas, for the usual price.
    pub fn order(&mut self, request: B256, callback: Address) {
        let call = Self::order_call(request, callback);
        self.pay(REQUESTER, price(GAS), call).unwrap();
    }

    pub fn deliver(&mut self, from: Address, requestId: B256) -> Result<bool, Bytes> {
        self.ask(from, ICourier::deliverCall { requestId })
    }

    /// A request, asked and ordered.
    pub fn ordered(&mut self, callback: Address) -> B256 {
        let request = self.world.infer();
        self.order(request, callback);
        request
    }

    /// Answers a request and makes the answer final.
    pub fn finish(&mut self, request: B256) -> B256 {
        let claim = self.world.claim(SERVER, request, &Answer::halted(b"because", 1));
        self.world.pass(WINDOW);
        self.world.finalize(claim).unwrap();
        claim
    }

    pub fn outcome(&self, requestId: B256) -> IHub::Outcome {
        self.world.view(IHub::resultCall { requestId })
    }

    pub fn get(&mut self, requestId: B256) -> ICourier::Order {
        self.ask(REQUESTER, ICourier::getOrderCall { requestId }).unwrap()
    }

    pub fn credit(&mut self, account: Address) -> U256 {
        self.ask(REQUESTER, ICourier::creditOfCall { account }).unwrap()
    }

    pub fn balance(&self) -> u128 {
        self.world.chain.balance(self.courier, BlockId::latest()).unwrap().to()
    }

    /// The only log of this kind in the last transaction.
    pub fn event<E: SolEvent>(&self) -> E {
        let logs = self.world.last.as_ref().unwrap().logs().iter();
        let mut found = logs.filter(|log| log.topics().first() == Some(&E::SIGNATURE_HASH));
        let event = found.next().expect("the event was not emitted");
        assert!(found.next().is_none());
        E::decode_log_data(event.data()).unwrap()
    }
}
