//! Ways to verify the unit and the operator.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// 单位认证方式. A channel's profile names those it wants; the build says which it can do ([`UnitWay::SUPPORTED`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnitWay {
    /// 法定代表人手机实名认证: four elements of the unit, three of the legal representative.
    LegalRepPhone,
    /// 企业对公账户认证: 0.01 元 is paid out.
    CorporateAccount,
    /// 法定代表人银行卡信息认证: four elements of the unit, four of the bank card.
    LegalRepBankCard,
    /// 法定代表人人脸识别: by a link or a QR code on the spot.
    LegalRepFace,
}

impl UnitWay {
    /// Every way, in the manual's order.
    pub const ALL: [Self; 4] =
        [Self::LegalRepPhone, Self::CorporateAccount, Self::LegalRepBankCard, Self::LegalRepFace];
    /// The ways that this build can carry through. Others are hidden by this list, never by a profile.
    pub const SUPPORTED: &'static [Self] = &[Self::LegalRepPhone];

    /// Whether this build can carry it through.
    pub fn supported(self) -> bool {
        Self::SUPPORTED.contains(&self)
    }

    /// The stable name in drafts, profiles and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LegalRepPhone => "legal_rep_phone",
            Self::CorporateAccount => "corporate_account",
            Self::LegalRepBankCard => "legal_rep_bank_card",
            Self::LegalRepFace => "legal_rep_face",
        }
    }

    /// Reads [`UnitWay::name`] back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.name() == name)
    }

    /// The manual's word.
    pub const fn label(self) -> &'static str {
        match self {
            Self::LegalRepPhone => "法定代表人手机实名认证",
            Self::CorporateAccount => "企业对公账户认证",
            Self::LegalRepBankCard => "法定代表人银行卡信息认证",
            Self::LegalRepFace => "法定代表人人脸识别认证",
        }
    }

    /// 密码获取方式, as short as the order list needs it.
    pub const fn pin_way(self) -> &'static str {
        match self {
            Self::LegalRepPhone | Self::LegalRepBankCard | Self::LegalRepFace => "短信发到法人手机",
            Self::CorporateAccount => "对公账户收款附言",
        }
    }

    /// What the manual says behind it: what is needed, and where the certificate's PIN goes.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::LegalRepPhone => "提供法人实名手机号，证书密码发到法人手机",
            Self::CorporateAccount => "提供企业对公账户信息，证书密码在对公账户收款 1 分钱记录附言中查询",
            Self::LegalRepBankCard => "提供法人银行账户信息，证书密码发到法人手机",
            Self::LegalRepFace => "法定代表人扫码或打开短信链接完成人脸识别，证书密码发到法人手机",
        }
    }
}

/// 经办人认证方式. As [`UnitWay`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OperatorWay {
    /// 经办人手机实名认证: three elements.
    Phone,
    /// 经办人银行卡信息认证: four elements.
    BankCard,
    /// 经办人人脸识别: by a QR code.
    Face,
}

impl OperatorWay {
    /// Every way, in the manual's order.
    pub const ALL: [Self; 3] = [Self::Phone, Self::BankCard, Self::Face];
    /// The ways that this build can carry through.
    pub const SUPPORTED: &'static [Self] = &[Self::Phone];

    /// Whether this build can carry it through.
    pub fn supported(self) -> bool {
        Self::SUPPORTED.contains(&self)
    }

    /// The stable name in drafts, profiles and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::BankCard => "bank_card",
            Self::Face => "face",
        }
    }

    /// Reads [`OperatorWay::name`] back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.name() == name)
    }

    /// The manual's word.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Phone => "经办人手机实名认证",
            Self::BankCard => "经办人银行卡信息认证",
            Self::Face => "经办人人脸识别认证",
        }
    }

    /// What is needed for it.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Phone => "提供经办人实名手机号",
            Self::BankCard => "提供经办人银行账户信息",
            Self::Face => "经办人扫码完成人脸识别",
        }
    }
}

macro_rules! by_name {
    ($($way:ident)*) => {$(
        impl Serialize for $way {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl<'de> Deserialize<'de> for $way {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = String::deserialize(deserializer)?;
                Self::from_name(&name).ok_or_else(|| D::Error::custom(["unknown way of verification: ", &name].concat()))
            }
        }
    )*};
}
by_name!(UnitWay OperatorWay);
