//! PIV cards (NIST SP 800-73-4): the driver for keys that speak the American standard.
//!
//! Initialization uses what the standard has wherever it has it, so that a key can be made again
//! without wiping it: RESET RETRY COUNTER sets a new PIN from the PUK whether or not the old PIN is
//! known or blocked, CHANGE REFERENCE DATA replaces the PUK. The management key is set last: which
//! one the card accepts (asking spends nothing) then tells which PUK to expect, and tries of the PUK
//! are spent on a guess only after a break between those two commands.

mod apdu;
mod management;
mod object;
mod tlv;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use shared::bridge::{Algorithm, PinPolicy, Slot, Stage};
use zeroize::Zeroizing;

pub use self::apdu::Wire;
use self::apdu::{Command, Reply, send};
use self::management::Cipher;
use super::{Capabilities, NewSecrets, Result, Token, TokenError, Unlocking};
use crate::random::Random;

/// The application's identifier without its version.
const AID: [u8; 9] = [0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00];

const INS_VERIFY: u8 = 0x20;
const INS_CHANGE_REFERENCE: u8 = 0x24;
const INS_RESET_RETRY: u8 = 0x2C;
const INS_GENERATE: u8 = 0x47;
const INS_AUTHENTICATE: u8 = 0x87;
const INS_SELECT: u8 = 0xA4;

const PIN: u8 = 0x80;
const PUK: u8 = 0x81;

/// What makers ship: the same for every PIV token.
const FACTORY_PUK: &[u8; 8] = b"12345678";
const FACTORY_MANAGEMENT_KEY: [u8; 32] = {
    let mut key = [0; 32];
    let mut at = 0;
    while at < 32 {
        #[allow(clippy::cast_possible_truncation)]
        {
            key[at] = (at % 8) as u8 + 1;
        }
        at += 1;
    }
    key
};

/// What the card said to a PUK.
enum Guess {
    Right,
    /// With the tries left, if it counts aloud.
    Wrong {
        left: Option<u8>,
    },
}

/// A PIV card with its application selected.
pub struct Piv<W> {
    wire: W,
    random: Arc<dyn Random>,
    ciphers: Vec<Cipher>,
}

impl<W: Wire> Piv<W> {
    /// Selects the application. None: the card answers, but is no PIV card.
    pub fn select(mut wire: W, random: Arc<dyn Random>) -> Result<Option<Self>> {
        let command = Command { ins: INS_SELECT, p1: 0x04, p2: 0x00, data: &AID, answers: true };
        let reply = send(&mut wire, &command)?;
        if reply.status != 0x9000 {
            return Ok(None);
        }
        let ciphers = announced(&reply.data).unwrap_or_default();
        Ok(Some(Self { wire, random, ciphers }))
    }

    fn send(&mut self, ins: u8, p1: u8, p2: u8, data: &[u8], answers: bool) -> Result<Reply> {
        send(&mut self.wire, &Command { ins, p1, p2, data, answers })
    }

    /// Proves one of the management keys; its place in the list, and the cipher in use.
    fn unlock(&mut self, candidates: &[&[u8]]) -> Result<(usize, Cipher)> {
        let cipher = management::cipher_in_use(&mut self.wire)?;
        for (at, material) in candidates.iter().enumerate() {
            let mut challenge = [0; 16];
            self.random.fill(&mut challenge);
            if management::prove(&mut self.wire, cipher, material, &challenge)? {
                return Ok((at, cipher));
            }
        }
        Err(TokenError::SecretsRejected)
    }

    /// Sets the PIN by a PUK.
    fn reset_pin(&mut self, puk: &[u8], pin: &[u8]) -> Result<Guess> {
        let data = Zeroizing::new([puk, pin].concat());
        let reply = self.send(INS_RESET_RETRY, 0x00, PIN, &data, false)?;
        match reply.status.to_be_bytes() {
            [0x90, 0x00] => Ok(Guess::Right),
            [0x63, 0xC0] | [0x69, 0x83] => Ok(Guess::Wrong { left: Some(0) }),
            [0x63, low] if low & 0xF0 == 0xC0 => Ok(Guess::Wrong { left: Some(low & 0x0F) }),
            [0x63, _] => Ok(Guess::Wrong { left: None }),
            _ => Err(TokenError::Status(reply.status)),
        }
    }

