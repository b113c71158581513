//! Sums of long rows, in their one order.

/// Products summed up before the sum is added to the total.
pub const CHUNK: usize = 512;
/// Partial sums of a reduction.
const STRIDES: usize = 16;

/// Partial sum `i`, from +0, of terms i, i + 16, i + 32 ...
#[derive(Default)]
pub struct Strided {
    partial: [f32; STRIDES],
    count: usize,
}

impl Strided {
    /// The next term.
    #[inline]
    pub fn add(&mut self, term: f32) {
        self.partial[self.count % STRIDES] += term;
        self.count += 1;
    }

    /// Partial sums i + 8 are added to i, i + 4 to i, i + 2 to i, and 1 to 0.
    #[inline]
    pub fn sum(mut self) -> f32 {
        for half in [8, 4, 2, 1] {
            for index in 0..half {
                self.partial[index] += self.partial[index + half];
            }
        }
        self.partial[0]
    }
}

/// The strided sum of `terms`.
#[inline]
pub fn strided(terms: impl Iterator<Item = f32>) -> f32 {
    let mut sum = Strided::default();
    terms.for_each(|term| sum.add(term));
    sum.sum()
}
