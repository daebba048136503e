//! Opening sealed secrets (HPKE, see `shared::bridge::SealedSecrets`).

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, Serializable, single_shot_open};
use shared::bridge::{CurrentSecrets, InitialSecrets, SECRETS_INFO, SealedSecrets, secrets_aad};
use zeroize::Zeroizing;

use crate::random::Random;
use crate::text::{base64url, from_base64url};
use crate::token::{NewSecrets, Unlocking};

type PrivateKey = <X25519HkdfSha256 as Kem>::PrivateKey;

/// The X25519 key pair of one session; the private half never leaves it and dies with it.
pub struct SealKey {
    private: PrivateKey,
    public: String,
}

impl SealKey {
    /// A fresh pair.
    pub fn new(random: &dyn Random) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        random.fill(&mut seed[..]);
        let (private, public) = X25519HkdfSha256::derive_keypair(&seed[..]);
        Self { private, public: base64url(&public.to_bytes()) }
    }

    /// `hpkeKey` for the challenge.
    pub fn public(&self) -> &str {
        &self.public
    }

    /// The secrets that were sealed for this operation; none when anything does not fit.
    pub fn open(&self, sealed: &SealedSecrets, nonce: &str, order: &str) -> Option<NewSecrets> {
        let enc = from_base64url(&sealed.enc)?;
        let enc = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&enc).ok()?;
        let plain = single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &self.private,
            &enc,
            SECRETS_INFO.as_bytes(),
            &from_base64url(&sealed.ciphertext)?,
            secrets_aad(nonce, order).as_bytes(),
        );
        let plain = Zeroizing::new(plain.ok()?);
        let secrets: InitialSecrets = serde_json::from_slice(&plain).ok()?;
        checked(secrets)
    }
}

/// Moves every text into memory that is wiped, and checks its form.
fn checked(secrets: InitialSecrets) -> Option<NewSecrets> {
    let InitialSecrets { pin, puk, management_key, current } = secrets;
    // All are moved before the first check, so that none is dropped unwiped.
    let pin = Zeroizing::new(pin.into_bytes());
    let new = wiped(puk, management_key);
    let old: Vec<_> =
        current.into_iter().map(|CurrentSecrets { puk, management_key }| wiped(puk, management_key)).collect();
    Some(NewSecrets { pin, unlocking: new?, current: old.into_iter().collect::<Option<Vec<_>>>()? })
}

fn wiped(puk: String, management_key: String) -> Option<Unlocking> {
    let puk = Zeroizing::new(puk.into_bytes());
    let digits = Zeroizing::new(management_key);
    let mut key = Zeroizing::new(vec![0; 32]);
    hex::decode_to_slice(&digits[..], &mut key).ok()?;
    let well_formed = puk.len() == 8 && puk.iter().all(u8::is_ascii_graphic);
    well_formed.then_some(Unlocking { puk, management_key: key })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use shared::bridge::vectors;

    use super::*;

    fn key() -> SealKey {
        let private = hex::decode(vectors::BRIDGE_SECRET).unwrap();
        SealKey { private: PrivateKey::from_bytes(&private).unwrap(), public: vectors::BRIDGE_KEY.to_owned() }
    }

    fn sealed() -> SealedSecrets {
        SealedSecrets { enc: vectors::SECRETS_ENC.to_owned(), ciphertext: vectors::SECRETS_CIPHERTEXT.to_owned() }
    }

    #[test]
    fn the_vector_opens() {
        let (nonce, order) = vectors::SECRETS_AAD.split_once('\n').unwrap();
        let secrets = key().open(&sealed(), nonce, order).unwrap();
        assert_eq!(&secrets.pin[..], b"84210753");
        assert_eq!(&secrets.unlocking.puk[..], b"k7Qm2xWd");
        assert_eq!(secrets.unlocking.management_key[0], 0x40);
        assert!(secrets.current.is_empty());
    }

    #[test]
    fn another_operation_order_or_session_cannot_open_it() {
        let (nonce, order) = vectors::SECRETS_AAD.split_once('\n').unwrap();
        assert!(key().open(&sealed(), nonce, "202611200002").is_none());
        assert!(key().open(&sealed(), &base64url(&[3; 32]), order).is_none());
        assert!(SealKey::new(&*crate::random::system()).open(&sealed(), nonce, order).is_none());
    }

    #[test]
    fn two_sessions_have_two_keys() {
        let random = crate::random::system();
        assert_ne!(SealKey::new(&*random).public(), SealKey::new(&*random).public());
    }
}
