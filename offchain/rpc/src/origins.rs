//! Which web pages may talk to the server.
//!
//! A browser lets any page connect to this machine. It asks before most HTTP requests (CORS), never
//! before a WebSocket, and a page whose name is made to point here (DNS rebinding) need not ask at
//! all: the first is answered, the second checked by `Origin`, the third by `Host`.

use std::net::IpAddr;
use std::sync::Arc;

use jsonrpsee::server::middleware::http::{AuthorityError, HostFilterLayer};
use jsonrpsee::server::{HttpRequest, HttpResponse, http, ws};
use tower_http::cors::{AllowOrigin, Any, CorsLayer};

/// Pages of this machine, and of the origins that were named.
#[derive(Clone, Debug)]
pub struct Origins(Arc<[String]>);

impl Origins {
    /// Pages of this machine and `named` ones, such as `https://example.org`; `*` is all.
    pub fn new(named: &[String]) -> Self {
        Self(named.into())
    }

    fn allow(&self, origin: &[u8]) -> bool {
        let named = |name: &String| name == "*" || name.as_bytes().eq_ignore_ascii_case(origin);
        self.0.iter().any(named) || std::str::from_utf8(origin).is_ok_and(is_local)
    }

    /// Tells browsers which pages may make HTTP requests.
    pub fn cors(&self) -> CorsLayer {
        let origins = self.clone();
        let allow = AllowOrigin::predicate(move |origin, _| origins.allow(origin.as_bytes()));
        CorsLayer::new().allow_origin(allow).allow_methods(Any).allow_headers(Any)
    }

    /// Refuses a `WebSocket` to other pages. Clients that are no browsers send no origin.
    #[allow(clippy::result_large_err, reason = "the type that the layer takes")]
    pub fn gate<B>(
        &self,
    ) -> impl Fn(&mut HttpRequest<B>) -> Result<(), HttpResponse> + Clone + use<B> {
        let origins = self.clone();
        move |request| {
            let origin = request.headers().get("origin");
            let refused = origin.is_some_and(|origin| !origins.allow(origin.as_bytes()));
            if refused && ws::is_upgrade_request(request) {
                return Err(http::response::denied());
            }
            Ok(())
        }
    }
}

/// Whether a page's origin, `scheme://host[:port]`, is this machine.
fn is_local(origin: &str) -> bool {
    let Some((_, authority)) = origin.split_once("://") else { return false };
    let is_port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if is_port(port) => host,
        _ => authority,
    };
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host == "localhost" || address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// Where only this machine is listened to, it has to be called by a name that nobody else can have.
///
/// # Errors
/// [`AuthorityError`] if `address` cannot be written as a host, which does not happen.
pub fn hosts(address: IpAddr) -> Result<HostFilterLayer, AuthorityError> {
    if !address.is_loopback() {
        return Ok(HostFilterLayer::disable());
    }
    let own = match address {
        IpAddr::V4(address) => format!("{address}:*"),
        IpAddr::V6(address) => format!("[{address}]:*"),
    };
    HostFilterLayer::new(["localhost:*", "127.0.0.1:*", "[::1]:*", own.as_str()])
}
