//! The papers: one large, the others as thumbnails; zoomed, moved and turned by mouse, finger or keyboard.

use crate::api;
use crate::dom::{El, a, div, el, p, press};
use crate::nav;
use crate::staff::desk::Place;
use crate::ui::button;
use crate::ui::screen::Parts;
use leptos::prelude::*;
use shared::api::{DocumentView, StaffOrder};
use shared::channel::DocumentKind;
use shared::order::EventKind;
use std::sync::Arc;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, KeyboardEvent, PointerEvent, WheelEvent};

/// How a photo is looked at. Whole percents and pixels: nothing finer is needed, and printing fractions weighs.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Look {
    percent: i32,
    x: i32,
    y: i32,
    quarter_turns: i32,
}

const PLAIN: Look = Look { percent: 100, x: 0, y: 0, quarter_turns: 0 };
const LARGEST: i32 = 800;
const MOVE: i32 = 60;

impl Look {
    fn scaled(self, percent: i32) -> Self {
        let percent = percent.clamp(100, LARGEST);
        if percent == 100 {
            return Self { percent, x: 0, y: 0, ..self };
        }
        Self { percent, x: self.x * percent / self.percent, y: self.y * percent / self.percent, ..self }
    }

    fn larger(self) -> Self {
        self.scaled(self.percent * 5 / 4)
    }

    fn smaller(self) -> Self {
        self.scaled(self.percent * 4 / 5)
    }

    fn moved(self, x: i32, y: i32) -> Self {
        if self.percent == 100 { self } else { Self { x: self.x + x, y: self.y + y, ..self } }
    }

    fn turned(self) -> Self {
        Self { quarter_turns: self.quarter_turns + 1, x: 0, y: 0, ..self }
    }

    fn css(self) -> String {
        let Self { percent, x, y, quarter_turns } = self;
        format!("translate({x}px,{y}px) scale({percent}%) rotate({}deg)", quarter_turns * 90)
    }
}

struct Photo {
    kind: DocumentKind,
    source: String,
    size: String,
}

/// The papers being looked at.
#[derive(Clone)]
struct Viewing {
    place: Place,
    photos: Arc<[Photo]>,
    at: RwSignal<usize>,
    look: RwSignal<Look>,
}

impl Viewing {
    fn change(&self, change: fn(Look) -> Look) {
        self.look.update(|look| *look = change(*look));
    }

    fn show(&self, index: usize) {
        self.at.set(index);
        self.look.set(PLAIN);
    }

    fn step(&self, by: usize) {
        self.show((self.at.get_untracked() + by) % self.photos.len());
    }

    fn name(&self) -> String {
        self.place.paper(self.photos[self.at.get()].kind)
    }

    fn source(&self) -> String {
        self.photos[self.at.get()].source.clone()
    }
}

/// The viewer of an order's papers.
pub fn viewer(order: &StaffOrder) -> El {
    let order = &order.order;
    if order.documents.is_empty() {
        return p("没有上传的资料。").class("none");
    }
    let photo = |paper: &DocumentView| Photo {
        kind: paper.kind,
        source: api::staff::document_src(&order.number, &paper.id),
        size: [&paper.width.to_string(), "×", &paper.height.to_string()].concat(),
    };
    let viewing = Viewing {
        place: Place::here(),
        photos: order.documents.iter().map(photo).collect(),
        at: RwSignal::new(0),
        look: RwSignal::new(PLAIN),
    };
    // Only after a refusal does it say something that a paper is new.
    let again = order.timeline.iter().any(|entry| entry.event == EventKind::ReviewRefused);
    let thumbs: Parts =
        order.documents.iter().enumerate().map(|(index, paper)| thumb(&viewing, index, again && paper.fresh)).collect();
    let hint = "点选图片后：←→ 切换，+ − 缩放，R 旋转，0 还原；放大后可拖动或按 Shift＋方向键移动。";
    let (tools, stage) = (tools(&viewing), stage(&viewing));
    div("viewer").id("viewer").child([tools, stage, div("thumbs").child(thumbs), p(hint).class("hint")])
}

fn thumb(viewing: &Viewing, index: usize, fresh: bool) -> El {
    let (place, photo) = (viewing.place.clone(), &viewing.photos[index]);
    let (kind, at, shown) = (photo.kind, viewing.at, viewing.clone());
    let name = el("span").live(move || place.paper(kind));
    let words = el("span").child(name).child(fresh.then(|| el("em").child("已重新上传")));
    press("thumb", "", move || shown.show(index))
        .live_attr("aria-pressed", move || Some((at.get() == index).to_string()))
        .child(el("img").attr("src", &photo.source).attr("alt", ""))
        .child(words)
}

