//! How fast the kernels are on this machine, with the sizes of a real model (SmolLM2-135M).

mod data;
mod others;
mod products;
mod timer;

use serde::Serialize;

use crate::{Backend, Engine, EngineError};

pub use others::Other;
pub use products::{Product, Token};
pub use timer::Effort;

/// All measurements. Times are the fastest of several, since other work on the machine only adds.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Backend that was measured beside the reference.
    pub backend: &'static str,
    /// Threads of the threaded figures.
    pub threads: usize,
    /// Products of single matrices.
    pub products: Vec<Product>,
    /// All products of one token.
    pub tokens: Vec<Token>,
    /// Other kernels.
    pub others: Vec<Other>,
}

/// The engines that are compared.
struct Engines {
    scalar: Engine,
    one: Engine,
    all: Engine,
}

/// Measures `backend` in one thread and in `threads`, and the reference.
pub fn measure(backend: Backend, threads: usize, effort: Effort) -> Result<Report, EngineError> {
    let engines = Engines {
        scalar: Engine::new(Backend::Scalar, 1)?,
        one: Engine::new(backend, 1)?,
        all: Engine::new(backend, threads)?,
    };
    let pool = data::pool();
    Ok(Report {
        backend: backend.name(),
        threads: engines.all.threads(),
        products: products::products(&engines, &pool, effort),
        tokens: products::tokens(&engines, &pool, effort),
        others: others::others(&engines, &pool, effort),
    })
}

impl std::fmt::Display for Report {
    /// Markdown tables.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { backend, threads, .. } = self;
        writeln!(
            f,
            "{backend}, 1 and {threads} threads; weights come from memory, not from a cache"
        )?;
        writeln!(f)?;
        writeln!(
            f,
            "| product | rows x k | scalar, GB/s | 1 thread | {threads} threads | GMAC/s |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|")?;
        for product in &self.products {
            writeln!(f, "{product}")?;
        }
        writeln!(f)?;
        writeln!(
            f,
            "| all products of a token | MB | scalar, ms | 1 thread | {threads} threads |"
        )?;
        writeln!(f, "|---|---|---|---|---|")?;
        for token in &self.tokens {
            writeln!(f, "{token}")?;
        }
        writeln!(f)?;
        let unit = "million elements/s";
        writeln!(f, "| kernel | elements | scalar, {unit} | 1 thread | {threads} threads |")?;
        writeln!(f, "|---|---|---|---|---|")?;
        for other in &self.others {
            writeln!(f, "{other}")?;
        }
        Ok(())
    }
}
