//! The contracts as a daemon and a command line call them.
