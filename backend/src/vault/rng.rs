//! The [`Entropy`] that is handed in, as the cryptography crates want to see it.

use crate::entropy::Entropy;
use rand::rand_core::{TryCryptoRng, TryRng};
use std::convert::Infallible;

/// Reads random numbers from an [`Entropy`].
pub struct EntropyRng<'a>(pub &'a dyn Entropy);

impl EntropyRng<'_> {
    fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill(&mut bytes);
        bytes
    }
}

impl TryRng for EntropyRng<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes(self.bytes()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes(self.bytes()))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(out);
        Ok(())
    }
}

impl TryCryptoRng for EntropyRng<'_> {}
