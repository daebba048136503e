//! Randomness is handed in: the only place that asks the operating system for it.

use crate::clock::Clock;
use sha2::{Digest, Sha256};
use std::sync::atomic::{AtomicU64, Ordering};

/// A source of random bytes fit for keys. Held as `Arc<dyn Entropy>`; tests hold a [`SeededEntropy`].
pub trait Entropy: Send + Sync {
    /// Fills the whole buffer.
    fn fill(&self, buffer: &mut [u8]);
}

/// The operating system's source.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[allow(clippy::disallowed_methods)]
    fn fill(&self, buffer: &mut [u8]) {
        // Without randomness no key, code or id may be made: stopping is the only safe answer.
        assert!(getrandom::fill(buffer).is_ok(), "the operating system gives no randomness");
    }
}

/// Bytes that repeat for the same seed: tests only, never keys.
#[derive(Debug)]
pub struct SeededEntropy {
    seed: u64,
    block: AtomicU64,
}

impl SeededEntropy {
    /// The same seed gives the same bytes.
    pub const fn new(seed: u64) -> Self {
        Self { seed, block: AtomicU64::new(0) }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(32) {
            let block = self.block.fetch_add(1, Ordering::SeqCst);
            let mut hash = Sha256::new();
            hash.update(self.seed.to_be_bytes());
            hash.update(block.to_be_bytes());
            chunk.copy_from_slice(&hash.finalize()[..chunk.len()]);
        }
    }
}

/// A new UUIDv7 as text: the id of every row.
pub fn new_id(clock: &dyn Clock, entropy: &dyn Entropy) -> String {
    let mut random = [0; 10];
    entropy.fill(&mut random);
    let millis = u64::try_from(clock.now() / 1000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{SECOND, TestClock};

    #[test]
    fn ids_are_version_7_and_sort_by_time() {
        let clock = TestClock::default();
        let entropy = SeededEntropy::new(1);
        let first = new_id(&clock, &entropy);
        clock.advance(SECOND);
        let second = new_id(&clock, &entropy);
        assert!(first < second);
        let parsed = uuid::Uuid::parse_str(&first).map(|id| id.get_version_num());
        assert_eq!(parsed, Ok(7));
    }

    #[test]
    fn a_seed_repeats_and_never_gives_the_same_block_twice() {
        let (mut one, mut two, mut three) = ([0; 40], [0; 40], [0; 40]);
        let first = SeededEntropy::new(7);
        first.fill(&mut one);
        first.fill(&mut two);
        SeededEntropy::new(7).fill(&mut three);
        assert_eq!(one, three);
        assert_ne!(one, two);
    }
}