    /// Uses a private key: with a challenge (tag 81) it signs, with an exponentiation (85) it agrees.
    fn authenticate(&mut self, slot: Slot, algorithm: Algorithm, tag: u8, input: &[u8]) -> Result<Vec<u8>> {
        let mut template = tlv::encode(&[0x82], &[]);
        tlv::put(&mut template, &[tag], input);
        let data = tlv::encode(&[0x7C], &template);
        let reply = self.send(INS_AUTHENTICATE, algorithm_id(algorithm), key_reference(slot), &data, true)?;
        let answer = Zeroizing::new(reply.ok()?);
        Ok(tlv::need(tlv::need(&answer, 0x7C)?, 0x82)?.to_vec())
    }

    fn change_puk(&mut self, old: &[u8], new: &[u8]) -> Result<()> {
        let data = Zeroizing::new([old, new].concat());
        self.send(INS_CHANGE_REFERENCE, 0x00, PUK, &data, false)?.ok().map(drop)
    }
}

/// The management ciphers that the card's application template lists (tag AC), best first.
fn announced(template: &[u8]) -> Result<Vec<Cipher>> {
    let mut listed = Vec::new();
    let mut rest = tlv::need(template, 0x61)?;
    while !rest.is_empty() {
        let (tag, value, after) = tlv::take(rest)?;
        rest = after;
        if tag == 0xAC {
            let mut inner = value;
            while !inner.is_empty() {
                let (tag, value, after) = tlv::take(inner)?;
                inner = after;
                if tag == 0x80 {
                    listed.extend_from_slice(value);
                }
            }
        }
    }
    Ok(Cipher::ALL.into_iter().filter(|cipher| listed.contains(&cipher.id())).collect())
}

/// Pads a PIN to 8 bytes (SP 800-73-4 part 2, 2.4.3); 6 to 8 digits.
fn padded(pin: &[u8]) -> Result<Zeroizing<[u8; 8]>> {
    if !(6..=8).contains(&pin.len()) || !pin.iter().all(u8::is_ascii_digit) {
        return Err(TokenError::PinPolicy);
    }
    let mut padded = Zeroizing::new([0xFF; 8]);
    padded[..pin.len()].copy_from_slice(pin);
    Ok(padded)
}

/// What a card says to a PIN (SP 800-73-4 part 2, 3.2.1).
const fn pin_accepted(status: u16) -> Result<()> {
    match status.to_be_bytes() {
        [0x90, 0x00] => Ok(()),
        [0x63, 0x00 | 0xC0] | [0x69, 0x83] => Err(TokenError::PinBlocked),
        [0x63, low] => Err(TokenError::PinWrong(low & 0x0F)),
        _ => Err(TokenError::Status(status)),
    }
}

const fn algorithm_id(algorithm: Algorithm) -> u8 {
    match algorithm {
        Algorithm::P256 => 0x11,
        Algorithm::P384 => 0x14,
    }
}

const fn key_reference(slot: Slot) -> u8 {
    match slot {
        Slot::Authentication => 0x9A,
        Slot::Signature => 0x9C,
        Slot::KeyManagement => 0x9D,
    }
}

