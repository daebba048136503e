//! RSA2: SHA-256 with RSA PKCS#1 v1.5 over `k=v` pairs sorted by name, joined by `&`, values as they are.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// What to do with parameters whose value is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Empties {
    /// Requests: they are not sent and not signed.
    Drop,
    /// Notifications, first try: they were signed as they came.
    Keep,
}

/// The string that is signed. Names in `without` (always `sign`, for notifications `sign_type` too) are left out.
pub fn canonical<K: AsRef<str>, V: AsRef<str>>(pairs: &[(K, V)], without: &[&str], empties: Empties) -> String {
    let mut kept: Vec<(&str, &str)> = pairs
        .iter()
        .map(|(key, value)| (key.as_ref(), value.as_ref()))
        .filter(|(key, value)| !without.contains(key) && (empties == Empties::Keep || !value.is_empty()))
        .collect();
    kept.sort_unstable();
    kept.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join("&")
}

/// Our key.
pub struct Signer(KeyPair);

impl Signer {
    /// Reads PKCS#8 or PKCS#1, as PEM or as the bare base64 that Alipay's tools give.
    pub fn read(text: &str) -> Option<Self> {
        let der = der_of(text)?;
        KeyPair::from_pkcs8(&der).or_else(|_| KeyPair::from_der(&der)).ok().map(Self)
    }

    /// Base64 signature; `None` only if the library refuses the key.
    pub fn sign(&self, canonical: &str) -> Option<String> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), canonical.as_bytes(), &mut signature).ok()?;
        Some(BASE64_STANDARD.encode(signature))
    }
}

/// The provider's key.
pub struct Verifier(ParsedPublicKey);

impl Verifier {
    /// Reads SPKI or PKCS#1, as PEM or as bare base64.
    pub fn read(text: &str) -> Option<Self> {
        let der = der_of(text)?;
        ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der).ok().map(Self)
    }

    /// Is `signature` (base64) the provider's over exactly these bytes?
    pub fn verify(&self, signed: &[u8], signature: &str) -> bool {
        BASE64_STANDARD.decode(signature).is_ok_and(|signature| self.0.verify_sig(signed, &signature).is_ok())
    }
}

fn der_of(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    let bare: String = if text.starts_with("-----BEGIN ") {
        text.lines().filter(|line| !line.starts_with("-----")).collect()
    } else {
        text.to_owned()
    };
    let bare: String = bare.split_whitespace().collect();
    BASE64_STANDARD.decode(bare).ok()
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der};
    use aws_lc_rs::rsa::KeySize;
    use aws_lc_rs::signature::KeyPair as _;
    use std::sync::OnceLock;

    /// A provider's key pair, the same in the whole run.
    pub fn keys() -> (Signer, Verifier) {
        static TEXTS: OnceLock<(String, String)> = OnceLock::new();
        let (private, public) = TEXTS.get_or_init(|| {
            let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
            let private: Pkcs8V1Der = pair.as_der().unwrap();
            let public: PublicKeyX509Der = pair.public_key().as_der().unwrap();
            (BASE64_STANDARD.encode(private.as_ref()), BASE64_STANDARD.encode(public.as_ref()))
        });
        (Signer::read(private).unwrap(), Verifier::read(public).unwrap())
    }

    #[test]
    fn a_flipped_byte_is_refused() {
        let (ours, theirs) = keys();
        let sign = ours.sign("a=1&b=张").unwrap();
        assert!(theirs.verify("a=1&b=张".as_bytes(), &sign));
        assert!(!theirs.verify("a=1&c=张".as_bytes(), &sign));
        assert!(!theirs.verify("a=1&b=张".as_bytes(), ""));
    }
    use proptest::prelude::*;

    #[test]
    fn sorted_raw_and_without_the_signature() {
        let pairs = [("sign", "x"), ("b", "2 &=张"), ("a", ""), ("c", "3"), ("sign_type", "RSA2")];
        assert_eq!(canonical(&pairs, &["sign"], Empties::Drop), "b=2 &=张&c=3&sign_type=RSA2");
        assert_eq!(canonical(&pairs, &["sign", "sign_type"], Empties::Keep), "a=&b=2 &=张&c=3");
    }

    proptest! {
        #[test]
        fn the_order_of_arrival_does_not_matter(mut pairs in proptest::collection::vec(("[a-z_]{1,6}", ".*"), 0..8)) {
            let before = canonical(&pairs, &[], Empties::Keep);
            pairs.reverse();
            prop_assert_eq!(before, canonical(&pairs, &[], Empties::Keep));
        }

        #[test]
        fn no_text_is_taken_for_a_key(text in ".*") {
            prop_assert!(Signer::read(&text).is_none());
            prop_assert!(Verifier::read(&text).is_none());
        }
    }
}
