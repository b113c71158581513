//! Page sources for tests: a naive memory as a source, and sources that fail or lie.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use alloy_primitives::B256;
use opml_core::merkle::Region;
use opml_vm::PAGE_BYTES;
use opml_vm::memory::PagedMemory;
use opml_vm::source::{NodeRef, PageSource, SourceError};

use crate::naive::{NaiveMemory, join, zero};

type Page = Box<[u8; PAGE_BYTES]>;

/// The source that knows a whole memory by place.
#[derive(Clone, Debug)]
pub struct Whole {
    memory: NaiveMemory,
    /// Nodes from the pages up to the root that are not zero, by level above the leaves and index.
    nodes: HashMap<(u8, u64), B256>,
}

impl Whole {
    pub fn new(memory: NaiveMemory) -> Self {
        let mut row: BTreeMap<u64, B256> = memory
            .leaves()
            .map(|leaf| leaf >> 7)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .map(|page| (page, memory.node(7, page)))
            .collect();
        let mut nodes = HashMap::new();
        for level in 7..=27 {
            nodes.extend(row.iter().map(|(index, hash)| ((level, *index), *hash)));
            let at = |index| row.get(&index).copied().unwrap_or_else(|| zero(level));
            let parents: BTreeSet<u64> = row.keys().map(|index| index / 2).collect();
            row = parents
                .into_iter()
                .map(|parent| (parent, join(at(2 * parent), at(2 * parent + 1))))
                .collect();
        }
        Self { memory, nodes }
    }

    fn node(&self, level: u8, index: u64) -> B256 {
        self.nodes.get(&(level, index)).copied().unwrap_or_else(|| zero(level))
    }
}

impl PageSource for Whole {
    fn children(&self, node: NodeRef) -> Result<[B256; 2], SourceError> {
        let (level, index) = (node.region.log2_size() - 5, node.region.index());
        assert_eq!(self.node(level, index), node.hash, "asked for the right node");
        Ok([0, 1].map(|side| self.node(level - 1, 2 * index + side)))
    }

    fn page(&self, node: NodeRef) -> Result<Page, SourceError> {
        assert_eq!(node.region.log2_size(), 12);
        assert_eq!(self.node(7, node.region.index()), node.hash, "asked for the right page");
        let first = node.region.index() * 128;
        let bytes: Vec<u8> = (first..first + 128).flat_map(|leaf| self.memory.leaf(leaf)).collect();
        Ok(bytes.try_into().expect("a page"))
    }
}

/// A source that counts what it is asked for.
pub struct Counted<S> {
    pub source: S,
    pub nodes: AtomicU64,
    pub pages: AtomicU64,
}

impl<S> Counted<S> {
    pub const fn new(source: S) -> Self {
        Self { source, nodes: AtomicU64::new(0), pages: AtomicU64::new(0) }
    }

    /// Nodes and pages asked for so far.
    pub fn asked(&self) -> (u64, u64) {
        (self.nodes.load(Ordering::Relaxed), self.pages.load(Ordering::Relaxed))
    }
}

impl<S: PageSource> PageSource for Counted<S> {
    fn children(&self, node: NodeRef) -> Result<[B256; 2], SourceError> {
        self.nodes.fetch_add(1, Ordering::Relaxed);
        self.source.children(node)
    }

    fn page(&self, node: NodeRef) -> Result<Page, SourceError> {
        self.pages.fetch_add(1, Ordering::Relaxed);
        self.source.page(node)
    }
}

/// A source that fails whenever the next bit of its pattern is one.
pub struct Flaky<S> {
    pub source: S,
    pub pattern: AtomicU64,
}

impl<S> Flaky<S> {
    fn attempt(&self, node: NodeRef) -> Result<(), SourceError> {
        let pattern = self.pattern.load(Ordering::Relaxed);
        self.pattern.store(pattern.rotate_right(1), Ordering::Relaxed);
        if pattern & 1 == 0 {
            return Ok(());
        }
        Err(SourceError::Io { node, error: std::io::ErrorKind::TimedOut.into() })
    }
}

impl<S: PageSource> PageSource for Flaky<S> {
    fn children(&self, node: NodeRef) -> Result<[B256; 2], SourceError> {
        self.attempt(node)?;
        self.source.children(node)
    }

    fn page(&self, node: NodeRef) -> Result<Page, SourceError> {
        self.attempt(node)?;
        self.source.page(node)
    }
}

/// A source that alters what it gives for one region.
pub struct Lying<S> {
    pub source: S,
    pub region: Region,
}

impl<S: PageSource> PageSource for Lying<S> {
    fn children(&self, node: NodeRef) -> Result<[B256; 2], SourceError> {
        let mut children = self.source.children(node)?;
        if node.region == self.region {
            children[1].0[31] ^= 1;
        }
        Ok(children)
    }

    fn page(&self, node: NodeRef) -> Result<Page, SourceError> {
        let mut page = self.source.page(node)?;
        if node.region == self.region {
            page[4095] ^= 0x80;
        }
        Ok(page)
    }
}

/// A paged memory that is `memory`, all of it in `source`.
pub fn mapped(source: Arc<dyn PageSource>, memory: &NaiveMemory, cap_pages: usize) -> PagedMemory {
    let mut paged = PagedMemory::new(source, cap_pages);
    paged.map(Region::MIPS, memory.root()).expect("nothing is read");
    paged
}
