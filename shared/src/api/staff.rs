//! Staff's requests and answers.

use super::OrderView;
use crate::channel::DocumentKind;
use crate::form::UnitDraft;
use crate::order::{EventKind, Status};
use serde::{Deserialize, Serialize};

/// `POST /api/staff/login`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct StaffLogin {
    /// Log-in name.
    pub name: String,
    /// Password.
    pub password: String,
    /// Six digits of the one-time code (TOTP).
    pub code: String,
}

/// What a member of staff may do in a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 审核.
    Reviewer,
    /// 制证, 寄送.
    Maker,
    /// Staff accounts, refunds owed.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Reviewer, Self::Maker, Self::Admin];

    /// The stable name in the database and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reviewer => "reviewer",
            Self::Maker => "maker",
            Self::Admin => "admin",
        }
    }

    /// Reads [`Role::name`] back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// `GET /api/staff/me`: who is logged in. Every request of theirs but `GET …/queue/…` makes the session last longer; this
/// one serves to say "I am still here". `POST /api/staff/logout` ends this session, `POST /api/staff/logout/everywhere`
/// every session of this person.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct StaffMe {
    /// Log-in name.
    pub name: String,
    /// Roles, each in one channel.
    pub roles: Vec<ChannelRole>,
    /// Seconds until the session ends if nothing is done. A warning comes at least 20 s before.
    #[serde(default)]
    pub idle_s: u32,
    /// Seconds until the session ends in any case.
    #[serde(default)]
    pub ends_s: u32,
}

/// A role in a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChannelRole {
    /// The channel's slug.
    pub channel: String,
    /// The channel's title.
    pub title: String,
    /// The role.
    pub role: Role,
}

/// One row of a staff queue. `GET /api/staff/queue/{review|making|dispatch|dispatched|refunds}?channel=`, oldest first.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct QueueRow {
    /// 订单号.
    pub number: String,
    /// The channel's slug.
    pub channel: String,
    /// Where it stands.
    pub status: Status,
    /// 单位名称.
    pub unit_name: String,
    /// In this queue since, microseconds UTC.
    pub since: i64,
    /// Owed back in fen, in the queue `refunds`.
    pub owed_fen: Option<i64>,
}

/// `GET /api/staff/orders/{number}`: one order with everything a reviewer needs. Each look is audited.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct StaffOrder {
    /// As its owner sees it.
    pub order: OrderView,
    /// The application in clear.
    pub form: UnitDraft,
    /// What the outside services said.
    pub verifications: Vec<Verification>,
    /// The signature of the application.
    pub signature: Option<SignatureEvidence>,
    /// Who of the staff did what: some of the timeline's entries, with names.
    #[serde(default)]
    pub acts: Vec<StaffAct>,
}

/// A step of an order that somebody of the staff took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct StaffAct {
    /// What.
    pub event: EventKind,
    /// When, microseconds UTC.
    pub at: i64,
    /// Log-in name of who did it.
    pub by: String,
}

/// One element check.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Verification {
    /// 企业四要素 …
    pub name: String,
    /// It passed.
    pub passed: bool,
    /// The provider's words.
    pub detail: String,
    /// When.
    pub at: i64,
}

/// What is kept of the signature.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SignatureEvidence {
    /// When.
    pub at: i64,
    /// Masked phone.
    pub phone: String,
    /// Version of the consent text.
    pub consent_version: String,
    /// Hash of the application's content (hex).
    pub content: String,
}

/// `POST /api/staff/orders/{number}/approve`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Approve {
    /// [`OrderView::version`] that was looked at.
    pub version: i64,
}

/// `POST /api/staff/orders/{number}/refuse`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Refuse {
    /// [`OrderView::version`] that was looked at.
    pub version: i64,
    /// Why, in words for the applicant.
    pub reason: String,
    /// The papers to redo; at least one.
    pub documents: Vec<DocumentKind>,
}

/// `POST /api/staff/bridge/session`: answers the bridge's `session.challenge`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct BridgeChallenge {
    /// The channel's slug.
    pub channel: String,
    /// The bridge's nonce, as it came.
    pub nonce: String,
    /// The bridge's HPKE public key, as it came.
    pub hpke_key: String,
}

/// A ticket for the bridge.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct BridgeTicket {
    /// As `shared::bridge` defines it.
    pub ticket: String,
}

/// `POST /api/staff/orders/{number}/making`: begins a making; an interrupted one begins again with a new PIN.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct StartMaking {
    /// The nonce of `operation.challenge`.
    pub nonce: String,
    /// The bridge's HPKE public key.
    pub hpke_key: String,
    /// Serial of the key in the reader, `None` for a blank one without a serial.
    pub key_serial: Option<String>,
}

/// What the bridge needs to make a key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MakingTicket {
    /// The operation ticket.
    pub ticket: String,
    /// PIN, PUK and management key, sealed to the bridge.
    pub sealed: String,
}

/// `POST /api/staff/orders/{number}/certificate`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CertificateRequest {
    /// PKCS#10, DER, base64.
    pub csr: String,
}

/// The issued certificate.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct IssuedCertificate {
    /// Serial number, hex.
    pub serial: String,
    /// DER, base64.
    pub certificate: String,
}

/// `POST /api/staff/orders/{number}/made`: the key holds the certificate.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct KeyMade {
    /// Serial of the key (介质号).
    pub key_serial: String,
    /// The certificate as it was read back from the key: DER, base64.
    pub certificate: String,
}

/// `POST /api/staff/orders/{number}/dispatch`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Dispatch {
    /// [`OrderView::version`] that was looked at.
    pub version: i64,
    /// Courier's name.
    pub carrier: String,
    /// 运单号 as typed.
    pub waybill: String,
}
