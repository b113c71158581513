//! The tree above the pages: persistent, sparse, and partly known by hash alone.
//!
//! A clone shares all nodes, so a snapshot of the tree costs nothing. A subtree that nothing has
//! touched yet may be [`Node::Opaque`]: its children come from a source when a path first leads
//! through it, and are checked against its hash.

use std::sync::Arc;

use alloy_primitives::B256;
use opml_core::keccak::Keccak;
use opml_core::merkle::{Region, Space, zero_root};

use super::page::{PAGE_LEVELS, PAGE_LOG2, PageIndex};
use crate::keccak::FastKeccak;
use crate::source::{NodeRef, PageSource, SourceError};

/// Levels above the pages: 2^20 pages to the memory's root.
pub(crate) const TREE_LEVELS: u8 = 20;

/// A subtree of `2^level` pages.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    /// All zero.
    Zero,
    /// Known by its root alone; at level 0 always this or `Zero`.
    Opaque(B256),
    /// Known with its children.
    Inner(Arc<Inner>),
}

#[derive(Clone, Debug)]
pub(crate) struct Inner {
    hash: B256,
    children: [Node; 2],
}

/// Where a node stands: `2^level` pages, the `index`-th such group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    level: u8,
    index: u32,
}

impl Place {
    pub(crate) const ROOT: Self = Self { level: TREE_LEVELS, index: 0 };

    /// The place of a page.
    pub(crate) const fn page(page: PageIndex) -> Self {
        Self { level: 0, index: page.get() }
    }

    /// The child on the way to `page`, and which one it is.
    fn child(self, page: PageIndex) -> (Self, usize) {
        let level = self.level - 1;
        let index = page.get() >> level;
        (Self { level, index }, (index & 1) as usize)
    }

    fn children(self) -> [Self; 2] {
        [0, 1].map(|side| Self { level: self.level - 1, index: 2 * self.index + side })
    }

    /// The place of a region of whole pages; `None` for a smaller one or one of a larger space.
    pub(crate) fn of(region: Region) -> Option<Self> {
        let level = region.log2_size().checked_sub(PAGE_LOG2)?;
        let index = u32::try_from(region.index()).ok()?;
        (region.space() == Space::MIPS).then_some(Self { level, index })
    }

    /// The pages of the place.
    pub(crate) const fn pages(self) -> std::ops::Range<u32> {
        self.index << self.level..(self.index + 1) << self.level
    }

    /// The subtree at this place with this root.
    pub(crate) fn node(self, hash: B256) -> NodeRef {
        let log2_size = PAGE_LOG2 + self.level;
        let base = u64::from(self.index) << log2_size;
        let region = Region::new(Space::MIPS, base, log2_size);
        NodeRef { region: region.unwrap_or(Region::MIPS), hash }
    }
}

impl Node {
    /// Root of the subtree of `2^level` pages.
    pub(crate) fn hash(&self, level: u8) -> B256 {
        match self {
            Self::Zero => zero_root(level + PAGE_LEVELS).unwrap_or_default(),
            Self::Opaque(hash) => *hash,
            Self::Inner(inner) => inner.hash,
        }
    }

    /// A subtree of which only the root is known.
    pub(crate) fn opaque(hash: B256, level: u8) -> Self {
        if hash == Self::Zero.hash(level) { Self::Zero } else { Self::Opaque(hash) }
    }

    fn inner(children: [Self; 2], level: u8) -> Self {
        if matches!(children, [Self::Zero, Self::Zero]) {
            return Self::Zero;
        }
        let [left, right] = &children;
        let hash = FastKeccak::node(&left.hash(level - 1), &right.hash(level - 1));
        Self::Inner(Arc::new(Inner { hash, children }))
    }

