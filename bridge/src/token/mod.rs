//! Keys, whatever their make: the trait that every driver fulfils.

mod certificate;
pub mod piv;

use shared::bridge::{Algorithm, PinPolicy, Slot, Stage};
use thiserror::Error;
use zeroize::Zeroizing;

pub use certificate::{public_key_of, summarize};

/// Why a key did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TokenError {
    /// Pulled out, reset by somebody else, or no longer answering.
    #[error("the key was removed")]
    Removed,
    /// It knows none of the management keys or PUKs that were tried.
    #[error("the key refuses the secrets")]
    SecretsRejected,
    /// Wrong PIN, with the tries left.
    #[error("wrong PIN, {0} tries left")]
    PinWrong(u8),
    /// No PIN tries left.
    #[error("the PIN is blocked")]
    PinBlocked,
    /// The PIN or PUK does not fit [`Capabilities::pin_policy`].
    #[error("the PIN does not fit the key's rules")]
    PinPolicy,
    /// It cannot make or use such a key pair.
    #[error("the key does not know the algorithm")]
    UnsupportedAlgorithm,
    /// Something else, by the card's status word (ISO 7816-4), never with data.
    #[error("the key answered {0:04X}")]
    Status(u16),
    /// What it answered cannot be read.
    #[error("the key's answer cannot be read: {0}")]
    Malformed(&'static str),
}

/// Result of work on a key.
pub type Result<T> = std::result::Result<T, TokenError>;

/// What a key can do; asked of it or configured, never assumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// The driver's name.
    pub driver: &'static str,
    /// Key pairs it can make, best first.
    pub algorithms: Vec<Algorithm>,
    /// Its rules for a PIN.
    pub pin_policy: PinPolicy,
    /// Whether `decrypt` work is possible.
    pub decrypts: bool,
}

/// A management key and PUK. Wiped on drop.
pub struct Unlocking {
    /// 8 bytes for PIV.
    pub puk: Zeroizing<Vec<u8>>,
    /// 32 bytes of key material; a driver uses as many as its cipher takes.
    pub management_key: Zeroizing<Vec<u8>>,
}

/// What an initialization sets. Wiped on drop.
pub struct NewSecrets {
    /// The initial PIN.
    pub pin: Zeroizing<Vec<u8>>,
    /// The new PUK and management key.
    pub unlocking: Unlocking,
    /// Those that may be set now, newest first; the driver adds the factory's.
    pub current: Vec<Unlocking>,
}

/// A key that is plugged in and held by one transaction of ours.
///
/// A driver keeps no secret after a call returns; the state that the key itself keeps (PIN verified,
/// management key proved) ends with the transaction.
pub trait Token {
    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// Its serial, if it has one yet.
    fn serial(&mut self) -> Result<Option<String>>;

    /// PIN tries left, asked without spending one; none when the key does not tell.
    fn pin_tries_left(&mut self) -> Result<Option<u8>>;

    /// Sets PIN, PUK and management key; gives the key a serial if it has none; returns the serial.
    /// Afterwards the key accepts `generate` and `write_certificate`. Can be repeated after a break
    /// at any point. `report` is told what begins.
    fn initialize(&mut self, secrets: &NewSecrets, report: &mut dyn FnMut(Stage)) -> Result<String>;

    /// Verifies the PIN, for the signatures that follow. Spends a try when it is wrong.
    fn verify_pin(&mut self, pin: &[u8]) -> Result<()>;

    /// Replaces the PIN. Spends a try when `old` is wrong.
    fn change_pin(&mut self, old: &[u8], new: &[u8]) -> Result<()>;

    /// Makes a key pair, overwriting the slot and removing its certificate. Returns the public key
    /// as `SubjectPublicKeyInfo` DER.
    fn generate(&mut self, slot: Slot, algorithm: Algorithm) -> Result<Vec<u8>>;

    /// Signs a digest (32 bytes for P-256, 48 for P-384); ECDSA as DER. Needs `verify_pin` before.
    fn sign(&mut self, slot: Slot, algorithm: Algorithm, digest: &[u8]) -> Result<Vec<u8>>;

    /// The shared secret (ECDH, the x coordinate) with a peer's uncompressed point. Needs `verify_pin` before.
    fn agree(&mut self, slot: Slot, algorithm: Algorithm, peer: &[u8]) -> Result<Zeroizing<Vec<u8>>>;

    /// The certificate in a slot as DER.
    fn read_certificate(&mut self, slot: Slot) -> Result<Option<Vec<u8>>>;

    /// Writes a certificate into a slot.
    fn write_certificate(&mut self, slot: Slot, der: &[u8]) -> Result<()>;
}

/// The slots, in the order in which they are listed.
pub const SLOTS: [Slot; 3] = [Slot::Authentication, Slot::Signature, Slot::KeyManagement];
