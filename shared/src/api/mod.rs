//! Requests and answers between the page and the backend. JSON, camelCase; money in fen, times in microseconds UTC.
//!
//! Every request that changes something carries the header [`CSRF_HEADER`]; a foreign site can't set it.

mod applicant;
mod error;
mod money;
mod proof;
mod service;
mod staff;

pub use applicant::*;
pub use error::{ApiError, ErrorCode};
pub use money::*;
pub use proof::{Challenge, PROOF_HEADER, Proof, Work};
pub use service::*;
pub use staff::*;

/// Header that the page sets on every request that changes something. Its value is not looked at.
pub const CSRF_HEADER: &str = "x-certhall";