impl<W: Wire> Token for Piv<W> {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            driver: "piv",
            algorithms: vec![Algorithm::P256, Algorithm::P384],
            pin_policy: PinPolicy { min: 6, max: 8, digits_only: true },
            decrypts: true,
        }
    }

    fn serial(&mut self) -> Result<Option<String>> {
        let Some(chuid) = object::read(&mut self.wire, object::CHUID)? else { return Ok(None) };
        Ok(object::guid(&chuid).map(hex::encode_upper))
    }

    fn pin_tries_left(&mut self) -> Result<Option<u8>> {
        // An empty VERIFY asks for the retry count without spending a try.
        let reply = self.send(INS_VERIFY, 0x00, PIN, &[], false)?;
        Ok(match reply.status.to_be_bytes() {
            [0x63, low] if low & 0xF0 == 0xC0 => Some(low & 0x0F),
            [0x69, 0x83] => Some(0),
            _ => None,
        })
    }

    fn initialize(&mut self, secrets: &NewSecrets, report: &mut dyn FnMut(Stage)) -> Result<String> {
        let pin = padded(&secrets.pin)?;
        let new = &secrets.unlocking;
        if new.puk.len() != 8 || secrets.current.iter().any(|old| old.puk.len() != 8) {
            return Err(TokenError::PinPolicy);
        }

        report(Stage::UnlockingKey);
        let factory = Unlocking {
            puk: Zeroizing::new(FACTORY_PUK.to_vec()),
            management_key: Zeroizing::new(FACTORY_MANAGEMENT_KEY.to_vec()),
        };
        // In the order of likelihood; each comes with the PUK that went with it.
        let known: Vec<&Unlocking> = std::iter::once(new).chain(&secrets.current).chain([&factory]).collect();
        let keys: Vec<&[u8]> = known.iter().map(|known| &known.management_key[..]).collect();
        let (fits, in_use) = self.unlock(&keys)?;

        // A key gets its serial once, before any secret of the order is on it.
        let serial = if let Some(serial) = self.serial()? {
            serial
        } else {
            let mut guid = [0; 16];
            self.random.fill(&mut guid);
            object::write(&mut self.wire, object::CHUID, &object::chuid(guid))?;
            hex::encode_upper(object::version_4(guid))
        };

        report(Stage::SettingPin);
        let best = self.ciphers.first().copied().unwrap_or(in_use);
        let mut set = fits == 0 && best == in_use;
        // The management key comes last: with the new one, the PUK is the new one. With an old one
        // it is the old PUK, or after a break that of a later try, or the new one.
        let mut puks: Vec<&[u8]> = Vec::new();
        if fits > 0 {
            puks.push(&known[fits].puk);
            puks.extend(known[1..fits].iter().map(|later| &later.puk[..]));
            puks.dedup();
            puks.retain(|puk| *puk != &new.puk[..]);
        }
        puks.push(&new.puk);
        for (at, puk) in puks.iter().enumerate() {
            let is_last = at + 1 == puks.len();
            if is_last && !set && at > 0 {
                // It can only be the new one. Noted on the card, no later break spends a try again.
                management::replace(&mut self.wire, best, &new.management_key)?;
                set = true;
            }
            match self.reset_pin(puk, &pin[..])? {
                Guess::Right if is_last => {}
                Guess::Right => self.change_puk(puk, &new.puk)?,
                // The last try is kept for a PUK that can only be right.
                Guess::Wrong { left } if left.is_none_or(|left| left > 1 || at + 2 == puks.len()) && !is_last => {
                    continue;
                }
                Guess::Wrong { .. } => return Err(TokenError::SecretsRejected),
            }
            break;
        }

        report(Stage::SettingManagementKey);
        if !set {
            management::replace(&mut self.wire, best, &new.management_key)?;
        }

        report(Stage::Checking);
        self.verify_pin(&secrets.pin)?;
        if self.unlock(&[&new.management_key]).is_err() {
            return Err(TokenError::SecretsRejected);
        }
        Ok(serial)
    }

    fn verify_pin(&mut self, pin: &[u8]) -> Result<()> {
        let pin = padded(pin)?;
        let reply = self.send(INS_VERIFY, 0x00, PIN, &pin[..], false)?;
        pin_accepted(reply.status)
    }

    fn change_pin(&mut self, old: &[u8], new: &[u8]) -> Result<()> {
        let data = Zeroizing::new([*padded(old)?, *padded(new)?].concat());
        let reply = self.send(INS_CHANGE_REFERENCE, 0x00, PIN, &data, false)?;
        pin_accepted(reply.status)
    }

    fn generate(&mut self, slot: Slot, algorithm: Algorithm) -> Result<Vec<u8>> {
        // The old certificate goes first: a break must not leave it beside a key it does not fit.
        if object::read(&mut self.wire, object::certificate(slot))?.is_some() {
            object::write(&mut self.wire, object::certificate(slot), &[])?;
        }
        let data = tlv::encode(&[0xAC], &[0x80, 0x01, algorithm_id(algorithm)]);
        let reply = self.send(INS_GENERATE, 0x00, key_reference(slot), &data, true)?;
        if reply.status == 0x6A80 || reply.status == 0x6A86 {
            return Err(TokenError::UnsupportedAlgorithm);
        }
        let answer = reply.ok()?;
        object::public_key(algorithm, tlv::need(tlv::need(&answer, 0x7F49)?, 0x86)?)
    }

    fn sign(&mut self, slot: Slot, algorithm: Algorithm, digest: &[u8]) -> Result<Vec<u8>> {
        self.authenticate(slot, algorithm, 0x81, digest)
    }

    fn agree(&mut self, slot: Slot, algorithm: Algorithm, peer: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        self.authenticate(slot, algorithm, 0x85, peer).map(Zeroizing::new)
    }

    fn read_certificate(&mut self, slot: Slot) -> Result<Option<Vec<u8>>> {
        let Some(value) = object::read(&mut self.wire, object::certificate(slot))? else {
            return Ok(None);
        };
        object::certificate_in(&value)
    }

    fn write_certificate(&mut self, slot: Slot, der: &[u8]) -> Result<()> {
        let mut value = tlv::encode(&[0x70], der);
        tlv::put(&mut value, &[0x71], &[0x00]); // not compressed
        tlv::put(&mut value, &[0xFE], &[]);
        object::write(&mut self.wire, object::certificate(slot), &value)
    }
}
