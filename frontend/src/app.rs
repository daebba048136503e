//! The frame of the applicants' programs: which hall, which screen, header and footer.

use crate::api::{self, Failure};
use crate::dom::{El, a, div, drawing, el, p};
use crate::nav::{self, Nav};
use crate::place;
use crate::programs::Program;
use crate::routes::{Page, Route};
use crate::ui::notice;
use crate::ui::screen::Parts;
use leptos::mount::mount_to;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{ErrorCode, OrderView};
use shared::channel::PublicChannel;
use std::sync::Arc;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// The order that was seen last, so that the next step shows at once.
#[derive(Clone, Copy)]
pub struct LastOrder(pub RwSignal<Option<OrderView>>);

/// Puts a program into the page's `#app`, for as long as the page is open.
pub fn start(program: &'static Program) {
    let named = document().get_element_by_id("app").and_then(|root| root.dyn_into::<HtmlElement>().ok());
    let Some(root) = named.or_else(|| document().body()) else { return };
    root.set_inner_html("");
    let inside = root.clone();
    mount_to(root, move || {
        if let Some(nav) = Nav::start(program.has) {
            provide_context(nav);
            app(program).mount(&inside);
        }
    })
    .forget();
}

fn app(program: &'static Program) -> El {
    let route = nav::nav().route();
    let slug = Memo::new(move |_| route.with(|route| route.slug().map(str::to_owned)));
    let entrance = (program.entrance)();
    div("frame-all").live(move || match (entrance.get(), slug.get()) {
        (false, Some(slug)) => vec![hall(slug, route, program)],
        (true, _) | (false, None) => without_hall(program, route),
    })
}

fn content() -> El {
    el("main").class("wide").id("main")
}

fn without_hall(program: &'static Program, route: Memo<Route>) -> Parts {
    let brand = a("/", "").class("brand").child(mark()).child(el("span").child("信天行数字证书服务系统"));
    let screen = move || (program.outside)(&route.get());
    vec![el("header").class("top").child(div("wide").child(brand)), content().live(screen), footer(None)]
}

/// A hall: its profile first, then the screen.
fn hall(slug: String, route: Memo<Route>, program: &'static Program) -> El {
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
                profile.try_set(Some(answer));
            }
        });
    };
    if profile.with_untracked(Option::is_none) {
        load();
    }
    div("frame-all").live(move || match profile.get() {
        None => vec![content().child(notice::waiting("正在打开办事大厅…"))],
        Some(Err(failure)) => vec![content().child(notice::failed(&failure, load.clone()))],
        Some(Ok(channel)) => inside(channel, route, program),
    })
}

/// The profile that the backend put into the HTML, which saves a request.
fn embedded(slug: &str) -> Option<Arc<PublicChannel>> {
    let text = document().get_element_by_id("channel")?.text_content()?;
    let channel: PublicChannel = crate::json::parse(&text).ok()?;
    (channel.slug == slug).then(|| Arc::new(channel))
}

fn inside(channel: Arc<PublicChannel>, route: Memo<Route>, program: &'static Program) -> Parts {
    provide_context(channel.clone());
    provide_context(LastOrder(RwSignal::new(None)));
    (program.begin)(&channel);
    let again = nav::nav().again();
    let screen = move || match (again.get(), route.get()).1 {
        Route::Hall { page, .. } => (program.show)(page),
        Route::Halls | Route::Nowhere { .. } => Vec::new(),
    };
    let skip = a("#title", "跳到正文").class("skip").on("click", |event| {
        event.prevent_default();
        nav::focus("title");
    });
    let (head, foot) = match place::at() {
        Some(place) => ((place.header)(&channel), (place.footer)(&channel)),
        None => (header(&channel), footer(Some(&channel))),
    };
    vec![skip, head, content().live(screen), foot]
}

/// The mark beside the name.
pub fn mark() -> El {
    drawing("mark", "0 0 32 32", "M16 2 4 6v9c0 8 5 13 12 15 7-2 12-7 12-15V6zM10 16l4.500 4.500L22.500 12")
        .attr("aria-hidden", "true")
}

fn header(channel: &PublicChannel) -> El {
    let (home, guide) = (nav::path(&Page::Home), nav::path(&Page::Guide));
    let name = el("span").child(el("b").child("数字认证")).child(el("span").class("of").child(channel.brand.as_str()));
    let about = a("http://www.bjca.com", "关于BJCA").attr("rel", "external noopener").attr("target", "_blank");
    let links = [
        a(&home, "首页"),
        a(&guide, "帮助中心"),
        about,
        a(&[&guide, "#contact"].concat(), "在线咨询"),
        a("/", "信天行数字证书服务系统"),
    ];
    let bar = div("wide")
        .child(a(&home, "").class("brand").child(mark()).child(name))
        .child(el("nav").attr("aria-label", "站点").child(links));
    el("header").class("top").child(bar)
}

fn footer(channel: Option<&PublicChannel>) -> El {
    let line =
        channel.map(|channel| p(&["数字证书渠道：", &channel.title, "　受理点电话：", &channel.help_line].concat()));
    let owner = p("北京数字认证股份有限公司　京ICP备05031699号-1");
    el("footer").class("bottom").child(div("wide").child(line).child(owner))
}