    /// The two children; asks `source` for those of an opaque node and checks them.
    fn children(&self, place: Place, source: &dyn PageSource) -> Result<[Self; 2], SourceError> {
        match self {
            Self::Zero => Ok([Self::Zero, Self::Zero]),
            Self::Inner(inner) => Ok(inner.children.clone()),
            Self::Opaque(hash) => {
                let node = place.node(*hash);
                let [left, right] = source.children(node)?;
                if FastKeccak::node(&left, &right) != *hash {
                    return Err(SourceError::WrongChildren { node });
                }
                Ok([left, right].map(|hash| Self::opaque(hash, place.level - 1)))
            }
        }
    }

    /// The subtree with the pages of `updates` replaced; their numbers ascend.
    pub(crate) fn update(
        &self,
        place: Place,
        updates: &[(PageIndex, B256)],
        source: &dyn PageSource,
    ) -> Result<Self, SourceError> {
        let Some((_, hash)) = updates.first() else { return Ok(self.clone()) };
        if place.level == 0 {
            return Ok(Self::opaque(*hash, 0));
        }
        let [left, right] = self.children(place, source)?;
        let [left_place, right_place] = place.children();
        let split =
            updates.partition_point(|(page, _)| page.get() >> left_place.level == left_place.index);
        let (lower, upper) = updates.split_at(split);
        let left = left.update(left_place, lower, source)?;
        let right = right.update(right_place, upper, source)?;
        Ok(Self::inner([left, right], place.level))
    }

    /// Puts a subtree known by its root at a place inside this subtree.
    pub(crate) fn splice(
        &self,
        place: Place,
        at: (Place, B256),
        source: &dyn PageSource,
    ) -> Result<Self, SourceError> {
        let (target, hash) = at;
        if place.level <= target.level {
            return Ok(Self::opaque(hash, place.level));
        }
        let mut children = self.children(place, source)?;
        let (child, side) = place.child(PageIndex::nth(target.pages().start));
        children[side] = children[side].splice(child, at, source)?;
        Ok(Self::inner(children, place.level))
    }

    /// Root of `page`, and its siblings up to the memory's root, lowest first. Remembers what it
    /// learns of opaque nodes on the way.
    pub(crate) fn path(
        &mut self,
        page: PageIndex,
        source: &dyn PageSource,
    ) -> Result<(B256, Vec<B256>), SourceError> {
        let mut siblings = Vec::with_capacity(TREE_LEVELS.into());
        let root =
            self.walk(page, source, &mut |sibling, level| siblings.push(sibling.hash(level)))?;
        siblings.reverse();
        Ok((root, siblings))
    }

    /// Root of `page`; `None` if it is all zero.
    pub(crate) fn page(
        &mut self,
        page: PageIndex,
        source: &dyn PageSource,
    ) -> Result<Option<B256>, SourceError> {
        let hash = self.walk(page, source, &mut |_, _| {})?;
        Ok((hash != Self::Zero.hash(0)).then_some(hash))
    }

    /// Goes down to `page`, showing every sibling on the way with its level.
    fn walk(
        &mut self,
        page: PageIndex,
        source: &dyn PageSource,
        visit: &mut impl FnMut(&Self, u8),
    ) -> Result<B256, SourceError> {
        let (mut node, mut place) = (self, Place::ROOT);
        while place.level > 0 {
            if let Self::Opaque(hash) = *node {
                let children = node.children(place, source)?;
                *node = Self::Inner(Arc::new(Inner { hash, children }));
            }
            let (child, side) = place.child(page);
            match node {
                Self::Inner(inner) => {
                    let [left, right] = &mut Arc::make_mut(inner).children;
                    let (next, sibling) = if side == 0 { (left, right) } else { (right, left) };
                    visit(sibling, child.level);
                    (node, place) = (next, child);
                }
                Self::Zero | Self::Opaque(_) => {
                    for level in (0..place.level).rev() {
                        visit(&Self::Zero, level);
                    }
                    return Ok(Self::Zero.hash(0));
                }
            }
        }
        Ok(node.hash(0))
    }
}
