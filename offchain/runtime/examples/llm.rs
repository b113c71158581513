//! How fast a language model of SmolLM2-135M's shape runs, with random weights: tokens a second of
//! reading a prompt of 512 tokens, and of writing 128 from an empty context and behind the prompt.
//!
//! `cargo run --release -p opml-runtime --example llm -- [THREADS] [ROUNDS] [q4_0|q4_1|q8_0]`
//!
//! Times are the fastest of all rounds: of the clock and, with one thread, of the processor too, which
//! other work on the machine disturbs less.
#![allow(clippy::unwrap_used, clippy::cast_precision_loss, clippy::cast_possible_truncation)]

#[path = "../tests/common/llama.rs"]
mod llama;

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use opml_operator::{Control, WeightType};
use opml_runtime::executor::Settings;
use opml_runtime::{Bundle, Executor};

const PROMPT: u32 = 512;
const NEW: u64 = 128;

/// Steps of an iteration.
fn steps(bundle: &Bundle) -> u64 {
    let operators: Vec<_> = bundle.program().operators().map(|(_, operator)| operator).collect();
    let end = operators
        .iter()
        .position(|operator| matches!(operator.control(), Ok(Control::Loop { .. })))
        .unwrap();
    operators[..=end].iter().map(|operator| u64::from(operator.tiles)).sum()
}

/// Fastest times, by the clock and of this thread on a processor.
type Fastest = [Duration; 2];

struct Times {
    read: Fastest,
    write: Fastest,
    write_behind: Fastest,
    commit: Fastest,
}

/// Time that this thread has had a processor.
fn processor() -> Duration {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let first = times.split(' ').next().and_then(|time| time.parse().ok());
    Duration::from_nanos(first.unwrap_or_default())
}

fn timed<T>(fastest: &mut Fastest, work: impl FnOnce() -> T) -> T {
    let (start, before) = (Instant::now(), processor());
    let result = work();
    *fastest =
        [start.elapsed().min(fastest[0]), processor().saturating_sub(before).min(fastest[1])];
    result
}

fn round(bundle: &Bundle, threads: usize, times: &mut Times) {
    let settings = Settings { threads: NonZeroUsize::new(threads), ..Settings::default() };
    let steps = steps(bundle);
    let tokens: Vec<u32> = (0..PROMPT).map(|index| index * 97 % 49_152).collect();
    let input = llama::prompt(&tokens[..1]);
    let mut machine = Executor::new(bundle, &llama::request(&input, 0), settings).unwrap();
    machine.run(steps).unwrap();
    timed(&mut times.write, || machine.run(steps * NEW).unwrap());
        return;
    }

    let input = llama::prompt(&tokens);
    let mut machine = Executor::new(bundle, &llama::request(&input, 0), settings).unwrap();
    timed(&mut times.read, || machine.run(steps * u64::from(PROMPT)).unwrap());
    timed(&mut times.write_behind, || machine.run(steps * NEW).unwrap());
    timed(&mut times.commit, || machine.state());
    assert_eq!(machine.step_count(), steps * (u64::from(PROMPT) + NEW));
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let threads: usize = arguments.next().map_or(1, |threads| threads.parse().unwrap());
    let rounds: usize = arguments.next().map_or(5, |rounds| rounds.parse().unwrap());
    let only = arguments.next();
    println!("| weights | prompt 512 | 128 tokens | 128 behind the prompt | state root, ms |");
    println!("|---|---|---|---|---|");
    let kinds =
        [("q8_0", WeightType::Q8_0), ("q4_0", WeightType::Q4_0), ("q4_1", WeightType::Q4_1)];
    for (name, kind) in
        kinds.into_iter().filter(|(name, _)| only.as_deref().is_none_or(|only| only == *name))
    {
        let bundle = llama::model(&llama::Shape::smollm2(kind));
        let long = [Duration::MAX; 2];
        let mut times = Times { read: long, write: long, write_behind: long, commit: long };
        for _ in 0..rounds {
            round(&bundle, threads, &mut times);
        }
        for (place, what) in
            ["", ", processor"].into_iter().take(if threads == 1 { 2 } else { 1 }).enumerate()
        {
            let speed = |count: f64, time: Fastest| count / time[place].as_secs_f64();
            println!(
                "| {name}{what} | {:.0} | {:.0} | {:.0} | {:.1} |",
                speed(PROMPT.into(), times.read),
                speed(NEW as f64, times.write),
                speed(NEW as f64, times.write_behind),
                times.commit[place].as_secs_f64() * 1e3,
            );
        }
    }
}
