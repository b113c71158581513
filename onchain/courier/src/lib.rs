//! Stylus contract that delivers finalized results to their consumers.
#![cfg_attr(target_arch = "wasm32", no_std)]
