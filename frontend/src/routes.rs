//! The page's addresses.

use std::borrow::Cow;

/// A screen. Everything but the list of halls belongs to a channel: `/{slug}/…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// Service cards, guide, unfinished work.
    Home,
    /// 办理指南.
    Guide,
    /// An agreement in full.
    Agreement(String),
    /// 填写信息.
    Form,
    /// 确认订单.
    Confirm,
    /// 订单查询 and the session's orders.
    Orders,
    /// 订单详情.
    Order(String),
    /// 上传资料.
    Upload(String),
    /// 签名确认.
    Sign(String),
    /// 付款结算.
    Pay(String),
    /// 完成申请.
    Done(String),
    /// 修改邮寄信息.
    Mailing(String),
    /// 修改经办人手机号.
    Phone(String),
    /// 扫码拍照上传, on the applicant's own phone. Holds the hand-over's token.
    Photos(String),
}

/// Which of the applicants' programs shows a screen (docs/decisions/0002-page-weight.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Home, texts, and whatever belongs to no hall.
    Hall,
    /// The form up to 确认订单.
    Application,
    /// 订单查询 and every step of an order.
    Orders,
}

/// Where the browser stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// The list of halls.
    Halls,
    /// A screen of a hall.
    Hall {
        /// The channel's slug.
        slug: String,
        /// The screen.
        page: Page,
    },
    /// No such address.
    Nowhere {
        /// Where it lies.
        part: Part,
    },
}

impl Route {
    /// Reads an address' path.
    pub fn parse(path: &str) -> Self {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        let Some(slug) = parts.next() else { return Self::Halls };
        let rest = [parts.next(), parts.next(), parts.next()];
        // The server decides by the same words which program it sends.
        let part = match rest[0] {
            Some("orders" | "photos") => Part::Orders,
            Some("new" | "mailing") => Part::Application,
            _ => Part::Hall,
        };
        let nowhere = Self::Nowhere { part };
        let page = match rest {
            [None, None, None] => Page::Home,
            [Some("guide"), None, None] => Page::Guide,
            [Some("agreements"), Some(id), None] => Page::Agreement(id.into()),
            [Some("new"), None, None] => Page::Form,
            [Some("new"), Some("confirm"), None] => Page::Confirm,
            [Some("orders"), None, None] => Page::Orders,
            [Some("orders"), Some(number), None] => Page::Order(number.into()),
            [Some("orders"), Some(number), Some("upload")] => Page::Upload(number.into()),
            [Some("orders"), Some(number), Some("sign")] => Page::Sign(number.into()),
            [Some("orders"), Some(number), Some("pay")] => Page::Pay(number.into()),
            [Some("orders"), Some(number), Some("done")] => Page::Done(number.into()),
            [Some("mailing"), Some(number), None] => Page::Mailing(number.into()),
            [Some("orders"), Some(number), Some("phone")] => Page::Phone(number.into()),
            [Some("photos"), Some(token), None] => Page::Photos(token.into()),
            _ => return nowhere,
        };
        if parts.next().is_some() {
            return nowhere;
        }
        Self::Hall { slug: slug.into(), page }
    }

    /// The program that shows it.
    pub const fn part(&self) -> Part {
        match self {
            Self::Hall { page, .. } => page.part(),
            Self::Nowhere { part } => *part,
            Self::Halls => Part::Hall,
        }
    }

    /// The channel's slug, if it has one.
    pub fn slug(&self) -> Option<&str> {
        match self {
            Self::Hall { slug, .. } => Some(slug),
            Self::Halls | Self::Nowhere { .. } => None,
        }
    }
}

impl Page {
    /// The program that shows it.
    pub const fn part(&self) -> Part {
        match self {
            Self::Home | Self::Guide | Self::Agreement(_) => Part::Hall,
            Self::Form | Self::Confirm | Self::Mailing(_) => Part::Application,
            Self::Orders
            | Self::Order(_)
            | Self::Upload(_)
            | Self::Sign(_)
            | Self::Pay(_)
            | Self::Done(_)
            | Self::Phone(_)
            | Self::Photos(_) => Part::Orders,
        }
    }

