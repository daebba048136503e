//! The CA's files, and the ceremony of the first start.

use super::profile::{ISSUING, ROOT};
use super::tbs::{Content, Issuer, build, fresh_serial, key_id, sign};
use super::{Ca, CaError, Inner, Signer, Subject, keyfile, validity};
use crate::clock::Clock;
use crate::config::Config;
use crate::entropy::Entropy;
use crate::vault::read_or_create;
use der::asn1::ObjectIdentifier;
use der::pem::LineEnding;
use der::{Decode, DecodePem, Encode, EncodePem};
use secrecy::{ExposeSecret, SecretString};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use x509_cert::Certificate;
use zeroize::Zeroizing;

const ROOT_YEARS: u32 = 20;
const ISSUING_YEARS: u32 = 10;

/// How the CA is set up.
#[derive(Clone, Debug)]
pub struct CaConfig {
    /// Folder of `root.crt`, `root.key`, `issuing.crt`, `issuing.key`. Once the issuing CA exists, `root.key` may be
    /// taken away and kept offline.
    pub folder: PathBuf,
    /// Opens the keys. `None`: it is read from `passphrase_file`.
    pub passphrase: Option<SecretString>,
    /// Made (mode 0600) at the first start when no passphrase is given.
    pub passphrase_file: PathBuf,
    /// O in the CA's own names.
    pub organization: String,
    /// Where the CRL is; left out of certificates while `None`.
    pub crl_url: Option<String>,
    /// Where the issuing CA's certificate is (AIA caIssuers).
    pub issuer_url: Option<String>,
    /// Where OCSP answers (AIA).
    pub ocsp_url: Option<String>,
    /// The certificate policy that holders' certificates name.
    pub policy: ObjectIdentifier,
}

impl CaConfig {
    /// Everything by default below `folder`. The policy is RFC 5612's arc for examples: an operator sets their own.
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            passphrase: None,
            passphrase_file: folder.join("passphrase"),
            organization: String::from("CertHall"),
            crl_url: None,
            issuer_url: None,
            ocsp_url: None,
            policy: ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.1.1"),
        }
    }

    /// As the hall's configuration says: files in `<data_dir>/ca`, addresses below `authority.base_url`.
    pub fn of(config: &Config) -> Result<Self, CaError> {
        let authority = &config.authority;
        let base = authority.base_url.as_ref().unwrap_or(&config.public_url);
        Ok(Self {
            organization: authority.organization.clone(),
            crl_url: Some(format!("{base}/ca/issuing.crl")),
            issuer_url: Some(format!("{base}/ca/issuing.cer")),
            policy: ObjectIdentifier::new(&authority.policy).map_err(|_| CaError::Policy(authority.policy.clone()))?,
            passphrase: authority.passphrase.clone(),
            ..Self::in_folder(&config.data_dir.join("ca"))
        })
    }

    fn subject(&self, name: &str) -> Subject {
        Subject {
            organization: self.organization.clone(),
            organization_identifier: None,
            common_name: format!("{} {name}", self.organization),
        }
    }
}

impl Ca {
    /// Opens the CA; the first start makes root and issuing CA. A crash midway is taken up where it stopped.
    pub fn open(config: CaConfig, clock: &dyn Clock, entropy: &dyn Entropy) -> Result<Self, CaError> {
        let passphrase = passphrase(&config, entropy)?;
        let files = Files::of(&config);
        if !files.issuing.exists() {
            make(&config, &files, &passphrase, clock, entropy)?;
        }
        let root = read_certificate(&files.root)?;
        let issuing = read_certificate(&files.issuing)?;
        let damaged = |path: &Path, why| CaError::Damaged { path: path.to_owned(), why };
        if !files.issuing_key.exists() {
            return Err(damaged(&files.issuing_key, "is missing: restore it from the backup"));
        }
        let signer = keyfile::open_or_create(&files.issuing_key, &passphrase, entropy)?;
        let tbs = issuing.tbs_certificate();
        if tbs.subject_public_key_info() != signer.public_key() {
            return Err(damaged(&files.issuing_key, "is not the key of issuing.crt"));
        }
        check_root_signed(&root, &issuing, &files.issuing)?;
        let not_after = tbs.validity().not_after.to_unix_duration().as_micros();
        let issuer = Issuer { subject: config.subject("Issuing CA"), key_id: key_id(tbs.subject_public_key_info()) };
        let written = super::names::distinguished_name(&issuer.subject)?.to_der()?;
        if tbs.subject().to_der()? != written {
            return Err(damaged(&files.issuing, "names another organization than the configuration"));
        }
        Ok(Self {
            inner: Arc::new(Inner {
                root: root.to_der()?,
                issuing: issuing.to_der()?,
                issuer,
                not_after: i64::try_from(not_after).unwrap_or(i64::MAX),
                signer: Box::new(signer),
                config,
            }),
        })
    }
}

