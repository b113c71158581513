//! The table of methods.

use std::future::Future;
use std::sync::Arc;

use jsonrpsee::RpcModule;
use jsonrpsee::core::RegisterMethodError;
use serde::Serialize;

use crate::error::Error;
use crate::node::Node;
use crate::params::{self, Args};

/// What a method gives.
pub type Reply<T> = Result<T, Error>;

/// Methods that are added to a server.
pub struct Methods {
    module: RpcModule<Node>,
}

impl Methods {
    /// None yet.
    pub fn new(node: Arc<Node>) -> Self {
        Self { module: RpcModule::from_arc(node) }
    }

    /// Adds a method. It runs on a thread where it may block; a panic is an error of the request.
    ///
    /// # Errors
    /// [`RegisterMethodError`] if the name is taken.
    pub fn add<A: Args + 'static, T: Serialize + Clone + Send + 'static>(
        &mut self,
        name: &'static str,
        handler: fn(&Node, A) -> Reply<T>,
    ) -> Result<(), RegisterMethodError> {
        self.module.register_async_method(name, move |params, node, _| async move {
            let work = move || {
                let values = params::values(params.as_str())?;
                handler(&node, A::read(&values)?)
            };
            tokio::task::spawn_blocking(work).await.unwrap_or(Err(Error::Panicked))
        })?;
        Ok(())
    }

    /// Adds a method that waits for something; it must not block.
    ///
    /// # Errors
    /// [`RegisterMethodError`] if the name is taken.
    pub fn add_async<A, T, F>(
        &mut self,
        name: &'static str,
        handler: fn(Arc<Node>, A) -> F,
    ) -> Result<(), RegisterMethodError>
    where
        A: Args + Send + 'static,
        T: Serialize + Clone + Send + 'static,
        F: Future<Output = Reply<T>> + Send + 'static,
    {
        self.module.register_async_method(name, move |params, node, _| {
            let args = params::values(params.as_str()).and_then(|values| A::read(&values));
            async move { handler(node, args?).await }
        })?;
        Ok(())
    }

    /// Gives a method another name, too.
    ///
    /// # Errors
    /// [`RegisterMethodError`] if that is taken, or there is no such method.
    pub fn alias(
        &mut self,
        alias: &'static str,
        name: &'static str,
    ) -> Result<(), RegisterMethodError> {
        self.module.register_alias(alias, name)
    }

    /// The methods for those that are registered in another way.
    pub fn module(&mut self) -> &mut RpcModule<Node> {
        &mut self.module
    }

    /// All of them.
    pub fn finish(self) -> RpcModule<Node> {
        self.module
    }
}