    /// The path below `/{slug}/`.
    fn tail(&self) -> Cow<'static, str> {
        match self {
            Self::Home => "".into(),
            Self::Guide => "guide".into(),
            Self::Agreement(id) => ["agreements/", id].concat().into(),
            Self::Form => "new".into(),
            Self::Confirm => "new/confirm".into(),
            Self::Orders => "orders".into(),
            Self::Order(number) => ["orders/", number].concat().into(),
            Self::Upload(number) => ["orders/", number, "/upload"].concat().into(),
            Self::Sign(number) => ["orders/", number, "/sign"].concat().into(),
            Self::Pay(number) => ["orders/", number, "/pay"].concat().into(),
            Self::Done(number) => ["orders/", number, "/done"].concat().into(),
            Self::Mailing(number) => ["mailing/", number].concat().into(),
            Self::Phone(number) => ["orders/", number, "/phone"].concat().into(),
            Self::Photos(token) => ["photos/", token].concat().into(),
        }
    }

    /// The address in a channel's hall.
    pub fn path(&self, slug: &str) -> String {
        // Photos are taken with the applicant's own phone, wherever the hall itself is shown.
        let segment = if matches!(self, Self::Photos(_)) { "" } else { crate::place::segment() };
        ["/", slug, "/", segment, &self.tail()].concat()
    }
}

/// The `channelId` in a link of the old portal: `/#/index?channelId=…`, `/v2/#/index/indexNew?channelId=…`, or as an
/// ordinary query.
pub fn legacy_id(search: &str, hash: &str) -> Option<String> {
    [hash, search].into_iter().find_map(|text| {
        let query = text.rsplit_once('?').map_or(text, |(_, query)| query);
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(name, _)| *name == "channelId").map(|(_, value)| value.to_owned()).next()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_screen_has_an_address_that_reads_back() {
        let number = || "20210831U045544".to_owned();
        for page in [
            Page::Home,
            Page::Guide,
            Page::Agreement("service".into()),
            Page::Form,
            Page::Confirm,
            Page::Orders,
            Page::Order(number()),
            Page::Upload(number()),
            Page::Sign(number()),
            Page::Pay(number()),
            Page::Done(number()),
            Page::Mailing(number()),
            Page::Phone(number()),
            Page::Photos("5f3a".into()),
        ] {
            let path = page.path("nanning");
            let nowhere = Route::parse(&[path.trim_end_matches('/'), "/x/x/x"].concat());
            assert_eq!(nowhere, Route::Nowhere { part: page.part() }, "{path}");
            assert_eq!(Route::parse(&path), Route::Hall { slug: "nanning".into(), page }, "{path}");
        }
    }

    #[test]
    fn the_root_lists_the_halls_and_strange_addresses_lead_nowhere() {
        assert_eq!(Route::parse("/"), Route::Halls);
        assert_eq!(Route::parse("/nanning/x"), Route::Nowhere { part: Part::Hall });
        for path in ["/nanning/new/confirm/x", "/nanning/mailing"] {
            assert_eq!(Route::parse(path), Route::Nowhere { part: Part::Application }, "{path}");
        }
        for path in ["/nanning/photos", "/nanning/orders/1/x", "/nanning/orders/1/pay/x"] {
            assert_eq!(Route::parse(path), Route::Nowhere { part: Part::Orders }, "{path}");
        }
    }

    #[test]
    fn links_of_the_old_portal_are_recognised() {
        let id = Some("PT1BTjVNek0%3D".to_owned());
        assert_eq!(legacy_id("", "#/index?channelId=PT1BTjVNek0%3D"), id);
        assert_eq!(legacy_id("", "#/index/indexNew?a=1&channelId=PT1BTjVNek0%3D"), id);
        assert_eq!(legacy_id("channelId=PT1BTjVNek0%3D", ""), id);
        assert_eq!(legacy_id("", "#main"), None);
        assert_eq!(legacy_id("", ""), None);
    }
}
