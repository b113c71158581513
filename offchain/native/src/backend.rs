//! Which twin computes.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

#[cfg(target_arch = "aarch64")]
use crate::isa::Neon;
#[cfg(target_arch = "x86_64")]
use crate::isa::{Avx2, Avx512};
use crate::isa::{Isa as _, Portable, Work};

/// A way to compute; all give the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Backend {
    /// The reference, `opml_kernels`.
    Scalar,
    /// The compiler's vectors for the architecture's least processor.
    Portable,
    /// 64-bit ARM.
    Neon,
    /// x86-64 with AVX2 and F16C.
    Avx2,
    /// x86-64 with AVX-512 F, BW, DQ, VL and VNNI.
    Avx512,
}

/// Environment variable that names the backend to use instead of the fastest.
pub const BACKEND_VARIABLE: &str = "OPML_BACKEND";

/// Why a backend cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BackendError {
    /// No backend has this name.
    #[error("there is no backend {name:?}: scalar, portable, neon, avx2 or avx512")]
    Unknown {
        /// Name given.
        name: String,
    },
    /// This processor lacks the instructions.
    #[error("this processor cannot run {backend}")]
    Unavailable {
        /// Backend asked for.
        backend: Backend,
    },
}

impl Backend {
    /// All of them, slowest first.
    pub const ALL: [Self; 5] = [Self::Scalar, Self::Portable, Self::Neon, Self::Avx2, Self::Avx512];

    /// Whether this processor can run it.
    pub fn is_available(self) -> bool {
        self == Self::Scalar || self.lanes().is_some()
    }

    /// Those that this processor can run, slowest first.
    pub fn available() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|backend| backend.is_available())
    }

    /// The fastest one that this processor can run.
    pub fn best() -> Self {
        Self::available().last().unwrap_or(Self::Scalar)
    }

    /// The one that [`BACKEND_VARIABLE`] names, or the fastest.
    pub fn from_env() -> Result<Self, BackendError> {
        match std::env::var(BACKEND_VARIABLE) {
            Ok(name) => name.parse::<Self>()?.check(),
            Err(_) => Ok(Self::best()),
        }
    }

    /// Itself, if this processor can run it.
    pub fn check(self) -> Result<Self, BackendError> {
        if self.is_available() {
            Ok(self)
        } else {
            Err(BackendError::Unavailable { backend: self })
        }
    }

    /// Name in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Portable => "portable",
            Self::Neon => "neon",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// Its instruction set, if this processor has it; [`Self::Scalar`] has none.
    pub(crate) fn lanes(self) -> Option<Lanes> {
        match self {
            Self::Scalar => None,
            Self::Portable => Some(Lanes::Portable(Portable)),
            #[cfg(target_arch = "aarch64")]
            Self::Neon => Some(Lanes::Neon(Neon)),
            #[cfg(not(target_arch = "aarch64"))]
            Self::Neon => None,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => Avx2::detect().map(Lanes::Avx2),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => Avx512::detect().map(Lanes::Avx512),
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx2 | Self::Avx512 => None,
        }
    }
}

/// An instruction set that this processor has.
#[derive(Clone, Copy, Debug)]
pub enum Lanes {
    Portable(Portable),
    #[cfg(target_arch = "aarch64")]
    Neon(Neon),
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
}

impl Lanes {
    /// [`Isa::BYTES_ZERO`].
    pub const fn bytes_zero(self) -> i32 {
        match self {
            Self::Portable(_) => Portable::BYTES_ZERO,
            #[cfg(target_arch = "aarch64")]
            Self::Neon(_) => Neon::BYTES_ZERO,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => Avx2::BYTES_ZERO,
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => Avx512::BYTES_ZERO,
        }
    }

    /// Runs `work`, compiled with it.
    pub fn enter(self, work: impl Work) {
        match self {
            Self::Portable(isa) => isa.enter(work),
            #[cfg(target_arch = "aarch64")]
            Self::Neon(isa) => isa.enter(work),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(isa) => isa.enter(work),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(isa) => isa.enter(work),
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Backend {
    type Err = BackendError;

    fn from_str(name: &str) -> Result<Self, BackendError> {
        let found = Self::ALL.into_iter().find(|backend| backend.name() == name);
        found.ok_or_else(|| BackendError::Unknown { name: name.to_owned() })
    }
}
