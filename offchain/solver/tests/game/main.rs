//! Whole games over a toy machine: the honest side wins them all.
#![allow(clippy::unwrap_used)]

mod clocks;
mod every_divergence;
mod every_strategy;
mod random;
mod refused;
mod strategies;
mod table;
mod toy;