fn tools(viewing: &Viewing) -> El {
    let tool = |label: &str, key: &str, change: fn(Look) -> Look| {
        let viewing = viewing.clone();
        button::small(label, move || viewing.change(change)).attr("title", &[label, "（", key, "）"].concat())
    };
    let (named, sized, linked) = (viewing.clone(), viewing.clone(), viewing.clone());
    let name = p("")
        .class("viewer-name")
        .child(el("b").live(move || named.name()))
        .child(" ")
        .child(el("small").live(move || sized.photos[sized.at.get()].size.clone()));
    let original = a("", "原图")
        .class("button small")
        .attr("target", "_blank")
        .attr("rel", "noopener")
        .live_attr("href", move || Some(linked.source()));
    div("viewer-tools").child([
        name,
        tool("放大", "+", Look::larger),
        tool("缩小", "-", Look::smaller),
        tool("旋转", "R", Look::turned),
        tool("还原", "0", |_| PLAIN),
        button::small("全屏", full_screen),
        original,
    ])
}

fn full_screen() {
    if document().fullscreen_element().is_some() {
        document().exit_fullscreen();
    } else if let Some(viewer) = document().get_element_by_id("viewer") {
        let _ = viewer.request_fullscreen();
    }
}

/// The large photo. Its keys work only while it has the focus, so that no key means something by surprise.
fn stage(viewing: &Viewing) -> El {
    let look = viewing.look;
    let (shown, named, labelled) = (viewing.clone(), viewing.clone(), viewing.clone());
    let image = el("img")
        .attr("draggable", "false")
        .live_attr("src", move || Some(shown.source()))
        .live_attr("alt", move || Some(named.name()));
    // The content security policy refuses style attributes, but not a style that is set by a call.
    if let Ok(image) = image.node().clone().dyn_into::<HtmlElement>() {
        Effect::new(move |_| {
            let _ = image.style().set_property("transform", &look.get().css());
        });
    }
    let dragged = RwSignal::new(None::<(i32, i32)>);
    let (keyed, wheeled) = (viewing.clone(), viewing.clone());
    let double = move |_| look.update(|look| *look = if look.percent > 100 { PLAIN } else { look.scaled(250) });
    div("stage")
        .id("stage")
        .attr("tabindex", "0")
        .attr("role", "group")
        .live_attr("aria-label", move || Some([&labelled.name(), "，可用方向键切换、加减键缩放"].concat()))
        .live_class("zoomed", move || look.with(|look| look.percent > 100))
        .live_class("sideways", move || look.with(|look| look.quarter_turns % 2 == 1))
        .on("keydown", move |event| on_key(&keyed, &event))
        .on("wheel", move |event| on_wheel(&wheeled, &event))
        .on("pointerdown", move |event| on_down(dragged, &event))
        .on("pointermove", move |event| on_move(look, dragged, &event))
        .on("pointerup", move |_| dragged.set(None))
        .on("pointercancel", move |_| dragged.set(None))
        .on("dblclick", double)
        .child(image)
}

fn on_key(viewing: &Viewing, event: &Event) {
    let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
    if key.ctrl_key() || key.alt_key() || key.meta_key() {
        return;
    }
    match (key.key().as_str(), key.shift_key()) {
        ("+" | "=", _) => viewing.change(Look::larger),
        ("-", _) => viewing.change(Look::smaller),
        ("0", _) => viewing.change(|_| PLAIN),
        ("r" | "R", _) => viewing.change(Look::turned),
        ("ArrowLeft", true) => viewing.change(|look| look.moved(MOVE, 0)),
        ("ArrowRight", true) => viewing.change(|look| look.moved(-MOVE, 0)),
        ("ArrowUp", true) => viewing.change(|look| look.moved(0, MOVE)),
        ("ArrowDown", true) => viewing.change(|look| look.moved(0, -MOVE)),
        ("ArrowLeft", false) => viewing.step(viewing.photos.len() - 1),
        ("ArrowRight", false) => viewing.step(1),
        _ => return,
    }
    event.prevent_default();
}

/// The wheel scrolls the page as everywhere, unless the photo was clicked first.
fn on_wheel(viewing: &Viewing, event: &Event) {
    let Some(wheel) = event.dyn_ref::<WheelEvent>() else { return };
    let focused = document().active_element().is_some_and(|element| element.id() == "stage");
    if focused || wheel.ctrl_key() {
        event.prevent_default();
        viewing.change(if wheel.delta_y() < 0.0 { Look::larger } else { Look::smaller });
    }
}

fn on_down(dragged: RwSignal<Option<(i32, i32)>>, event: &Event) {
    let Some(pointer) = event.dyn_ref::<PointerEvent>() else { return };
    nav::focus("stage");
    dragged.set(Some((pointer.client_x(), pointer.client_y())));
    if let Some(stage) = event.current_target().and_then(|target| target.dyn_into::<Element>().ok()) {
        let _ = stage.set_pointer_capture(pointer.pointer_id());
    }
}

fn on_move(look: RwSignal<Look>, dragged: RwSignal<Option<(i32, i32)>>, event: &Event) {
    let Some(pointer) = event.dyn_ref::<PointerEvent>() else { return };
    if let Some((x, y)) = dragged.get_untracked() {
        let (to_x, to_y) = (pointer.client_x(), pointer.client_y());
        look.update(|look| *look = look.moved(to_x - x, to_y - y));
        dragged.set(Some((to_x, to_y)));
    }
}
