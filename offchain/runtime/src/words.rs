//! Weights as words: mapped from a file, or owned.

use std::fs::File;
use std::io;
use std::ops::{Deref, Range};
use std::path::Path;
use std::sync::Arc;

use memmap2::Mmap;

use crate::lost::Guard;

#[cfg(not(target_endian = "little"))]
compile_error!("words of the graph machine are read in place, which needs a little-endian host");

/// A shared range of little-endian words.
#[derive(Clone, Debug)]
pub struct SharedWords {
    store: Arc<Store>,
    range: Range<usize>,
}

#[derive(Debug)]
enum Store {
    /// The guard is dropped first.
    Mapped(Guard, Mmap),
    Owned(Vec<u32>),
}

impl SharedWords {
    /// Words in memory.
    pub fn owned(words: Vec<u32>) -> Self {
        let range = 0..words.len();
        Self { store: Arc::new(Store::Owned(words)), range }
    }

    /// The words of bytes; a rest of less than four is filled up with zeros.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let (whole, rest) = bytes.as_chunks::<4>();
        let mut words: Vec<u32> = whole.iter().map(|word| u32::from_le_bytes(*word)).collect();
        if !rest.is_empty() {
            let mut word = [0; 4];
            word[..rest.len()].copy_from_slice(rest);
            words.push(u32::from_le_bytes(word));
        }
        Self::owned(words)
    }

    /// Maps a file; bytes behind its last whole word are left out.
    pub fn map(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        // SAFETY: the mapping is read-only. If another process changes the file meanwhile, reads
        // give other numbers, which is what verification is for; a process that truncates it kills
        // this one by a signal, as with any mapped file, unless it survives (see `lost`).
        let map = unsafe { Mmap::map(&file)? };
        let range = 0..map.len() / 4;
        Ok(Self { store: Arc::new(Store::Mapped(Guard::new(&map), map)), range })
    }

    /// Pages of the file that were lost, of all of it: see [`crate::lost`].
    pub fn lost(&self) -> usize {
        match &*self.store {
            Store::Owned(_) => 0,
            Store::Mapped(guard, _) => guard.pages(),
        }
    }

    /// A part, or nothing if it does not lie inside.
    pub fn part(&self, part: Range<usize>) -> Option<Self> {
        self.get(part.clone())?;
        let range = self.range.start + part.start..self.range.start + part.end;
        Some(Self { store: Arc::clone(&self.store), range })
    }
}

impl Deref for SharedWords {
    type Target = [u32];

    fn deref(&self) -> &[u32] {
        let all: &[u32] = match &*self.store {
            Store::Owned(words) => words,
            // A mapping starts at a page, so it is aligned; bytes behind the last word do not count.
            Store::Mapped(_, map) => bytemuck::cast_slice(&map[..map.len() & !3]),
        };
        &all[self.range.clone()]
    }
}
