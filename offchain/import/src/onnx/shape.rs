//! Shapes: what `Reshape`, `Squeeze`, `Unsqueeze` and `Split` make of them.

/// Longest side of a tensor without elements: one with a longer side fills no memory, but what is computed along that
/// side does.
const LONGEST_EMPTY: usize = 1 << 16;

/// Elements of a shape; none if no file can have as many, or if there are none along a side that long.
pub fn elements(shape: &[usize]) -> Option<usize> {
    let filled = shape.iter().try_fold(1usize, |n, dim| n.checked_mul((*dim).max(1)))?;
    let is_empty = shape.contains(&0);
    match (is_empty, filled) {
        (false, filled) => Some(filled),
        (true, ..=LONGEST_EMPTY) => Some(0),
        _ => None,
    }
}

/// The shape that `Reshape` asks for. 0 keeps the axis unless `allow_zero`, one -1 is what is left.
pub fn reshape(from: &[usize], to: &[i64], allow_zero: bool) -> Option<Vec<usize>> {
    let total = elements(from)?;
    let mut shape = Vec::with_capacity(to.len());
    let mut open = None;
    for (axis, dim) in to.iter().enumerate() {
        shape.push(match *dim {
            0 if !allow_zero => *from.get(axis)?,
            -1 if open.is_none() => {
                open = Some(axis);
                1
            }
            dim => usize::try_from(dim).ok()?,
        });
    }
    let known = elements(&shape)?;
    if let Some(axis) = open {
        *shape.get_mut(axis)? = total.checked_div(known)?;
    }
    (elements(&shape)? == total).then_some(shape)
}

/// The shape with axes of one element put in.
pub fn unsqueeze(from: &[usize], axes: &[i64]) -> Option<Vec<usize>> {
    let rank = from.len() + axes.len();
    let mut axes: Vec<usize> = axes.iter().map(|a| axis(*a, rank)).collect::<Option<_>>()?;
    axes.sort_unstable();
    let mut shape = from.to_vec();
    for axis in axes {
        if axis > shape.len() {
            return None;
        }
        shape.insert(axis, 1);
    }
    Some(shape)
}

/// The shape without the axes, or without all axes, of one element.
pub fn squeeze(from: &[usize], axes: Option<&[i64]>) -> Option<Vec<usize>> {
    let Some(axes) = axes else {
        return Some(from.iter().copied().filter(|dim| *dim != 1).collect());
    };
    let axes: Vec<usize> = axes.iter().map(|a| axis(*a, from.len())).collect::<Option<_>>()?;
    if axes.iter().any(|axis| from.get(*axis) != Some(&1)) {
        return None;
    }
    let kept = from.iter().enumerate().filter(|(number, _)| !axes.contains(number));
    Some(kept.map(|(_, dim)| *dim).collect())
}

/// An axis that may be counted from the end.
pub fn axis(axis: i64, rank: usize) -> Option<usize> {
    let rank_signed = i64::try_from(rank).ok()?;
    let counted = if axis < 0 { axis + rank_signed } else { axis };
    usize::try_from(counted).ok().filter(|axis| *axis < rank)
}

/// Elements of each part along an axis of `dim` that is split into `parts`.
pub fn split(dim: usize, parts: usize, sizes: Option<&[i64]>) -> Option<Vec<usize>> {
    let sizes: Vec<usize> = if let Some(sizes) = sizes {
        sizes.iter().map(|n| usize::try_from(*n).ok()).collect::<Option<_>>()?
    } else {
        let size = dim.div_ceil(parts.max(1));
        (0..parts).map(|part| size.min(dim.saturating_sub(part * size))).collect()
    };
    let sum = sizes.iter().try_fold(0usize, |sum, size| sum.checked_add(*size));
    (sizes.len() == parts && sum == Some(dim)).then_some(sizes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reshape_keeps_the_number_of_elements() {
        assert_eq!(reshape(&[1, 64, 8, 8], &[0, 32, -1], false), Some(vec![1, 32, 128]));
        assert_eq!(reshape(&[6], &[4, -1], false), None);
        assert_eq!(reshape(&[6], &[-1, -1], false), None);
        assert_eq!(reshape(&[0, 3], &[0, 3], true), Some(vec![0, 3]));
    }

    #[test]
    fn numbers_that_wrap_around_are_no_shapes() {
        // Four times the first side are 2^64 + 4.
        assert_eq!(reshape(&[4], &[(1 << 62) + 1, 4], true), None);
        assert_eq!(split(6, 4, Some(&[i64::MAX, i64::MAX, 2, 6])), None);
        assert_eq!(reshape(&[0], &[1 << 48, 0], true), None);
    }

    #[test]
    fn axes_of_one_element_come_and_go() {
        assert_eq!(unsqueeze(&[5], &[1, 2]), Some(vec![5, 1, 1]));
        assert_eq!(unsqueeze(&[5], &[0, -1]), Some(vec![1, 5, 1]));
        assert_eq!(squeeze(&[1, 5, 1], None), Some(vec![5]));
        assert_eq!(squeeze(&[1, 5, 1], Some(&[1])), None);
    }

    #[test]
    fn a_split_covers_its_axis() {
        assert_eq!(split(6, 3, None), Some(vec![2, 2, 2]));
        assert_eq!(split(6, 2, Some(&[2, 4])), Some(vec![2, 4]));
        assert_eq!(split(6, 2, Some(&[2, 3])), None);
    }
}
