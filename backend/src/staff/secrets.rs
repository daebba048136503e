//! A key's secrets: the initial PIN, the PUK and the management key.

use crate::entropy::Entropy;
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::store::{Conn, Making, Order};
use crate::vault::{Aad, DataKey};
use serde::{Deserialize, Serialize};
use shared::bridge::{CurrentSecrets, InitialSecrets};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Digits of an initial PIN: the most that PIV allows (NIST SP 800-73-4, 2.4.3: 6 to 8).
const PIN_DIGITS: usize = 8;
/// The PUK's characters: those that can't be taken for each other when one has to be read out.
const PUK_ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ+";
/// A PUK is exactly 8 characters (NIST SP 800-73-4, table 5).
const PUK_CHARACTERS: usize = 8;
/// AES-256; a key with a smaller cipher takes the first 24.
const MANAGEMENT_KEY_BYTES: usize = 32;

/// What is or will be on a key. Sealed wherever it is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct KeySecrets {
    /// The initial PIN; gone once the parcel is on its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<String>,
    /// 8 characters.
    pub puk: String,
    /// 64 hex digits.
    pub management_key: String,
}

impl std::fmt::Debug for KeySecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeySecrets([hidden])")
    }
}

impl KeySecrets {
    /// A new pair for a key and a fresh PIN. The pair is diversified from the vault's keys key, so each key's is its own.
    pub fn fresh(hall: &Hall, key_serial: Option<&str>, making_id: &str) -> AppResult<Self> {
        let label = format!("{}\0{making_id}", key_serial.unwrap_or_default());
        let mut bytes = Zeroizing::new([0u8; MANAGEMENT_KEY_BYTES + PUK_CHARACTERS]);
        hall.vault.diversify(&label, &mut *bytes)?;
        let (management_key, puk) = bytes.split_at(MANAGEMENT_KEY_BYTES);
        let puk = puk.iter().map(|byte| char::from(PUK_ALPHABET[usize::from(byte & 31)])).collect();
        Ok(Self { pin: Some(fresh_pin(&*hall.entropy)), puk, management_key: hex::encode(management_key) })
    }

    /// The same pair with a fresh PIN: a try that was interrupted is begun again.
    pub fn again(&self, entropy: &dyn Entropy) -> Self {
        Self { pin: Some(fresh_pin(entropy)), puk: self.puk.clone(), management_key: self.management_key.clone() }
    }

    /// Without the PIN: it was sent.
    pub fn without_pin(&self) -> Self {
        Self { pin: None, puk: self.puk.clone(), management_key: self.management_key.clone() }
    }

    /// As the bridge gets it. `tried` are pairs that may be on the key by now, newest first.
    pub fn for_bridge(&self, tried: &[Self]) -> InitialSecrets {
        let mut current: Vec<CurrentSecrets> = Vec::new();
        for pair in tried {
            let pair = CurrentSecrets { puk: pair.puk.clone(), management_key: pair.management_key.clone() };
            if !current.contains(&pair) {
                current.push(pair);
            }
        }
        InitialSecrets {
            pin: self.pin.clone().unwrap_or_default(),
            puk: self.puk.clone(),
            management_key: self.management_key.clone(),
            current,
        }
    }

    /// Seals it for a row.
    pub fn seal(&self, hall: &Hall, key: &DataKey, aad: Aad<'_>) -> AppResult<Vec<u8>> {
        hall.seal_json(key, aad, self)
    }

    /// Opens what [`KeySecrets::seal`] sealed.
    pub fn open(key: &DataKey, aad: Aad<'_>, sealed: &[u8]) -> AppResult<Self> {
        serde_json::from_slice(&key.open(aad, sealed)?).map_err(AppError::fault)
    }

    /// The secrets of a making, as long as they are kept.
    pub async fn of_making(hall: &Hall, conn: &mut Conn, making: &Making) -> AppResult<Option<Self>> {
        let (Some(sealed), Some(order)) = (&making.secrets_sealed, conn.order(&making.order_id).await?) else {
            return Ok(None);
        };
        if conn.data_key(&order.data_key_id).await?.is_none() {
            // That order's data was erased, and its secrets with it.
            return Ok(None);
        }
        let key = hall.data_key(conn, &order.data_key_id).await?;
        Self::open(&key, making_aad(&making.id), sealed).map(Some)
    }

    /// The secrets of the key that was made for an order.
    pub async fn of_key(hall: &Hall, conn: &mut Conn, order: &Order, serial: &str) -> AppResult<Option<Self>> {
        let Some(row) = conn.key(serial).await?.filter(|row| row.order_id == order.id) else { return Ok(None) };
        let key = hall.data_key(conn, &order.data_key_id).await?;
        Self::open(&key, key_aad(serial), &row.secrets_sealed).map(Some)
    }
}

/// The first PIN of a key that is on its way or with its holder, kept for a while so that it can be told again.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub(super) struct KeptPin {
    /// The digits.
    pub pin: String,
}

/// Where a kept PIN belongs.
pub(super) const fn pin_aad(serial: &str) -> Aad<'_> {
    Aad { table: "keys", column: "pin_sealed", row: serial }
}

/// Where a making's secrets belong.
pub(super) const fn making_aad(id: &str) -> Aad<'_> {
    Aad { table: "makings", column: "secrets_sealed", row: id }
}

/// Where a key's secrets belong.
pub(super) const fn key_aad(serial: &str) -> Aad<'_> {
    Aad { table: "keys", column: "secrets_sealed", row: serial }
}

/// Random digits, each equally likely; what everybody would guess first is drawn again.
fn fresh_pin(entropy: &dyn Entropy) -> String {
    loop {
        let mut pin = String::with_capacity(PIN_DIGITS);
        while pin.len() < PIN_DIGITS {
            let mut byte = [0u8; 1];
            entropy.fill(&mut byte);
            // 250 is the last multiple of ten: bytes above it would favour small digits.
            if byte[0] < 250 {
                pin.push(char::from(b'0' + byte[0] % 10));
            }
        }
        if !is_guessable(&pin) {
            return pin;
        }
        pin.zeroize();
    }
}

/// One digit over and over, or digits that go up or down by one throughout.
fn is_guessable(pin: &str) -> bool {
    let digits: Vec<i16> = pin.bytes().map(i16::from).collect();
    [-1, 0, 1].iter().any(|step| digits.windows(2).all(|pair| pair[1] - pair[0] == *step))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SeededEntropy;

    #[test]
    fn pins_are_eight_digits_and_differ() {
        let entropy = SeededEntropy::new(1);
        let pins: std::collections::BTreeSet<_> = (0..200).map(|_| fresh_pin(&entropy)).collect();
        assert!(pins.len() > 195);
        assert!(pins.iter().all(|pin| pin.len() == 8 && pin.bytes().all(|b| b.is_ascii_digit())));
    }

    #[test]
    fn guessable_pins_are_drawn_again() {
        for bad in ["00000000", "12345678", "87654321", "99999999"] {
            assert!(is_guessable(bad), "{bad}");
        }
        for good in ["12345679", "11112222", "84210753"] {
            assert!(!is_guessable(good), "{good}");
        }
    }

    #[test]
    fn nothing_prints_a_secret() {
        let secrets =
            KeySecrets { pin: Some("84210753".into()), puk: "k7Qm2xWd".into(), management_key: "40".repeat(32) };
        assert_eq!(format!("{secrets:?}"), "KeySecrets([hidden])");
    }
}
