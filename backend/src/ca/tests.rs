#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use crate::clock::{Clock, DAY, SECOND, TestClock};
use crate::entropy::SeededEntropy;
use der::{Decode, Encode};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{DerSignature, SigningKey};
use std::path::Path;
use std::process::Command;
use x509_cert::request::{CertReq, CertReqInfo};

const ORDER: &str = "20261120A000001";

struct Bench {
    folder: tempfile::TempDir,
    clock: TestClock,
    entropy: SeededEntropy,
}

impl Bench {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), clock: TestClock::default(), entropy: SeededEntropy::new(1) }
    }

    fn config(&self) -> CaConfig {
        CaConfig {
            crl_url: Some("http://127.0.0.1:8710/ca/issuing.crl".into()),
            issuer_url: Some("http://127.0.0.1:8710/ca/issuing.cer".into()),
            ..CaConfig::in_folder(&self.folder.path().join("ca"))
        }
    }

    fn ca(&self) -> Ca {
        Ca::open(self.config(), &self.clock, &self.entropy).unwrap()
    }

    fn unit(&self, ca: &Ca, csr: &[u8]) -> Vec<u8> {
        let request = VerifiedRequest::verify(csr, ORDER).unwrap();
        let subject = Subject::unit("广西示例科技有限公司", "914403001922038216");
        let validity = validity(self.clock.now(), 1).unwrap();
        let prepared = ca.prepare(&UNIT, &subject, &request, validity, &self.entropy).unwrap();
        ca.sign(&prepared.tbs).unwrap()
    }
}

fn csr_info(key: &SigningKey, order: &str) -> CertReqInfo {
    use p256::pkcs8::EncodePublicKey;
    let spki = key.verifying_key().to_public_key_der().unwrap();
    CertReqInfo {
        version: x509_cert::request::Version::V1,
        subject: format!("CN={order}").parse().unwrap(),
        public_key: spki.decode_msg().unwrap(),
        attributes: x509_cert::attr::Attributes::default(),
    }
}

fn sign_csr(key: &SigningKey, info: CertReqInfo) -> CertReq {
    let signature: DerSignature = key.sign(&info.to_der().unwrap());
    CertReq {
        info,
        algorithm: spki::AlgorithmIdentifierOwned { oid: signer::ECDSA_SHA256, parameters: None },
        signature: der::asn1::BitString::from_bytes(signature.as_bytes()).unwrap(),
    }
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_slice(&[seed; 32]).unwrap()
}

fn csr(seed: u8) -> Vec<u8> {
    let key = key(seed);
    sign_csr(&key, csr_info(&key, ORDER)).to_der().unwrap()
}

fn openssl(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let out = Command::new("openssl").args(arguments).current_dir(folder).output().unwrap();
    let text = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    (out.status.success(), text)
}

#[test]
fn openssl_verifies_the_chain_and_reads_every_field() {
    let bench = Bench::new();
    let ca = bench.ca();
    let folder = bench.folder.path();
    std::fs::write(folder.join("unit.cer"), bench.unit(&ca, &csr(7))).unwrap();
    let at = (bench.clock.now() / SECOND + 60).to_string();
    let (ok, said) = openssl(
        folder,
        &[
            "verify",
            "-x509_strict",
            "-check_ss_sig",
            "-attime",
            &at,
            "-CAfile",
            "ca/root.crt",
            "-untrusted",
            "ca/issuing.crt",
            "unit.cer",
        ],
    );
    assert!(ok, "{said}");
    let (ok, said) =
        openssl(folder, &["x509", "-in", "unit.cer", "-noout", "-text", "-nameopt", "utf8,sep_comma_plus"]);
    assert!(ok, "{said}");
    for fact in [
        "Version: 3",
        "ecdsa-with-SHA256",
        "C=CN,O=广西示例科技有限公司,organizationIdentifier=NTRCN-914403001922038216,CN=广西示例科技有限公司",
        "Not After : Nov 20 15:59:59 2027 GMT",
        "CA:FALSE",
        "Digital Signature, Non Repudiation, Key Agreement",
        "X509v3 Subject Key Identifier",
        "X509v3 Authority Key Identifier",
        "Policy: 1.3.6.1.4.1.32473.1.1",
        "URI:http://127.0.0.1:8710/ca/issuing.crl",
        "CA Issuers - URI:http://127.0.0.1:8710/ca/issuing.cer",
    ] {
        assert!(said.contains(fact), "{fact} is missing in\n{said}");
    }
}

