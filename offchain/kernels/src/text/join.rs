//! Byte-pair encoding of one word: of all neighbours that can be joined, those of the least rank are,
//! the leftmost first, until none can. A tree of the least ranks finds them.

use super::table::{NEVER, Table};

/// A tokenizer with the working memory of its longest word: `n` links in each direction, a tree of up to
/// `4 n` nodes.
pub struct Joiner<'a> {
    table: Table<'a>,
    next: &'a mut [u32],
    previous: &'a mut [u32],
    tree: &'a mut [u32],
}

impl<'a> Joiner<'a> {
    /// A joiner that works in `words`, at least `6 n` of them.
    pub fn new(table: Table<'a>, words: &'a mut [u32], n: usize) -> Self {
        let (next, rest) = words.split_at_mut(n);
        let (previous, tree) = rest.split_at_mut(n);
        Self { table, next, previous, tree }
    }

    /// Joins the tokens at `tokens[range]` and writes what remains to `tokens` from `place` on, which
    /// is not behind the range's start. Returns the place behind.
    pub fn join(
        &mut self,
        tokens: &mut [u32],
        range: core::ops::Range<usize>,
        place: usize,
    ) -> usize {
        let word = &mut tokens[range.clone()];
        if word.len() > 1 {
            self.start(word);
            while let Some(at) = self.least() {
                self.join_at(word, at);
            }
        }
        let (mut from, mut place) = (range.start, place);
        while from < range.end {
            tokens[place] = tokens[from];
            place += 1;
            from = if range.len() > 1 {
                range.start + self.next[from - range.start] as usize
            } else {
                range.end
            };
        }
        place
    }

    /// Links, and a tree whose `i`-th leaf has the rank of token `i` and its neighbour. Node 0 holds the
    /// number of leaves.
    fn start(&mut self, word: &[u32]) {
        let leaves = word.len().next_power_of_two();
        for index in 0..word.len() {
            self.next[index] = index as u32 + 1;
            self.previous[index] = (index as u32).wrapping_sub(1);
        }
        self.tree[leaves..2 * leaves].fill(NEVER);
        for (leaf, pair) in self.tree[leaves..].iter_mut().zip(word.windows(2)) {
            *leaf = self.table.rank(pair[0], pair[1]);
        }
        for node in (1..leaves).rev() {
            self.tree[node] = self.tree[2 * node].min(self.tree[2 * node + 1]);
        }
        self.tree[0] = leaves as u32;
    }

    /// The leftmost token that is joined next.
    fn least(&self) -> Option<usize> {
        let (leaves, least) = (self.tree[0] as usize, self.tree[1]);
        if least == NEVER {
            return None;
        }
        let mut node = 1;
        while node < leaves {
            node *= 2;
            if self.tree[node] != least {
                node += 1;
            }
        }
        Some(node - leaves)
    }

    /// Joins the token at `at` with its neighbour.
    fn join_at(&mut self, word: &mut [u32], at: usize) {
        let (neighbour, joined) = (self.next[at] as usize, self.table.result(self.tree[1]));
        let behind = self.next[neighbour] as usize;
        word[at] = joined;
        self.next[at] = behind as u32;
        self.set(neighbour, NEVER);
        let mut rank = NEVER;
        if let Some(right) = word.get(behind) {
            self.previous[behind] = at as u32;
            rank = self.table.rank(joined, *right);
        }
        self.set(at, rank);
        let before = self.previous[at] as usize;
        if let Some(left) = word.get(before) {
            self.set(before, self.table.rank(*left, joined));
        }
    }

    fn set(&mut self, leaf: usize, rank: u32) {
        let mut node = self.tree[0] as usize + leaf;
        self.tree[node] = rank;
        while node > 1 {
            node /= 2;
            let least = self.tree[2 * node].min(self.tree[2 * node + 1]);
            if self.tree[node] == least {
                return;
            }
            self.tree[node] = least;
        }
    }
}
