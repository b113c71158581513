//! What the contract keeps, record by record.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use opml_host::{Number, Packer, Record, Unpacker};

use crate::abi::ICourier::OrderStatus;

const COURIER: u8 = 0;
const ACCOUNT: u8 = 1;
const ORDER: u8 = 2;

#[derive(Clone, Copy)]
pub struct Configuration {
    pub hub: Address,
    /// Wei for each gas.
    pub gas_price: u64,
}

fn courier() -> Record {
    Record::new(COURIER, B256::ZERO)
}

pub fn configuration() -> Configuration {
    let mut word = Unpacker::new(courier().get(0));
    Configuration { hub: word.address(), gas_price: word.number(8) }
}

pub fn set_configuration(configuration: Configuration) {
    let Configuration { hub, gas_price } = configuration;
    courier().set(0, Packer::default().address(hub).number(gas_price, 8).word());
}

pub fn credit_of(account: Address) -> Number {
    Number(Record::new(ACCOUNT, account.into_word()), 0)
}

/// First word of an order.
#[derive(Clone, Copy)]
pub struct Order {
    record: Record,
    pub callback: Address,
    pub gas_limit: u64,
    pub status: OrderStatus,
    /// Bytes of data.
    pub length: u16,
}

impl Order {
    const PAY: u8 = 1;
    /// First word of the data.
    const DATA: u8 = 32;

    pub fn load(request: B256) -> Self {
        let record = Record::new(ORDER, request);
        let mut word = Unpacker::new(record.get(0));
        Self {
            record,
            callback: word.address(),
            gas_limit: word.number(8),
            status: OrderStatus::try_from(word.number::<u8>(1)).unwrap_or(OrderStatus::None),
            length: word.number(2),
        }
    }

    pub fn save(&self) {
        let word = Packer::default()
            .address(self.callback)
            .number(self.gas_limit, 8)
            .number(self.status as u8, 1)
            .number(self.length, 2);
        self.record.set(0, word.word());
    }

    /// What the deliverer earns.
    pub fn pay(&self) -> Number {
        Number(self.record, Self::PAY)
    }

    pub fn data(&self) -> Vec<u8> {
        let length = usize::from(self.length);
        let words = (Self::DATA..).take(length.div_ceil(32));
        let mut data: Vec<u8> = words.flat_map(|index| self.record.get(index).0).collect();
        data.truncate(length);
        data
    }

    /// Keeps as many bytes as `length` says.
    pub fn set_data(&self, data: &[u8]) {
        for (index, word) in (Self::DATA..).zip(data.chunks(32)) {
            self.record.set(index, B256::right_padding_from(word));
        }
    }
}
