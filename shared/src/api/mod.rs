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

/// Header by which a page in a partner's frame carries its session where the browser may refuse cookies. It asks for a
/// session's token with [`SESSION_WANTED`]; the answer that begins the session has the token in the same header.
pub const SESSION_HEADER: &str = "x-certhall-session";

/// The value of [`SESSION_HEADER`] while the page has no token.
pub const SESSION_WANTED: &str = "wanted";
