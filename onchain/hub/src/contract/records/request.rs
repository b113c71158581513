//! Requests.

use alloy_primitives::{Address, B256};
use opml_host::{Packer, Record, Unpacker};

use super::Kind;
use crate::abi::IHub::{AcceptanceStatus, RequestStatus};

/// First word of a request.
#[derive(Clone, Copy)]
pub struct Request {
    pub record: Record,
    pub requester: Address,
    pub status: RequestStatus,
    /// Claims so far; a bond each keeps them below 2^24.
    pub attempts: u32,
    pub deadline: u64,
    /// Iterations that are paid for; below 2^24.
    pub iterations: u32,
}

impl Request {
    pub const MODEL: u8 = 1;
    pub const START: u8 = 2;
    pub const HEAD: u8 = 3;
    pub const TAIL: u8 = 4;
    const ACCEPTANCE: u8 = 5;

    #[inline(never)]
    pub fn load(id: B256) -> Self {
        let record = Kind::Request.record(id);
        let mut word = Unpacker::new(record.get(0));
        Self {
            record,
            requester: word.address(),
            status: RequestStatus::try_from(word.number::<u8>(1)).unwrap_or(RequestStatus::None),
            attempts: word.number(3),
            deadline: word.number(5),
            iterations: word.number(3),
        }
    }

    #[inline(never)]
    pub fn save(&self) {
        let word = Packer::default()
            .address(self.requester)
            .number(self.status as u8, 1)
            .number(self.attempts, 3)
            .number(self.deadline, 5)
            .number(self.iterations, 3);
        self.record.set(0, word.word());
    }

    #[inline(never)]
    pub fn acceptance(&self) -> Acceptance {
        let mut word = Unpacker::new(self.record.get(Self::ACCEPTANCE));
        let server = word.address();
        let status = AcceptanceStatus::try_from(word.number::<u8>(1));
        Acceptance {
            server,
            status: status.unwrap_or(AcceptanceStatus::None),
            until: word.number(7),
        }
    }

    #[inline(never)]
    pub fn set_acceptance(&self, acceptance: &Acceptance) {
        let word = Packer::default()
            .address(acceptance.server)
            .number(acceptance.status as u8, 1)
            .number(acceptance.until, 7);
        self.record.set(Self::ACCEPTANCE, word.word());
    }
}

/// A later word of a request: who has taken it for itself.
pub struct Acceptance {
    pub server: Address,
    pub status: AcceptanceStatus,
    pub until: u64,
}
