//! Paged memory: 2^32 bytes, pages made on first touch, roots kept up to date.

mod page;
mod slot;
mod tree;

use std::collections::BTreeMap;
use std::sync::Arc;

use alloy_primitives::B256;
use opml_core::keccak::Keccak as _;
use opml_core::merkle::{LEAF_LOG2, Region};
use opml_core::mips::{GuestOutput, Instruction, Memory, WordAddr};
use thiserror::Error;

pub use page::{PAGE_BYTES, PageIndex, Words, page_bytes, page_root, page_roots, page_words};
use page::{leaf_at, zero_page};
use slot::{Change, Slot};
use tree::{Node, Place};

use crate::keccak::FastKeccak;
use crate::source::{NoSource, PageSource, SourceError};

/// Why an access has no answer. Never the guest's doing.
#[derive(Debug, Error)]
pub enum MemoryError {
    /// The page cannot be had.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// All pages under the cap were written, and written pages cannot be dropped.
    #[error("the guest has written more than the {cap_pages} pages that the memory cap allows")]
    Full {
        /// The cap.
        cap_pages: usize,
    },
    /// Not a region of whole pages of this memory.
    #[error("the region of 2^{} bytes at {:#x} cannot be mapped", region.log2_size(), region.base())]
    Unmappable {
        /// The region asked for.
        region: Region,
    },
}

/// Pages that a snapshot or an initial image holds.
type PageMap = BTreeMap<PageIndex, Arc<Words>>;

/// Memory of the machine.
///
/// Pages are filled on first touch: zero, from the last snapshot, or from the source, whose pages
/// are checked against the tree. Pages that were never written are dropped, least recently used
/// first, when the cap is reached.
pub struct PagedMemory {
    /// Slot of each page plus one; zero where the page is not resident.
    table: Vec<u32>,
    slots: Vec<Slot>,
    free: Vec<u32>,
    /// Slots written since the tree was last brought up to date.
    stale: Vec<u32>,
    tree: Node,
    saved: Arc<PageMap>,
    source: Arc<dyn PageSource>,
    cap_pages: usize,
    /// Pages decoded or proven in since everything derived was last forgotten, some maybe twice.
    derived: usize,
    /// Counts page faults: the clock of the least-recently-used rule.
    tick: u64,
    output: Vec<u8>,
}

/// 2^20 pages.
const PAGES: usize = 1 << 20;
/// One in this many resident pages is dropped at once when the cap is reached.
const EVICTION_SHARE: usize = 8;
/// Pages of which decoded instructions (8 KiB) and inner nodes (4 KiB) are kept: at most 48 MiB.
const DERIVED_PAGES: usize = 4096;
/// Default cap: 1 GiB of pages.
pub const DEFAULT_CAP_PAGES: usize = 1 << 18;
/// Bytes of guest output that are kept; the rest is dropped.
pub const OUTPUT_LIMIT: usize = 16 << 20;

impl Default for PagedMemory {
    fn default() -> Self {
        Self::new(Arc::new(NoSource), DEFAULT_CAP_PAGES)
    }
}

impl PagedMemory {
    /// Zero memory over `source`, with at most `cap_pages` pages resident (at least 16).
    ///
    /// On top of the cap come what is derived of pages (at most 48 MiB) and the written pages that
    /// snapshots keep.
    pub fn new(source: Arc<dyn PageSource>, cap_pages: usize) -> Self {
        Self {
            table: vec![0; PAGES],
            slots: Vec::new(),
            free: Vec::new(),
            stale: Vec::new(),
            tree: Node::Zero,
            saved: Arc::default(),
            source,
            cap_pages: cap_pages.max(16),
            derived: 0,
            tick: 0,
            output: Vec::new(),
        }
    }

