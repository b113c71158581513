//! Where working tensors lie: each has an interval of operators in which it lives, and tensors that
//! never live together share addresses.

use std::ops::RangeInclusive;

use super::ImageError;

/// First address that is handed out. The lower ones are left to the bundle's builder, which gives out
/// memory of its own to the operators of text.
pub const ARENA: u64 = (1 << 39) + (1 << 38);
const END: u64 = 1 << 40;

/// A tensor of working memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tensor {
    /// Size of its region, as a power of two.
    pub log2_size: u32,
    /// First and last operator that touches it; none if no operator does.
    pub life: Option<(usize, usize)>,
}

impl Tensor {
    /// What a loop means for it: what was there before lives to the loop's end, since every iteration
    /// reads it again; what is needed behind lives from the loop's start, since every iteration writes
    /// it again, and must not be overwritten by another one's temporary tensors.
    fn extend(&mut self, touched: bool, body: &RangeInclusive<usize>) {
        let (start, end) = (*body.start(), *body.end());
        if let Some((first, last)) = self.life.filter(|_| touched) {
            if first < start {
                self.life = Some((first, last.max(end)));
            } else if last > end {
                self.life = Some((start, last));
            }
        }
    }

    fn lives_with(&self, other: &Self) -> bool {
        match (self.life, other.life) {
            (Some((a, b)), Some((c, d))) => a <= d && c <= b,
            _ => false,
        }
    }
}

/// Extends lives over loops. `touched` tells whether an operator of a range touches a tensor.
pub fn extend(
    tensors: &mut [Tensor],
    loops: &[RangeInclusive<usize>],
    touched: impl Fn(usize, &RangeInclusive<usize>) -> bool,
) {
    for body in loops {
        for (number, tensor) in tensors.iter_mut().enumerate() {
            tensor.extend(touched(number, body), body);
        }
    }
}

/// Address of every tensor: the largest first, each at the lowest one that no other has meanwhile.
pub fn assign(tensors: &[Tensor]) -> Result<Vec<u64>, ImageError> {
    let mut order: Vec<usize> = (0..tensors.len()).collect();
    order.sort_by_key(|number| (std::cmp::Reverse(tensors[*number].log2_size), *number));
    let mut places = vec![ARENA; tensors.len()];
    let mut done: Vec<usize> = Vec::with_capacity(tensors.len());
    for number in order {
        let tensor = &tensors[number];
        if tensor.life.is_none() {
            continue;
        }
        let mut taken: Vec<(u64, u64)> = done
            .iter()
            .filter(|other| tensor.lives_with(&tensors[**other]))
            .map(|other| (places[*other], places[*other] + (1 << tensors[*other].log2_size)))
            .collect();
        taken.sort_unstable();
        places[number] = lowest(&taken, 1 << tensor.log2_size)?;
        done.push(number);
    }
    Ok(places)
}

/// The lowest multiple of `size` with `size` bytes that none of the ascending ranges holds.
fn lowest(taken: &[(u64, u64)], size: u64) -> Result<u64, ImageError> {
    let mut at = ARENA;
    for (start, end) in taken {
        if at + size <= *start {
            break;
        }
        at = at.max(end.next_multiple_of(size));
    }
    if at + size > END { Err(ImageError::Memory { bytes: size }) } else { Ok(at) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn tensor(log2_size: u32, first: usize, last: usize) -> Tensor {
        Tensor { log2_size, life: Some((first, last)) }
    }

    #[test]
    fn tensors_that_live_together_are_apart() {
        let tensors = [
            tensor(12, 0, 2),
            tensor(14, 1, 3),
            tensor(12, 3, 4),
            tensor(13, 2, 5),
            tensor(12, 5, 6),
        ];
        let places = assign(&tensors).expect("placed");
        for (number, a) in tensors.iter().enumerate() {
            assert_eq!(places[number] % (1 << a.log2_size), 0);
            for (other, b) in tensors.iter().enumerate().skip(number + 1) {
                let apart = places[number] + (1 << a.log2_size) <= places[other]
                    || places[other] + (1 << b.log2_size) <= places[number];
                assert!(apart || !a.lives_with(b), "{number} and {other}");
            }
        }
        let end = |number: usize| places[number] + (1 << tensors[number].log2_size);
        assert_eq!((0..5).map(end).max(), Some(ARENA + (1 << 14) + (1 << 13) + (1 << 12)));
    }

    #[test]
    fn loops_keep_what_comes_from_before_and_what_is_needed_behind() {
        let body = 2..=5;
        let mut tensors = [tensor(12, 0, 3), tensor(12, 3, 4), tensor(12, 4, 7), tensor(12, 0, 1)];
        let touches = [vec![0, 3], vec![3, 4], vec![4, 7], vec![0, 1]];
        extend(&mut tensors, &[body], |number, range| {
            touches[number].iter().any(|at| range.contains(at))
        });
        let lives = tensors.map(|tensor| tensor.life);
        assert_eq!(lives, [Some((0, 5)), Some((3, 4)), Some((2, 7)), Some((0, 1))]);
    }
}
