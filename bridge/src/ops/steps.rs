//! The steps of an operation on the key that it holds.

use serde_json::Value;
use shared::bridge::{
    Algorithm, ErrorCode, Generated, Imported, Initialized, Method, OperationTicket, SealedSecrets, Slot, Stage,
};
use zeroize::Zeroizing;

use super::holder::Holder;
use super::operation::Report;
use super::request::unsigned;
use super::step::Step;
use crate::fault::Fault;
use crate::pcsc::Lease;
use crate::seal::SealKey;
use crate::session::value;
use crate::text::base64;
use crate::token::{TokenError, public_key_of};

/// What the steps leave for each other. Wiped at the operation's end at the latest.
pub struct Work<'a> {
    ticket: &'a OperationTicket,
    seal: &'a SealKey,
    lease: &'a Lease,
    /// The key's serial, once initialized: the management key is proved in this transaction.
    serial: Option<String>,
    /// The initial PIN, from initialization until the request is signed.
    pin: Option<Zeroizing<Vec<u8>>>,
    /// The slot and public key that were made.
    made: Option<(Slot, Vec<u8>)>,
    /// Who verified the PIN, where the ticket is a holder's.
    holder: Option<Holder>,
}

impl<'a> Work<'a> {
    pub fn new(ticket: &'a OperationTicket, seal: &'a SealKey, lease: &'a Lease, holder: Option<Holder>) -> Self {
        Self { ticket, seal, lease, serial: None, pin: None, made: None, holder }
    }

    /// Does a step; its result is as the protocol has it.
    pub async fn run(&mut self, step: Step, report: &Report) -> Result<Value, Fault> {
        let lease = self.lease;
        match step {
            Step::Initialize(secrets) => value(&self.initialize(&secrets, report).await?),
            Step::Generate { slot, algorithm } => value(&self.generate(slot, algorithm, report).await?),
            Step::Import { slot, certificate } => value(&self.import(slot, certificate, report).await?),
            Step::VerifyPin => value(&self.holder()?.verified()),
            Step::ChangePin => value(&self.holder()?.change(lease, report).await?),
            Step::SignChallenge { slot, challenge } => {
                value(&self.holder()?.sign(lease, slot, &challenge, report).await?)
            }
            Step::SelfTest => value(&self.holder()?.test(lease, report).await?),
        }
    }

    fn holder(&mut self) -> Result<&mut Holder, Fault> {
        self.holder.as_mut().ok_or_else(|| Fault::internal("no PIN was verified"))
    }

    async fn initialize(&mut self, sealed: &SealedSecrets, report: &Report) -> Result<Initialized, Fault> {
        let secrets =
            self.seal.open(sealed, &self.ticket.nonce, &self.ticket.order).ok_or(ErrorCode::SecretsInvalid)?;
        let pin = secrets.pin.clone();
        let report = report.clone();
        let serial = self
            .lease
            .run(move |token| {
                token.initialize(&secrets, &mut |stage| {
                    report.progress(Method::KeyInitialize, stage);
                })
            })
            .await?;
        self.pin = Some(pin);
        self.serial = Some(serial.clone());
        Ok(Initialized { serial })
    }

    async fn generate(&mut self, slot: Slot, algorithm: Algorithm, report: &Report) -> Result<Generated, Fault> {
        let serial = self.initialized()?;
        let pin = self.pin.take().ok_or_else(|| Fault::params("the PIN has been used"))?;
        let order = self.ticket.order.clone();
        let report = report.clone();
        let (public_key, csr) = self
            .lease
            .run(move |token| {
                if !token.capabilities().algorithms.contains(&algorithm) {
                    return Err(TokenError::UnsupportedAlgorithm);
                }
                report.progress(Method::KeypairGenerate, Stage::GeneratingKeyPair);
                let public_key = token.generate(slot, algorithm)?;
                report.progress(Method::KeypairGenerate, Stage::SigningRequest);
                let request =
                    unsigned(&order, &public_key, algorithm).map_err(|_| TokenError::Malformed("public key"))?;
                token.verify_pin(&pin)?;
                drop(pin);
                let signature = token.sign(slot, algorithm, &request.digest)?;
                let csr = request.signed(&signature).ok_or(TokenError::Malformed("signature"))?;
                Ok((public_key, csr))
            })
            .await?;
        self.made = Some((slot, public_key));
        Ok(Generated { csr: base64(&csr), serial })
    }

    async fn import(&mut self, slot: Slot, certificate: Vec<u8>, report: &Report) -> Result<Imported, Fault> {
        let serial = self.initialized()?;
        let made = self.made.as_ref().filter(|(made, _)| *made == slot);
        let (_, public_key) = made.ok_or(ErrorCode::CertificateMismatch)?;
        if public_key_of(&certificate).as_ref() != Some(public_key) {
            return Err(ErrorCode::CertificateMismatch.into());
        }
        let report = report.clone();
        let read = self
            .lease
            .run(move |token| {
                report.progress(Method::CertificateImport, Stage::WritingCertificate);
                token.write_certificate(slot, &certificate)?;
                report.progress(Method::CertificateImport, Stage::Checking);
                let read = token.read_certificate(slot)?;
                read.filter(|read| *read == certificate)
                    .ok_or(TokenError::Malformed("the certificate reads back differently"))
            })
            .await?;
        Ok(Imported { certificate: base64(&read), serial })
    }

    /// Generating and importing need the management key, which `key.initialize` has proved.
    fn initialized(&self) -> Result<String, Fault> {
        self.serial.clone().ok_or_else(|| Fault::new(ErrorCode::UnsupportedMethod, "key.initialize must come first"))
    }
}
