//! The released kernel image: what the MIPS machine runs to prove a tile.
//!
//! `cargo xtask image` builds it from this package's program and writes it to `released/`, with its
//! root and compiler; `cargo xtask image --check` compares. A model's registration names the root.
#![no_std]
#![cfg(not(target_arch = "mips"))]

/// Bytes of window 0 from address 0 on; the rest of the window is zero.
pub const IMAGE: &[u8] = include_bytes!("../released/kernels.img");

/// Address of the first instruction.
pub const ENTRY: u32 = 0x1000;

/// Size, root of window 0 and compiler, a line each.
pub const DESCRIPTION: &str = include_str!("../released/kernels.txt");
