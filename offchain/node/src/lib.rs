//! The daemon: serves, verifies, plays and settles.
