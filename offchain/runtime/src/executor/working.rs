//! The blocks of memory that a program writes to.

use opml_operator::{
    Control, Descriptor, REQUEST_BASE, REQUEST_LOG2, RegionSpec, SPACE_LOG2, WORKING_BASE,
};

use super::ExecutorError;
use crate::memory::{Block, PAGE_LOG2};
use crate::program::Program;

/// An aligned region with the end of what is written in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Need {
    base: u64,
    log2_size: u8,
    end: u64,
}

/// Blocks for a request of `request` bytes and for everything that any tile of `program` may write;
/// `limit` bytes at most.
pub(super) fn blocks(
    program: &Program,
    request: usize,
    limit: u64,
) -> Result<Vec<Block>, ExecutorError> {
    let mut needs = needs(program);
    // The region around two outputs may reach around the request, which lies below them.
    let end = REQUEST_BASE + request as u64;
    needs.push(Need { base: REQUEST_BASE, log2_size: REQUEST_LOG2, end });
    let needs = merge(needs);
    let needed = needs.iter().fold(0, |sum: u64, need| sum.saturating_add(need.end - need.base));
    if needed > limit {
        return Err(ExecutorError::Working { needed, limit });
    }
    let too_large = |_| ExecutorError::Working { needed, limit };
    needs
        .iter()
        .map(|need| {
            let stored = usize::try_from(need.end - need.base).map_err(too_large)?;
            Ok(Block::working(need.base, need.log2_size, stored))
        })
        .collect()
}

fn needs(program: &Program) -> Vec<Need> {
    let controls = program.operators().filter_map(|(_, operator)| operator.control().ok());
    let iterations = controls
        .map(|control| if let Control::Loop { count, .. } = control { count } else { 1 })
        .max()
        .unwrap_or(1);
    program.operators().filter_map(|(_, operator)| need(&operator, iterations)).collect()
}

/// What an operator writes in any of its tiles and iterations; nothing if it is never legal.
fn need(operator: &Descriptor, iterations: u32) -> Option<Need> {
    let RegionSpec { base, iteration_stride, row_stride, column_stride, log2_size } =
        operator.output;
    let last_tile = operator.tiles.checked_sub(1)?;
    let last_row = last_tile.checked_div(operator.columns)?;
    let last_column = last_tile.min(operator.columns - 1);
    let reach = |count: u32, stride: u64| u128::from(count) * u128::from(stride);
    let space = 1u128 << SPACE_LOG2;
    let end = u128::from(base)
        + reach(iterations.saturating_sub(1), iteration_stride)
        + reach(last_row, row_stride)
        + reach(last_column, column_stride)
        + (1u128 << log2_size.min(SPACE_LOG2.into()));
    if u128::from(base) >= space {
        return None;
    }
    // What would reach beyond the memory is illegal, and writes nothing.
    let end = u64::try_from(end.min(space)).ok()?;
    // What would lie below is illegal too.
    let start = base.max(WORKING_BASE);
    (start < end).then(|| enclosing(start, end))
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
