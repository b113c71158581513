//! Compiled programs, kept by the hash of their code.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use alloy_primitives::B256;
use thiserror::Error;

use crate::stylus::ActivationError;
use crate::stylus::activate::{DEFAULT_PAGE_LIMIT, activate};
use crate::stylus::code::{CodeError, decompress};
use crate::stylus::engine::{Engine, EngineError, Program};

/// Most programs kept compiled.
const CAPACITY: usize = 256;

/// Why an activated program cannot run; impossible but for a failing engine.
#[derive(Debug, Error)]
pub enum CompileError {
    /// The code does not unpack.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// The module does not activate.
    #[error(transparent)]
    Activation(#[from] ActivationError),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Compiles programs and keeps them.
pub struct Programs {
    engine: Engine,
    compiled: Mutex<HashMap<B256, Program>>,
}

impl fmt::Debug for Programs {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Programs").finish_non_exhaustive()
    }
}

impl Programs {
    /// None compiled yet.
    ///
    /// # Errors
    /// When the engine does not support the machine.
    pub fn new() -> Result<Self, EngineError> {
        Ok(Self { engine: Engine::new()?, compiled: Mutex::default() })
    }

    /// The program in `code`, whose hash is `code_hash`.
    pub fn get(&self, code_hash: B256, code: &[u8]) -> Result<Program, CompileError> {
        if let Some(program) = self.lock().get(&code_hash) {
            return Ok(program.clone());
        }
        let program = self.engine.compile(&activate(&decompress(code)?, DEFAULT_PAGE_LIMIT)?)?;
        let mut compiled = self.lock();
        if compiled.len() >= CAPACITY {
            compiled.clear();
        }
        compiled.insert(code_hash, program.clone());
        Ok(program)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<B256, Program>> {
        self.compiled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
