//! The fee for keeping native code around: a price a byte that grows with recent demand.

/// One in basis points.
const ONE: u64 = 10_000;

/// Terms of the power series that stands for the exponential.
const TERMS: u64 = 12;

/// Demand for native code on a chain, and its price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataPricer {
    /// Bytes in demand now.
    pub demand: u32,
    /// Bytes of demand forgotten a second.
    pub bytes_per_second: u32,
    /// Seconds since 1970 of the last fee.
    pub last_update: u64,
    /// Wei a byte without demand.
    pub min_price: u32,
    /// Bytes of demand that multiply the price by e.
    pub inertia: u32,
}

impl Default for DataPricer {
    fn default() -> Self {
        Self {
            demand: 0,
            // Four TiB a year, rounded down by the hour and by the second.
            bytes_per_second: 139_461,
            last_update: 1_421_388_000,
            min_price: 82_928_201,
            inertia: 70_177_364,
        }
    }
}

impl DataPricer {
    /// Adds `bytes` of native code at `time` (seconds since 1970) and gives the fee in wei.
    pub fn charge(&mut self, bytes: u32, time: u64) -> u64 {
        let elapsed = time.wrapping_sub(self.last_update);
        let elapsed = u32::try_from(elapsed).unwrap_or(u32::MAX);
        let forgotten = self.bytes_per_second.saturating_mul(elapsed);
        self.demand = self.demand.saturating_sub(forgotten).saturating_add(bytes);
        self.last_update = time;

        let exponent = ONE * u64::from(self.demand) / u64::from(self.inertia.max(1));
        let price = u64::from(self.min_price).saturating_mul(exp(exponent)) / ONE;
        price.saturating_mul(u64::from(bytes))
    }
}

/// e to the power of `exponent`, both in basis points, by its power series from the inside out.
fn exp(exponent: u64) -> u64 {
    (1..TERMS)
        .rev()
        .fold(ONE + exponent / TERMS, |sum, term| ONE + sum.saturating_mul(exponent) / (term * ONE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_is_close_to_the_real_one() {
        for exponent in [0u32, 1, 100, 10_000, 20_000, 30_000] {
            let real = (f64::from(exponent) / 10_000.0).exp() * 10_000.0;
            #[allow(clippy::cast_precision_loss, reason = "small")]
            let got = exp(u64::from(exponent)) as f64;
            assert!((got - real).abs() <= real * 1e-3 + 1.0, "{exponent}: {got} {real}");
        }
    }

    #[test]
    fn without_demand_a_byte_costs_the_minimum() {
        let mut pricer = DataPricer::default();
        // 10,000 * 1000 / 70,177,364 rounds down to no basis point.
        assert_eq!(pricer.charge(1000, 1_700_000_000), 1000 * 82_928_201);
        assert_eq!(pricer.demand, 1000);
    }

    #[test]
    fn demand_raises_the_price_and_fades() {
        let mut pricer = DataPricer::default();
        let time = 1_700_000_000;
        let inertia = pricer.inertia;
        pricer.charge(inertia, time);
        // Demand of twice the inertia: e^2 = 7.389.
        let fee = pricer.charge(inertia, time);
        assert_eq!(fee / u64::from(inertia) / 8_292_820, 73);
        // 139,461 bytes a second fade.
        pricer.charge(0, time + 10);
        assert_eq!(pricer.demand, 2 * inertia - 1_394_610);
        pricer.charge(0, time + 10_000);
        assert_eq!(pricer.demand, 0);
    }
}
