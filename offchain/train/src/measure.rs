//! Accuracy of the quantized network, by the native executor.

use opml_core::graph::{REQUEST_PARAMS, Request, RequestError};
use opml_runtime::executor::{ExecutorError, Settings};
use opml_runtime::{Bundle, Executor};
use thiserror::Error;

use crate::digits::Digit;

/// Why a picture gets no class.
#[derive(Debug, Error)]
pub enum MeasureError {
    /// The picture is no request.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The program cannot be run here.
    #[error(transparent)]
    Executor(#[from] ExecutorError),
    /// The program failed, or its result is no class.
    #[error("the result {result:x?} is no class")]
    Result {
        /// The result, if the program halted with one.
        result: Option<Vec<u8>>,
    },
}

/// The class that the model gives to a picture.
pub fn classify(bundle: &Bundle, digit: &Digit) -> Result<u32, MeasureError> {
    let request = Request::new(&digit.pixels, 0, [0; REQUEST_PARAMS])?;
    let mut executor = Executor::new(bundle, &request, Settings::default())?;
    executor.run(u64::MAX)?;
    let result = executor.output(bundle.manifest().output);
    match result.as_deref().map(<[u8; 4]>::try_from) {
        Some(Ok(class)) => Ok(u32::from_le_bytes(class)),
        _ => Err(MeasureError::Result { result }),
    }
}

/// How many of `digits` were given their own class.
pub fn right(digits: &[Digit], classes: &[u32]) -> usize {
    digits.iter().zip(classes).filter(|(digit, class)| u32::from(digit.class) == **class).count()
}

/// Held-out digits that were recognised.
#[derive(Clone, Copy, Debug)]
pub struct Accuracy {
    /// All of them.
    pub held_out: usize,
    /// By the float original.
    pub float: usize,
    /// By the bundle.
    pub quantized: usize,
    /// Digits that both networks put into the same class.
    pub agreed: usize,
}

impl Accuracy {
    /// One line a number, as the manifest has them.
    pub fn figures(&self) -> Vec<String> {
        let held_out = self.held_out;
        let of_all = |count: usize| {
            let percent = 100.0 * count as f64 / held_out as f64;
            format!("{percent:.2} % ({count} of {held_out} held-out digits)")
        };
        vec![
            format!("accuracy: {}", of_all(self.quantized)),
            format!("accuracy of the float original: {}", of_all(self.float)),
            format!("same class as the float original: {}", of_all(self.agreed)),
        ]
    }

    /// Digits that quantization cost.
    pub const fn lost(&self) -> usize {
        self.float.saturating_sub(self.quantized)
    }

    /// Whether quantization cost at most 0.3 percentage points.
    pub const fn is_kept(&self) -> bool {
        self.lost() * 1000 <= self.held_out * 3
    }
}
