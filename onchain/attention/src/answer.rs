//! The cuts of an answer.
//!
//! An answer says that a trace first stands still behind `steps` steps, and what the states are there,
//! one step before, and at the drawn step. A game is about a power of two of steps. So the way from the
//! start to the drawn step is cut by the powers of two in its length, largest first, and so is the way
//! from there to the last step but one; the last step is a segment of its own. Each segment can be
//! disputed as it stands: from a hash of the answer to the next one.

/// The lengths of an answer's segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cuts {
    /// Steps to the drawn one.
    before: u64,
    /// Steps from there to the last but one.
    behind: u64,
}

impl Cuts {
    /// The cuts of a trace of `steps` steps of which `drawn` is one; none if it is not.
    pub const fn new(drawn: u64, steps: u64) -> Option<Self> {
        match steps.checked_sub(1) {
            Some(last) => match last.checked_sub(drawn) {
                Some(behind) => Some(Self { before: drawn, behind }),
                None => None,
            },
            None => None,
        }
    }

    /// Segments; at least one.
    pub const fn count(&self) -> u32 {
        let (before, behind) = (self.before.count_ones(), self.behind.count_ones());
        before.saturating_add(behind).saturating_add(1)
    }

    /// First step and length, as a power of two, of segment `number`; none if there are not so many.
    pub fn segment(&self, number: u32) -> Option<(u64, u8)> {
        let before = self.before.count_ones();
        let cuts = before.saturating_add(self.behind.count_ones());
        if number < before {
            nth_power(self.before, number)
        } else if number < cuts {
            let (first, log2) = nth_power(self.behind, number.saturating_sub(before))?;
            Some((self.before.saturating_add(first), log2))
        } else {
            (number == cuts).then_some((self.before.saturating_add(self.behind), 0))
        }
    }
}

/// The n-th power of two in `number`, largest first, and the sum of those before it.
fn nth_power(number: u64, n: u32) -> Option<(u64, u8)> {
    let mut rest = number;
    for _ in 0..n {
        rest ^= highest(rest)?;
    }
    let log2 = u8::try_from(rest.checked_ilog2()?).ok()?;
    Some((number ^ rest, log2))
}

const fn highest(number: u64) -> Option<u64> {
    match number.checked_ilog2() {
        Some(log2) => 1_u64.checked_shl(log2),
        None => None,
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "the plain twin")]
mod tests {
    use super::*;

    /// All segments in order, as the definition builds them.
    fn twin(drawn: u64, steps: u64) -> Vec<(u64, u8)> {
        let mut at = 0;
        let mut segments = Vec::new();
        for end in [drawn, steps - 1] {
            for log2 in (0..64_u8).rev() {
                if (end - at) >> log2 == 1 {
                    segments.push((at, log2));
                    at += 1 << log2;
                }
            }
            assert_eq!(at, end);
        }
        segments.push((at, 0));
        segments
    }

    fn check(drawn: u64, steps: u64) {
        let cuts = Cuts::new(drawn, steps).unwrap();
        let segments: Vec<_> = (0..cuts.count()).map(|n| cuts.segment(n).unwrap()).collect();
        assert_eq!(segments, twin(drawn, steps), "step {drawn} of {steps}");
        assert_eq!(cuts.segment(cuts.count()), None);
        assert_eq!(cuts.segment(u32::MAX), None);
    }

    #[test]
    fn segments_cover_the_trace_and_cut_it_at_the_drawn_step() {
        for steps in 1..=130 {
            (0..steps).for_each(|drawn| check(drawn, steps));
        }
        for steps in [1 << 20, (1 << 40) + 12_345, (1 << 62) - 1, 1 << 62] {
            for drawn in [0, 1, steps / 3, steps / 2, steps - 2, steps - 1] {
                check(drawn, steps);
            }
        }
    }

    #[test]
    fn a_step_behind_the_end_cannot_be_drawn() {
        assert_eq!(Cuts::new(0, 0), None);
        assert_eq!(Cuts::new(1, 1), None);
        assert_eq!(Cuts::new(u64::MAX, 5), None);
    }
}
