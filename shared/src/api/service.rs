//! What an applicant may do after the order was made: corrections, the hand-over of the camera, drafts found again.

use super::{CodeSent, DocumentView};
use crate::channel::DocumentKind;
use crate::form::UnitDraft;
use crate::order::Business;
use serde::{Deserialize, Serialize};

/// A form that was checked but not confirmed, found again by a code to its operator's phone (part of `GET /api/orders`).
/// `POST /api/drafts/resume/{id}` makes it this session's own draft (204, also when pressed twice); a draft that stood there
/// is kept and listed. 404: it became an order meanwhile, or names another phone by now; load the list again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FoundDraft {
    /// Its id.
    pub id: String,
    /// The business.
    pub business: Business,
    /// 单位名称; empty where none was typed yet (a form that made room for another one).
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
/// `POST …/corrections/mailing/code` (no body, [`super::PROOF_HEADER`]), sent to the operator on record. Answers the order;
/// errors are [`super::ErrorCode::Form`] at the mailing fields (no try of the code is spent then), those of codes, and
/// [`super::ErrorCode::Conflict`] once the parcel has left. Offered while `offered(status, Applicant)` names the event.
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
/// the new phone ([`super::PROOF_HEADER`]). The new phone is verified as the operator's own first (三要素): refusals are those
/// of the form, at [`crate::form::Field::OperatorMobile`].
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

/// `POST /api/orders/{number}/corrections/phone`: the operator's new phone, proven by both codes. Answers the order. A
/// refused code's words say whose it is. Browsers that were let in by a code to the old phone lose the order.
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
/// earlier one is worthless from then on, and every one once the papers are submitted. Only while papers can be changed.
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
/// `DELETE …` answer it too. The token opens the papers of one order and nothing else; images can't be read back: the phone
/// shows the photo that it took. Over, unknown, submitted: [`super::ErrorCode::HandoverOver`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct HandoverView {
    /// The channel's slug.
    pub channel: String,
    /// 单位名称, masked.
    pub unit_name: String,
    /// The papers that are wanted now: after a refusal the refused ones, else all.
    pub wanted: Vec<DocumentKind>,
    /// Those that are there; while the review waits or after a refusal only new ones.
    pub documents: Vec<DocumentView>,
    /// It is worthless then, microseconds UTC.
    pub expires_at: i64,
}
