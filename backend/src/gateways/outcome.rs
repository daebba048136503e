//! What a call to the outside can end in.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

/// The counter of all calls: `service`, `call`, `result`.
pub const CALLS: &str = "certhall_gateway_calls_total";

/// A gateway's answer on its way; boxed so that gateways can be `dyn`.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Outcome<T>> + Send + 'a>>;

/// How one call to a provider ended. There is no fourth way: an error we did not foresee is `Unknown`.
#[must_use]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome<T> {
    /// The provider did it, and its answer was authentic and readable.
    Ok(T),
    /// The provider says that it did not do it. `code` is the provider's own word (`isv.BUSINESS_LIMIT_CONTROL`,
    /// `ACQ.SYSTEM_ERROR`, …), `message` is for the log, not for applicants.
    Refused {
        /// The provider's code.
        code: String,
        /// The provider's text.
        message: String,
    },
    /// Nobody knows whether it was done. Ask the query method; do not repeat under another id.
    Unknown {
        /// Why nobody knows.
        reason: Doubt,
    },
}

/// Why an outcome is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// No answer within the configured time.
    Timeout,
    /// No connection, or it broke.
    Connection,
    /// An HTTP status that says nothing about the business (5xx, a proxy's page).
    Http(u16),
    /// The answer could not be read; the text says which part.
    Unreadable(&'static str),
    /// The answer's signature is missing or wrong: somebody else may have written it.
    Signature,
    /// The provider itself does not know (its "system error" codes).
    Provider(String),
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout => f.write_str("no answer in time"),
            Self::Connection => f.write_str("no connection"),
            Self::Http(status) => write!(f, "HTTP status {status}"),
            Self::Unreadable(part) => write!(f, "unreadable answer: {part}"),
            Self::Signature => f.write_str("the answer's signature is missing or wrong"),
            Self::Provider(code) => write!(f, "the provider does not know: {code}"),
        }
    }
}

impl<T> Outcome<T> {
    /// Shorthand for a refusal.
    pub fn refused(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Refused { code: code.into(), message: message.into() }
    }

    /// Shorthand for not knowing.
    pub fn unknown(reason: Doubt) -> Self {
        Self::Unknown { reason }
    }

    /// Carries a success on to another type; refusals and doubts stay as they are.
    pub fn and_then<U>(self, next: impl FnOnce(T) -> Outcome<U>) -> Outcome<U> {
        match self {
            Self::Ok(value) => next(value),
            Self::Refused { code, message } => Outcome::Refused { code, message },
            Self::Unknown { reason } => Outcome::Unknown { reason },
        }
    }

    /// Counts the call for those who run the hall. `call` is the provider's word for it, never a value.
    pub fn counted(self, service: &'static str, call: &str) -> Self {
        let result = match &self {
            Self::Ok(_) => "ok",
            Self::Refused { .. } => "refused",
            Self::Unknown { .. } => "unknown",
        };
        metrics::counter!(CALLS, "service" => service, "call" => call.to_owned(), "result" => result).increment(1);
        self
    }

    /// The success, if it is one.
    pub fn ok(self) -> Option<T> {
        match self {
            Self::Ok(value) => Some(value),
            Self::Refused { .. } | Self::Unknown { .. } => None,
        }
    }
}
