//! Why a call failed, in the protocol's terms.

use shared::bridge::{ErrorCode, ErrorData, RpcError};

use crate::token::TokenError;

/// A failure with a text for the log. Neither ever holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// JSON-RPC's number.
    rpc: i32,
    /// The stable code.
    pub code: ErrorCode,
    tries_left: Option<u8>,
    message: String,
}

impl Fault {
    /// A failure of the bridge's own kind.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { rpc: -32000, code, tries_left: None, message: message.into() }
    }

    /// The frame was not JSON.
    pub fn not_json() -> Self {
        Self { rpc: -32700, ..Self::new(ErrorCode::BadRequest, "not JSON") }
    }

    /// The frame was no request.
    pub fn not_a_request() -> Self {
        Self { rpc: -32600, ..Self::new(ErrorCode::BadRequest, "not a JSON-RPC 2.0 request") }
    }

    /// Nobody knows this method.
    pub fn unknown_method() -> Self {
        Self { rpc: -32601, ..Self::new(ErrorCode::UnsupportedMethod, "unknown method") }
    }

    /// The parameters do not fit.
    pub fn params(message: &str) -> Self {
        Self { rpc: -32602, ..Self::new(ErrorCode::BadRequest, message) }
    }

    /// A fault of ours.
    pub fn internal(message: &str) -> Self {
        Self { rpc: -32603, ..Self::new(ErrorCode::Internal, message) }
    }
}

impl From<ErrorCode> for Fault {
    fn from(code: ErrorCode) -> Self {
        Self::new(code, format!("{code:?}"))
    }
}

impl From<TokenError> for Fault {
    fn from(error: TokenError) -> Self {
        let (code, tries_left) = match &error {
            TokenError::Removed => (ErrorCode::KeyRemoved, None),
            TokenError::SecretsRejected => (ErrorCode::SecretsRejected, None),
            TokenError::PinWrong(left) => (ErrorCode::PinWrong, Some(*left)),
            TokenError::PinBlocked => (ErrorCode::PinBlocked, None),
            TokenError::PinPolicy => (ErrorCode::PinPolicy, None),
            TokenError::UnsupportedAlgorithm => (ErrorCode::UnsupportedAlgorithm, None),
            TokenError::Status(_) | TokenError::Malformed(_) => (ErrorCode::KeyFailed, None),
        };
        Self { tries_left, ..Self::new(code, error.to_string()) }
    }
}

impl From<Fault> for RpcError {
    fn from(fault: Fault) -> Self {
        Self {
            code: fault.rpc,
            message: fault.message,
            data: ErrorData { code: fault.code, tries_left: fault.tries_left },
        }
    }
}
