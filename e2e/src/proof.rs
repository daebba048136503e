//! Answers the hall's challenges as whoever can't read the image does: by computing.

use sha2::{Digest, Sha256};
use shared::api::{Challenge, Proof, Work};

/// The proof of work for a challenge.
pub fn solve(challenge: &Challenge) -> Proof {
    Proof::Work { id: challenge.id.clone(), number: number_for(&challenge.work) }
}

/// The smallest number whose hash begins with enough zero bits.
pub fn number_for(work: &Work) -> u64 {
    let salted = Sha256::new().chain_update(&work.salt);
    let is_enough = |number: &u64| {
        let hash = salted.clone().chain_update(number.to_string()).finalize();
        let head = hash.iter().take(8).fold(0u64, |head, byte| (head << 8) | u64::from(*byte));
        head.leading_zeros() >= u32::from(work.bits)
    };
    (0..u64::MAX).find(is_enough).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_what_was_asked_for() {
        let number = number_for(&Work { salt: "salt".into(), bits: 10 });
        let hash = Sha256::digest(format!("salt{number}"));
        assert!(hash[0] == 0 && hash[1] < 64, "{hash:02x?}");
    }
}
