//! A USB-Key made of software: a key pair and its certificate request.

use anyhow::Result;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use der::asn1::BitString;
use der::{Decode as _, Encode as _};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{DerSignature, SigningKey};
use p256::pkcs8::EncodePublicKey as _;
use shared::api::StartMaking;
use x509_cert::request::{CertReq, CertReqInfo, Version};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use crate::chance::Chance;

/// A key in the maker's reader.
pub struct Key {
    /// Its serial.
    pub serial: String,
    pair: SigningKey,
}

impl Key {
    /// A blank key, with a fresh key pair.
    pub fn blank(chance: &Chance) -> Self {
        let pair = loop {
            if let Ok(pair) = SigningKey::from_slice(&chance.bytes::<32>()) {
                break pair;
            }
        };
        Self { serial: format!("SOAK{}", hex::encode_upper(chance.bytes::<12>())), pair }
    }

    /// What the page sends to begin. The bridge's public key is any 32 bytes: nobody opens what is sealed to it.
    pub fn start(&self, chance: &Chance) -> StartMaking {
        StartMaking {
            nonce: URL_SAFE_NO_PAD.encode(chance.bytes::<32>()),
            hpke_key: URL_SAFE_NO_PAD.encode(chance.bytes::<32>()),
            key_serial: Some(self.serial.clone()),
        }
    }

    /// Hex of the public point, as it stands in a certificate.
    pub fn point(&self) -> String {
        hex::encode(self.pair.verifying_key().to_sec1_point(false).as_bytes())
    }

    /// The request for an order, base64.
    pub fn request(&self, number: &str) -> Result<String> {
        let spki = self.pair.verifying_key().to_public_key_der()?;
        let info = CertReqInfo {
            version: Version::V1,
            subject: format!("CN={number}").parse()?,
            public_key: SubjectPublicKeyInfoOwned::from_der(spki.as_bytes())?,
            attributes: x509_cert::attr::Attributes::default(),
        };
        let signature: DerSignature = self.pair.sign(&info.to_der()?);
        let request = CertReq {
            info,
            algorithm: AlgorithmIdentifierOwned { oid: "1.2.840.10045.4.3.2".parse()?, parameters: None },
            signature: BitString::from_bytes(signature.as_bytes())?,
        };
        Ok(STANDARD.encode(request.to_der()?))
    }
}
