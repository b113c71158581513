//! Where pages come from that nobody wrote: a content-addressed source, verified page by page.

use std::collections::BTreeMap;

use alloy_primitives::B256;
use thiserror::Error;

use crate::keccak::FastKeccak;
use crate::memory::{PAGE_BYTES, page_root, page_words};
use opml_core::keccak::Keccak;
use opml_core::merkle::{Region, zero_root};

/// A subtree of whole pages, by place and by content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeRef {
    /// Where it stands.
    pub region: Region,
    /// Its root.
    pub hash: B256,
}

impl std::fmt::Display for NodeRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { region, hash } = self;
        let (base, size) = (region.base(), region.log2_size());
        write!(f, "region of 2^{size} bytes at {base:#010x} with root {hash}")
    }
}

/// Gives the contents of subtrees known by their root.
///
/// A source need not be trusted: whatever it gives is hashed and compared before it is used.
pub trait PageSource: Send + Sync {
    /// Roots of the two halves of a subtree of at least two pages.
    fn children(&self, node: NodeRef) -> Result<[B256; 2], SourceError>;

    /// The bytes of a page (a region of 2^12 bytes).
    fn page(&self, node: NodeRef) -> Result<Box<[u8; PAGE_BYTES]>, SourceError>;
}

/// Why a source cannot give a page.
#[derive(Debug, Error)]
pub enum SourceError {
    /// The source does not hold it.
    #[error("no source holds the {node}")]
    Missing {
        /// What was asked for.
        node: NodeRef,
    },
    /// The source gave the halves of another subtree.
    #[error("the source's halves do not hash to the {node}")]
    WrongChildren {
        /// What was asked for.
        node: NodeRef,
    },
    /// The source gave another page.
    #[error("the source's page has root {actual}, asked for was the {node}")]
    WrongPage {
        /// What was asked for.
        node: NodeRef,
        /// Root of what it gave.
        actual: B256,
    },
    /// Reading failed; the same call may succeed later.
    #[error("reading the {node}: {error}")]
    Io {
        /// What was asked for.
        node: NodeRef,
        /// What went wrong.
        error: std::io::Error,
    },
}

/// The source of a machine whose memory is all its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSource;

impl PageSource for NoSource {
    fn children(&self, node: NodeRef) -> Result<[B256; 2], SourceError> {
        Err(SourceError::Missing { node })
    }

    fn page(&self, node: NodeRef) -> Result<Box<[u8; PAGE_BYTES]>, SourceError> {
        Err(SourceError::Missing { node })
    }
}

/// A source in memory, addressed by content alone.
#[derive(Clone, Debug, Default)]
pub struct ContentStore {
    pages: BTreeMap<B256, Box<[u8; PAGE_BYTES]>>,
    nodes: BTreeMap<B256, [B256; 2]>,
}

impl ContentStore {
    /// Adds an image of whole pages, zero-extended to `2^level` pages, and returns its root.
    ///
    /// An image longer than that is cut.
    pub fn insert_image(&mut self, image: &[u8], level: u8) -> B256 {
        let mut row: Vec<B256> = image
            .chunks(PAGE_BYTES)
            .take(1 << level)
            .map(|bytes| self.insert_page(bytes))
            .collect();
        for below in 0..level {
            let zero = zero_root(below + 7).unwrap_or_default();
            row = row
                .chunks(2)
                .map(|pair| self.insert_node([pair[0], pair.get(1).copied().unwrap_or(zero)]))
                .collect();
        }
        row.first().copied().or_else(|| zero_root(level + 7)).unwrap_or_default()
    }

    fn insert_page(&mut self, bytes: &[u8]) -> B256 {
        let mut page = Box::new([0; PAGE_BYTES]);
        page[..bytes.len()].copy_from_slice(bytes);
        let root = page_root(&page_words(&page));
        self.pages.insert(root, page);
        root
    }

    fn insert_node(&mut self, children: [B256; 2]) -> B256 {
        let hash = FastKeccak::node(&children[0], &children[1]);
        self.nodes.insert(hash, children);
        hash
    }
}

impl PageSource for ContentStore {
    fn children(&self, node: NodeRef) -> Result<[B256; 2], SourceError> {
        self.nodes.get(&node.hash).copied().ok_or(SourceError::Missing { node })
    }

    fn page(&self, node: NodeRef) -> Result<Box<[u8; PAGE_BYTES]>, SourceError> {
        self.pages.get(&node.hash).cloned().ok_or(SourceError::Missing { node })
    }
}
