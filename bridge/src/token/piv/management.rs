//! The PIV management key (9B): mutual authentication (SP 800-73-4 part 2, A.1) and replacement
//! (the SET MANAGEMENT KEY extension that PIV tokens share; the standard leaves it to the maker).

use cipher::{Block, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::super::{Result, TokenError};
use super::apdu::{Command, Wire, send};
use super::tlv;

/// Ciphers of management keys, by their algorithm identifier (SP 800-78-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cipher {
    /// 03, three-key triple DES.
    TripleDes,
    /// 0A, AES-192.
    Aes192,
    /// 0C, AES-256.
    Aes256,
}

impl Cipher {
    /// All, best first.
    pub const ALL: [Self; 3] = [Self::Aes256, Self::Aes192, Self::TripleDes];

    /// The identifier on the wire.
    pub const fn id(self) -> u8 {
        match self {
            Self::TripleDes => 0x03,
            Self::Aes192 => 0x0A,
            Self::Aes256 => 0x0C,
        }
    }

    /// Key length in bytes.
    pub const fn key_len(self) -> usize {
        match self {
            Self::TripleDes | Self::Aes192 => 24,
            Self::Aes256 => 32,
        }
    }

    const fn block_len(self) -> usize {
        match self {
            Self::TripleDes => 8,
            Self::Aes192 | Self::Aes256 => 16,
        }
    }

    /// The part of the key material that this cipher uses.
    pub fn key(self, material: &[u8]) -> Option<&[u8]> {
        material.get(..self.key_len())
    }

    pub(super) fn run(self, key: &[u8], block: &mut [u8], encrypt: bool) -> Option<()> {
        match self {
            Self::TripleDes => one_block::<des::TdesEde3>(key, block, encrypt),
            Self::Aes192 => one_block::<aes::Aes192>(key, block, encrypt),
            Self::Aes256 => one_block::<aes::Aes256>(key, block, encrypt),
        }
    }
}

fn one_block<C>(key: &[u8], block: &mut [u8], encrypt: bool) -> Option<()>
where
    C: KeyInit + BlockCipherEncrypt + BlockCipherDecrypt,
{
    let cipher = C::new_from_slice(key).ok()?;
    let block = <&mut Block<C>>::try_from(block).ok()?;
    if encrypt {
        cipher.encrypt_block(block);
    } else {
        cipher.decrypt_block(block);
    }
    Some(())
}

const INS_AUTHENTICATE: u8 = 0x87;
const INS_SET_MANAGEMENT_KEY: u8 = 0xFF;
const MANAGEMENT_KEY: u8 = 0x9B;

fn authenticate(wire: &mut dyn Wire, cipher: Cipher, data: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let data = Zeroizing::new(tlv::encode(&[0x7C], data));
    let command = Command { ins: INS_AUTHENTICATE, p1: cipher.id(), p2: MANAGEMENT_KEY, data: &data, answers: true };
    send(wire, &command)?.ok()
}

/// Asks for a witness: the card's random block under its management key.
fn witness(wire: &mut dyn Wire, cipher: Cipher) -> Result<Zeroizing<Vec<u8>>> {
    let answer = authenticate(wire, cipher, &[0x80, 0x00])?;
    let value = tlv::need(tlv::need(&answer, 0x7C)?, 0x80)?;
    if value.len() != cipher.block_len() {
        return Err(TokenError::Malformed("witness"));
    }
    Ok(Zeroizing::new(value.to_vec()))
}

/// The cipher of the key that is set. A card refuses a witness for any other, and asking spends
/// nothing.
pub fn cipher_in_use(wire: &mut dyn Wire) -> Result<Cipher> {
    for cipher in Cipher::ALL {
        match witness(wire, cipher) {
            Ok(_) => return Ok(cipher),
            Err(TokenError::Status(_)) => {}
            Err(other) => return Err(other),
        }
    }
    Err(TokenError::UnsupportedAlgorithm)
}

/// Proves a management key to the card and has the card prove it too. False: another key is set.
/// `challenge` is 16 fresh random bytes.
pub fn prove(wire: &mut dyn Wire, cipher: Cipher, material: &[u8], challenge: &[u8; 16]) -> Result<bool> {
    let Some(key) = cipher.key(material) else { return Ok(false) };
    let mut block = witness(wire, cipher)?;
    if cipher.run(key, &mut block, false).is_none() {
        return Ok(false); // a key that the cipher refuses (weak DES)
    }
    let challenge = &challenge[..cipher.block_len()];
    let mut data = Zeroizing::new(tlv::encode(&[0x80], &block));
    tlv::put(&mut data, &[0x81], challenge);
    let answer = match authenticate(wire, cipher, &data) {
        Ok(answer) => answer,
        Err(TokenError::Status(_)) => return Ok(false),
        Err(other) => return Err(other),
    };
    let proof = tlv::need(tlv::need(&answer, 0x7C)?, 0x82)?;
    let mut expected = Zeroizing::new(challenge.to_vec());
    cipher.run(key, &mut expected, true).ok_or(TokenError::UnsupportedAlgorithm)?;
    Ok(proof.ct_eq(&expected).into())
}

/// Replaces the management key; the present one must have been proved.
pub fn replace(wire: &mut dyn Wire, cipher: Cipher, material: &[u8]) -> Result<()> {
    let key = cipher.key(material).ok_or(TokenError::UnsupportedAlgorithm)?;
    let mut data = Zeroizing::new(vec![cipher.id()]);
    tlv::put(&mut data, &[MANAGEMENT_KEY], key);
    // P2 = FF: no touch needed when it is used.
    let command = Command { ins: INS_SET_MANAGEMENT_KEY, p1: 0xFF, p2: 0xFF, data: &data, answers: false };
    send(wire, &command)?.ok().map(drop)
}
