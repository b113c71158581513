//! Chains in files against twins in memory.

mod actions;
mod damage;
mod failing;
mod reopening;
mod twins;
