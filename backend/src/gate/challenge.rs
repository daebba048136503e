//! A new challenge: an image code and, for whoever can't read images, a proof of work.

use super::image::{Dice, draw};
use super::limits::{Limits, Whence};
use crate::clock::{MINUTE, SECOND};
use crate::entropy::Entropy;
use crate::hall::Hall;
use crate::http::AppResult;
use crate::store::NewChallenge;
use crate::vault::BlindColumn;
use shared::api::{Challenge, Work};

/// A challenge is worthless afterwards.
pub const LIFETIME: i64 = 5 * MINUTE;
/// Digits in the image.
const DIGITS: usize = 4;
/// From this many challenges an hour on the work for an address grows.
const EASY: i64 = 30;
/// Bits that it grows by at most.
const HARDER: u8 = 4;

/// Makes a challenge for a session. Only a keyed hash of the digits is kept.
pub async fn issue(hall: &Hall, session: &str, whence: &Whence) -> AppResult<Challenge> {
    let mut dice = Dice::new(&*hall.entropy);
    let digits: [u8; DIGITS] = std::array::from_fn(|_| dice.digit());
    let image = draw(&digits, &mut dice);
    let mut tx = hall.store.begin().await?;
    let asked = Limits::of(hall).challenge(&mut tx, whence).await.map_err(|error| hall.refusal(error))?;
    let id = tx.new_id();
    let salt = new_salt(&*hall.entropy);
    let bits = bits_for(hall.config.gate.work_bits, asked);
    let text: String = digits.iter().map(|digit| char::from(b'0' + digit)).collect();
    let new = NewChallenge {
        id: &id,
        session_id: session,
        answer_hash: &answer_hash(hall, &id, &text),
        salt: &salt,
        bits,
        expires_at: tx.now() + LIFETIME,
    };
    tx.insert_challenge(&new).await?;
    tx.commit().await?;
    let expires_s = u32::try_from(LIFETIME / SECOND).unwrap_or(u32::MAX);
    Ok(Challenge { id, image, work: Work { salt, bits }, expires_s })
}

/// What the database keeps of an image's digits.
pub(super) fn answer_hash(hall: &Hall, id: &str, digits: &str) -> String {
    hall.vault.blind(BlindColumn::ImageCode, &format!("{id}:{digits}"))
}

/// The work doubles with every doubling of what an address asks for.
fn bits_for(base: u8, asked: i64) -> u8 {
    let doublings = (asked / EASY).checked_ilog2().map_or(0, |log| log + 1);
    base + u8::try_from(doublings).unwrap_or(HARDER).min(HARDER)
}

fn new_salt(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    hex::encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_for_many_works_harder() {
        for (asked, more) in [(1, 0), (29, 0), (30, 1), (59, 1), (60, 2), (119, 2), (120, 3), (240, 4), (10_000, 4)] {
            assert_eq!(bits_for(18, asked), 18 + more, "{asked}");
        }
    }
}
