//! The noise of a seed, by the project's specification (kernel Noise, stream 0).

/// So many numbers.
pub fn image(seed: u64, count: usize) -> Vec<f32> {
    (0..count as u64).map(|element| quantile(draw(seed, element))).collect()
}

/// Which of the 65,536 quantiles an element is.
fn draw(seed: u64, element: u64) -> u64 {
    let mut z = seed.wrapping_add((element + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) >> 48
}

/// Where the normal distribution's function is the middle of a part, by bisection.
fn quantile(entry: u64) -> f32 {
    let p = (entry as f64 + 0.5) / 65536.0;
    let (mut low, mut high) = (-6.0, 6.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        let below = candle_core::cpu::erf::erf_f64(middle / std::f64::consts::SQRT_2);
        if 0.5 + 0.5 * below < p { low = middle } else { high = middle }
    }
    low as f32
}
