//! The graph machine: a processor whose instructions are tiles of tensor operators.
//!
//! [`GraphStep::of`] says what the step of a state is; where it is a tile, its output is computed (by
//! the native executor, or by a run of the MIPS machine) and [`advance`] gives the next state. The
//! [`handover`] does the same from proofs. All of it is total on committed data.

mod control;
pub mod handover;
mod output;
mod output_root;
mod program;
mod request;
mod state;

pub use control::{Spliced, advance, reads_first_word};
pub use output::{Output, OutputError, OutputProof, output_region_root};
pub use output_root::{OUTPUT_ROOT_PROOF_BYTES, OutputRootError, OutputRootProof};
pub use program::{DescriptorBytes, GraphStep, IllegalStep, descriptor_region, descriptor_root};
pub use request::{
    MAX_INPUT_BYTES, REQUEST_HEADER_BYTES, REQUEST_PARAMS, Request, RequestError,
    initial_memory_root, initial_state,
};
pub use state::{GRAPH_STATE_BYTES, GraphState, GraphStateError, GraphStatus};

pub use opml_operator as operator;
