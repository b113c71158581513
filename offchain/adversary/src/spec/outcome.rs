//! The result of a request: docs/spec.md, 10.3.

use alloy_primitives::B256;

use super::Spec;
use super::records::RequestStatus;
use crate::abi::hub::IHub::{Outcome, ResultStatus};

impl Spec {
    /// What `result` answers.
    pub fn outcome_view(&self, request: B256) -> Outcome {
        let request = &self.requests[&request];
        let (status, claim) = match request.status {
            RequestStatus::Open => (ResultStatus::Provisional, request.live.first().copied()),
            RequestStatus::Final => (ResultStatus::Final, request.final_claim),
            RequestStatus::Refunded => (ResultStatus::None, None),
        };
        let Some(id) = claim else {
            return Outcome {
                status: ResultStatus::None,
                failed: false,
                claimId: B256::ZERO,
                outputLength: 0,
                outputRoot: B256::ZERO,
                output: Vec::new().into(),
            };
        };
        let claim = &self.claims[&id];
        Outcome {
            status,
            failed: claim.failed,
            claimId: id,
            outputLength: u32::try_from(claim.length).unwrap_or(u32::MAX),
            outputRoot: claim.output_root,
            output: claim.output.clone().into(),
        }
    }
}