struct Files {
    root: PathBuf,
    root_key: PathBuf,
    issuing: PathBuf,
    issuing_key: PathBuf,
}

impl Files {
    fn of(config: &CaConfig) -> Self {
        let file = |name| config.folder.join(name);
        Self {
            root: file("root.crt"),
            root_key: file("root.key"),
            issuing: file("issuing.crt"),
            issuing_key: file("issuing.key"),
        }
    }
}

/// The ceremony. Each file is written whole or not at all, keys before certificates, so that it can be done again.
fn make(
    config: &CaConfig,
    files: &Files,
    passphrase: &str,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<(), CaError> {
    if files.root.exists() && !files.root_key.exists() {
        return Err(CaError::Damaged {
            path: files.root_key.clone(),
            why: "is needed to make an issuing CA: bring it back for the ceremony",
        });
    }
    let now = clock.now();
    let root_key = keyfile::open_or_create(&files.root_key, passphrase, entropy)?;
    let root_subject = config.subject("Root CA");
    write_certificate(&files.root, || {
        let (not_before, not_after) = validity(now, ROOT_YEARS).ok_or(CaError::Sign)?;
        let content = Content {
            profile: &ROOT,
            subject: &root_subject,
            spki: root_key.public_key(),
            serial: &fresh_serial(entropy),
            not_before,
            not_after,
            issuer: None,
            config,
        };
        sign(&build(&content, &root_key)?, &root_key)
    })?;
    let issuing_key = keyfile::open_or_create(&files.issuing_key, passphrase, entropy)?;
    write_certificate(&files.issuing, || {
        let (not_before, not_after) = validity(now, ISSUING_YEARS).ok_or(CaError::Sign)?;
        let content = Content {
            profile: &ISSUING,
            subject: &config.subject("Issuing CA"),
            spki: issuing_key.public_key(),
            serial: &fresh_serial(entropy),
            not_before,
            not_after,
            issuer: Some(&Issuer { key_id: key_id(root_key.public_key()), subject: root_subject.clone() }),
            config,
        };
        sign(&build(&content, &root_key)?, &root_key)
    })
}

fn passphrase(config: &CaConfig, entropy: &dyn Entropy) -> Result<Zeroizing<String>, CaError> {
    if let Some(given) = &config.passphrase {
        return Ok(Zeroizing::new(given.expose_secret().to_owned()));
    }
    let bytes = read_or_create::<CaError>(&config.passphrase_file, || {
        let mut random = Zeroizing::new([0u8; 32]);
        entropy.fill(&mut *random);
        Ok(Zeroizing::new(format!("{}\n", hex::encode(*random)).into_bytes()))
    })?;
    match std::str::from_utf8(&bytes).map(str::trim) {
        Ok(text) if !text.is_empty() => Ok(Zeroizing::new(text.to_owned())),
        Ok(_) | Err(_) => Err(CaError::Damaged { path: config.passphrase_file.clone(), why: "holds no passphrase" }),
    }
}

fn write_certificate(path: &Path, make: impl FnOnce() -> Result<Vec<u8>, CaError>) -> Result<(), CaError> {
    if path.exists() {
        return Ok(());
    }
    read_or_create(path, || {
        let pem = Certificate::from_der(&make()?)?.to_pem(LineEnding::LF)?;
        Ok::<_, CaError>(Zeroizing::new(pem.into_bytes()))
    })?;
    Ok(())
}

fn read_certificate(path: &Path) -> Result<Certificate, CaError> {
    let damaged = |why| CaError::Damaged { path: path.to_owned(), why };
    let pem = std::fs::read(path).map_err(|_| damaged("can't be read"))?;
    Certificate::from_pem(&pem).map_err(|_| damaged("is not a certificate in PEM"))
}

fn check_root_signed(root: &Certificate, issuing: &Certificate, path: &Path) -> Result<(), CaError> {
    let point = root.tbs_certificate().subject_public_key_info().subject_public_key.raw_bytes();
    let signed = issuing.tbs_certificate().to_der()?;
    if super::signer::verify_p256(point, &signed, issuing.signature().raw_bytes()) {
        Ok(())
    } else {
        Err(CaError::Damaged { path: path.to_owned(), why: "was not signed by root.crt" })
    }
}
