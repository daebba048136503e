//! The papers: one large, the others as thumbnails; zoomed, moved and turned by mouse, finger or keyboard.

use crate::api;
use crate::nav;
use crate::staff::desk::Place;
use leptos::html;
use leptos::prelude::*;
use shared::api::StaffOrder;
use shared::order::EventKind;
use wasm_bindgen::JsCast;

/// How a photo is looked at.
#[derive(Clone, Copy, PartialEq)]
struct Look {
    scale: f64,
    x: f64,
    y: f64,
    quarter_turns: i32,
}

const PLAIN: Look = Look { scale: 1.0, x: 0.0, y: 0.0, quarter_turns: 0 };
const STEP: f64 = 1.25;
const MOVE: f64 = 60.0;

impl Look {
    fn zoomed(self, factor: f64) -> Self {
        let scale = (self.scale * factor).clamp(1.0, 8.0);
        if scale <= 1.0 {
            return Self { scale: 1.0, x: 0.0, y: 0.0, ..self };
        }
        let by = scale / self.scale;
        Self { scale, x: self.x * by, y: self.y * by, ..self }
    }

    fn moved(self, x: f64, y: f64) -> Self {
        if self.scale <= 1.0 { self } else { Self { x: self.x + x, y: self.y + y, ..self } }
    }

    fn turned(self) -> Self {
        Self { quarter_turns: self.quarter_turns + 1, x: 0.0, y: 0.0, ..self }
    }

    fn css(self) -> String {
        let Self { scale, x, y, quarter_turns } = self;
        format!("translate({x:.0}px,{y:.0}px) scale({scale:.3}) rotate({}deg)", quarter_turns * 90)
    }
}

/// The viewer of an order's papers.
pub fn viewer(order: &StaffOrder) -> AnyView {
    let place = Place::here();
    let number = order.order.number.clone();
    let papers: Vec<_> = order
        .order
        .documents
        .iter()
        .map(|paper| (paper.kind, api::staff::document_src(&number, &paper.id), format!("{}×{}", paper.width, paper.height), paper.fresh))
        .collect();
    if papers.is_empty() {
        return view! { <p class="none">"没有上传的资料。"</p> }.into_any();
    }
    let count = papers.len();
    let (at, look) = (RwSignal::new(0_usize), RwSignal::new(PLAIN));
    let show = move |index: usize| {
        at.set(index);
        look.set(PLAIN);
    };
    // Only after a refusal does it say something that a paper is new.
    let again = order.order.timeline.iter().any(|entry| entry.event == EventKind::ReviewRefused);
    let thumbs: Vec<_> = papers
        .iter()
        .enumerate()
        .map(|(index, (kind, src, _, fresh))| {
            let (place, kind, src) = (place.clone(), *kind, src.clone());
            let mark = *fresh && again;
            view! {
                <button type="button" class="thumb" aria-pressed=move || (at.get() == index).to_string() on:click=move |_| show(index)>
                    <img src=src alt="" loading="lazy" />
                    <span>{move || place.paper(kind)}{mark.then(|| view! { <em>"已重新上传"</em> })}</span>
                </button>
            }
            .into_any()
        })
        .collect();
    let (name, size, source) = {
        let (papers, place) = (StoredValue::new(papers), place.clone());
        let name = Memo::new(move |_| papers.with_value(|papers| place.paper(papers[at.get()].0)));
        let size = move || papers.with_value(|papers| papers[at.get()].2.clone());
        let source = Memo::new(move |_| papers.with_value(|papers| papers[at.get()].1.clone()));
        (name, size, source)
    };
    let frame = NodeRef::<html::Div>::new();
    let tool = |label: &'static str, key: &'static str, act: fn(RwSignal<Look>)| {
        view! {
            <button type="button" class="button small" title=format!("{label}（{key}）") on:click=move |_| act(look)>{label}</button>
        }
        .into_any()
    };
    view! {
        <div class="viewer" node_ref=frame>
            <div class="viewer-tools">
                <p class="viewer-name"><b>{name}</b>" "<small>{size}</small></p>
                {tool("放大", "+", |look| look.update(|look| *look = look.zoomed(STEP)))}
                {tool("缩小", "-", |look| look.update(|look| *look = look.zoomed(1.0 / STEP)))}
                {tool("旋转", "R", |look| look.update(|look| *look = look.turned()))}
                {tool("还原", "0", |look| look.set(PLAIN))}
                <button type="button" class="button small" on:click=move |_| full_screen(frame)>"全屏"</button>
                <a class="button small" href=source target="_blank" rel="noopener">"原图"</a>
            </div>
            {stage(look, at, count, source, name)}
            <div class="thumbs">{thumbs}</div>
            <p class="hint">"点选图片后：←→ 切换，+ − 缩放，R 旋转，0 还原；放大后可拖动或按 Shift＋方向键移动。"</p>
        </div>
    }
    .into_any()
}

