//! How fast a language model of SmolLM2-135M's shape runs, with random weights: tokens a second of
//! reading a prompt of 512 tokens, and of writing 128 from an empty context and behind the prompt.
//!
//! `cargo run --release -p opml-runtime --example llm -- [THREADS] [ROUNDS] [q4_0|q4_1|q8_0]`
//!
//! Rows for each type of weights: the fastest of all rounds; the sum of each part's fastest time (64
//! tokens of the prompt, or one that is written); and, with one thread, the same of the time that it had
//! a processor. The latter two are disturbed less by other work on the machine.
//! `state root` is the time for the root of the memory behind all of it, and its share of the whole.
#![allow(clippy::unwrap_used, clippy::cast_precision_loss, clippy::cast_possible_truncation)]

#[path = "../tests/common/llama.rs"]
mod llama;

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use opml_operator::{Control, WeightType};
use opml_runtime::executor::Settings;
use opml_runtime::{Bundle, Executor};

const PROMPT: u32 = 512;
/// Tokens of a part of the prompt.
const PART: u32 = 64;
const NEW: usize = 128;

/// Steps of an iteration.
fn steps(bundle: &Bundle) -> u64 {
    let operators: Vec<_> = bundle.program().operators().map(|(_, operator)| operator).collect();
    let end = operators
        .iter()
        .position(|operator| matches!(operator.control(), Ok(Control::Loop { .. })))
        .unwrap();
    operators[..=end].iter().map(|operator| u64::from(operator.tiles)).sum()
}

/// Fastest times of some work and of its parts.
struct Fastest {
    whole: Duration,
    parts: Vec<Duration>,
    /// Of this thread on a processor.
    processor: Vec<Duration>,
}

/// Time that this thread has had a processor.
fn processor() -> Duration {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let first = times.split(' ').next().and_then(|time| time.parse().ok());
    Duration::from_nanos(first.unwrap_or_default())
}

impl Fastest {
    fn new(parts: usize) -> Self {
        let parts = vec![Duration::MAX; parts];
        Self { whole: Duration::MAX, processor: parts.clone(), parts }
    }

    /// Runs as many parts of `steps` steps.
    fn time(&mut self, machine: &mut Executor, steps: u64) {
        let begin = Instant::now();
        for (part, on_processor) in self.parts.iter_mut().zip(&mut self.processor) {
            let (start, before) = (Instant::now(), processor());
            machine.run(steps).unwrap();
            *part = start.elapsed().min(*part);
            *on_processor = processor().saturating_sub(before).min(*on_processor);
        }
        self.whole = begin.elapsed().min(self.whole);
    }

    /// Tokens a second: whole, by parts, on a processor.
    fn speeds(&self, tokens: f64) -> [f64; 3] {
        let [parts, processor] = [&self.parts, &self.processor].map(|parts| parts.iter().sum());
        [self.whole, parts, processor].map(|time: Duration| tokens / time.as_secs_f64())
    }
}

struct Times {
    read: Fastest,
    write: Fastest,
    write_behind: Fastest,
    commit: Duration,
}

fn round(bundle: &Bundle, threads: usize, times: &mut Times) {
    let settings = Settings { threads: NonZeroUsize::new(threads), ..Settings::default() };
    let steps = steps(bundle);
    let tokens: Vec<u32> = (0..PROMPT).map(|index| index * 97 % 49_152).collect();
    let input = llama::prompt(&tokens[..1]);
    let mut machine = Executor::new(bundle, &llama::request(&input, 0), settings).unwrap();
    machine.run(steps).unwrap();
    times.write.time(&mut machine, steps);

    let input = llama::prompt(&tokens);
    let mut machine = Executor::new(bundle, &llama::request(&input, 0), settings).unwrap();
    times.read.time(&mut machine, steps * u64::from(PART));
    times.write_behind.time(&mut machine, steps);
    let start = Instant::now();
    machine.state();
    times.commit = start.elapsed().min(times.commit);
    assert_eq!(machine.step_count(), steps * (u64::from(PROMPT) + NEW as u64));
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let threads: usize = arguments.next().map_or(1, |threads| threads.parse().unwrap());
    let rounds: usize = arguments.next().map_or(5, |rounds| rounds.parse().unwrap());
    let only = arguments.next();
    println!("| weights | prompt 512 | 128 tokens | 128 behind the prompt | state root |");
    println!("|---|---|---|---|---|");
    let kinds =
        [("q8_0", WeightType::Q8_0), ("q4_0", WeightType::Q4_0), ("q4_1", WeightType::Q4_1)];
    for (name, kind) in
        kinds.into_iter().filter(|(name, _)| only.as_ref().is_none_or(|o| o == name))
    {
        let bundle = llama::model(&llama::Shape::smollm2(kind));
        let mut times = Times {
            read: Fastest::new((PROMPT / PART) as usize),
            write: Fastest::new(NEW),
            write_behind: Fastest::new(NEW),
            commit: Duration::MAX,
        };
        for _ in 0..rounds {
            round(&bundle, threads, &mut times);
        }
        let new = NEW as f64;
        let speeds = [
            times.read.speeds(PROMPT.into()),
            times.write.speeds(new),
            times.write_behind.speeds(new),
        ];
        let commit = times.commit.as_secs_f64();
        let share = 100.0 * commit / (times.read.whole + times.write_behind.whole).as_secs_f64();
        let state_root = format!("{:.1} ms, {share:.2} %", commit * 1e3);
        let rows = [(name.to_owned(), state_root.as_str()), (format!("{name}, by parts"), "")];
        let processor = (threads == 1).then(|| (format!("{name}, processor"), ""));
        for (row, (name, state_root)) in rows.into_iter().chain(processor).enumerate() {
            let [a, b, c] = speeds.map(|speeds| speeds[row]);
            println!("| {name} | {a:.0} | {b:.0} | {c:.0} | {state_root} |");
        }
    }
}
