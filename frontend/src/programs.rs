//! The applicants' three programs: the hall, an application, the orders. Each is loaded when it is needed, and so the first
//! screen of a visit is light (docs/decisions/0002-page-weight.md). From one to the next an ordinary navigation leads, see
//! [`crate::nav`].

use crate::pages::{self, halls};
use crate::routes::{Page, Part, Route};
use crate::steps::{self, form::Applying};
use crate::ui::screen::Parts;
use leptos::prelude::*;
use shared::channel::PublicChannel;
use std::sync::Arc;

/// One program: functions, so that each binary contains its own screens only.
pub struct Program {
    /// Whether an address is one of its screens.
    pub has: fn(&str) -> bool,
    /// Draws a screen of a hall.
    pub show: fn(Page) -> Parts,
    /// What its screens share, once the hall is known.
    pub begin: fn(&Arc<PublicChannel>),
    /// An old link is being resolved: no hall is shown until this turns false.
    pub entrance: fn() -> Signal<bool>,
    /// Draws what belongs to no hall.
    pub outside: fn(&Route) -> Parts,
}

/// Home and texts.
pub static HALL: Program = Program {
    has: |path| Route::parse(path).part() == Part::Hall,
    show: |page| match page {
        Page::Home => pages::home::page(),
        Page::Guide => pages::text::guide(),
        Page::Agreement(id) => pages::text::agreement(id),
        Page::Form
        | Page::Confirm
        | Page::Mailing(_)
        | Page::Orders
        | Page::Order(_)
        | Page::Upload(_)
        | Page::Sign(_)
        | Page::Pay(_)
        | Page::Done(_)
        | Page::Phone(_)
        | Page::Photos(_) => Vec::new(),
    },
    begin: |_| {},
    entrance: halls::entrance,
    outside: halls::outside,
};

/// The form up to 确认订单, and the one correction that shows a section of the form again.
pub static APPLICATION: Program = Program {
    has: |path| Route::parse(path).part() == Part::Application,
    show: |page| match page {
        Page::Form => steps::form::page(),
        Page::Confirm => steps::confirm::page(),
        Page::Mailing(number) => pages::mailing::page(number),
        Page::Home
        | Page::Guide
        | Page::Agreement(_)
        | Page::Orders
        | Page::Order(_)
        | Page::Upload(_)
        | Page::Sign(_)
        | Page::Pay(_)
        | Page::Done(_)
        | Page::Phone(_)
        | Page::Photos(_) => Vec::new(),
    },
    begin: |channel| provide_context(Applying::new(channel)),
    entrance: || Signal::stored(false),
    outside: |_| pages::nowhere::page(),
};

/// 订单查询 and every step of an order.
pub static ORDERS: Program = Program {
    has: |path| Route::parse(path).part() == Part::Orders,
    show: |page| match page {
        Page::Orders => pages::orders::page(),
        Page::Order(number) => pages::order::page(number),
        Page::Phone(number) => pages::phone::page(number),
        Page::Photos(token) => pages::photos::page(token),
        Page::Upload(number) => steps::upload::page(number),
        Page::Sign(number) => steps::sign::page(number),
        Page::Pay(number) => steps::pay::page(number),
        Page::Done(number) => steps::done::page(number),
        Page::Home | Page::Guide | Page::Agreement(_) | Page::Form | Page::Confirm | Page::Mailing(_) => Vec::new(),
    },
    begin: |_| {},
    entrance: || Signal::stored(false),
    outside: |_| pages::nowhere::page(),
};
