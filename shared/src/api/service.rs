//! What an applicant may do after the order was made: corrections, the hand-over of the camera, drafts found again.

use super::{CodeSent, DocumentView};
use crate::channel::DocumentKind;
use crate::form::UnitDraft;
use crate::order::Business;
use serde::{Deserialize, Serialize};

/// A form that was checked but not confirmed, found again by a code to its operator's phone (part of `GET /api/orders`).
/// `POST /api/drafts/resume/{id}` makes it this session's own draft (204); a draft that stood there is kept and listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FoundDraft {
    /// Its id.
    pub id: String,
    /// The business.
    pub business: Business,
    /// 单位名称.
    pub unit_name: String,
    /// When it was saved last, microseconds UTC.
    pub saved_at: i64,
}

/// A code as typed, with the ticket of the message that carried it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TypedCode {
    /// [`CodeSent::ticket`].
    pub ticket: String,
    /// The code as typed.
    pub code: String,
}

/// `POST /api/orders/{number}/corrections/mailing`: another address for the parcel, until it has left. The code comes from
/// `POST …/corrections/mailing/code` (no body, [`super::PROOF_HEADER`]), sent to the operator on record. Answers the order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CorrectMailing {
    /// The mailing section's fields as typed; other fields are ignored.
    pub mailing: UnitDraft,
    /// The operator's code.
    pub proof: TypedCode,
}

/// `POST /api/orders/{number}/corrections/phone/code`: sends two codes, one to the legal representative on record, one to
/// the new phone ([`super::PROOF_HEADER`]). The new phone was verified as the operator's own before (三要素).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NewPhone {
    /// 经办人手机号 as typed.
    pub phone: String,
}

/// The answer: where both codes were sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PhoneCodesSent {
    /// To the legal representative.
    pub legal_rep: CodeSent,
    /// To the new phone.
    pub operator: CodeSent,
}

/// `POST /api/orders/{number}/corrections/phone`: the operator's new phone, proven by both codes. Answers the order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CorrectPhone {
    /// 经办人手机号 as typed; the same as the codes were asked for.
    pub phone: String,
    /// The legal representative's code.
    pub legal_rep: TypedCode,
    /// The code at the new phone.
    pub operator: TypedCode,
}

/// `GET /api/orders/{number}/mailing`: where the parcel goes, for its owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MailingView {
    /// The mailing section's fields.
    pub mailing: UnitDraft,
}

/// `POST /api/orders/{number}/handover`: an address for the applicant's own phone, which takes the photos (扫码拍照上传). An
/// earlier one is worthless from then on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Handover {
    /// The address, to be shown as a QR code: `{public_url}/{channel}/photos/{token}`.
    pub url: String,
    /// It is worthless then, microseconds UTC.
    pub expires_at: i64,
}

/// `GET /api/handover/{token}`: what the phone shows. `PUT /api/handover/{token}/documents/{kind}` (body: the file) and
/// `DELETE …` answer it too. The token opens the papers of one order and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct HandoverView {
    /// The channel's slug.
    pub channel: String,
    /// 单位名称, masked.
    pub unit_name: String,
    /// The papers that may be uploaded now.
    pub wanted: Vec<DocumentKind>,
    /// Those that are there.
    pub documents: Vec<DocumentView>,
    /// It is worthless then, microseconds UTC.
    pub expires_at: i64,
}
