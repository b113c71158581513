//! A liar about a GELU.

use opml_core::game::{Move, Position, Side};
use opml_operator::{Operator, Place};
use opml_runtime::Executor;
use opml_runtime::tile::KernelImage;
use opml_solver::machines::Evidence;
use opml_solver::machines::liar::{Fault, From, Liar};
use opml_solver::next_move;

use crate::player::Player;

/// The kernels, but for the first word of a GELU.
fn faulty(operator: &Operator, place: Place, inputs: &[&[u32]], output: &mut [u32]) {
    opml_kernels::run(operator, place, inputs, output);
    output[0] ^= u32::from(is_gelu(operator));
}

const fn is_gelu(operator: &Operator) -> bool {
    matches!(operator, Operator::Gelu(_))
}

/// A GELU's first word is wrong from some instruction on.
pub const fn gelu(from: fn(u8) -> u64) -> Fault {
    Fault { kernels: faulty, hits: is_gelu, from: From::Instruction(from) }
}

pub fn liar(start: Executor, steps_log2: u8, fault: Fault) -> Liar {
    Liar::new((start, steps_log2), fault, (KernelImage::released().unwrap(), 64 << 20)).unwrap()
}

impl Player for Liar {
    fn reply(&mut self, position: &Position, side: Side) -> Option<(Move, Evidence)> {
        let mv = next_move(position, side, self).unwrap()?;
        let evidence = self.evidence(position, &mv).unwrap();
        Some((mv, evidence))
    }
}
