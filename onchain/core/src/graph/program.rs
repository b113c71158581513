//! The program table: 65,536 descriptors of 512 bytes under one Merkle root.

use alloy_primitives::B256;
use opml_operator::{DESCRIPTOR_BYTES, Descriptor, Illegal, Tile, legal};
use thiserror::Error;

use super::{GraphState, GraphStatus};
use crate::keccak::Keccak;
use crate::merkle::{LEAF_LOG2, Region, RootBuilder, Space};

/// Size of a descriptor as a region of the table.
pub(super) const DESCRIPTOR_LOG2: u8 = 9;
const _: () = assert!(1 << DESCRIPTOR_LOG2 == DESCRIPTOR_BYTES);

/// A descriptor's encoding. That of an operator which is absent is all zero.
pub type DescriptorBytes = [u8; DESCRIPTOR_BYTES];

/// Region of operator `pc` in the program table; `None` for a pc outside it.
pub fn descriptor_region(pc: u32) -> Option<Region> {
    // Below 2^41: no bit is lost.
    Region::new(Space::PROGRAM, u64::from(pc) << DESCRIPTOR_LOG2, DESCRIPTOR_LOG2).ok()
}

/// Root of a descriptor's region.
pub fn descriptor_root<K: Keccak>(descriptor: &DescriptorBytes) -> B256 {
    let mut leaves = RootBuilder::<K>::new(LEAF_LOG2);
    leaves.extend(descriptor);
    // 16 leaves are a region of 512 bytes.
    leaves.finish(DESCRIPTOR_LOG2).unwrap_or_default()
}

/// What the step of a state is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "there is no heap here")]
pub enum GraphStep {
    /// None: the state is halted or failed and its own successor.
    Stopped,
    /// A failure without a run: the successor is the failed state.
    Illegal(IllegalStep),
    /// A tile of an operator, to be computed.
    Tile(Tile),
}

/// Why a step fails without a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum IllegalStep {
    /// The program table has no operator with this number.
    #[error("pc {pc} is outside the program table")]
    Pc {
        /// The state's pc.
        pc: u32,
    },
    /// The operator cannot be executed at the state's iteration and tile.
    #[error("operator {pc} cannot be executed")]
    Operator {
        /// The state's pc.
        pc: u32,
        /// The first rule that is broken.
        source: Illegal,
    },
}

impl GraphStep {
    /// The step of `state`, where `descriptor` is the program's at the state's pc.
    ///
    /// Total; what the descriptor holds is only looked at where a running state's pc is in the table.
    pub fn of(state: &GraphState, descriptor: &DescriptorBytes) -> Self {
        let pc = state.pc;
        if state.status != GraphStatus::Running {
            return Self::Stopped;
        }
        if descriptor_region(pc).is_none() {
            return Self::Illegal(IllegalStep::Pc { pc });
        }
        let tile = Descriptor::decode(descriptor)
            .and_then(|descriptor| legal(&descriptor, state.iteration, state.tile));
        match tile {
            Ok(tile) => Self::Tile(tile),
            Err(source) => Self::Illegal(IllegalStep::Operator { pc, source }),
        }
    }
}
