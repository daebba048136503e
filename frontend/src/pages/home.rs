//! The hall's start: services, unfinished work, guide.

use crate::api;
use crate::nav;
use crate::routes::Page;
use crate::steps;
use crate::ui::{icon, notice};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::OrderView;
use shared::channel::{PublicChannel, Service};
use shared::flow;
use shared::order::Business;

/// 首页.
pub fn page() -> AnyView {
    let channel = nav::channel();
    let notice = nav::arrive("首页");
    let cards: Vec<_> = channel.services.iter().map(|service| card(service, &channel)).collect();
    view! {
        <div class="hero">
            <p class="hero-of">{channel.title.clone()}</p>
            <h1 id="title" tabindex="-1">"数字证书在线服务"</h1>
            <p>"在线申请、付款，证书 UKey 邮寄到单位；随时查询办理进度。"</p>
            <p class="hero-act">
                {flow::offered(Business::New, &channel).then(|| view! {
                    <a class="button main" href=nav::path(&Page::Form)>"在线新办"</a>
                }.into_any())}
                <a class="button" href=nav::path(&Page::Orders)>"订单查询"</a>
            </p>
        </div>
        {notice}
        {unfinished()}
        <h2 class="part">"证书服务"</h2>
        <ul class="services">{cards}{query_card()}</ul>
        {before(&channel)}
        <div class="pair">{guide_panel()} {key_panel(&channel)}</div>
    }
    .into_any()
}

/// A service card: an offered service starts, any other opens the guide.
fn card(service: &Service, channel: &PublicChannel) -> AnyView {
    let offered = flow::offered(service.business, channel);
    let to = match (offered, service.business) {
        (true, Business::New) => Page::Form,
        (
            _,
            Business::New
            | Business::Renew
            | Business::Replace
            | Business::Unlock
            | Business::Change
            | Business::Revoke,
        ) => Page::Guide,
    };
    service_card(
        icon::of(service.business),
        service.business.label(),
        service.text.clone(),
        Some(service.fee.clone()),
        if offered { "在线办理" } else { "办理指南" },
        nav::path(&to),
        offered,
    )
}

fn query_card() -> AnyView {
    service_card(
        icon::SEARCH,
        "订单查询",
        "如您已经在线提交订单，可以通过此业务查询目前的订单状态。".into(),
        None,
        "在线查询",
        nav::path(&Page::Orders),
        true,
    )
}

fn service_card(
    path: &'static str,
    name: &'static str,
    text: String,
    fee: Option<String>,
    act: &'static str,
    to: String,
    offered: bool,
) -> AnyView {
    view! {
        <li class="service" class:online=offered>
            <span class="service-icon">{icon::icon(path)}</span>
            <h3><a href=to>{name}</a></h3>
            <p>{text}</p>
            <p class="service-foot">
                <span class="fee">{fee}</span>
                <span class="act" aria-hidden="true">{act}" ›"</span>
            </p>
        </li>
    }
    .into_any()
}

/// What is needed, what it costs, how long it takes.
fn before(channel: &PublicChannel) -> AnyView {
    if !flow::offered(Business::New, channel) {
        return ().into_any();
    }
    view! {
        <section class="card">
            <h2>"新办之前，请准备"</h2>
            {steps::prepare::facts(channel)}
        </section>
    }
    .into_any()
}

fn guide_panel() -> AnyView {
    view! {
        <section class="card panel">
            {icon::icon(icon::BOOK)}
            <div>
                <h2>"办理指南"</h2>
                <p>"办理业务前请仔细阅读：各项业务的收费标准、申请资料、办理步骤和邮寄地址。"</p>
                <p><a class="button small" href=nav::path(&Page::Guide)>"查看办理指南"</a></p>
            </div>
        </section>
    }
    .into_any()
}

fn key_panel(channel: &PublicChannel) -> AnyView {
    let download = if channel.bridge_download.is_empty() {
        view! { <p class="hint">"安装程序随证书 UKey 的使用说明提供；如有疑问请拨打受理点电话 "{channel.help_line.clone()}"。"</p> }
            .into_any()
    } else {
        view! { <p><a class="button small" download="" href=channel.bridge_download.clone()>"下载证书助手"</a></p> }
            .into_any()
    };
    view! {
        <section class="card panel">
            {icon::icon(icon::DOWNLOAD)}
            <div>
                <h2>"证书应用环境"</h2>
                <p>"在电脑上使用 UKey（更新、解锁等）前，需要安装 BJCA 证书助手。在线新办不需要安装。"</p>
                {download}
            </div>
        </section>
    }
    .into_any()
}

/// 继续办理: the draft and the orders of this browser that wait for their applicant.
fn unfinished() -> AnyView {
    let slug = nav::channel().slug.clone();
    let found: RwSignal<(Option<i64>, Vec<OrderView>)> = RwSignal::new((None, Vec::new()));
    spawn_local(async move {
        let orders = api::orders(&slug).await.map(|list| list.unfinished).unwrap_or_default();
        let draft = api::draft(&slug, Business::New).await.ok().flatten();
        let draft = draft.filter(|saved| !saved.draft.is_empty()).map(|saved| saved.saved_at);
        let waiting = orders.into_iter().filter(|order| flow::resume(order.status).is_some()).collect();
        found.try_set((draft, waiting));
    });
    let view = move || {
        let (draft, orders) = found.get();
        if draft.is_none() && orders.is_empty() {
            return ().into_any();
        }
        let mut items: Vec<AnyView> = Vec::new();
        if let Some(at) = draft {
            let words = format!("证书新办：填写到一半的申请，保存于 {}", crate::time::second(at));
            items.push(item(words, nav::path(&Page::Form)));
        }
        for order in &orders {
            let words = format!("{}：订单 {}，{}", order.business.label(), order.number, order.status.label());
            items.push(item(words, steps::order::next_path(order)));
        }
        notice::tip(view! { <h2>"您有未办完的业务"</h2><ul class="todo">{items}</ul> }.into_any())
    };
    view! { {view} }.into_any()
}

fn item(words: String, to: String) -> AnyView {
    view! { <li><span>{words}</span><a class="button small main" href=to>"继续办理"</a></li> }.into_any()
}
