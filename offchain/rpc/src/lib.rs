//! JSON-RPC over HTTP and WebSocket for the development chain.
