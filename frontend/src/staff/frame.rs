//! The desk's frame: log-in, channel, navigation, the screen.

use super::desk::{Desk, Place, Session, first_page, roles_in};
use super::queues::Queues;
use super::routes::{Page, Route, label};
use super::{dispatch, login, making, order, review, slip};
use crate::api::staff::Queue;
use crate::api::{self, Failure};
use crate::nav::{self, Nav};
use crate::ui::button::button;
use crate::ui::notice;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{ErrorCode, Role, StaffMe};
use std::sync::Arc;
use wasm_bindgen::JsCast;

/// Puts the desk into the page's `#app`.
pub fn start() {
    let root = document().get_element_by_id("app").and_then(|root| root.dyn_into::<web_sys::HtmlElement>().ok());
    let Some(root) = root.or_else(|| document().body()) else { return };
    root.set_inner_html("");
    mount_to(root, app).forget();
}

fn app() -> AnyView {
    let Some(nav) = Nav::start() else { return ().into_any() };
    provide_context(nav.clone());
    let desk = Desk { session: RwSignal::new(Session::Unknown) };
    provide_context(desk);
    ask(desk);
    let address = nav.address();
    let route = Memo::new(move |_| address.with(|path| Route::parse(path)));
    // A session that is over keeps its screen, so this follows the person, not the session.
    let who = Memo::new(move |_| desk.who().map(|me| me.name.clone()));
    let view = move || match who.get() {
        Some(_) => inside(desk, route),
        None => without_person(desk),
    };
    view! { {view} {over(desk)} }.into_any()
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

fn without_person(desk: Desk) -> AnyView {
    let view = move || match desk.session.get() {
        Session::Unreachable(failure) => waiting_room(notice::failed(&failure, move || ask(desk))),
        Session::Out => login::page(desk),
        Session::Unknown | Session::In(_) | Session::Over(_) => waiting_room(notice::waiting("正在打开工作台…")),
    };
    view! { {view} }.into_any()
}

fn waiting_room(body: AnyView) -> AnyView {
    view! { <main class="login" id="main"><div class="login-card">{mark()}<h1>"受理点工作台"</h1>{body}</div></main> }.into_any()
}

/// The session is over while somebody works: they log in above what they were doing.
fn over(desk: Desk) -> AnyView {
    let name = move || match desk.session.get() {
        Session::Over(me) => Some(me.name.clone()),
        Session::Unknown | Session::Unreachable(_) | Session::Out | Session::In(_) => None,
    };
    let name = Memo::new(move |_| name());
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        match (name.with(Option::is_some), dialog.open()) {
            (true, false) => {
                let _ = dialog.show_modal();
                nav::focus("password");
            }
            (false, true) => dialog.close(),
            (true, true) | (false, false) => {}
        }
    });
    view! {
        <dialog node_ref=node class="dialog" aria-labelledby="over" on:cancel=|event: web_sys::Event| event.prevent_default()>
            <div class="dialog-head"><h2 id="over">"登录已过期"</h2></div>
            <div class="dialog-body">
                {move || name.get().map(|name| view! {
                    <p>"请重新登录，当前页面和已填写的内容都会保留。"</p>
                    {login::form(desk, Some(name))}
                    <button type="button" class="link" on:click=move |_| desk.session.set(Session::Out)>"换其他用户登录"</button>
                }.into_any())}
            </div>
        </dialog>
    }
    .into_any()
}

fn inside(desk: Desk, route: Memo<Route>) -> AnyView {
    let channel = Memo::new(move |_| route.with(|route| route.channel().map(str::to_owned)));
    let view = move || {
        let Some(me) = desk.who_now() else { return ().into_any() };
        match (channel.get(), route.with(|route| *route == Route::Start)) {
            (Some(slug), _) => in_channel(&me, slug, route),
            (None, true) => begin(&me),
            (None, false) => nowhere(&me, "没有这个页面"),
        }
    };
    view! { {view} }.into_any()
}

/// From `/staff/` to the first thing to do.
fn begin(me: &StaffMe) -> AnyView {
    let first = me.roles.iter().find_map(|role| Some(first_page(&roles_in(me, &role.channel))?.path(&role.channel)));
    let Some(path) = first else { return nowhere(me, "您还没有任何渠道的权限，请联系管理员") };
    let nav = nav::nav();
    Effect::new(move |_| nav.replace(&path));
    ().into_any()
}

fn nowhere(me: &StaffMe, words: &'static str) -> AnyView {
    let body = view! { <p>{words}"。"</p><p><a class="button" href="/staff/">"回到工作台"</a></p> };
    view! {
        {header(me, None)}
        <main class="desk-main alone" id="main">{nav::screen("无法打开", body.into_any())}</main>
    }
    .into_any()
}