#[test]
fn openssl_finds_a_superseded_certificate_in_the_list_and_no_other() {
    let bench = Bench::new();
    let ca = bench.ca();
    let folder = bench.folder.path();
    let (good, bad) = (bench.unit(&ca, &csr(7)), bench.unit(&ca, &csr(8)));
    let serial = x509_cert::Certificate::from_der(&bad).unwrap().tbs_certificate().serial_number().clone();
    std::fs::write(folder.join("good.cer"), good).unwrap();
    std::fs::write(folder.join("bad.cer"), bad).unwrap();
    let revoked = Revoked { serial: hex::encode(serial.as_bytes()), at: bench.clock.now(), reason: Reason::Superseded };
    let at = (bench.clock.now() / SECOND + 60).to_string();
    for (list, good_ok, bad_ok) in [(vec![], true, true), (vec![revoked], true, false)] {
        let crl = ca.revocation_list(bench.clock.now(), &list).unwrap();
        std::fs::write(folder.join("issuing.crl"), crl).unwrap();
        for (file, expected) in [("good.cer", good_ok), ("bad.cer", bad_ok)] {
            let (ok, said) = openssl(
                folder,
                &[
                    "verify",
                    "-x509_strict",
                    "-crl_check",
                    "-attime",
                    &at,
                    "-CAfile",
                    "ca/root.crt",
                    "-untrusted",
                    "ca/issuing.crt",
                    "-CRLfile",
                    "issuing.crl",
                    file,
                ],
            );
            assert_eq!(ok, expected, "{file}: {said}");
        }
    }
    let (_, said) = openssl(folder, &["crl", "-in", "issuing.crl", "-noout", "-text"]);
    for fact in ["Version 2", "Superseded", "X509v3 Authority Key Identifier", "X509v3 CRL Number", "Nov 27"] {
        assert!(said.contains(fact), "{fact} is missing in\n{said}");
    }
}

#[test]
fn the_issuing_ca_allows_no_further_ca_and_ends_before_the_root() {
    let bench = Bench::new();
    bench.ca();
    let (_, root) = openssl(bench.folder.path(), &["x509", "-in", "ca/root.crt", "-noout", "-text"]);
    assert!(root.contains("Not After : Nov 20 15:59:59 2046 GMT"), "{root}");
    assert!(root.contains("CA:TRUE"), "{root}");
    let (_, issuing) = openssl(bench.folder.path(), &["x509", "-in", "ca/issuing.crt", "-noout", "-text"]);
    assert!(issuing.contains("Not After : Nov 20 15:59:59 2036 GMT"), "{issuing}");
    assert!(issuing.contains("CA:TRUE, pathlen:0"), "{issuing}");
}

#[test]
fn the_same_ca_opens_again_even_with_the_root_key_taken_away() {
    let bench = Bench::new();
    let first = bench.ca();
    std::fs::remove_file(bench.folder.path().join("ca/root.key")).unwrap();
    let second = bench.ca();
    assert_eq!(first.issuing_certificate(), second.issuing_certificate());
    assert_eq!(first.root_certificate(), second.root_certificate());
}

