//! The desk's addresses: `/staff/{channel}/…`.

use crate::api::staff::Queue;
use shared::api::Role;

/// A screen of the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// A queue.
    Queue(Queue),
    /// One order under review, or looked at.
    Order(String),
    /// Label and packing slip of one order.
    Slip(String),
    /// Looking for orders.
    Search,
    /// Messages that were given up.
    Messages,
    /// The provider's bills beside our books.
    Bills,
}

/// Where the browser stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// `/staff/`: the first thing that this person may do.
    Start,
    /// A screen of a channel.
    Channel(String, Page),
    /// No such address.
    Nowhere,
}

/// The queues, in the order of the navigation.
pub const QUEUES: [Queue; 5] = [Queue::Review, Queue::Making, Queue::Dispatch, Queue::Dispatched, Queue::Refunds];

/// The word in the navigation.
pub const fn label(queue: Queue) -> &'static str {
    match queue {
        Queue::Review => "审核",
        Queue::Making => "制证",
        Queue::Dispatch => "寄送",
        Queue::Dispatched => "已发货",
        Queue::Refunds => "退款",
    }
}

/// Whose queue it is.
pub const fn role(queue: Queue) -> Role {
    match queue {
        Queue::Review => Role::Reviewer,
        Queue::Making | Queue::Dispatch | Queue::Dispatched => Role::Maker,
        Queue::Refunds => Role::Admin,
    }
}

impl Route {
    /// Reads an address' path.
    pub fn parse(path: &str) -> Self {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        if parts.next() != Some("staff") {
            return Self::Nowhere;
        }
        let Some(channel) = parts.next() else { return Self::Start };
        let page = match [parts.next(), parts.next(), parts.next()] {
            [Some("orders"), Some(number), None] => Some(Page::Order(number.into())),
            [Some("orders"), Some(number), Some("slip")] => Some(Page::Slip(number.into())),
            [Some("search"), None, None] => Some(Page::Search),
            [Some("messages"), None, None] => Some(Page::Messages),
            [Some("bills"), None, None] => Some(Page::Bills),
            [Some(name), None, None] => QUEUES.into_iter().find(|queue| queue.name() == name).map(Page::Queue),
            _ => None,
        };
        match page {
            Some(page) if parts.next().is_none() => Self::Channel(channel.into(), page),
            Some(_) | None => Self::Nowhere,
        }
    }

    /// The channel's slug, if it names one.
    pub fn channel(&self) -> Option<&str> {
        match self {
            Self::Channel(channel, _) => Some(channel),
            Self::Start | Self::Nowhere => None,
        }
    }
}

impl Page {
    /// The word in the navigation; none for what is about one order.
    pub const fn list_label(&self) -> Option<&'static str> {
        match self {
            Self::Queue(queue) => Some(label(*queue)),
            Self::Search => Some("订单查询"),
            Self::Messages => Some("发送失败"),
            Self::Bills => Some("对账"),
            Self::Order(_) | Self::Slip(_) => None,
        }
    }

    /// The address in a channel.
    pub fn path(&self, channel: &str) -> String {
        match self {
            Self::Queue(queue) => ["/staff/", channel, "/", queue.name()].concat(),
            Self::Order(number) => ["/staff/", channel, "/orders/", number].concat(),
            Self::Slip(number) => ["/staff/", channel, "/orders/", number, "/slip"].concat(),
            Self::Search => ["/staff/", channel, "/search"].concat(),
            Self::Messages => ["/staff/", channel, "/messages"].concat(),
            Self::Bills => ["/staff/", channel, "/bills"].concat(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_screen_has_an_address_that_reads_back() {
        let number = || "20261120U000001".to_owned();
        let others = [Page::Order(number()), Page::Slip(number()), Page::Search, Page::Messages, Page::Bills];
        let pages = QUEUES.into_iter().map(Page::Queue).chain(others);
        for page in pages {
            let path = page.path("nanning");
            assert_eq!(Route::parse(&path), Route::Channel("nanning".into(), page), "{path}");
        }
    }

    #[test]
    fn the_desk_begins_at_its_root_and_strange_addresses_lead_nowhere() {
        assert_eq!(Route::parse("/staff/"), Route::Start);
        assert_eq!(Route::parse("/staff"), Route::Start);
        for path in ["/", "/nanning/", "/staff/nanning/x", "/staff/nanning/orders", "/staff/nanning/orders/1/slip/x"] {
            assert_eq!(Route::parse(path), Route::Nowhere, "{path}");
        }
    }
}
