//! A channel's profile file. Every key is written down here; an unknown one is refused.

use super::ChannelError;
use serde::{Deserialize, Serialize};
use shared::channel::{
    AgreementLink, Consent, DocumentKind, DocumentSpec, PaymentWay, Product, PublicChannel, Service, UploadLimits,
};
use shared::form::{OperatorWay, UnitWay};
use shared::order::Business;
use std::path::Path;

/// `profile.toml` as it is written. Sources: spec/channels.md and the channel's manual.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Changes with every change of the file; an order pins the version that it was made under.
    pub version: String,
    /// The folder's name and the first path segment.
    pub slug: String,
    /// 渠道.
    pub title: String,
    /// The brand in the header.
    pub brand: String,
    /// `#rrggbb`, at least 4.5:1 against white.
    pub color: String,
    /// The decimal id in links of the old portal.
    pub legacy_id: Option<u64>,
    /// Addresses of the old portal that lead here.
    #[serde(default)]
    pub legacy_paths: Vec<String>,
    /// Kinds of certificate.
    pub certificate_kinds: Vec<CertificateKind>,
    /// Applicants register first (procurement).
    pub account_needed: bool,
    /// The letter in order numbers.
    pub order_series: char,
    /// 受理点电话.
    pub help_line: String,
    /// Address of the bridge's download.
    pub bridge_download: String,
    /// What to do after the parcel has come.
    pub after_receipt: String,
    /// The cards of the home page.
    pub services: Vec<ServiceCard>,
    /// 证书新办.
    pub new: NewCertificate,
    /// 证书补办.
    pub replace: Option<Replacement>,
    /// 证书解锁.
    pub unlock: Option<Unlocking>,
    /// 证书更新.
    pub renew: Option<Renewal>,
    /// Ways to verify.
    pub verification: VerificationWays,
    /// Ways to pay.
    pub payment: Payment,
    /// Limits of one uploaded paper.
    pub upload: Upload,
    /// Papers to upload.
    pub documents: Vec<Document>,
    /// The consent that is signed.
    pub consent: Consent,
    /// Agreements that are ticked; the texts are `agreements/<id>.md`.
    pub agreements: Vec<AgreementLink>,
    /// The invoice.
    pub invoice: Invoice,
    /// Where papers are posted to.
    pub paper_desk: Option<PaperDesk>,
    /// What the operator is told, and how.
    #[serde(default)]
    pub notices: Notices,
    /// Partners' pages that may show the hall in a frame.
    #[serde(default)]
    pub embed: Embed,
    /// Self-service terminals; without this section the hall has none.
    pub kiosk: Option<Kiosk>,
}

/// Partners' pages that may show the hall in a frame (docs/EMBEDDING.md).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Embed {
    /// Their origins: scheme, host and port, as a browser writes them.
    pub parents: Vec<String>,
}

/// Self-service terminals in a service hall. The page gets it as it is, in camelCase.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all(serialize = "camelCase"))]
pub struct Kiosk {
    /// Seconds without a touch or a key until the applicant is warned.
    pub idle_seconds: u32,
    /// Seconds that the warning stands before everything is wiped; 20 or more (WCAG 2.2.1).
    pub warning_seconds: u32,
}

/// What the operator is told, and how, event by event. Without the table: by text message.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Notices {
    /// 审核通过.
    pub approved: Vec<NoticeWay>,
    /// 鉴证未通过.
    pub refused: Vec<NoticeWay>,
    /// 审核不通过: refused for good.
    pub rejected: Vec<NoticeWay>,
    /// 已发货.
    pub dispatched: Vec<NoticeWay>,
    /// Cancelled because it was not paid in time.
    pub expired: Vec<NoticeWay>,
    /// The fee was given back.
    pub refunded: Vec<NoticeWay>,
}

impl Default for Notices {
    fn default() -> Self {
        let sms = || vec![NoticeWay::Sms];
        Self { approved: sms(), refused: sms(), rejected: sms(), dispatched: sms(), expired: sms(), refunded: sms() }
    }
}

impl Notices {
    /// Every list with its key.
    pub fn lists(&self) -> [(&'static str, &[NoticeWay]); 6] {
        [
            ("notices.approved", &self.approved),
            ("notices.refused", &self.refused),
            ("notices.rejected", &self.rejected),
            ("notices.dispatched", &self.dispatched),
            ("notices.expired", &self.expired),
            ("notices.refunded", &self.refunded),
        ]
    }
}

/// How somebody is told something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeWay {
    /// A text message to the operator's phone.
    Sms,
    /// A mail to the operator's address, where a mail server is configured.
    Mail,
}

/// Whose certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateKind {
    /// 单位证书.
    Unit,
    /// 个人证书.
    Personal,
}

/// A card of the home page.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceCard {
    /// The business behind it.
    pub business: Business,
    /// Its one line.
    pub text: String,
    /// The fee in words.
    pub fee: String,
    /// The channel offers it online.
    pub online: bool,
}

/// 证书新办.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCertificate {
    /// 商品名称.
    pub product: String,
    /// 证书类型.
    pub certificate: String,
    /// Price in fen.
    pub price_fen: i64,
    /// Validity in years.
    pub years: u32,
    /// Who pays the courier.
    pub courier: Courier,
    /// Told before applying.
    pub times: String,
    /// Told on the last page.
    pub after_payment: Vec<String>,
}

