//! What makes one signed request different from the next.

use jiff::Timestamp;

/// Time and chance for signed requests, handed in so that tests can fix both.
pub trait Freshness: Send + Sync {
    /// The current time (UTC instant).
    fn now(&self) -> Timestamp;
    /// A text that was never used before: 16 to 64 characters of `[0-9a-zA-Z-]`, at least 64 random bits.
    fn nonce(&self) -> String;
}

/// A fixed time and nonce, for vectors and tests.
#[derive(Debug, Clone)]
pub struct Fixed {
    /// The time that [`Freshness::now`] tells.
    pub now: Timestamp,
    /// The text that [`Freshness::nonce`] gives.
    pub nonce: String,
}

impl Freshness for Fixed {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn nonce(&self) -> String {
        self.nonce.clone()
    }
}
