//! What stands around every request: a line in the log, and the texts of geth for methods that
//! there are not.

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use jsonrpsee::core::server::BatchResponseBuilder;
use jsonrpsee::server::middleware::rpc::{
    Batch, BatchEntry, MethodResponse, Notification, Request, RpcServiceT,
};
use jsonrpsee::types::ErrorObjectOwned;
use jsonrpsee::types::error::{INTERNAL_ERROR_CODE, METHOD_NOT_FOUND_CODE};
use tokio::sync::Semaphore;

use crate::config::Limits;

/// Wraps the service that finds and runs methods.
#[derive(Clone, Debug)]
pub struct Service<S> {
    inner: S,
    response_bytes: usize,
    /// There is a service for each connection.
    running: Arc<Semaphore>,
}

impl<S> Service<S> {
    /// Wraps `inner` for a connection.
    pub fn new(inner: S, limits: &Limits) -> Self {
        let running = limits.running.min(Semaphore::MAX_PERMITS);
        Self {
            inner,
            response_bytes: limits.response_bytes as usize,
            running: Arc::new(Semaphore::new(running)),
        }
    }
}

impl<S> RpcServiceT for Service<S>
where
    S: RpcServiceT<
            MethodResponse = MethodResponse,
            NotificationResponse = MethodResponse,
            BatchResponse = MethodResponse,
        > + Clone
        + Send
        + Sync
        + 'static,
{
    type MethodResponse = MethodResponse;
    type NotificationResponse = MethodResponse;
    type BatchResponse = MethodResponse;

    fn call<'a>(&self, request: Request<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let (id, method) = (request.id.clone(), request.method.clone());
        let (inner, running) = (self.inner.clone(), self.running.clone());
        async move {
            // It is never closed.
            let _permit = running.acquire().await;
            let start = Instant::now();
            let response = inner.call(request).await;
            let code = response.as_error_code();
            tracing::debug!(%method, code, time = ?start.elapsed(), "request");
            match missing(&method, code) {
                Some(error) => {
                    MethodResponse::error(id, error).with_extensions(response.extensions().clone())
                }
                None => response,
            }
        }
    }

    fn batch<'a>(&self, batch: Batch<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let service = self.clone();
        async move {
            let mut responses = BatchResponseBuilder::new_with_limit(service.response_bytes);
            let mut notified = false;
            for entry in batch {
                let response = match entry {
                    Ok(BatchEntry::Call(request)) => service.call(request).await,
                    Ok(BatchEntry::Notification(notification)) => {
                        service.notification(notification).await;
                        notified = true;
                        continue;
                    }
                    Err(error) => {
                        let (error, id) = error.into_parts();
                        MethodResponse::error(id, error)
                    }
                };
                if let Err(too_large) = responses.append(response) {
                    return too_large;
                }
            }
            if notified && responses.is_empty() {
                return MethodResponse::notification();
            }
            MethodResponse::from_batch(responses.finish())
        }
    }

    fn notification<'a>(
        &self,
        notification: Notification<'a>,
    ) -> impl Future<Output = MethodResponse> + Send + 'a {
        self.inner.notification(notification)
    }
}

/// What geth says of a method that is not there.
fn missing(method: &str, code: Option<i32>) -> Option<ErrorObjectOwned> {
    let text = match (method, code?) {
        // Over HTTP; the subscriptions' own errors have other codes.
        ("eth_subscribe" | "eth_unsubscribe", INTERNAL_ERROR_CODE) => {
            "notifications not supported".to_owned()
        }
        // The method is there, what was to be subscribed to is not.
        ("eth_subscribe", _) => return None,
        (method, METHOD_NOT_FOUND_CODE) => {
            format!("the method {method} does not exist/is not available")
        }
        _ => return None,
    };
    Some(ErrorObjectOwned::owned(METHOD_NOT_FOUND_CODE, text, None::<()>))
}
