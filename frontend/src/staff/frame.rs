//! The desk's frame: log-in, channel, navigation, the screen.

use super::desk::{Desk, Place, Session, first_page, roles_in};
use super::modal::modal;
use super::queues::Queues;
use super::routes::{Page, Route, label};
use super::{bills, dispatch, login, making, messages, order, refunds, review, search, slip, stay};
use crate::api::staff::Queue;
use crate::api::{self, Failure};
use crate::dom::{El, a, div, drawing, el, p, press, value_of};
use crate::nav::{self, Nav};
use crate::ui::screen::{Parts, screen};
use crate::ui::timer::listen;
use crate::ui::{button, notice};
use leptos::mount::mount_to;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{ErrorCode, Role, StaffMe};
use std::sync::Arc;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Puts the desk into the page's `#app`, for as long as the page is open.
pub fn start() {
    let named = document().get_element_by_id("app").and_then(|root| root.dyn_into::<HtmlElement>().ok());
    let Some(root) = named.or_else(|| document().body()) else { return };
    root.set_inner_html("");
    let inside = root.clone();
    mount_to(root, move || {
        if let Some(nav) = Nav::start(|_| true) {
            provide_context(nav);
            div("frame-all").child(app()).mount(&inside);
        }
    })
    .forget();
}

fn app() -> Parts {
    let desk = Desk { session: RwSignal::new(Session::Unknown) };
    provide_context(desk);
    ask(desk);
    let address = nav::nav().address();
    let route = Memo::new(move |_| address.with(|path| Route::parse(path)));
    // A session that is over keeps its screen, so this follows the person, not the session.
    let who = Memo::new(move |_| desk.who().map(|me| me.name.clone()));
    let all = div("frame-all").live(move || match who.get() {
        Some(_) => inside(desk, route),
        None => without_person(desk),
    });
    vec![all, over(desk), stay::warning(desk)]
}

fn ask(desk: Desk) {
    desk.session.set(Session::Unknown);
    spawn_local(async move {
        desk.session.set(match api::staff::me().await {
            Ok(me) => Session::In(Arc::new(me)),
            Err(failure) if failure.code() == Some(ErrorCode::LoginRequired) => Session::Out,
            Err(failure) => Session::Unreachable(failure),
        });
    });
}

fn without_person(desk: Desk) -> Parts {
    let room = div("frame-all").live(move || match desk.session.get() {
        Session::Unreachable(failure) => waiting_room(notice::failed(&failure, move || ask(desk))),
        Session::Out => login::page(desk),
        Session::Unknown | Session::In(_) | Session::Over(_) => waiting_room(notice::waiting("正在打开工作台…")),
    });
    vec![room]
}

fn waiting_room(body: El) -> Parts {
    let card = div("login-card").child(mark()).child(el("h1").child("受理点工作台")).child(body);
    vec![el("main").class("login").id("main").child(card)]
}

/// The session is over while somebody works: they log in above what they were doing.
fn over(desk: Desk) -> El {
    let name = Memo::new(move |_| match desk.session.get() {
        Session::Over(me) => Some(me.name.clone()),
        Session::Unknown | Session::Unreachable(_) | Session::Out | Session::In(_) => None,
    });
    let inside = div("dialog-body").live(move || {
        name.get().map(|name| {
            [
                p("请重新登录，当前页面和已填写的内容都会保留。"),
                login::form(desk, Some(&name)),
                press("link", "换其他用户登录", move || desk.session.set(Session::Out)),
            ]
            .into_iter()
            .collect::<Parts>()
        })
    });
    let head = div("dialog-head").child(el("h2").id("over").child("登录已过期"));
    let open = Memo::new(move |_| name.with(Option::is_some));
    modal("dialog", "over", open, el("div").child([head, inside]), || (), || nav::focus("password"))
}

fn inside(desk: Desk, route: Memo<Route>) -> Parts {
    let channel = Memo::new(move |_| route.with(|route| route.channel().map(str::to_owned)));
    let all = div("frame-all").live(move || {
        let Some(me) = desk.who_now() else { return Vec::new() };
        match (channel.get(), route.with(|route| *route == Route::Start)) {
            (Some(slug), _) => in_channel(&me, slug, route),
            (None, true) => begin(&me),
            (None, false) => nowhere(&me, "没有这个页面。"),
        }
    });
    vec![all]
}

