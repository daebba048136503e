//! The holder's steps: PIN, challenge, self-test. The PIN was verified when the operation began; the key asks for it again
//! before some signatures.

use std::sync::Arc;

use shared::bridge::{
    ErrorCode, Method, PinAccepted, SignedChallenge, Skill, Slot, Stage, Tested, Trial, challenge_message,
};
use zeroize::Zeroizing;

use super::operation::Report;
use super::public::{PublicKey, digest};
use super::question::Pins;
use crate::fault::Fault;
use crate::pcsc::Lease;
use crate::random::Random;
use crate::text::base64;
use crate::token::{SLOTS, Token, TokenError};

/// Bytes that a self-test signs.
const SAMPLE: usize = 32;

/// The holder at their key.
pub struct Holder {
    /// The PIN that counts now. Shared with the key's thread; wiped when the last one lets go.
    pin: Arc<Zeroizing<Vec<u8>>>,
    /// The one that `pin.change` sets.
    new: Option<Arc<Zeroizing<Vec<u8>>>>,
    serial: String,
    origin: String,
    random: Arc<dyn Random>,
}

impl Holder {
    /// Who typed these, verified, at the key with this serial, on a page of this origin.
    pub fn new(pins: Pins, serial: String, origin: String, random: Arc<dyn Random>) -> Self {
        Self { pin: Arc::new(pins.pin), new: pins.new.map(Arc::new), serial, origin, random }
    }

    /// `pin.verify`: it has been, when the operation began.
    pub fn verified(&self) -> PinAccepted {
        PinAccepted { serial: self.serial.clone() }
    }

    /// `pin.change`: what follows in the operation uses the new one.
    pub async fn change(&mut self, lease: &Lease, report: &Report) -> Result<PinAccepted, Fault> {
        let new = self.new.take().ok_or_else(|| Fault::internal("no new PIN was asked for"))?;
        let (old, set) = (std::mem::replace(&mut self.pin, new.clone()), new);
        let report = report.clone();
        lease
            .run(move |token| {
                report.progress(Method::PinChange, Stage::SettingPin);
                token.change_pin(&old, &set)?;
                report.progress(Method::PinChange, Stage::Checking);
                token.verify_pin(&set)
            })
            .await?;
        Ok(self.verified())
    }

    /// `challenge.sign`.
    pub async fn sign(
        &self,
        lease: &Lease,
        slot: Slot,
        challenge: &[u8],
        report: &Report,
    ) -> Result<SignedChallenge, Fault> {
        let pin = self.pin.clone();
        let message = challenge_message(&self.origin, challenge);
        let report = report.clone();
        let signed = lease
            .run(move |token| {
                report.progress(Method::ChallengeSign, Stage::Signing);
                let Some(certificate) = token.read_certificate(slot)? else { return Ok(None) };
                let key = PublicKey::of_certificate(&certificate).ok_or(TokenError::UnsupportedAlgorithm)?;
                let digest = digest(key.algorithm, &message);
                token.verify_pin(&pin)?;
                let signature = token.sign(slot, key.algorithm, &digest)?;
                if !key.verifies(&digest, &signature) {
                    return Err(TokenError::Malformed("signature"));
                }
                Ok(Some((certificate, signature)))
            })
            .await?;
        let (certificate, signature) = signed.ok_or(ErrorCode::NotFound)?;
        Ok(SignedChallenge {
            signature: base64(&signature),
            certificate: base64(&certificate),
            serial: self.serial.clone(),
        })
    }

    /// `selftest.run`.
    pub async fn test(&self, lease: &Lease, report: &Report) -> Result<Tested, Fault> {
        let (pin, random, report) = (self.pin.clone(), self.random.clone(), report.clone());
        let trials = lease
            .run(move |token| {
                let mut trials = Vec::new();
                for slot in SLOTS {
                    // A card may refuse a slot that it does not have.
                    let certificate = match token.read_certificate(slot) {
                        Ok(Some(certificate)) => certificate,
                        Ok(None) | Err(TokenError::Status(_)) => continue,
                        Err(error) => return Err(error),
                    };
                    report.progress(Method::SelftestRun, Stage::Testing);
                    let skill = if slot == Slot::KeyManagement { Skill::Decrypt } else { Skill::Sign };
                    let passed = match PublicKey::of_certificate(&certificate) {
                        None => false,
                        Some(key) => match tried(token, slot, skill, &key, &pin, &*random) {
                            Ok(passed) => passed,
                            // The key says no, and is still there.
                            Err(TokenError::Status(_) | TokenError::Malformed(_)) => false,
                            Err(error) => return Err(error),
                        },
                    };
                    trials.push(Trial { slot, skill, passed });
                }
                Ok(trials)
            })
            .await?;
        if trials.is_empty() {
            return Err(Fault::new(ErrorCode::NotFound, "no certificate on the key"));
        }
        Ok(Tested { serial: self.serial.clone(), trials })
    }
}

fn tried(
    token: &mut dyn Token,
    slot: Slot,
    skill: Skill,
    key: &PublicKey,
    pin: &[u8],
    random: &dyn Random,
) -> Result<bool, TokenError> {
    token.verify_pin(pin)?;
    match skill {
        Skill::Sign => {
            let mut sample = [0; SAMPLE];
            random.fill(&mut sample);
            let digest = digest(key.algorithm, &sample);
            let signature = token.sign(slot, key.algorithm, &digest)?;
            Ok(key.verifies(&digest, &signature))
        }
        Skill::Decrypt => {
            let Some((point, secret)) = key.partner(random) else { return Ok(false) };
            Ok(*token.agree(slot, key.algorithm, &point)? == secret)
        }
    }
}