    /// Maps a region of whole pages known by its root; what was there is gone.
    ///
    /// Nothing is read: the source is asked when a page is touched.
    pub fn map(&mut self, region: Region, root: B256) -> Result<(), MemoryError> {
        let place = Place::of(region).ok_or(MemoryError::Unmappable { region })?;
        self.root()?;
        self.tree = self.tree.splice(Place::ROOT, (place, root), self.source.as_ref())?;
        for page in place.pages() {
            let slot = std::mem::take(&mut self.table[page as usize]);
            if let Some(slot) = slot.checked_sub(1) {
                self.slots[slot as usize].clear();
                self.free.push(slot);
            }
        }
        let saved = Arc::make_mut(&mut self.saved);
        saved.retain(|page, _| !place.pages().contains(&page.get()));
        Ok(())
    }

    /// Copies `bytes` to `address` and on; addresses wrap at 2^32.
    pub fn write(&mut self, address: u32, bytes: &[u8]) -> Result<(), MemoryError> {
        let mut at = address;
        for byte in bytes {
            let word = WordAddr::containing(at);
            let shift = (at & 3) * 8;
            let value = self.load(word)? & !(0xff << shift) | (u32::from(*byte) << shift);
            self.store(word, value)?;
            at = at.wrapping_add(1);
        }
        Ok(())
    }

    /// Fills `bytes` from `address` on; addresses wrap at 2^32.
    pub fn read(&mut self, address: u32, bytes: &mut [u8]) -> Result<(), MemoryError> {
        let mut at = address;
        for byte in bytes {
            let [low, ..] = (self.load(WordAddr::containing(at))? >> ((at & 3) * 8)).to_le_bytes();
            *byte = low;
            at = at.wrapping_add(1);
        }
        Ok(())
    }

    /// Root of the memory; hashes what changed since the last call.
    pub fn root(&mut self) -> Result<B256, MemoryError> {
        let mut stale = std::mem::take(&mut self.stale);
        stale.retain(|slot| self.slots[*slot as usize].is_stale());
        stale.sort_unstable_by_key(|slot| self.slots[*slot as usize].page);
        let whole: Vec<&Words> = stale
            .iter()
            .map(|slot| &self.slots[*slot as usize])
            .filter(|slot| slot.tree.is_none())
            .map(|slot| &*slot.words)
            .collect();
        let mut roots = page_roots(&whole).into_iter();
        let mut updates = Vec::with_capacity(stale.len());
        for slot in &stale {
            let slot = &mut self.slots[*slot as usize];
            let root = slot.refresh::<FastKeccak>().or_else(|| roots.next()).unwrap_or_default();
            updates.push((slot.page, root));
        }
        match self.tree.update(Place::ROOT, &updates, self.source.as_ref()) {
            Ok(tree) => self.tree = tree,
            Err(error) => {
                // Nothing is lost: the pages stay stale and the next call hashes them again.
                for slot in &stale {
                    self.slots[*slot as usize].mark_all_stale();
                }
                self.stale = stale;
                return Err(error.into());
            }
        }
        Ok(self.tree.hash(tree::TREE_LEVELS))
    }

    /// The leaf that holds `address` and its siblings up to the root, lowest first: 28 hashes.
    pub fn prove(&mut self, address: u32) -> Result<Vec<B256>, MemoryError> {
        self.root()?;
        let page = PageIndex::containing(address);
        let leaf = (address as usize / 32) % 128;
        let id = self.resident(page)?;
        if self.slots[id].tree.is_none() {
            self.make_room_for_derived();
        }
        let slot = &mut self.slots[id];
        let tree = slot.tree.get_or_insert_with(|| page::PageTree::new(&slot.words));
        let mut proof = vec![leaf_at(&slot.words, leaf)];
        proof.extend(tree.siblings(&slot.words, leaf));
        proof.extend(self.tree.path(page, self.source.as_ref())?.1);
        Ok(proof)
    }

