//! What a side may do that does not care about the truth.

use alloy_primitives::{B256, keccak256};
use opml_core::game::{Ends, LOG2_K, Move, Phase, Position, Segment, SegmentIndex};

use crate::table::{Player, Reply, Shown};
use crate::toy::{Run, Status, Story};

/// Numbers that look random (splitmix64).
#[derive(Clone)]
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

/// Which segment to attack.
#[derive(Clone, Copy, Debug)]
pub enum Attack {
    First,
    Last,
    Any,
}

/// What to say about a segment.
#[derive(Clone, Copy, Debug)]
pub enum Cut {
    Random,
    /// The agreed start at every cut.
    Standstill,
    /// True up to some cut, random from there on.
    TruePrefix,
    /// True but for the end.
    TrueButTheEnd,
    /// By another story.
    Story,
    /// True states, one segment late.
    Late,
}

pub const ATTACKS: [Attack; 3] = [Attack::First, Attack::Last, Attack::Any];
pub const CUTS: [Cut; 6] =
    [Cut::Random, Cut::Standstill, Cut::TruePrefix, Cut::TrueButTheEnd, Cut::Story, Cut::Late];

/// Ends of a run that are or are not its own.
pub fn ends_of_run(ticks: &[Run]) -> Vec<Run> {
    let truth = *ticks.last().unwrap();
    let other = |status| Run { status, ..truth };
    vec![
        truth,
        Run { value: truth.value + 1, ..truth },
        Run { scratch: truth.scratch + 1, ..truth },
        other(Status::Running),
        other(Status::Done),
        other(Status::Failed),
        ticks[0],
    ]
}

/// A side with habits instead of a trace. It tries one thing after another, legal or not.
pub struct Wild {
    pub truth: Story,
    pub lying: Story,
    pub attacks: Vec<Attack>,
    pub cuts: Vec<Cut>,
    /// One turn in this many passes without a move; none if 0.
    pub stalls: usize,
    pub dice: Dice,
}

impl Player for Wild {
    fn replies(&mut self, position: &Position) -> Vec<Reply> {
        if self.stalls > 0 && self.dice.below(self.stalls) == 0 {
            return vec![];
        }
        (0..8).filter_map(|_| self.attempt(position)).collect()
    }

    fn seconds(&mut self, left: u64) -> u64 {
        let any = 1 + self.dice.next() % left;
        self.dice.pick(&[0, 0, 1, any]).min(left - 1)
    }
}

impl Wild {
    fn attempt(&mut self, position: &Position) -> Option<Reply> {
        let degree = position.segments().ends.degree();
        let number = match self.dice.pick(&self.attacks) {
            Attack::First => 0,
            Attack::Last => degree - 1,
            Attack::Any => self.dice.below(degree),
        };
        let index = SegmentIndex::new(number)?;
        let segment = position.segment(index).ok()?;
        if segment.log2_length == 0 {
            return Some(self.settle(position, index, &segment));
        }
        let ends = self.cut(position, &segment);
        let mv = Move::Dissect { segment: index, ends: Ends::new(&ends).ok()? };
        Some(Reply { mv, shown: Shown::default() })
    }

    /// One step: whatever may be said of it.
    fn settle(&mut self, position: &Position, segment: SegmentIndex, at: &Segment) -> Reply {
        let mv = match self.dice.below(5) {
            0 => Move::Conclude { segment },
            1 => Move::Prove { segment },
            2 => Move::Dissect { segment, ends: Ends::single(self.hash()) },
            _ if matches!(position.phase(), Phase::Run { .. }) => Move::Prove { segment },
            _ => Move::Descend { segment },
        };
        let story = if self.dice.below(2) == 0 { &self.truth } else { &self.lying };
        let mut shown = Shown::default();
        match position.phase() {
            Phase::Graph => {
                shown.graph = Some(story.graph_state(at.first_step));
                let ticks = story.ticks(at.first_step);
                shown.last = ticks.map(|ticks| self.dice.pick(&ends_of_run(&ticks)));
            }
            Phase::Run { graph_step } => {
                let ticks = story.ticks(graph_step).unwrap_or_default();
                shown.run = ticks.get(usize::try_from(at.first_step).unwrap()).copied();
            }
        }
        Reply { mv, shown }
    }

    fn cut(&mut self, position: &Position, segment: &Segment) -> Vec<B256> {
        let degree = 1_usize << segment.log2_length.min(LOG2_K);
        let truth = told(&self.truth, position, segment);
        let lying = told(&self.lying, position, segment);
        let kept = self.dice.below(degree);
        let random: Vec<B256> = (0..degree).map(|_| self.hash()).collect();
        match self.dice.pick(&self.cuts) {
            Cut::Random => random,
            Cut::Standstill => vec![segment.agreed; degree],
            Cut::TruePrefix => [&truth[1..=kept], &random[kept..]].concat(),
            Cut::TrueButTheEnd => [&truth[1..degree], &random[..1]].concat(),
            Cut::Story => lying[1..].to_vec(),
            Cut::Late => truth[..degree].to_vec(),
        }
    }

    fn hash(&mut self) -> B256 {
        keccak256(self.dice.next().to_be_bytes())
    }
}

/// What a story says at the cuts of a segment, its start included; its end where it has no such run.
fn told(story: &Story, position: &Position, segment: &Segment) -> Vec<B256> {
    let log2_degree = segment.log2_length.min(LOG2_K);
    let stride = 1_u64 << (segment.log2_length - log2_degree);
    let steps = (0..=1_u64 << log2_degree).map(|cut| segment.first_step + cut * stride);
    match position.phase() {
        Phase::Graph => steps.map(|step| story.graph_state(step).hash()).collect(),
        Phase::Run { graph_step } => {
            let ticks = story.ticks(graph_step).unwrap_or_default();
            let state = |step| ticks.get(usize::try_from(step).unwrap()).map(Run::hash);
            steps.map(|step| state(step).unwrap_or(story.end())).collect()
        }
    }
}