fn in_channel(me: &Arc<StaffMe>, slug: String, route: Memo<Route>) -> AnyView {
    let roles = roles_in(me, &slug);
    if roles.is_empty() {
        return nowhere(me, "您没有这个渠道的权限");
    }
    let place = Place { channel: slug, roles, profile: RwSignal::new(None) };
    load_profile(&place);
    provide_context(place.clone());
    provide_context(Queues::start(&place));
    let screen = {
        let place = place.clone();
        move || match route.get() {
            Route::Channel(_, page) => show(&place, page),
            Route::Start | Route::Nowhere => ().into_any(),
        }
    };
    view! {
        <a class="skip" href="#title" on:click=|event| {
            event.prevent_default();
            nav::focus("title");
        }>"跳到正文"</a>
        {header(me, Some(&place))}
        <div class="desk">
            {menu(&place, route)}
            <main class="desk-main" id="main">{screen}</main>
        </div>
    }
    .into_any()
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

fn show(place: &Place, page: Page) -> AnyView {
    match page {
        Page::Queue(queue) if !place.queues().contains(&queue) => {
            let body = view! { <p>"您在本渠道没有“"{label(queue)}"”的权限。如需办理，请联系管理员。"</p> };
            nav::screen("没有权限", body.into_any())
        }
        Page::Queue(Queue::Review) => review::queue(),
        Page::Queue(Queue::Making) => making::page(),
        Page::Queue(Queue::Dispatch) => dispatch::page(),
        Page::Queue(Queue::Dispatched) => dispatch::sent(),
        Page::Queue(Queue::Refunds) => order::refunds(),
        Page::Order(number) => order::page(number),
        Page::Slip(number) => slip::page(number),
    }
}

/// The product's mark.
pub fn mark() -> AnyView {
    view! {
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <path class="mark-shield" d="M16 2 4 6v9c0 8 5 13 12 15 7-2 12-7 12-15V6z"></path>
            <path class="mark-check" d="m10 16 4.500 4.500L22.500 12"></path>
        </svg>
    }
    .into_any()
}

fn header(me: &StaffMe, place: Option<&Place>) -> AnyView {
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let desk = Desk::here();
    let nav = nav::nav();
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
    view! {
        <header class="top">
            <a class="brand" href="/staff/">{mark()}<span>"受理点工作台"</span></a>
            {place.map(|place| channels(me, place))}
            <div class="who">
                <span class="who-name">{me.name.clone()}</span>
                {place.map(|place| view! { <span class="who-roles">{words(&place.roles)}</span> }.into_any())}
                {button("button small quiet", "退出", "正在退出…", busy, leave)}
            </div>
        </header>
        {move || failure.get().map(|failure| notice::error(failure.words()))}
    }
    .into_any()
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
fn channels(me: &StaffMe, place: &Place) -> AnyView {
    let mut mine: Vec<(String, String)> = Vec::new();
    for role in &me.roles {
        if !mine.iter().any(|(slug, _)| *slug == role.channel) {
            mine.push((role.channel.clone(), role.title.clone()));
        }
    }
    if let [(_, title)] = mine.as_slice() {
        return view! { <p class="channel">{title.clone()}</p> }.into_any();
    }
    let (me, nav) = (me.clone(), nav::nav());
    let options: Vec<_> = mine
        .into_iter()
        .map(|(slug, title)| {
            let chosen = slug == place.channel;
            view! { <option value=slug selected=chosen>{title}</option> }.into_any()
        })
        .collect();
    view! {
        <label class="channel">
            <span class="unseen">"渠道"</span>
            <select on:change=move |event| {
                let slug = event_target_value(&event);
                if let Some(page) = first_page(&roles_in(&me, &slug)) {
                    nav.go(&page.path(&slug));
                }
            }>{options}</select>
        </label>
    }
    .into_any()
}

fn menu(place: &Place, route: Memo<Route>) -> AnyView {
    let queues = Queues::here();
    let items: Vec<_> = place
        .queues()
        .into_iter()
        .map(|queue| {
            let shelf = queues.shelf(queue);
            let here = move || route.with(|route| matches!(route, Route::Channel(_, Page::Queue(at)) if *at == queue));
            let count = move || shelf.count().filter(|count| *count > 0).map(|count| view! { <span class="badge">{count}</span> });
            view! {
                <li>
                    <a href=place.path(&Page::Queue(queue)) aria-current=move || here().then_some("page")>
                        {label(queue)} {count}
                    </a>
                </li>
            }
            .into_any()
        })
        .collect();
    view! { <nav class="menu" aria-label="工作台"><ul>{items}</ul></nav> }.into_any()
}
