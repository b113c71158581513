//! Models.

use alloy_primitives::{Address, B256};
use opml_host::{Packer, Record, Unpacker};

use super::Kind;

/// First word of a model: who owns it and what it is asked for.
#[derive(Clone, Copy)]
pub struct Model {
    pub record: Record,
    pub owner: Address,
    pub retired: bool,
    pub output_log2: u8,
    pub steps_log2: u8,
    pub max_input: u32,
    pub max_iterations: u32,
}

impl Model {
    pub const TERMS: u8 = 1;
    pub const PROGRAM_ROOT: u8 = 2;
    pub const WEIGHTS_ROOT: u8 = 3;
    pub const IMAGE_ROOT: u8 = 4;

    #[inline(never)]
    pub fn load(id: B256) -> Self {
        let record = Kind::Model.record(id);
        let mut word = Unpacker::new(record.get(0));
        Self {
            record,
            owner: word.address(),
            retired: word.flag(),
            output_log2: word.number(1),
            steps_log2: word.number(1),
            max_input: word.number(4),
            max_iterations: word.number(4),
        }
    }

    pub fn save(&self) {
        let word = Packer::default()
            .address(self.owner)
            .number(self.retired, 1)
            .number(self.output_log2, 1)
            .number(self.steps_log2, 1)
            .number(self.max_input, 4)
            .number(self.max_iterations, 4);
        self.record.set(0, word.word());
    }

    #[inline(never)]
    pub fn terms(&self) -> Terms {
        let mut word = Unpacker::new(self.record.get(Self::TERMS));
        Terms { output_base: word.number(8), fee: word.number(12), iteration_fee: word.number(12) }
    }
}

/// Second word of a model.
pub struct Terms {
    /// First byte of the output region.
    pub output_base: u64,
    pub fee: u128,
    pub iteration_fee: u128,
}
