//! Method names.

use serde::{Deserialize, Serialize};

/// Every method and notice of the protocol, by its name on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Method {
    /// Notice, first of all: [`super::Challenge`].
    #[serde(rename = "session.challenge")]
    SessionChallenge,
    /// [`super::Hello`] → [`super::Welcome`].
    #[serde(rename = "session.hello")]
    SessionHello,
    /// `{}` → [`super::KeyList`].
    #[serde(rename = "key.list")]
    KeyList,
    /// [`super::KeyRef`] → [`super::KeyDetail`].
    #[serde(rename = "key.info")]
    KeyInfo,
    /// [`super::ReadCertificate`] → [`super::ReadCertificateResult`].
    #[serde(rename = "certificate.read")]
    CertificateRead,
    /// `{}` → [`super::Prepared`]; asked before the click that needs the window.
    #[serde(rename = "window.prepare")]
    WindowPrepare,
    /// `{}` → [`super::OperationChallenge`].
    #[serde(rename = "operation.challenge")]
    OperationChallenge,
    /// [`super::Begin`] → [`super::Started`], in the end [`super::Begun`].
    #[serde(rename = "operation.begin")]
    OperationBegin,
    /// [`super::Cancel`] → `{}`.
    #[serde(rename = "operation.cancel")]
    OperationCancel,
    /// Notice: [`super::Progress`].
    #[serde(rename = "operation.progress")]
    OperationProgress,
    /// Notice: [`super::Outcome`].
    #[serde(rename = "operation.result")]
    OperationResult,
    /// [`super::Initialize`] → [`super::Started`], in the end [`super::Initialized`].
    #[serde(rename = "key.initialize")]
    KeyInitialize,
    /// [`super::Generate`] → [`super::Started`], in the end [`super::Generated`].
    #[serde(rename = "keypair.generate")]
    KeypairGenerate,
    /// [`super::Import`] → [`super::Started`], in the end [`super::Imported`].
    #[serde(rename = "certificate.import")]
    CertificateImport,
    /// [`super::InOperation`] → [`super::Started`], in the end [`super::PinAccepted`].
    #[serde(rename = "pin.verify")]
    PinVerify,
    /// [`super::InOperation`] → [`super::Started`], in the end [`super::PinAccepted`].
    #[serde(rename = "pin.change")]
    PinChange,
    /// [`super::SignChallenge`] → [`super::Started`], in the end [`super::SignedChallenge`].
    #[serde(rename = "challenge.sign")]
    ChallengeSign,
    /// [`super::InOperation`] → [`super::Started`], in the end [`super::Tested`].
    #[serde(rename = "selftest.run")]
    SelftestRun,
    /// Notice: [`super::DeviceNotice`].
    #[serde(rename = "device.event")]
    DeviceEvent,
}

impl Method {
    /// What a key's holder does with their own key: the PIN is asked for with the consent.
    pub const HOLDERS: [Self; 4] = [Self::PinVerify, Self::PinChange, Self::ChallengeSign, Self::SelftestRun];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SessionChallenge => "session.challenge",
            Self::SessionHello => "session.hello",
            Self::KeyList => "key.list",
            Self::KeyInfo => "key.info",
            Self::CertificateRead => "certificate.read",
            Self::WindowPrepare => "window.prepare",
            Self::OperationChallenge => "operation.challenge",
            Self::OperationBegin => "operation.begin",
            Self::OperationCancel => "operation.cancel",
            Self::OperationProgress => "operation.progress",
            Self::OperationResult => "operation.result",
            Self::KeyInitialize => "key.initialize",
            Self::KeypairGenerate => "keypair.generate",
            Self::CertificateImport => "certificate.import",
            Self::PinVerify => "pin.verify",
            Self::PinChange => "pin.change",
            Self::ChallengeSign => "challenge.sign",
            Self::SelftestRun => "selftest.run",
            Self::DeviceEvent => "device.event",
        }
    }
}