fn full_screen(frame: NodeRef<html::Div>) {
    if document().fullscreen_element().is_some() {
        document().exit_fullscreen();
    } else if let Some(frame) = frame.get_untracked() {
        let _ = frame.request_fullscreen();
    }
}

/// The large photo. Its keys work only while it has the focus, so that no key means something by surprise.
fn stage(
    look: RwSignal<Look>,
    at: RwSignal<usize>,
    count: usize,
    source: Memo<String>,
    name: Memo<String>,
) -> AnyView {
    let dragging = RwSignal::new(None::<(i32, i32)>);
    let on_key = move |event: web_sys::KeyboardEvent| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let change = |change: &dyn Fn(Look) -> Look| look.update(|look| *look = change(*look));
        let turn_to = |index: usize| {
            at.set(index);
            look.set(PLAIN);
        };
        match (event.key().as_str(), event.shift_key()) {
            ("+" | "=", _) => change(&|look| look.zoomed(STEP)),
            ("-", _) => change(&|look| look.zoomed(1.0 / STEP)),
            ("0", _) => look.set(PLAIN),
            ("r" | "R", _) => change(&Look::turned),
            ("ArrowLeft", true) => change(&|look| look.moved(MOVE, 0.0)),
            ("ArrowRight", true) => change(&|look| look.moved(-MOVE, 0.0)),
            ("ArrowUp", true) => change(&|look| look.moved(0.0, MOVE)),
            ("ArrowDown", true) => change(&|look| look.moved(0.0, -MOVE)),
            ("ArrowLeft", false) => turn_to((at.get_untracked() + count - 1) % count),
            ("ArrowRight", false) => turn_to((at.get_untracked() + 1) % count),
            _ => return,
        }
        event.prevent_default();
    };
    let on_wheel = move |event: web_sys::WheelEvent| {
        let focused = document().active_element().is_some_and(|element| element.id() == "stage");
        if focused || event.ctrl_key() {
            event.prevent_default();
            look.update(|look| *look = look.zoomed(if event.delta_y() < 0.0 { STEP } else { 1.0 / STEP }));
        }
    };
    let on_down = move |event: web_sys::PointerEvent| {
        nav::focus("stage");
        dragging.set(Some((event.client_x(), event.client_y())));
        if let Some(target) = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) {
            let _ = target.set_pointer_capture(event.pointer_id());
        }
    };
    let on_move = move |event: web_sys::PointerEvent| {
        if let Some((x, y)) = dragging.get_untracked() {
            let (to_x, to_y) = (event.client_x(), event.client_y());
            look.update(|look| *look = look.moved(f64::from(to_x - x), f64::from(to_y - y)));
            dragging.set(Some((to_x, to_y)));
        }
    };
    view! {
        <div
            class="stage"
            id="stage"
            tabindex="0"
            role="group"
            aria-label=move || format!("{}，可用方向键切换、加减键缩放", name.get())
            class:zoomed=move || look.with(|look| look.scale > 1.0)
            class:sideways=move || look.with(|look| look.quarter_turns % 2 == 1)
            on:keydown=on_key
            on:wheel=on_wheel
            on:pointerdown=on_down
            on:pointermove=on_move
            on:pointerup=move |_| dragging.set(None)
            on:pointercancel=move |_| dragging.set(None)
            on:dblclick=move |_| look.update(|look| *look = if look.scale > 1.0 { PLAIN } else { look.zoomed(2.5) })
        >
            <img src=source alt=name draggable="false" style:transform=move || look.get().css() />
        </div>
    }
    .into_any()
}
