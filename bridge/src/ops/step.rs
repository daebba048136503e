//! The calls that an operation is made of.

use shared::bridge::{Algorithm, Method, SealedSecrets, Slot};

/// A call inside an operation.
pub enum Step {
    /// `key.initialize`.
    Initialize(SealedSecrets),
    /// `keypair.generate`.
    Generate {
        /// Where to.
        slot: Slot,
        /// Which kind.
        algorithm: Algorithm,
    },
    /// `certificate.import`.
    Import {
        /// Where to.
        slot: Slot,
        /// DER.
        certificate: Vec<u8>,
    },
    /// `pin.verify`.
    VerifyPin,
    /// `pin.change`.
    ChangePin,
    /// `challenge.sign`.
    SignChallenge {
        /// Which key pair.
        slot: Slot,
        /// The server's challenge.
        challenge: Vec<u8>,
    },
    /// `selftest.run`.
    SelfTest,
}

impl Step {
    /// The call's name.
    pub const fn method(&self) -> Method {
        match self {
            Self::Initialize(_) => Method::KeyInitialize,
            Self::Generate { .. } => Method::KeypairGenerate,
            Self::Import { .. } => Method::CertificateImport,
            Self::VerifyPin => Method::PinVerify,
            Self::ChangePin => Method::PinChange,
            Self::SignChallenge { .. } => Method::ChallengeSign,
            Self::SelfTest => Method::SelftestRun,
        }
    }
}
