//! Which registered models there are bundles of, as their ids and roots tell.

use std::sync::Arc;

use alloy_primitives::B256;

use crate::state::Model;

/// A model that is held: of this id, or of whatever id with these roots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) id: Option<B256>,
    pub(super) program_root: B256,
    pub(super) weights_root: B256,
}

/// Models that are held.
#[derive(Clone, Debug, Default)]
pub struct Holdings(Arc<[Held]>);

impl FromIterator<Held> for Holdings {
    fn from_iter<I: IntoIterator<Item = Held>>(held: I) -> Self {
        Self(held.into_iter().collect())
    }
}

impl Holdings {
    /// Whether there is a bundle of this model.
    pub fn holds(&self, id: B256, model: &Model) -> bool {
        let roots = (model.record.programRoot, model.record.weightsRoot);
        self.0.iter().any(|held| match held.id {
            Some(named) => named == id,
            None => (held.program_root, held.weights_root) == roots,
        })
    }
}
