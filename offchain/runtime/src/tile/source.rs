//! Pages of a run's inputs out of the graph machine's memory.

use alloy_primitives::B256;
use opml_core::merkle::{Region, Space};
use opml_core::mips::{InputIndex, Window};
use opml_operator::{Area, Tile};
use opml_vm::memory::{PAGE_BYTES, page_bytes};
use opml_vm::source::{NodeRef, PageSource, SourceError};

use crate::memory::{GraphMemory, PAGE_WORDS};

/// The graph memory behind the input windows.
pub struct GraphSource {
    memory: GraphMemory,
    inputs: Vec<Area>,
}

impl GraphSource {
    /// The inputs of `tile` in `memory`, all of it hashed.
    pub fn new(memory: GraphMemory, tile: &Tile) -> Self {
        Self { memory, inputs: tile.inputs().collect() }
    }

    /// Where a region of the machine's memory lies in the graph memory.
    fn graph_region(&self, node: NodeRef) -> Result<Region, SourceError> {
        let missing = || SourceError::Missing { node };
        let region = node.region;
        let number = u8::try_from(region.base() >> Window::LOG2_SIZE).map_err(|_| missing())?;
        let first = InputIndex::new(0).map(|first| Window::Input(first).number());
        let number = first.and_then(|first| number.checked_sub(first)).ok_or_else(missing)?;
        let area = self.inputs.get(usize::from(number)).ok_or_else(missing)?;
        let offset = region.base() & ((1 << Window::LOG2_SIZE) - 1);
        if offset >= area.bytes() || region.log2_size() > area.log2_size() {
            return Err(missing());
        }
        Region::new(Space::GRAPH, area.base() + offset, region.log2_size()).map_err(|_| missing())
    }
}

impl PageSource for GraphSource {
    fn children(&self, node: NodeRef) -> Result<[B256; 2], SourceError> {
        let region = self.graph_region(node)?;
        let half = region.log2_size() - 1;
        let child = |base| {
            let child = Region::new(Space::GRAPH, base, half);
            child
                .map(|child| self.memory.region_root(child))
                .map_err(|_| SourceError::Missing { node })
        };
        Ok([child(region.base())?, child(region.base() + (1 << half))?])
    }

    fn page(&self, node: NodeRef) -> Result<Box<[u8; PAGE_BYTES]>, SourceError> {
        let region = self.graph_region(node)?;
        let words = self.memory.read_region(region, PAGE_WORDS);
        let words = words.as_ref().try_into().map_err(|_| SourceError::Missing { node })?;
        Ok(Box::new(page_bytes(words)))
    }
}
