//! Which pairs of tokens are joined, in what order, and to what.

use std::cmp::Reverse;

use super::{Source, Split, kind, word};
use crate::ImportError;

/// Pairs by their left token.
pub struct Joins {
    /// For every token, where its pairs begin; one more at the end.
    pub starts: Vec<u32>,
    /// Right token and rank, ascending by token.
    pub pairs: Vec<u32>,
    /// Token of every rank.
    pub results: Vec<u32>,
}

/// Left token, right token, rank.
type Pair = (u32, u32, u32);

impl Joins {
    pub fn read(source: &Source<'_>) -> Result<Self, ImportError> {
        let (mut pairs, results) = match source.split {
            Split::Whole => by_score(source)?,
            _ => by_list(source)?,
        };
        // Of the same pair twice the earlier counts.
        pairs.sort_unstable();
        pairs.dedup_by_key(|(left, right, _)| (*left, *right));
        let mut starts = vec![0; source.tokens.len() + 1];
        for (left, ..) in &pairs {
            if let Some(count) = starts.get_mut(*left as usize + 1) {
                *count += 1;
            }
        }
        for index in 1..starts.len() {
            starts[index] += starts[index - 1];
        }
        let pairs = pairs.into_iter().flat_map(|(_, right, rank)| [right, rank]).collect();
        Ok(Self { starts, pairs, results })
    }
}

/// The file's list of pairs, earliest first.
fn by_list(source: &Source<'_>) -> Result<(Vec<Pair>, Vec<u32>), ImportError> {
    let (mut pairs, mut results) = (Vec::new(), Vec::new());
    for merge in source.gguf.texts("tokenizer.ggml.merges")? {
        let Some((left, right)) = merge.split_once(' ') else { continue };
        let joined = format!("{left}{right}");
        let ids = [left, right, &joined].map(|text| source.ids.get(text).copied());
        if let [Some(left), Some(right), Some(joined)] = ids {
            pairs.push((left, right, word(results.len())));
            results.push(joined);
        }
    }
    Ok((pairs, results))
}

/// Every way to put a token together from two others; tokens of the highest score first.
fn by_score(source: &Source<'_>) -> Result<(Vec<Pair>, Vec<u32>), ImportError> {
    let scores = source.gguf.numbers("tokenizer.ggml.scores")?;
    let score = |id: u32| scores.get(id as usize).copied().unwrap_or(0.0);
    let normal = |id: &u32| source.kind(*id as usize) == kind::NORMAL;
    let mut order: Vec<u32> = (0..word(source.tokens.len())).filter(normal).collect();
    order.sort_by(|a, b| {
        (Reverse(TotalOrder(score(*a))), a).cmp(&(Reverse(TotalOrder(score(*b))), b))
    });
    let mut pairs = Vec::new();
    for (rank, id) in (0..).zip(&order) {
        let token = source.tokens.get(*id as usize).copied().unwrap_or_default();
        for (at, _) in token.char_indices().skip(1) {
            let (left, right) = token.split_at(at);
            let known = [left, right].map(|text| source.ids.get(text).copied().filter(normal));
            if let [Some(left), Some(right)] = known {
                pairs.push((left, right, rank));
            }
        }
    }
    Ok((pairs, order))
}

/// Numbers in their total order.
#[derive(PartialEq)]
struct TotalOrder(f64);

impl Eq for TotalOrder {}

impl PartialOrd for TotalOrder {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for TotalOrder {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}
