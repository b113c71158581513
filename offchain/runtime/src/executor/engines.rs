//! Engines that executors share: starting threads takes longer than a small model.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use opml_native::{Backend, BackendError, Engine, EngineError};

use super::ExecutorError;

/// By backend and threads.
type Engines = BTreeMap<(&'static str, usize), Arc<Engine>>;

static ENGINES: LazyLock<Mutex<Engines>> = LazyLock::new(Mutex::default);

/// The engine with so many threads, or one a core. Where threads cannot be started it has one.
pub fn engine(threads: Option<NonZeroUsize>) -> Result<Arc<Engine>, ExecutorError> {
    let backend = Backend::from_env()?;
    let threads = threads.map_or_else(
        || std::thread::available_parallelism().map_or(1, usize::from),
        NonZeroUsize::get,
    );
    let mut engines = ENGINES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(engine) = engines.get(&(backend.name(), threads)) {
        return Ok(Arc::clone(engine));
    }
    let engine = match Engine::new(backend, threads) {
        Err(EngineError::Threads(_)) => Engine::new(backend, 1),
        made => made,
    };
    let engine = engine.map(Arc::new).map_err(|error| match error {
        EngineError::Backend(error) => ExecutorError::from(error),
        EngineError::FloatMode(error) => error.into(),
        // One thread needs no other to be started.
        EngineError::Threads(_) => BackendError::Unavailable { backend }.into(),
    })?;
    engines.insert((backend.name(), threads), Arc::clone(&engine));
    Ok(engine)
}
