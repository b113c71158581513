//! Sums of long rows, in their one order.

/// Products summed up before the sum is added to the total.
pub const CHUNK: usize = 512;
/// Partial sums of a reduction.
const STRIDES: usize = 16;

/// Sum of `terms`: partial sum `i`, from +0, takes terms i, i + 16, i + 32 ...; then partial sums
/// i + 8 are added to i, i + 4 to i, i + 2 to i, and 1 to 0.
#[inline]
pub fn strided(terms: impl Iterator<Item = f32>) -> f32 {
    let mut partial = [0.0_f32; STRIDES];
    for (index, term) in terms.enumerate() {
        partial[index % STRIDES] += term;
    }
    for half in [8, 4, 2, 1] {
        for index in 0..half {
            partial[index] += partial[index + half];
        }
    }
    partial[0]
}
