//! Blocks of memory that are made before a program runs, so that what it reads stands in one piece.
//!
//! Only a matter of speed: whatever else a program writes gets its blocks when it is written.

use opml_operator::{Control, Descriptor, RegionSpec, SPACE_LOG2, WORKING_BASE};

use crate::memory::{Block, PAGE_LOG2};
use crate::program::Program;

/// Largest block that is made before anything is written, in bytes.
const LARGEST: u64 = 1 << 30;

/// An aligned region with the end of what is written in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Need {
    base: u64,
    log2_size: u8,
    end: u64,
}

impl Need {
    const fn bytes(&self) -> u64 {
        self.end - self.base
    }
}

/// Blocks for outputs whose tiles stand side by side; at most half of `limit` bytes.
pub(super) fn blocks(program: &Program, limit: u64) -> Vec<Block> {
    let mut left = limit / 2;
    let fits = |need: &Need| match left.checked_sub(need.bytes()) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    let needs: Vec<Need> = merge(needs(program)).into_iter().filter(fits).collect();
    let block = |need: &Need| {
        let stored = usize::try_from(need.bytes()).ok()?;
        Some(Block::working(need.base, need.log2_size, stored))
    };
    needs.iter().filter_map(block).collect()
}

fn needs(program: &Program) -> Vec<Need> {
    let controls = program.operators().filter_map(|(_, operator)| operator.control().ok());
    let iterations = controls
        .map(|control| if let Control::Loop { count, .. } = control { count } else { 1 })
        .max()
        .unwrap_or(1);
    program.operators().filter_map(|(_, operator)| need(&operator, iterations)).collect()
}

/// What an operator writes in all of its tiles and iterations, if that is one dense range.
fn need(operator: &Descriptor, iterations: u32) -> Option<Need> {
    let RegionSpec { base, iteration_stride, row_stride, column_stride, log2_size } =
        operator.output;
    let last_tile = operator.tiles.checked_sub(1)?;
    let last_row = last_tile.checked_div(operator.columns)?;
    let last_column = last_tile.min(operator.columns - 1);
    let reach = |count: u32, stride: u64| u128::from(count) * u128::from(stride);
    let size = 1u128.checked_shl(log2_size)?;
    let extent = reach(iterations.saturating_sub(1), iteration_stride)
        + reach(last_row, row_stride)
        + reach(last_column, column_stride)
        + size;
    let written = size.checked_mul(operator.tiles.into())?.checked_mul(iterations.into())?;
    let end = u64::try_from(u128::from(base).checked_add(extent)?).ok()?;
    if extent > written || extent > LARGEST.into() || end > 1 << SPACE_LOG2 {
        return None;
    }
    let need = enclosing(base, end);
    let tight = 1u64 << need.log2_size <= 4 * (end - base).max(1 << PAGE_LOG2);
    (tight && need.base >= WORKING_BASE).then_some(need)
}

/// The smallest aligned region of whole pages that holds a range.
fn enclosing(start: u64, end: u64) -> Need {
    let differing = u64::BITS - (start ^ (end - 1)).leading_zeros();
    let log2_size = u8::try_from(differing).unwrap_or(SPACE_LOG2).max(PAGE_LOG2);
    Need { base: start >> log2_size << log2_size, log2_size, end }
}

/// The outermost ones. Aligned regions are nested or disjoint.
fn merge(mut needs: Vec<Need>) -> Vec<Need> {
    needs.sort_by_key(|need| (need.base, std::cmp::Reverse(need.log2_size)));
    let mut outermost: Vec<Need> = Vec::new();
    for need in needs {
        match outermost.last_mut() {
            Some(last) if need.base >> last.log2_size == last.base >> last.log2_size => {
                last.end = last.end.max(need.end);
            }
            _ => outermost.push(need),
        }
    }
    outermost
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_enclose_ranges() {
        let need = |base, log2_size, end| Need { base, log2_size, end };
        assert_eq!(enclosing(0x10_0000, 0x10_0040), need(0x10_0000, 12, 0x10_0040));
        assert_eq!(enclosing(0x10_0040, 0x10_1040), need(0x10_0000, 13, 0x10_1040));
        assert_eq!(enclosing(0x10_1000, 0x10_3000), need(0x10_0000, 14, 0x10_3000));
    }

    #[test]
    fn nested_regions_become_one() {
        let need = |base, log2_size, end| Need { base, log2_size, end };
        let merged = merge(vec![
            need(0x2000, 12, 0x2100),
            need(0x0000, 13, 0x1100),
            need(0x1000, 12, 0x1800),
            need(0x2000, 13, 0x3000),
        ]);
        assert_eq!(merged, [need(0x0000, 13, 0x1800), need(0x2000, 13, 0x3000)]);
    }
}
