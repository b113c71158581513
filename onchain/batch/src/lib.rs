//! Stylus contract that answers many requests at once.
#![cfg_attr(target_arch = "wasm32", no_std)]
