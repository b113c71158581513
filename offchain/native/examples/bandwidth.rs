//! How fast threads read memory that is in no cache, by loops that only add up words:
//! `cargo run --release -p opml-native --example bandwidth -- [THREADS] [MIB]`.
#![allow(clippy::unwrap_used, clippy::cast_precision_loss)]

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

/// Times that everything is read; the fastest counts.
const ROUNDS: usize = 5;

fn main() {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse().unwrap());
    let threads: usize = arguments.next().unwrap_or(2);
    let mebibytes: usize = arguments.next().unwrap_or(1024);
    let words: Vec<u64> = (0..(mebibytes << 20) as u64 / 8).collect();
    let share = words.len().div_ceil(threads);
    let mut fastest = Duration::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        thread::scope(|scope| {
            for part in words.chunks(share) {
                scope.spawn(move || black_box(sum(part)));
            }
        });
        fastest = start.elapsed().min(fastest);
    }
    let gigabytes = (words.len() * 8) as f64 / 1e9;
    println!("{threads} threads: {:.1} GB/s", gigabytes / fastest.as_secs_f64());
}

/// Sixteen sums side by side, so that adding up is not what takes the time.
fn sum(words: &[u64]) -> u64 {
    let mut sums = [0_u64; 16];
    for words in words.as_chunks::<16>().0 {
        for (sum, word) in sums.iter_mut().zip(words) {
            *sum = sum.wrapping_add(*word);
        }
    }
    sums.iter().fold(0, |sum, part| sum.wrapping_add(*part))
}
