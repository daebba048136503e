//! A partner's frame: the hall without head and foot of its own, as high as its content.
//!
//! The partner's page has our snippet (`/embed.js`, docs/EMBEDDING.md). Page and snippet talk by `postMessage`, each with
//! the exact origin of the other: `frame` is this side. `session` carries the session where cookies are refused.

mod frame;
mod session;

use crate::app;
use crate::dom::{El, a, div, el, p};
use crate::nav;
use crate::place::{self, Place, WHOLE};
use crate::routes::Page;
use shared::channel::PublicChannel;

static EMBED: Place = Place {
    segment: "embed/",
    // The browser's Back goes back screen by screen, then to where the partner's visitor came from.
    one_entry: false,
    header,
    footer,
    in_dialog: |_| None,
    leaving: |_, _| frame::to_top(),
    session: session::token,
    keep_session: session::keep,
};

/// Starts the hall in its frame.
pub fn start() {
    place::enter(&EMBED);
    session::begin();
    frame::begin();
    app::start(&WHOLE);
}

/// One line: whose service this is. The partner's page has a head of its own.
fn header(channel: &PublicChannel) -> El {
    let name = el("span").class("of").child(channel.brand.as_str());
    let links = [
        a(&nav::path(&Page::Home), "首页"),
        a(&nav::path(&Page::Orders), "订单查询"),
        a(&nav::path(&Page::Guide), "帮助中心"),
    ];
    let ways = el("nav").attr("aria-label", "站点").child(links);
    let bar = div("wide").child(el("p").class("brand").child(app::mark()).child(name)).child(ways);
    el("header").class("top").child(bar)
}

fn footer(channel: &PublicChannel) -> El {
    let line = p(&["北京数字认证股份有限公司　受理点电话：", &channel.help_line].concat());
    el("footer").class("bottom").child(div("wide").child(line))
}
