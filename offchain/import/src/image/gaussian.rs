//! Gaussian numbers, as a table of quantiles.

use std::sync::LazyLock;

/// Entries of the table.
const ENTRIES: u32 = 1 << 16;

/// Where the distribution function of the standard normal distribution is `(i + 1/2) / 65536`,
/// ascending: what the noise kernel chooses from. By `libm`, so the same on every machine.
pub fn gaussian() -> Vec<f32> {
    // Nearly two million values of the error function: once a process.
    static TABLE: LazyLock<Vec<f32>> = LazyLock::new(table);
    TABLE.clone()
}

fn table() -> Vec<f32> {
    let middle = |entry: u32| (f64::from(entry) + 0.5) / f64::from(ENTRIES);
    #[allow(clippy::cast_possible_truncation, reason = "computed in f64, stored as f32")]
    let lower: Vec<f32> = (0..ENTRIES / 2).map(|entry| quantile(middle(entry)) as f32).collect();
    let upper = lower.iter().rev().map(|x| -x);
    lower.iter().copied().chain(upper).collect()
}

/// The x below which a normal number lies with the probability `p` < 1/2, by bisection.
fn quantile(p: f64) -> f64 {
    let (mut low, mut high) = (-6.0, 0.0);
    for _ in 0..56 {
        let middle = f64::midpoint(low, high);
        if 0.5 * libm::erfc(-middle * std::f64::consts::FRAC_1_SQRT_2) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_of_the_normal_distribution() {
        let table = gaussian();
        let numbers = || table.iter().map(|number| f64::from(*number));
        let (sum, squares) = (numbers().sum::<f64>(), numbers().map(|x| x * x).sum::<f64>());
        assert!(sum.abs() < 1e-9 && (squares / 65536.0 - 1.0).abs() < 1e-3, "{sum} {squares}");
        // 0.1587 of the numbers lie below -1, 7.6 millionths below -4.327.
        assert!((table[10397] + 1.0).abs() < 1e-3, "{}", table[10397]);
        assert!((table[0] + 4.327).abs() < 1e-2, "{}", table[0]);
        assert!(table.is_sorted());
    }
}