/// From `/staff/` to the first thing to do.
fn begin(me: &StaffMe) -> Parts {
    let first = me.roles.iter().find_map(|role| Some(first_page(&roles_in(me, &role.channel))?.path(&role.channel)));
    let Some(path) = first else { return nowhere(me, "您还没有任何渠道的权限，请联系管理员。") };
    let nav = nav::nav();
    Effect::new(move |_| nav.replace(&path));
    Vec::new()
}

fn nowhere(me: &StaffMe, words: &str) -> Parts {
    let body = vec![p(words), p("").child(button::link("button", "回到工作台", "/staff/"))];
    vec![header(me, None), el("main").class("desk-main alone").id("main").child(screen("无法打开", body))]
}

fn in_channel(me: &Arc<StaffMe>, slug: String, route: Memo<Route>) -> Parts {
    let roles = roles_in(me, &slug);
    if roles.is_empty() {
        return nowhere(me, "您没有这个渠道的权限。");
    }
    let place = Place { channel: slug, roles, profile: RwSignal::new(None), list: RwSignal::new(None) };
    load_profile(&place);
    remember_list(&place, route);
    provide_context(place.clone());
    provide_context(Queues::start(&place));
    let skip = a("#title", "跳到正文").class("skip").on("click", |event| {
        event.prevent_default();
        nav::focus("title");
    });
    let (top, menu) = (header(me, Some(&place)), menu(&place, route));
    let shown = el("main").class("desk-main").id("main").live(move || match route.get() {
        Route::Channel(_, page) => show(&place, page),
        Route::Start | Route::Nowhere => Vec::new(),
    });
    vec![skip, top, div("desk").child([menu, shown])]
}

fn remember_list(place: &Place, route: Memo<Route>) {
    let list = place.list;
    Effect::new(move |_| {
        if let Route::Channel(_, page) = route.get()
            && page.list_label().is_some()
        {
            list.set(Some(page));
        }
    });
}

fn load_profile(place: &Place) {
    let (slug, profile) = (place.channel.clone(), place.profile);
    spawn_local(async move {
        // Without it the papers have their general names and the slip lacks the help line: no reason to stop.
        if let Ok(channel) = api::channel(&slug).await {
            profile.try_set(Some(Arc::new(channel)));
        }
    });
}

fn show(place: &Place, page: Page) -> Parts {
    match page {
        Page::Queue(queue) if !place.queues().contains(&queue) => {
            let words = ["您在本渠道没有“", label(queue), "”的权限。如需办理，请联系管理员。"].concat();
            screen("没有权限", vec![p(&words)])
        }
        Page::Queue(Queue::Review) => review::queue(),
        Page::Queue(Queue::Making) => making::page(),
        Page::Queue(Queue::Dispatch) => dispatch::page(),
        Page::Queue(Queue::Dispatched) => dispatch::sent(),
        Page::Queue(Queue::Refunds) => refunds::page(),
        Page::Search => search::page(),
        Page::Messages if place.may_see_messages() => messages::page(),
        Page::Bills if place.roles.contains(&Role::Admin) => bills::page(),
        Page::Messages | Page::Bills => screen("没有权限", vec![p("您在本渠道没有这项权限。如需办理，请联系管理员。")]),
        Page::Order(number) => order::page(&number),
        Page::Slip(number) => slip::page(&number),
    }
}

/// The product's mark.
pub fn mark() -> El {
    drawing("mark", "0 0 32 32", "M16 2 4 6v9c0 8 5 13 12 15 7-2 12-7 12-15V6zM10 16l4.500 4.500L22.500 12")
        .attr("aria-hidden", "true")
}

