//! A courier beside the court, and consumers deployed on it.

use alloy_primitives::{Address, B256, U256};
use alloy_rpc_types_eth::TransactionRequest;
use alloy_sol_types::{SolCall, SolEvent, SolValue, sol};
use opml_devnet::chain::DEV_ACCOUNT;

use crate::chain_support::{create, deploy_program, to};
use crate::court::{Court, Done, STRANGER, Sent, WINDOW, contract};
use crate::model::{Answer, Model, OUTPUT_BASE};
use crate::solidity::init_code;

pub mod abi {
    #![allow(clippy::pedantic, missing_docs)]
    super::sol!(
        #![sol(all_derives)]
        "../../sol/ICourier.sol"
    );
}
pub use abi::ICourier;

sol! {
    #![sol(all_derives)]
    /// What every consumer has.
    interface Consumer {
        function recover(bytes32 requestId) external;
        function withdrawRefund(address to) external;
        function sendRefund(address account) external;
        function refundOf(address account) external view returns (uint256);
        function pending(bytes32 requestId) external view returns (address payer, uint96 paid);
        error WrongPayment(uint256 have, uint256 want);
        error NotCourier(address caller);
        error NotPending(bytes32 requestId);
        error NotDelivered(bytes32 requestId);
    }
}

/// Wei for each gas of a delivery.
const GAS_PRICE: u64 = 20_000_003;

/// Who pays for what consumers ask.
pub const USER: Address = crate::court::REQUESTER;

pub struct Desk {
    pub court: Court,
    pub courier: Address,
}

impl Desk {
    pub fn new() -> Self {
        let mut court = Court::new();
        let at = alloy_eips::BlockId::latest();
        let creationNonce = court.chain.nonce(DEV_ACCOUNT, at).unwrap();
        let courier = deploy_program(&mut court.chain, &contract("courier"));
        let call = ICourier::initializeCall { creationNonce, hub: court.hub, gasPrice: GAS_PRICE };
        court.send_to(DEV_ACCOUNT, courier, call.abi_encode()).unwrap();
        Self { court, courier }
    }

    /// Deploys the contract that a file of Solidity is named after.
    pub fn deploy(&mut self, path: &str, arguments: impl SolValue) -> Address {
        let code = [init_code(path), arguments.abi_encode()].concat();
        let address = create(&mut self.court.chain, code);
        self.court.ledger.accounts.insert(address);
        address
    }

    /// A model whose output has a region of `2^log2_size` bytes; its trace is of no account.
    pub fn register(&mut self, log2_size: u8) -> B256 {
        self.court.register_as(&Model::toy(4), |entry| {
            (entry.outputBase, entry.outputLog2) = (OUTPUT_BASE, log2_size);
        })
    }

    /// A transaction with wei.
    pub fn pay<C: SolCall>(
        &mut self,
        from: Address,
        (target, wei): (Address, U256),
        call: C,
    ) -> Sent {
        let request = to(target, call.abi_encode());
        self.court.send(TransactionRequest { from: Some(from), value: Some(wei), ..request })
    }

    pub fn send<C: SolCall>(&mut self, from: Address, target: Address, call: C) -> Sent {
        self.pay(from, (target, U256::ZERO), call)
    }

    pub fn view<C: SolCall>(&self, target: Address, call: C) -> C::Return {
        self.court.view(target, call)
    }

    /// Asks through a consumer for what it wants, of a model whose requests cost `fee` at the hub; the request.
    pub fn ask<C: SolCall>(
        &mut self,
        model: B256,
        (target, wei): (Address, U256),
        call: C,
    ) -> B256 {
        let (fee, burn) = self.court.quote(model);
        self.court.price = fee + burn;
        let done = self.pay(USER, (target, wei), call).unwrap();
        requested(&self.court, &done)
    }

    /// Answers a request, and lets the answer become final.
    pub fn answer(&mut self, request: B256, answer: &Answer) -> B256 {
        let claim = self.court.claim(crate::court::SERVER, request, answer);
        self.court.pass(WINDOW);
        self.court.finalize(claim).unwrap();
        claim
    }

    pub fn deliver(&mut self, requestId: B256) -> Sent {
        self.send(STRANGER, self.courier, ICourier::deliverCall { requestId })
    }

    /// A delivery after which the consumer's function has returned, or has not.
    pub fn deliver_with(&mut self, request: B256, success: bool) -> Done {
        let done = self.deliver(request).unwrap();
        let event = event::<ICourier::Delivered>(&done);
        assert_eq!((event.requestId, event.success), (request, success));
        done
    }
}

/// The request that a transaction has made at the hub.
pub fn requested(court: &Court, done: &Done) -> B256 {
    let mut logs = done.receipt.logs().iter().filter(|log| log.address() == court.hub);
    let requested = crate::abi::IHub::Requested::SIGNATURE_HASH;
    logs.find(|log| log.topics()[0] == requested).unwrap().topics()[1]
}

/// The only event of a kind in a transaction.
pub fn event<E: SolEvent>(done: &Done) -> E {
    let logs = done.receipt.logs().iter();
    let mut found: Vec<E> =
        logs.filter_map(|log| E::decode_log_data_validate(log.data()).ok()).collect();
    assert_eq!(found.len(), 1);
    found.remove(0)
}
