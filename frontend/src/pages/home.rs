//! The hall's start: services, unfinished work, guide.

use crate::api;
use crate::dom::{El, a, div, el, p};
use crate::nav;
use crate::routes::Page;
use crate::ui::icon::{self, icon};
use crate::ui::rows::section;
use crate::ui::screen::{Parts, arrive, heading};
use crate::ui::{button, notice};
use crate::{steps, time};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::OrderLine;
use shared::channel::{PublicChannel, Service};
use shared::flow;
use shared::order::Business;

/// 首页.
pub fn page() -> Parts {
    let channel = nav::channel();
    let told = arrive("首页");
    let mut cards: Vec<_> = channel.services.iter().map(|service| card(service, &channel)).collect();
    cards.push(query_card());
    let mut parts = vec![hero(&channel)];
    parts.extend(told);
    parts.push(unfinished());
    parts.push(el("h2").class("part").child("证书服务"));
    parts.push(el("ul").class("services").child(cards));
    if flow::offered(Business::New, &channel) {
        parts.push(section("新办之前，请准备", steps::prepare::facts(&channel)));
    }
    parts.push(div("pair").child([guide_panel(), key_panel(&channel)]));
    parts
}

fn hero(channel: &PublicChannel) -> El {
    let start =
        flow::offered(Business::New, channel).then(|| button::link("button main", "在线新办", &nav::path(&Page::Form)));
    div("hero")
        .child(p(&channel.title).class("hero-of"))
        .child(heading("数字证书在线服务"))
        .child(p("在线申请、付款，证书 UKey 邮寄到单位；随时查询办理进度。"))
        .child(div("hero-act").child(start).child(button::link("button", "订单查询", &nav::path(&Page::Orders))))
}

/// A service card: an offered service starts, any other opens the guide.
fn card(service: &Service, channel: &PublicChannel) -> El {
    let offered = flow::offered(service.business, channel);
    let to = match service.business {
        Business::New if offered => Page::Form,
        Business::New
        | Business::Renew
        | Business::Replace
        | Business::Unlock
        | Business::Change
        | Business::Revoke => Page::Guide,
    };
    let act = if offered { "在线办理 ›" } else { "办理指南 ›" };
    let card =
        service_card(icon::of(service.business), service.business.label(), &service.text, &service.fee, act, &to);
    card.class(if offered { "service online" } else { "service" })
}

fn query_card() -> El {
    let text = "如您已经在线提交订单，可以通过此业务查询目前的订单状态。";
    service_card(icon::SEARCH, "订单查询", text, "", "在线查询 ›", &Page::Orders).class("service online")
}

fn service_card(path: &str, name: &str, text: &str, fee: &str, act: &str, to: &Page) -> El {
    let foot = el("p")
        .class("service-foot")
        .child(el("span").class("fee").child(fee))
        .child(el("span").class("act").attr("aria-hidden", "true").child(act));
    el("li")
        .child(el("span").class("service-icon").child(icon(path)))
        .child(el("h3").child(a(&nav::path(to), name)))
        .child(p(text))
        .child(foot)
}

fn panel(path: &str, title: &str, text: &str, rest: El) -> El {
    let words = el("div").child(el("h2").child(title)).child(p(text)).child(rest);
    el("section").class("card panel").child(icon(path)).child(words)
}

fn guide_panel() -> El {
    let text = "办理业务前请仔细阅读：各项业务的收费标准、申请资料、办理步骤和邮寄地址。";
    let link = button::link("button small", "查看办理指南", &nav::path(&Page::Guide));
    panel(icon::BOOK, "办理指南", text, el("p").child(link))
}

fn key_panel(channel: &PublicChannel) -> El {
    let text = "在电脑上使用 UKey（更新、解锁等）前，需要安装 BJCA 证书助手。在线新办不需要安装。";
    let rest = if channel.bridge_download.is_empty() {
        p(&["获取安装程序，请拨打受理点电话 ", &channel.help_line, "。"].concat()).class("hint")
    } else {
        let link = button::link("button small", "下载证书助手", &channel.bridge_download);
        el("p").child(link.attr("download", ""))
    };
    panel(icon::DOWNLOAD, "证书应用环境", text, rest)
}

/// 继续办理: the draft and the orders of this browser that wait for their applicant.
fn unfinished() -> El {
    let slug = nav::channel().slug.clone();
    let found: RwSignal<(Option<i64>, Vec<OrderLine>)> = RwSignal::new((None, Vec::new()));
    spawn_local(async move {
        let orders = api::orders(&slug).await.map(|list| list.unfinished).unwrap_or_default();
        let draft = api::draft(&slug, Business::New).await.ok().flatten();
        let draft = draft.filter(|saved| !saved.draft.is_empty()).map(|saved| saved.saved_at);
        let waiting = orders.into_iter().filter(|order| flow::resume(order.status).is_some()).collect();
        found.try_set((draft, waiting));
    });
    el("div").live(move || {
        let (draft, orders) = found.get();
        let mut items = Vec::new();
        if let Some(at) = draft {
            let words = ["证书新办：填写到一半的申请，保存于 ", &time::second(at)].concat();
            items.push(item(&words, &nav::path(&Page::Form)));
        }
        for order in &orders {
            let words = [order.business.label(), "：订单 ", &order.number, "，", order.status.label()].concat();
            items.push(item(&words, &steps::order::next_path(&order.number, order.status)));
        }
        let title = el("h2").child("您有未办完的业务");
        (!items.is_empty()).then(|| notice::tip().child(title).child(el("ul").class("todo").child(items)))
    })
}

fn item(words: &str, to: &str) -> El {
    el("li").child(el("span").child(words)).child(button::link("button small main", "继续办理", to))
}
