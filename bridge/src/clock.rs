//! The monotonic clock. Office computers have wrong wall clocks, so nothing here asks for those.

use tokio::time::Instant;

/// Now, by the runtime's clock, which tests hold still and turn.
#[allow(clippy::disallowed_methods, reason = "the one place; the runtime's clock is the parameter")]
pub fn now() -> Instant {
    Instant::now()
}
