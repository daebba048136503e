//! Randomness, handed in.

use std::sync::Arc;

/// A source of random bytes fit for keys.
pub trait Random: Send + Sync {
    /// Fills the buffer.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's generator.
struct System;

impl Random for System {
    fn fill(&self, bytes: &mut [u8]) {
        // Without randomness nothing here may go on; Linux' generator cannot fail once it is seeded.
        #[allow(clippy::expect_used, clippy::disallowed_methods)]
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
}

/// The operating system's generator.
pub fn system() -> Arc<dyn Random> {
    Arc::new(System)
}

/// 32 random bytes as base64url, for nonces and tokens.
pub fn token(random: &dyn Random) -> String {
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    crate::text::base64url(&bytes)
}
