//! Chains in files against twins in memory.

mod actions;
mod damage;
mod reopening;
mod twins;