/// Who pays the courier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Courier {
    /// 包邮.
    Included,
    /// 到付.
    Collect,
}

/// 证书补办.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replacement {
    /// 商品名称.
    pub product: String,
    /// Fee of a lost key in fen.
    pub lost_fen: i64,
    /// Fee of a damaged key in fen.
    pub damaged_fen: i64,
    /// Who pays the courier.
    pub courier: Courier,
    /// 线下邮寄 is offered when the verification fails.
    pub paper_when_verification_fails: bool,
    /// Told before applying.
    pub times: String,
}

/// 证书解锁.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unlocking {
    /// Fee in fen.
    pub fee_fen: i64,
    /// Asks 联系人信息.
    pub contact_section: bool,
    /// Asks 地址信息.
    pub address_section: bool,
    /// Asks 组织机构代码.
    pub organization_code: bool,
    /// Help with the authorisation code.
    pub help_line: String,
}

/// 证书更新.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Renewal {
    /// A certificate that expired more than 365 days ago.
    pub over_365_days: OverAYear,
}

/// What is done with a certificate that expired more than 365 days ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverAYear {
    /// Refused; apply as new.
    Refuse,
    /// Paid, then papers are uploaded and reviewed.
    Review,
}

/// Ways to verify, in the order in which they are offered.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerificationWays {
    /// Of the unit.
    pub unit_ways: Vec<UnitWay>,
    /// Of the operator.
    pub operator_ways: Vec<OperatorWay>,
    /// Attempts a day for one unit.
    pub unit_tries_a_day: u32,
    /// Attempts a day for one operator.
    pub operator_tries_a_day: u32,
}

/// Ways to pay.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payment {
    /// In the order in which they are offered.
    pub ways: Vec<PaymentWay>,
    /// Hours until an unpaid order is cancelled.
    pub hours: u32,
}

/// Limits of one uploaded paper.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upload {
    /// Extensions: gif, jpg, jpeg, png.
    pub formats: Vec<String>,
    /// Largest file in bytes.
    pub max_bytes: u64,
}

/// A paper to upload.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// What it shows.
    pub kind: DocumentKind,
    /// The words under its frame.
    pub label: String,
    /// How it must be made.
    pub hint: String,
}

/// The invoice.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invoice {
    /// 发票抬头 is the unit's name and can't be changed.
    pub title_fixed: bool,
    /// Told: issued within so many hours.
    pub within_hours: u32,
}

/// Where papers are posted to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaperDesk {
    /// Postal address.
    pub address: String,
    /// Who receives it.
    pub recipient: String,
    /// Their phone.
    pub phone: String,
    /// The words on the waybill.
    pub waybill_note: String,
    /// Who pays.
    pub postage: Postage,
    /// The paper set.
    pub papers: Vec<String>,
}

/// Who pays for posting papers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Postage {
    /// The applicant; 到付 is refused.
    Applicant,
}

impl Profile {
    /// Reads one file.
    pub fn read(file: &Path) -> Result<Self, ChannelError> {
        let text = std::fs::read_to_string(file).map_err(|error| ChannelError::new(file, "", error.to_string()))?;
        toml::from_str(&text).map_err(|error| {
            let key = error.span().and_then(|span| text.get(span)).unwrap_or_default();
            ChannelError::new(file, key.lines().next().unwrap_or_default(), error.message().to_owned())
        })
    }

    /// What the page gets: ways that this build can't do are left out here, by code, never by the file.
    pub fn public(&self) -> PublicChannel {
        PublicChannel {
            slug: self.slug.clone(),
            title: self.title.clone(),
            brand: self.brand.clone(),
            color: self.color.clone(),
            services: self
                .services
                .iter()
                .map(|card| Service {
                    business: card.business,
                    text: card.text.clone(),
                    fee: card.fee.clone(),
                    offered: card.online,
                })
                .collect(),
            unit_ways: self.verification.unit_ways.iter().copied().filter(|way| way.supported()).collect(),
            operator_ways: self.verification.operator_ways.iter().copied().filter(|way| way.supported()).collect(),
            documents: self
                .documents
                .iter()
                .map(|paper| DocumentSpec { kind: paper.kind, label: paper.label.clone(), hint: paper.hint.clone() })
                .collect(),
            upload: UploadLimits { formats: self.upload.formats.clone(), max_bytes: self.upload.max_bytes },
            product: Product {
                name: self.new.product.clone(),
                certificate: self.new.certificate.clone(),
                price_fen: self.new.price_fen,
                years: self.new.years,
            },
            payment_ways: self.payment.ways.iter().copied().filter(|way| PaymentWay::SUPPORTED.contains(way)).collect(),
            pay_hours: self.payment.hours,
            consent: self.consent.clone(),
            agreements: self.agreements.clone(),
            help_line: self.help_line.clone(),
            times: self.new.times.clone(),
            after_payment: self.new.after_payment.clone(),
            after_receipt: self.after_receipt.clone(),
            bridge_download: self.bridge_download.clone(),
        }
    }
}
