//! The most products of bytes that the processor makes in a second: 512-bit dot products on registers alone, which no
//! kernel with weights to read can reach. `cargo run --release -p opml-native --example peak -- THREADS`

fn main() {
    let threads = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(1);
    match peak(threads) {
        Some(rate) => println!("{threads} threads: {:.0} * 10^9 products a second", rate / 1e9),
        None => println!("this processor has no AVX-512 VNNI"),
    }
}

#[cfg(target_arch = "x86_64")]
fn peak(threads: usize) -> Option<f64> {
    use std::thread;
    use std::time::Instant;

    const ROUNDS: u64 = 200_000_000;
    let vnni = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni");
    if !vnni {
        return None;
    }
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..threads {
            // SAFETY: the processor has what the function is compiled for.
            scope.spawn(|| std::hint::black_box(unsafe { rounds(ROUNDS) }));
        }
    });
    #[allow(clippy::cast_precision_loss, reason = "a rate")]
    let products = (threads as u64 * ROUNDS * CHAINS as u64 * 64) as f64;
    Some(products / start.elapsed().as_secs_f64())
}

/// Sums side by side: enough to hide the latency of one.
#[cfg(target_arch = "x86_64")]
const CHAINS: usize = 12;

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vnni")]
fn rounds(count: u64) -> i32 {
    use std::arch::x86_64::{
        _mm512_add_epi32, _mm512_dpbusd_epi32, _mm512_reduce_add_epi32, _mm512_set1_epi8,
        _mm512_setzero_si512,
    };
    let (a, b) = (_mm512_set1_epi8(std::hint::black_box(3)), _mm512_set1_epi8(5));
    let mut sums = [_mm512_setzero_si512(); CHAINS];
    for _ in 0..count {
        for sum in &mut sums {
            *sum = _mm512_dpbusd_epi32(*sum, a, b);
        }
    }
    let all = sums.into_iter().fold(_mm512_setzero_si512(), |all, sum| _mm512_add_epi32(all, sum));
    _mm512_reduce_add_epi32(all)
}

#[cfg(not(target_arch = "x86_64"))]
fn peak(_: usize) -> Option<f64> {
    None
}
