//! Model files of other projects as bundles.
