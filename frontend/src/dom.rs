//! Elements made with plain calls, and kept up to date by Leptos' signals and effects.
//!
//! `view!` gives every element, attribute and closure a type of its own; for this hall that came to 185 KB of
//! compressed WebAssembly. Here nothing is generic but the outermost call, which brings the same screens to about half
//! (docs/decisions/0002-page-weight.md). What changes while it is shown is a `live…` call: an effect that lasts as long
//! as the element.

use leptos::prelude::document;
use leptos::reactive::effect::RenderEffect;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event};

/// What must live as long as its element.
enum Held {
    Effect(#[expect(dead_code, reason = "stops when dropped")] RenderEffect<()>),
    Inside(Rc<RefCell<Vec<Held>>>),
    Listener(Element, &'static str, Closure<dyn Fn(Event)>),
}

/// A dropped effect's task lets go of its closure only when it next runs. What was inside must stop at once: its own
/// signals are gone already.
impl Drop for Held {
    fn drop(&mut self) {
        match self {
            Self::Inside(held) => drop(held.take()),
            // A dialog says `close` a moment after it is gone.
            Self::Listener(node, event, act) => {
                let _ = node.remove_event_listener_with_callback(event, act.as_ref().unchecked_ref());
            }
            Self::Effect(_) => {}
        }
    }
}

/// An element with all that belongs to it. One pointer wide, because it is handed on with every call.
#[must_use = "an element that is put nowhere is not shown"]
pub struct El(Box<Inner>);

struct Inner {
    node: Element,
    held: Vec<Held>,
}

/// An HTML element.
pub fn el(tag: &str) -> El {
    // Only a malformed name fails; the tags are literals.
    El::of(document().create_element(tag).unwrap_or_else(|_| JsValue::NULL.unchecked_into()))
}

/// An element with a class.
pub fn div(class: &str) -> El {
    el("div").class(class)
}

/// A paragraph.
pub fn p(text: &str) -> El {
    el("p").child(text)
}

/// A link.
pub fn a(href: &str, text: &str) -> El {
    el("a").attr("href", href).child(text)
}

/// A button that does not submit.
pub fn press(class: &str, text: &str, act: impl Fn() + 'static) -> El {
    el("button").attr("type", "button").class(class).child(text).on("click", move |_| act())
}

/// An SVG drawing of one path.
pub fn drawing(class: &str, view_box: &str, path: &str) -> El {
    const SVG: &str = "http://www.w3.org/2000/svg";
    let make = |tag| document().create_element_ns(Some(SVG), tag).unwrap_or_else(|_| JsValue::NULL.unchecked_into());
    let line = El::of(make("path")).attr("d", path);
    El::of(make("svg")).class(class).attr("viewBox", view_box).child(line)
}

/// What can stand inside an element.
pub trait Part {
    /// Puts it at the end of `to`.
    fn join(self, to: &mut El);
}

impl Part for El {
    fn join(self, to: &mut El) {
        let _ = to.0.node.append_child(&self.0.node);
        to.0.held.extend(self.0.held);
    }
}

impl Part for &str {
    fn join(self, to: &mut El) {
        let _ = to.0.node.append_with_str_1(self);
    }
}

impl Part for String {
    fn join(self, to: &mut El) {
        self.as_str().join(to);
    }
}

impl<P: Part> Part for Option<P> {
    fn join(self, to: &mut El) {
        if let Some(part) = self {
            part.join(to);
        }
    }
}

impl<P: Part> Part for Vec<P> {
    fn join(self, to: &mut El) {
        for part in self {
            part.join(to);
        }
    }
}

impl<const N: usize> Part for [El; N] {
    fn join(self, to: &mut El) {
        for part in self {
            part.join(to);
        }
    }
}

impl El {
    fn of(node: Element) -> Self {
        Self(Box::new(Inner { node, held: Vec::new() }))
    }

    /// The node itself.
    pub fn node(&self) -> &Element {
        &self.0.node
    }

    /// Sets the class.
    pub fn class(self, class: &str) -> Self {
        self.attr("class", class)
    }

    /// Sets the id.
    pub fn id(self, id: &str) -> Self {
        self.0.node.set_id(id);
        self
    }

    /// Sets an attribute.
    pub fn attr(self, name: &str, value: &str) -> Self {
        let _ = self.0.node.set_attribute(name, value);
        self
    }

    /// Adds what stands inside.
    pub fn child(mut self, part: impl Part) -> Self {
        part.join(&mut self);
        self
    }

    /// HTML that our own server made.
    pub fn html(self, html: &str) -> Self {
        self.0.node.set_inner_html(html);
        self
    }

    /// Calls `act` on an event.
    pub fn on(self, event: &'static str, act: impl Fn(Event) + 'static) -> Self {
        self.listen(event, Box::new(act))
    }

    fn listen(mut self, event: &'static str, act: Box<dyn Fn(Event)>) -> Self {
        let listener = Closure::wrap(act);
        let _ = self.0.node.add_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
        let node = self.0.node.clone();
        self.0.held.push(Held::Listener(node, event, listener));
        self
    }

    /// Everything inside follows `content`.
    pub fn live<P: Part>(self, content: impl Fn() -> P + 'static) -> Self {
        self.live_content(Box::new(move |to| content().join(to)))
    }

    fn live_content(mut self, content: Box<dyn Fn(&mut El)>) -> Self {
        let node = self.0.node.clone();
        let held = Rc::new(RefCell::new(Vec::new()));
        self.0.held.push(Held::Inside(held.clone()));
        self.0.held.push(Held::Effect(RenderEffect::new(move |_| {
            // What was inside stops before anything new begins.
            drop(held.take());
            node.set_text_content(None);
            let mut inside = El::of(node.clone());
            content(&mut inside);
            held.replace(inside.0.held);
        })));
        self
    }

    /// An attribute that follows `value`; `None` takes it away.
    pub fn live_attr(self, name: &'static str, value: impl Fn() -> Option<String> + 'static) -> Self {
        self.follow(Box::new(move |node| {
            let _ = match value() {
                Some(value) => node.set_attribute(name, &value),
                None => node.remove_attribute(name),
            };
        }))
    }

    /// An attribute that is `true` or not there.
    pub fn live_flag(self, name: &'static str, value: impl Fn() -> bool + 'static) -> Self {
        self.live_attr(name, move || value().then(|| "true".into()))
    }

    /// A class that is there or not.
    pub fn live_class(self, name: &'static str, value: impl Fn() -> bool + 'static) -> Self {
        self.follow(Box::new(move |node| {
            let _ = node.class_list().toggle_with_force(name, value());
        }))
    }

    /// An input's value.
    pub fn live_value(self, value: impl Fn() -> String + 'static) -> Self {
        self.follow(Box::new(move |node| set(node, "value", &JsValue::from_str(&value()))))
    }

    /// A tick.
    pub fn live_checked(self, value: impl Fn() -> bool + 'static) -> Self {
        self.follow(Box::new(move |node| set(node, "checked", &JsValue::from_bool(value()))))
    }

    fn follow(mut self, step: Box<dyn Fn(&Element)>) -> Self {
        let node = self.0.node.clone();
        self.0.held.push(Held::Effect(RenderEffect::new(move |_| step(&node))));
        self
    }

    /// Shows the element as the whole content of `root`, for good.
    pub fn mount(self, root: &Element) {
        let mut root = El::of(root.clone());
        self.join(&mut root);
        std::mem::forget(root);
    }
}

/// Sets a property only when it differs, so that a caret stays where it is.
fn set(node: &Element, name: &str, value: &JsValue) {
    let name = JsValue::from_str(name);
    if js_sys::Reflect::get(node, &name).ok().as_ref() != Some(value) {
        let _ = js_sys::Reflect::set(node, &name, value);
    }
}

/// What stands in the input that an event came from.
pub fn value_of(event: &Event) -> String {
    let target = event.target().map_or(JsValue::UNDEFINED, JsValue::from);
    js_sys::Reflect::get(&target, &JsValue::from_str("value"))
        .ok()
        .and_then(|value| value.as_string())
        .unwrap_or_default()
}

/// Whether the input that an event came from is ticked.
pub fn is_ticked(event: &Event) -> bool {
    let target = event.target().map_or(JsValue::UNDEFINED, JsValue::from);
    js_sys::Reflect::get(&target, &JsValue::from_str("checked")).is_ok_and(|value| value.is_truthy())
}