fn header(me: &StaffMe, place: Option<&Place>) -> El {
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let (desk, nav) = (Desk::here(), nav::nav());
    let leave = move || {
        let nav = nav.clone();
        busy.set(true);
        spawn_local(async move {
            let answer = api::staff::logout().await;
            busy.try_set(false);
            match answer {
                Err(refused) if refused.code() != Some(ErrorCode::LoginRequired) => {
                    failure.try_set(Some(refused));
                }
                Ok(()) | Err(_) => {
                    nav.replace("/staff/");
                    desk.session.set(Session::Out);
                }
            }
        });
    };
    let who = div("who")
        .child(el("span").class("who-name").child(me.name.as_str()))
        .child(place.map(|place| el("span").class("who-roles").child(words(&place.roles))))
        .child(button::button("button small quiet", "退出", "正在退出…", busy, leave));
    let brand = a("/staff/", "").class("brand").child(mark()).child(el("span").child("受理点工作台"));
    let bar = el("header").class("top").child(brand).child(place.map(|place| channels(me, place))).child(who);
    let trouble = el("div").live(move || failure.get().map(|failure| notice::error(&failure.words())));
    el("div").child([bar, trouble])
}

fn words(roles: &[Role]) -> String {
    let words: Vec<_> = roles
        .iter()
        .map(|role| match role {
            Role::Reviewer => "审核员",
            Role::Maker => "制证员",
            Role::Admin => "管理员",
        })
        .collect();
    words.join("、")
}

/// The channel that is worked in; a choice where there are several.
fn channels(me: &StaffMe, place: &Place) -> El {
    let mut mine: Vec<(&str, &str)> = Vec::new();
    for role in &me.roles {
        if !mine.iter().any(|(slug, _)| *slug == role.channel) {
            mine.push((&role.channel, &role.title));
        }
    }
    if let [(_, title)] = mine.as_slice() {
        return p(title).class("channel");
    }
    let options = mine.into_iter().map(|(slug, title)| {
        let option = el("option").attr("value", slug).child(title);
        if slug == place.channel { option.attr("selected", "") } else { option }
    });
    let options: Parts = options.collect();
    let (me, nav) = (me.clone(), nav::nav());
    let choice = el("select").child(options).on("change", move |event| {
        let slug = value_of(&event);
        if let Some(page) = first_page(&roles_in(&me, &slug)) {
            nav.go(&page.path(&slug));
        }
    });
    el("label").class("channel").child(el("span").class("unseen").child("渠道")).child(choice)
}

/// On a narrow screen the navigation is wider than the screen: where one stands must be in sight.
fn show_current(menu: Element, route: Memo<Route>) {
    let show = move || {
        let here = menu.query_selector("[aria-current]").ok().flatten();
        if let Some(here) = here.and_then(|here| here.dyn_into::<HtmlElement>().ok()) {
            menu.set_scroll_left((here.offset_left() - here.offset_width()).max(0));
        }
    };
    listen(&window(), "resize", show.clone());
    Effect::new(move |_| {
        route.track();
        show();
    });
}

fn menu(place: &Place, route: Memo<Route>) -> El {
    let queues = Queues::here();
    let items: Parts = place
        .queues()
        .into_iter()
        .map(|queue| {
            let shelf = queues.shelf(queue);
            let here = move || route.with(|route| matches!(route, Route::Channel(_, Page::Queue(at)) if *at == queue));
            let count = el("span").live(move || {
                let count = shelf.count().filter(|count| *count > 0)?;
                Some(el("span").class("badge").child(count.to_string()))
            });
            let link = a(&place.path(&Page::Queue(queue)), label(queue)).child(count);
            el("li").child(link.live_attr("aria-current", move || here().then(|| "page".into())))
        })
        .collect();
    let more: Parts = place
        .more()
        .into_iter()
        .map(|(page, words)| {
            let (path, target) = (place.path(&page), page);
            let here = move || route.with(|route| matches!(route, Route::Channel(_, at) if *at == target));
            el("li").child(a(&path, words).live_attr("aria-current", move || here().then(|| "page".into())))
        })
        .collect();
    let menu = el("nav").class("menu").attr("aria-label", "工作台").child(el("ul").child(items).child(more));
    show_current(menu.node().clone(), route);
    menu
}
