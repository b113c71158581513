//! The HTTP server: health, metrics, and read-only views of what the node has read.

mod status;
mod views;

use std::net::SocketAddr;
use std::sync::Arc;

use alloy_primitives::B256;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use utoipa::OpenApi;

pub use status::{AlarmView, JobView, OpenGameView, StatusView};
pub use views::{ClaimView, GameView, MoveView, RequestView};

use crate::metrics::Metrics;
use crate::node::{Detail, Identity, Status};
use crate::state::World;

/// What the server shows.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Whose node it is.
    pub identity: Identity,
    /// What the node does.
    pub status: watch::Receiver<Status>,
    /// The same at length.
    pub detail: watch::Receiver<Arc<Detail>>,
    /// What it has read.
    pub world: watch::Receiver<Arc<World>>,
    /// Figures.
    pub metrics: Arc<Metrics>,
}

#[derive(OpenApi)]
#[openapi(
    info(title = "opML node", description = "What a node has read and does. Read-only."),
    paths(healthz, readyz, metrics, status, requests, request, claims, claim, games, game, moves),
    components(schemas(
        StatusView,
        OpenGameView,
        JobView,
        AlarmView,
        RequestView,
        ClaimView,
        GameView,
        MoveView
    ))
)]
struct Document;

/// Listens; the server runs until the token stops it. Where it listens.
pub async fn serve(
    listen: SocketAddr,
    shown: Shown,
    cancel: CancellationToken,
) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    let server = axum::serve(listener, router(shown));
    let server = server.with_graceful_shutdown(async move { cancel.cancelled().await });
    tokio::spawn(async move {
        if let Err(error) = server.await {
            tracing::error!(%error, "the HTTP server has stopped");
        }
    });
    Ok(address)
}

fn router(shown: Shown) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .route("/openapi.json", get(|| async { Json(Document::openapi()) }))
        .route("/v1/status", get(status))
        .route("/v1/requests", get(requests))
        .route("/v1/requests/{id}", get(request))
        .route("/v1/claims", get(claims))
        .route("/v1/claims/{id}", get(claim))
        .route("/v1/games", get(games))
        .route("/v1/games/{id}", get(game))
        .route("/v1/games/{id}/moves", get(moves))
        .with_state(shown)
}

/// Whether the process lives.
#[utoipa::path(get, path = "/healthz", responses((status = 200)))]
async fn healthz() -> &'static str {
    "ok"
}

/// Whether the chain is read to its head.
#[utoipa::path(get, path = "/readyz", responses((status = 200), (status = 503)))]
async fn readyz(State(shown): State<Shown>) -> (StatusCode, &'static str) {
    if shown.status.borrow().ready {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready")
    }
}

/// Figures in Prometheus' text format.
#[utoipa::path(get, path = "/metrics", responses((status = 200, body = String)))]
async fn metrics(State(shown): State<Shown>) -> impl IntoResponse {
    const FORMAT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, FORMAT)], shown.metrics.text())
}

/// What the node does.
#[utoipa::path(get, path = "/v1/status", responses((status = 200, body = StatusView)))]
async fn status(State(shown): State<Shown>) -> Json<StatusView> {
    let detail = Arc::clone(&shown.detail.borrow());
    let status = *shown.status.borrow();
    Json(StatusView::new(&shown.identity, &status, &detail))
}

fn world(shown: &Shown) -> Arc<World> {
    Arc::clone(&shown.world.borrow())
}

fn found<T: serde::Serialize>(view: Option<T>) -> Response {
    match view {
        Some(view) => Json(view).into_response(),
        None => (StatusCode::NOT_FOUND, "not known, or over for long").into_response(),
    }
}

/// Requests of which something may still come.
#[utoipa::path(get, path = "/v1/requests", responses((status = 200, body = [RequestView])))]
async fn requests(State(shown): State<Shown>) -> Json<Vec<RequestView>> {
    Json(world(&shown).requests.iter().map(RequestView::from).collect())
}

/// A request.
#[utoipa::path(get, path = "/v1/requests/{id}", params(("id" = String, Path)),
    responses((status = 200, body = RequestView), (status = 404)))]
async fn request(State(shown): State<Shown>, Path(id): Path<B256>) -> Response {
    found(world(&shown).requests.get_key_value(&id).map(RequestView::from))
}

/// Claims on those requests.
#[utoipa::path(get, path = "/v1/claims", responses((status = 200, body = [ClaimView])))]
async fn claims(State(shown): State<Shown>) -> Json<Vec<ClaimView>> {
    Json(world(&shown).claims.iter().map(ClaimView::from).collect())
}

/// A claim.
#[utoipa::path(get, path = "/v1/claims/{id}", params(("id" = String, Path)),
    responses((status = 200, body = ClaimView), (status = 404)))]
async fn claim(State(shown): State<Shown>, Path(id): Path<B256>) -> Response {
    found(world(&shown).claims.get_key_value(&id).map(ClaimView::from))
}

/// Games against those claims.
#[utoipa::path(get, path = "/v1/games", responses((status = 200, body = [GameView])))]
async fn games(State(shown): State<Shown>) -> Json<Vec<GameView>> {
    Json(world(&shown).games.iter().map(GameView::from).collect())
}

/// A game.
#[utoipa::path(get, path = "/v1/games/{id}", params(("id" = String, Path)),
    responses((status = 200, body = GameView), (status = 404)))]
async fn game(State(shown): State<Shown>, Path(id): Path<B256>) -> Response {
    found(world(&shown).games.get_key_value(&id).map(GameView::from))
}

/// The positions that a game has had.
#[utoipa::path(get, path = "/v1/games/{id}/moves", params(("id" = String, Path)),
    responses((status = 200, body = [MoveView]), (status = 404)))]
async fn moves(State(shown): State<Shown>, Path(id): Path<B256>) -> Response {
    let world = world(&shown);
    let moves = |game: &crate::state::Game| game.moves.iter().map(MoveView::from).collect();
    found(world.games.get(&id).map(moves).map(|moves: Vec<_>| moves))
}