    /// Root of a region of this memory, and its siblings up to the memory's root, lowest first.
    pub fn prove_region(&mut self, region: Region) -> Result<(B256, Vec<B256>), MemoryError> {
        let address = u32::try_from(region.base());
        let address = address.map_err(|_| MemoryError::Unmappable { region })?;
        let mut proof = self.prove(address)?.into_iter();
        let leaf = proof.next().unwrap_or_default();
        // The region begins at its first leaf, which is a left child all the way up to its root.
        let inside = usize::from(region.log2_size() - LEAF_LOG2);
        let root = proof
            .by_ref()
            .take(inside)
            .fold(leaf, |node, sibling| FastKeccak::node(&node, &sibling));
        Ok((root, proof.collect()))
    }

    /// Keeps the written pages and the tree as they are now.
    pub(crate) fn snapshot(&mut self) -> Result<SavedMemory, MemoryError> {
        self.root()?;
        let saved = Arc::make_mut(&mut self.saved);
        for slot in self.slots.iter_mut().filter(|slot| slot.change == Change::Unsaved) {
            saved.insert(slot.page, Arc::new(*slot.words));
            slot.change = Change::Saved;
        }
        Ok(SavedMemory { tree: self.tree.clone(), saved: Arc::clone(&self.saved) })
    }

    /// A memory as `saved` describes it, with this one's source and cap.
    pub(crate) fn restore(&self, saved: &SavedMemory) -> Self {
        let mut memory = Self::new(Arc::clone(&self.source), self.cap_pages);
        memory.tree = saved.tree.clone();
        memory.saved = Arc::clone(&saved.saved);
        memory
    }

    /// Pages now held in memory.
    pub fn resident_pages(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// What the guest wrote since the last call, at most [`OUTPUT_LIMIT`] bytes of it.
    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    /// The instruction at `address`, decoded.
    #[inline]
    pub(crate) fn instruction(&mut self, address: WordAddr) -> Result<Instruction, MemoryError> {
        let id = self.slot_id(address);
        if let Some(slot) = self.slots.get_mut(id)
            && let Some(code) = &slot.code
        {
            slot.last_used = self.tick;
            return Ok(code[word_index(address)]);
        }
        self.decode_page(address)
    }

    #[cold]
    fn decode_page(&mut self, address: WordAddr) -> Result<Instruction, MemoryError> {
        let id = self.resident(PageIndex::containing(address.get()))?;
        self.make_room_for_derived();
        Ok(self.slots[id].decode()[word_index(address)])
    }

    /// Slot of the page of `address`; out of range if it is not resident.
    #[inline]
    fn slot_id(&self, address: WordAddr) -> usize {
        self.table[(address.get() >> page::PAGE_LOG2) as usize].wrapping_sub(1) as usize
    }

    /// Slot of `page`, which is made resident first.
    fn resident(&mut self, page: PageIndex) -> Result<usize, MemoryError> {
        match self.table[page.get() as usize].checked_sub(1) {
            Some(slot) => Ok(slot as usize),
            None => self.fault(page),
        }
    }

    /// Fills a page that is not resident.
    #[cold]
    fn fault(&mut self, page: PageIndex) -> Result<usize, MemoryError> {
        self.tick += 1;
        if self.resident_pages() >= self.cap_pages {
            self.evict()?;
        }
        let words = match self.saved.get(&page) {
            Some(words) => Box::new(**words),
            None => self.fetch_page(page)?,
        };
        let slot = Slot::new(page, words, self.tick);
        let id = if let Some(id) = self.free.pop() {
            self.slots[id as usize] = slot;
            id
        } else {
            self.slots.push(slot);
            slot_number(self.slots.len() - 1)
        };
        self.table[page.get() as usize] = id + 1;
        Ok(id as usize)
    }

    /// A page that nobody wrote: zero, or the source's, checked.
    fn fetch_page(&mut self, page: PageIndex) -> Result<Box<Words>, MemoryError> {
        let Some(hash) = self.tree.page(page, self.source.as_ref())? else {
            return Ok(zero_page());
        };
        let node = Place::page(page).node(hash);
        let words = page_words(&*self.source.page(node)?);
        let actual = page_root(&words);
        if actual != hash {
            return Err(SourceError::WrongPage { node, actual }.into());
        }
        Ok(words)
    }

    /// Drops the least recently used pages out of those that can be had again.
    fn evict(&mut self) -> Result<(), MemoryError> {
        let mut clean: Vec<u32> = (0..slot_number(self.slots.len())).collect();
        clean.retain(|id| self.slots[*id as usize].is_clean());
        if clean.is_empty() {
            return Err(MemoryError::Full { cap_pages: self.cap_pages });
        }
        let drop = (self.cap_pages / EVICTION_SHARE).clamp(1, clean.len());
        clean.select_nth_unstable_by_key(drop - 1, |id| self.slots[*id as usize].last_used);
        for id in clean.into_iter().take(drop) {
            let slot = &mut self.slots[id as usize];
            self.table[slot.page.get() as usize] = 0;
            slot.clear();
            self.free.push(id);
        }
        Ok(())
    }

    /// Forgets decoded code and inner nodes when they could have grown past their limit: what is
    /// still needed is derived again.
    fn make_room_for_derived(&mut self) {
        self.derived += 1;
        if self.derived > DERIVED_PAGES {
            self.slots.iter_mut().for_each(Slot::forget_derived);
            self.derived = 1;
        }
    }

    /// A page's first write since the tree was brought up to date.
    #[cold]
    fn first_write(&mut self, id: usize) {
        self.slots[id].change = Change::Unsaved;
        self.stale.push(slot_number(id));
    }

    #[cold]
    fn load_absent(&mut self, address: WordAddr) -> Result<u32, MemoryError> {
        let id = self.resident(PageIndex::containing(address.get()))?;
        Ok(self.slots[id].words[word_index(address)])
    }

    #[cold]
    fn store_absent(&mut self, address: WordAddr, value: u32) -> Result<(), MemoryError> {
        self.resident(PageIndex::containing(address.get()))?;
        self.store(address, value)
    }
}

/// A slot's position as the page table keeps it; there are never more slots than pages.
fn slot_number(id: usize) -> u32 {
    u32::try_from(id).unwrap_or(u32::MAX)
}

/// Position of a word in its page.
#[inline]
const fn word_index(address: WordAddr) -> usize {
    (address.get() as usize / 4) % page::PAGE_WORDS
}

impl Memory for PagedMemory {
    type Error = MemoryError;

