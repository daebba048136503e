//! What a channel's profile tells the page. A channel is data; no code knows one by its name.

use crate::form::{OperatorWay, UnitWay};
use crate::order::Business;
use serde::{Deserialize, Serialize};

/// A hall in the list of halls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChannelLink {
    /// The first path segment, e.g. `/{slug}/`.
    pub slug: String,
    /// 渠道 as the certificate holder knows it.
    pub title: String,
    /// The decimal id in links of the old portal, if it had one.
    pub legacy_id: Option<u64>,
}

/// Everything the page needs to know of a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PublicChannel {
    /// The first path segment.
    pub slug: String,
    /// 渠道.
    pub title: String,
    /// The brand in the header.
    pub brand: String,
    /// The brand's colour, `#rrggbb`, at least 4.5:1 against white.
    pub color: String,
    /// Service cards of the home page, in order.
    pub services: Vec<Service>,
    /// Ways to verify the unit: those that the profile names and this build can do.
    pub unit_ways: Vec<UnitWay>,
    /// Ways to verify the operator: as above.
    pub operator_ways: Vec<OperatorWay>,
    /// Papers to upload, in order.
    pub documents: Vec<DocumentSpec>,
    /// Limits of one uploaded paper.
    pub upload: UploadLimits,
    /// What is bought.
    pub product: Product,
    /// Ways to pay.
    pub payment_ways: Vec<PaymentWay>,
    /// Hours between 确认订单 and the cancellation of an unpaid order.
    pub pay_hours: u32,
    /// The consent that is signed with an SMS code.
    pub consent: Consent,
    /// Agreements that are ticked on the form.
    pub agreements: Vec<AgreementLink>,
    /// 受理点电话, free text.
    pub help_line: String,
    /// Told before applying: review time, dispatch time, courier.
    pub times: String,
    /// Told on the last page: 材料审核时间为…
    pub after_payment: Vec<String>,
    /// What to do after the parcel has come.
    pub after_receipt: String,
    /// Address of the 证书助手 (bridge) download; empty when it is not offered yet.
    pub bridge_download: String,
}

/// A service card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// The business behind it.
    pub business: Business,
    /// The card's one line.
    pub text: String,
    /// The fee in words, e.g. 250 元/套，快递包邮.
    pub fee: String,
    /// The profile offers it online. (Whether the build can do it is `flow::offered`.)
    pub offered: bool,
}

/// A paper to upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DocumentSpec {
    /// What it shows.
    pub kind: DocumentKind,
    /// The words under its frame.
    pub label: String,
    /// How it must be made (sealed copy, original …).
    pub hint: String,
}

/// What an uploaded paper shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// 营业执照.
    BusinessLicence,
    /// 经办人身份证头像面.
    OperatorIdPortrait,
    /// 经办人身份证国徽面.
    OperatorIdEmblem,
}

impl DocumentKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::BusinessLicence, Self::OperatorIdPortrait, Self::OperatorIdEmblem];

    /// The stable name in addresses and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BusinessLicence => "business_licence",
            Self::OperatorIdPortrait => "operator_id_portrait",
            Self::OperatorIdEmblem => "operator_id_emblem",
        }
    }

    /// Reads [`DocumentKind::name`] back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Limits of one uploaded paper, as the manual tells them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UploadLimits {
    /// File formats by their usual extension: jpg, png, gif …
    pub formats: Vec<String>,
    /// Largest file in bytes.
    pub max_bytes: u64,
}

/// What is bought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Product {
    /// 商品名称, e.g. 数字证书服务-….
    pub name: String,
    /// 证书类型, e.g. 单位证书.
    pub certificate: String,
    /// Price in fen.
    pub price_fen: i64,
    /// Validity in years.
    pub years: u32,
}

/// A way to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PaymentWay {
    /// 支付宝.
    Alipay,
    /// 微信支付.
    Wechat,
}

impl PaymentWay {
    /// The ways that this build can do.
    pub const SUPPORTED: &'static [Self] = &[Self::Alipay];

    /// The words on the button.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Alipay => "支付宝",
            Self::Wechat => "微信支付",
        }
    }

    /// The stable name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alipay => "alipay",
            Self::Wechat => "wechat",
        }
    }
}

/// The text that the applicant consents to when signing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Consent {
    /// Version, kept as evidence beside the signature.
    pub version: String,
    /// The text, shown in full.
    pub text: String,
}

/// An agreement that can be read in full at `/{slug}/agreements/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AgreementLink {
    /// Its file's name in the channel's folder.
    pub id: String,
    /// 《…》.
    pub title: String,
}

/// Decodes the `channelId` of a link of the old portal: base64(reverse(base64(decimal id))), possibly with its `=`
/// percent-encoded. `None` for anything else. Source: spec/README.md.
pub fn legacy_channel_id(value: &str) -> Option<u64> {
    let outer = value.replace("%3D", "=").replace("%3d", "=");
    let mut inner = base64_decode(&outer)?;
    inner.reverse();
    let digits = base64_decode(core::str::from_utf8(&inner).ok()?)?;
    let digits = core::str::from_utf8(&digits).ok()?;
    if digits.is_empty() || digits.len() > 18 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

/// Standard base64 with padding, as the old portal wrote it. At most 64 characters: ids are short.
fn base64_decode(text: &str) -> Option<Vec<u8>> {
    let bytes = text.as_bytes();
    if bytes.is_empty() || bytes.len() > 64 || !bytes.len().is_multiple_of(4) {
        return None;
    }
    let body = text.trim_end_matches('=');
    if bytes.len() - body.len() > 2 {
        return None;
    }
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3);
    let (mut bits, mut held) = (0u32, 0u32);
    for byte in body.bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(((bits >> held) & 0xff) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_the_old_portal_name_their_channel() {
        assert_eq!(legacy_channel_id("PT1BTjVNek0="), Some(3394));
        assert_eq!(legacy_channel_id("PT1BTjVNek0%3D"), Some(3394));
        assert_eq!(legacy_channel_id("PT1RTnlnak13QVRN"), Some(1_002_825));
    }

    #[test]
    fn anything_else_is_no_channel() {
        for bad in ["", "=", "====", "abc", "MzM5NA==", "PT1BTjVNek0", "PT1BTjVNek0=PT1BTjVNek0=", "中文中文", "AAAA"]
        {
            assert_eq!(legacy_channel_id(bad), None, "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(value in ".*") {
            let _ = legacy_channel_id(&value);
        }
    }
}
