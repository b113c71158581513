//! The released kernel image.
#![no_std]
