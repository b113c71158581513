//! Instructions as text.