#[test]
fn keys_are_encrypted_and_open_with_their_passphrase_only() {
    let bench = Bench::new();
    bench.ca();
    let folder = bench.folder.path();
    let pem = std::fs::read_to_string(folder.join("ca/issuing.key")).unwrap();
    assert!(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    let (ok, said) = openssl(folder, &["pkey", "-in", "ca/issuing.key", "-passin", "file:ca/passphrase", "-noout"]);
    assert!(ok, "{said}");
    let wrong = CaConfig { passphrase: Some("wrong".to_owned().into()), ..bench.config() };
    let error = Ca::open(wrong, &bench.clock, &bench.entropy).unwrap_err();
    assert!(error.to_string().contains("passphrase is wrong"), "{error}");
}

#[test]
fn damaged_files_are_named() {
    let bench = Bench::new();
    bench.ca();
    for (file, content) in
        [("issuing.key", "no key"), ("issuing.crt", "no certificate"), ("root.crt", "no certificate")]
    {
        let path = bench.folder.path().join("ca").join(file);
        let good = std::fs::read(&path).unwrap();
        std::fs::write(&path, content).unwrap();
        let error = Ca::open(bench.config(), &bench.clock, &bench.entropy).unwrap_err();
        assert!(error.to_string().contains(file), "{error}");
        std::fs::write(&path, good).unwrap();
    }
    bench.ca();
}

#[test]
fn nothing_outlives_the_issuing_ca() {
    let bench = Bench::new();
    let ca = bench.ca();
    bench.clock.advance(9 * 366 * DAY);
    let request = VerifiedRequest::verify(&csr(7), ORDER).unwrap();
    let refused = ca.prepare(
        &UNIT,
        &Subject::unit("甲", "914403001922038216"),
        &request,
        validity(bench.clock.now(), 2).unwrap(),
        &bench.entropy,
    );
    assert!(matches!(refused, Err(CaError::OutlivesIssuer)));
}

#[test]
fn a_subject_that_fits_no_certificate_is_refused() {
    let bench = Bench::new();
    let ca = bench.ca();
    let request = VerifiedRequest::verify(&csr(7), ORDER).unwrap();
    for name in ["", &"甲".repeat(65), "甲\u{0}乙"] {
        let refused = ca.prepare(
            &UNIT,
            &Subject::unit(name, "914403001922038216"),
            &request,
            validity(bench.clock.now(), 1).unwrap(),
            &bench.entropy,
        );
        assert!(matches!(refused, Err(CaError::Subject("O"))), "{name:?}");
    }
}

#[test]
fn a_certificate_ends_with_its_last_day_in_china() {
    // 2027-03-01 00:30 in China is still February in Greenwich.
    let start = 1_803_832_200 * SECOND;
    let (not_before, not_after) = validity(start + 7, 1).unwrap();
    assert_eq!(not_before, start);
    assert_eq!((not_after / SECOND + 1 + 8 * 3600) % 86_400, 0);
    // 29 February 2028 leads to 28 February 2029.
    let leap = 1_835_400_000 * SECOND;
    let (_, end) = validity(leap, 1).unwrap();
    assert_eq!(jiff::Timestamp::from_microsecond(end).unwrap().to_string(), "2029-02-28T15:59:59Z");
}

#[test]
fn serials_are_positive_random_and_sixteen_bytes() {
    let entropy = SeededEntropy::new(3);
    let all: std::collections::BTreeSet<_> = (0..1000).map(|_| tbs::fresh_serial(&entropy)).collect();
    assert_eq!(all.len(), 1000);
    assert!(all.iter().all(|serial| serial[0] & 0xc0 == 0x40));
}

#[test]
fn a_request_that_proves_nothing_is_refused() {
    let good = csr(7);
    let mut flipped = good.clone();
    let last = flipped.len() - 1;
    flipped[last] ^= 1;
    assert_eq!(VerifiedRequest::verify(&flipped, ORDER).unwrap_err(), CsrRefusal::Signature);
    let other = sign_csr(&key(8), csr_info(&key(7), ORDER)).to_der().unwrap();
    assert_eq!(VerifiedRequest::verify(&other, ORDER).unwrap_err(), CsrRefusal::Signature);
    assert_eq!(VerifiedRequest::verify(&good, "20261120A000002").unwrap_err(), CsrRefusal::Subject);
    assert!(VerifiedRequest::verify(&good, ORDER).is_ok());
}

#[test]
fn odd_encodings_are_refused() {
    let good = csr(7);
    let mut trailing = good.clone();
    trailing.push(0);
    // The same length in the long form is BER, not DER.
    let mut long_form = vec![0x30, 0x82, 0x00];
    long_form.extend_from_slice(if good[1] == 0x81 { &good[2..] } else { &good[1..] });
    for bad in [&[][..], b"-----BEGIN", &good[..good.len() - 1], &trailing, &long_form, &[0x30; 5000]] {
        assert_eq!(VerifiedRequest::verify(bad, ORDER).unwrap_err(), CsrRefusal::Encoding);
    }
}

#[test]
fn other_curves_points_and_algorithms_are_refused() {
    let mut request = sign_csr(&key(7), csr_info(&key(7), ORDER));
    request.algorithm.oid = der::asn1::ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
    assert_eq!(VerifiedRequest::verify(&request.to_der().unwrap(), ORDER).unwrap_err(), CsrRefusal::Algorithm);
    let mut info = csr_info(&key(7), ORDER);
    info.public_key.algorithm.parameters =
        Some(der::asn1::Any::from(der::asn1::ObjectIdentifier::new_unwrap("1.3.132.0.34")));
    let request = sign_csr(&key(7), info).to_der().unwrap();
    assert_eq!(VerifiedRequest::verify(&request, ORDER).unwrap_err(), CsrRefusal::Key);
    let mut info = csr_info(&key(7), ORDER);
    let mut point = info.public_key.subject_public_key.raw_bytes().to_vec();
    point[64] ^= 1;
    info.public_key.subject_public_key = der::asn1::BitString::from_bytes(&point).unwrap();
    let request = sign_csr(&key(7), info).to_der().unwrap();
    assert_eq!(VerifiedRequest::verify(&request, ORDER).unwrap_err(), CsrRefusal::Key);
}

proptest::proptest! {
    #[test]
    fn reading_a_request_never_panics(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..600)) {
        let _ = VerifiedRequest::verify(&bytes, ORDER);
    }

    #[test]
    fn a_flipped_bit_anywhere_is_refused(at in 0usize..200, bit in 0u8..8) {
        let mut bytes = csr(7);
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        proptest::prop_assert!(VerifiedRequest::verify(&bytes, ORDER).is_err());
    }
}