    fn fetch(&mut self, address: WordAddr) -> Result<u32, MemoryError> {
        self.load(address)
    }

    #[inline]
    fn load(&mut self, address: WordAddr) -> Result<u32, MemoryError> {
        let (id, tick) = (self.slot_id(address), self.tick);
        match self.slots.get_mut(id) {
            Some(slot) => {
                slot.last_used = tick;
                Ok(slot.words[word_index(address)])
            }
            None => self.load_absent(address),
        }
    }

    #[inline]
    fn store(&mut self, address: WordAddr, value: u32) -> Result<(), MemoryError> {
        let id = self.slot_id(address);
        let Some(slot) = self.slots.get_mut(id) else { return self.store_absent(address, value) };
        if slot.put(word_index(address), value) {
            self.first_write(id);
        }
        Ok(())
    }

    /// Keeps what there is room for and what can be read: a page out of reach must not hold up a
    /// step that does not touch it.
    fn guest_wrote(&mut self, output: GuestOutput) {
        let room = OUTPUT_LIMIT.saturating_sub(self.output.len());
        let kept = room.min(output.length as usize);
        let mut address = output.address;
        for _ in 0..kept {
            let mut byte = [0];
            if self.read(address, &mut byte).is_err() {
                return;
            }
            self.output.extend(byte);
            address = address.wrapping_add(1);
        }
    }
}

/// What a snapshot keeps of a memory.
#[derive(Clone, Debug)]
pub(crate) struct SavedMemory {
    tree: Node,
    saved: Arc<PageMap>,
}
