//! The hall's frame: which hall, which screen, header and footer.

use crate::api::{self, Failure};
use crate::nav::{self, Nav};
use crate::pages;
use crate::routes::{Page, Route};
use crate::steps::{self, form::Applying};
use crate::ui::notice;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{ErrorCode, OrderView};
use shared::channel::PublicChannel;
use std::sync::Arc;
use wasm_bindgen::JsCast;

/// The order that was seen last, so that the next step shows at once.
#[derive(Clone, Copy)]
pub struct LastOrder(pub RwSignal<Option<OrderView>>);

/// Puts the hall into the page's `#app`.
pub fn start() {
    let root = document().get_element_by_id("app").and_then(|root| root.dyn_into::<web_sys::HtmlElement>().ok());
    let Some(root) = root.or_else(|| document().body()) else { return };
    root.set_inner_html("");
    mount_to(root, app).forget();
}

fn app() -> AnyView {
    let Some(nav) = Nav::start() else { return () .into_any() };
    provide_context(nav.clone());
    let legacy = pages::halls::legacy_link();
    let route = nav.route();
    let slug = Memo::new(move |_| route.with(|route| route.slug().map(str::to_owned)));
    let view = move || match (legacy.get(), slug.get()) {
        (false, Some(slug)) => hall(slug, route),
        (true, _) | (false, None) => without_hall(legacy, route),
    };
    view! { {view} }.into_any()
}

fn without_hall(legacy: RwSignal<bool>, route: Memo<Route>) -> AnyView {
    let body = move || {
        if legacy.get() || route.get() == Route::Halls { pages::halls::page(legacy) } else { pages::halls::nowhere() }
    };
    view! {
        <header class="top">
            <div class="wide"><a class="brand" href="/">{mark()}<span>"信天行数字证书服务系统"</span></a></div>
        </header>
        <main class="wide" id="main">{body}</main>
        {footer(None)}
    }
    .into_any()
}

/// A hall: its profile first, then the screen.
fn hall(slug: String, route: Memo<Route>) -> AnyView {
    let nav = nav::nav();
    let profile: RwSignal<Option<Result<Arc<PublicChannel>, Failure>>> = RwSignal::new(embedded(&slug).map(Ok));
    let load = move || {
        let (slug, nav) = (slug.clone(), nav.clone());
        profile.set(None);
        spawn_local(async move {
            let answer = api::channel(&slug).await.map(Arc::new);
            if matches!(&answer, Err(failure) if failure.code() == Some(ErrorCode::NotFound)) {
                nav.tell("没有找到这个办事大厅，请从下面的列表中选择。");
                nav.replace("/");
            } else {
                profile.set(Some(answer));
            }
        });
    };
    if profile.with_untracked(Option::is_none) {
        load();
    }
    let view = move || match profile.get() {
        None => view! { <main class="wide" id="main">{notice::waiting("正在打开办事大厅…")}</main> }.into_any(),
        Some(Err(failure)) => {
            view! { <main class="wide" id="main">{notice::failed(&failure, load.clone())}</main> }.into_any()
        }
        Some(Ok(channel)) => inside(channel, route),
    };
    view! { {view} }.into_any()
}

/// The profile that the backend put into the HTML, which saves a request.
fn embedded(slug: &str) -> Option<Arc<PublicChannel>> {
    let text = document().get_element_by_id("channel")?.text_content()?;
    let channel: PublicChannel = crate::json::parse(&text).ok()?;
    (channel.slug == slug).then(|| Arc::new(channel))
}

fn inside(channel: Arc<PublicChannel>, route: Memo<Route>) -> AnyView {
    provide_context(channel.clone());
    provide_context(LastOrder(RwSignal::new(None)));
    provide_context(Applying::new(&channel));
    let screen = move || match route.get() {
        Route::Hall { page, .. } => show(page),
        Route::Halls | Route::Nowhere => ().into_any(),
    };
    view! {
        {header(&channel)}
        <main class="wide" id="main">{screen}</main>
        {footer(Some(&channel))}
    }
    .into_any()
}

fn show(page: Page) -> AnyView {
    match page {
        Page::Home => pages::home::page(),
        Page::Guide => pages::text::guide(),
        Page::Agreement(id) => pages::text::agreement(id),
        Page::Form => steps::form::page(),
        Page::Confirm => steps::confirm::page(),
        Page::Orders => pages::orders::page(),
        Page::Order(number) => pages::order::page(number),
        Page::Upload(number) => steps::upload::page(number),
        Page::Sign(number) => steps::sign::page(number),
        Page::Pay(number) => steps::pay::page(number),
        Page::Done(number) => steps::done::page(number),
    }
}

fn mark() -> AnyView {
    view! {
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <path class="mark-shield" d="M16 2 4 6v9c0 8 5 13 12 15 7-2 12-7 12-15V6z"></path>
            <path class="mark-check" d="m10 16 4.500 4.500L22.500 12"></path>
        </svg>
    }
    .into_any()
}

fn header(channel: &PublicChannel) -> AnyView {
    let guide = nav::path(&Page::Guide);
    view! {
        <a class="skip" href="#title" on:click=|event| {
            event.prevent_default();
            nav::focus("title");
        }>"跳到正文"</a>
        <header class="top">
            <div class="wide">
                <a class="brand" href=nav::path(&Page::Home)>
                    {mark()}
                    <span><b>"数字认证"</b>" "<span class="of">{channel.brand.clone()}</span></span>
                </a>
                <nav aria-label="站点">
                    <a href=nav::path(&Page::Home)>"首页"</a>
                    <a href=guide.clone()>"帮助中心"</a>
                    <a href="http://www.bjca.com" rel="external noopener" target="_blank">"关于BJCA"</a>
                    <a href=guide + "#contact">"在线咨询"</a>
                    <a href="/">"信天行数字证书服务系统"</a>
                </nav>
            </div>
        </header>
    }
    .into_any()
}

fn footer(channel: Option<&PublicChannel>) -> AnyView {
    let line = channel.map(|channel| view! { <p>"数字证书渠道："{channel.title.clone()}"　受理点电话："{channel.help_line.clone()}</p> }.into_any());
    view! {
        <footer class="bottom">
            <div class="wide">{line}<p>"北京数字认证股份有限公司　京ICP备05031699号-1"</p></div>
        </footer>
    }
    .into_any()
}
