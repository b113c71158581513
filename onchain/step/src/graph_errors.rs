//! Reasons of the graph machine's verifier as errors of the ABI.

use opml_core::graph::handover::{HandoverError, Part};
use opml_core::graph::{GraphStateError, OutputError, OutputProof, RequestError};
use opml_core::merkle::PathError;

use crate::abi::IStepVerifier::{
    GraphPart, GraphStateLength, GraphStateStatus, HandoverTooLong, HandoverTooShort,
    HandoverWrongRoot, IStepVerifierErrors as Revert, NoRun, OutputOfFailedState,
    OutputOfRunningState, OutputPathLength, OutputRegion, OutputTooLong, OutputWrongRoot,
    RequestInputLength, RequestReserved, RequestTooLong, RequestTooShort,
};
use crate::calldata::wide;

impl From<GraphStateError> for Revert {
    fn from(error: GraphStateError) -> Self {
        match error {
            GraphStateError::Length { actual } => {
                Self::GraphStateLength(GraphStateLength { actual: wide(actual) })
            }
            GraphStateError::Status { status } => {
                Self::GraphStateStatus(GraphStateStatus { status })
            }
        }
    }
}

impl From<HandoverError> for Revert {
    fn from(error: HandoverError) -> Self {
        let short = |part: Part, needed, available| {
            let (part, needed, available) = (part.into(), wide(needed), wide(available));
            Self::HandoverTooShort(HandoverTooShort { part, needed, available })
        };
        match error {
            HandoverError::Short { part, needed, available } => short(part, needed, available),
            HandoverError::Long { surplus } => {
                Self::HandoverTooLong(HandoverTooLong { surplus: wide(surplus) })
            }
            // The witness hands out paths of the right length.
            HandoverError::Proof { part, source: PathError::Length { expected, actual } } => {
                short(part, expected, actual)
            }
            HandoverError::Proof { part, source: PathError::WrongRoot { expected, computed } } => {
                let part = part.into();
                Self::HandoverWrongRoot(HandoverWrongRoot { part, expected, computed })
            }
            HandoverError::NoRun => Self::NoRun(NoRun {}),
        }
    }
}

impl From<Part> for GraphPart {
    fn from(part: Part) -> Self {
        match part {
            Part::Descriptor => Self::Descriptor,
            Part::Input(0) => Self::Input0,
            Part::Input(1) => Self::Input1,
            Part::Input(2) => Self::Input2,
            Part::Input(3) => Self::Input3,
            Part::Input(4) => Self::Input4,
            Part::Input(5) => Self::Input5,
            Part::Input(6) => Self::Input6,
            // There are eight inputs.
            Part::Input(_) => Self::Input7,
            Part::NewOutput => Self::NewOutput,
            Part::OldOutput => Self::OldOutput,
            Part::FirstLeaf => Self::FirstLeaf,
        }
    }
}

impl From<RequestError> for Revert {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::Short { actual } => {
                Self::RequestTooShort(RequestTooShort { actual: wide(actual) })
            }
            RequestError::InputLength { stated, actual } => {
                let actual = wide(actual);
                Self::RequestInputLength(RequestInputLength { stated, actual })
            }
            RequestError::TooLong { actual } => {
                Self::RequestTooLong(RequestTooLong { actual: wide(actual) })
            }
            RequestError::Reserved { value } => Self::RequestReserved(RequestReserved { value }),
        }
    }
}

/// Why `proof` was refused.
pub fn output_refused(proof: &OutputProof<'_>, error: OutputError) -> Revert {
    match error {
        OutputError::Running => Revert::OutputOfRunningState(OutputOfRunningState {}),
        OutputError::Failed { output, path } => Revert::OutputOfFailedState(OutputOfFailedState {
            outputLength: wide(output),
            pathLength: wide(path),
        }),
        OutputError::Region(_) => {
            Revert::OutputRegion(OutputRegion { base: proof.base, log2Size: proof.log2_size })
        }
        OutputError::TooLong { actual, log2_size } => {
            let actual = wide(actual);
            Revert::OutputTooLong(OutputTooLong { actual, log2Size: log2_size })
        }
        OutputError::Path(PathError::Length { expected, actual }) => {
            let (expected, actual) = (wide(expected), wide(actual));
            Revert::OutputPathLength(OutputPathLength { expected, actual })
        }
        OutputError::Path(PathError::WrongRoot { expected, computed }) => {
            Revert::OutputWrongRoot(OutputWrongRoot { expected, computed })
        }
    }
}
