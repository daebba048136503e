//! No way out: no Back, no foreign addresses, no menus, no downloads, no autofill.

use crate::dom::el;
use crate::place;
use crate::ui::qr;
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, HtmlAnchorElement, MutationObserver, MutationObserverInit};

/// Stays for as long as the page is open. Before the hall's own listeners, so that they never see what is held back.
pub fn begin() {
    stay();
    on("contextmenu", |event| event.prevent_default());
    on("dragstart", |event| event.prevent_default());
    on("drop", |event| event.prevent_default());
    on("auxclick", |event| event.prevent_default());
    on("click", |event| {
        let link = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let link = link.and_then(|target| target.closest("a[href]").ok().flatten());
        if link.and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok()).is_some_and(|link| leads_out(&link)) {
            event.prevent_default();
            event.stop_immediate_propagation();
        }
    });
    watch();
}

/// One entry of the browser's history is ours to stand on, a second one to fall back to: Back is answered by coming
/// back, and all screens share the upper one.
fn stay() {
    let push = || {
        if let Ok(history) = window().history() {
            let _ = history.push_state_with_url(&JsValue::NULL, "", None);
        }
    };
    push();
    on("popstate", move |event| {
        event.stop_immediate_propagation();
        push();
    });
}

/// Calls `act` on every event of a kind, before anybody else.
pub fn on(event: &str, act: impl Fn(Event) + 'static) {
    let act = Closure::<dyn Fn(Event)>::new(act);
    let _ = window().add_event_listener_with_callback_and_bool(event, act.as_ref().unchecked_ref(), true);
    act.forget();
}

fn leads_out(link: &HtmlAnchorElement) -> bool {
    let foreign = link.origin() != window().location().origin().unwrap_or_default();
    let opens = !link.target().is_empty() || link.has_attribute("download") || link.rel().contains("external");
    foreign || opens || place::route(&link.pathname()).slug().is_none()
}

/// Whatever comes onto the page is looked through.
fn watch() {
    let look = Closure::<dyn Fn()>::new(tidy);
    let Ok(observer) = MutationObserver::new(look.as_ref().unchecked_ref()) else { return };
    look.forget();
    let all = MutationObserverInit::new();
    all.set_child_list(true);
    all.set_subtree(true);
    if let Some(root) = document().document_element() {
        let _ = observer.observe_with_options(&root, &all);
    }
}

fn tidy() {
    for input in found("input:not([autocomplete=off]), form:not([autocomplete=off])") {
        // The browser would offer what another applicant typed.
        let _ = input.set_attribute("autocomplete", "off");
    }
    for link in found("a[href]") {
        if let Ok(link) = link.dyn_into::<HtmlAnchorElement>()
            && leads_out(&link)
        {
            without_link(&link);
        }
    }
}

fn found(css: &str) -> Vec<Element> {
    let Ok(list) = document().query_selector_all(css) else { return Vec::new() };
    (0..list.length()).filter_map(|at| list.get(at)?.dyn_into().ok()).collect()
}

/// A way out becomes words; a foreign address can be taken along as a code for the applicant's phone.
fn without_link(link: &HtmlAnchorElement) {
    let (address, words) = (link.href(), link.text_content().unwrap_or_default());
    let foreign = link.origin() != window().location().origin().unwrap_or_default();
    let beside_its_code = link.closest(".qr").ok().flatten().is_some();
    let code = (foreign && address.starts_with("http") && !beside_its_code)
        .then(|| qr::svg(&address, "用手机打开的二维码"))
        .flatten();
    let Some(code) = code else {
        link.remove();
        return;
    };
    let label = ["用手机扫码打开：", &words].concat();
    let span = el("span").class("phone-link");
    let node = span.node().clone();
    let hint = el("span").class("hint").child("（请用手机扫码打开）");
    drop(span.child(words).child(hint).child(code.attr("aria-label", &label)));
    let _ = link.replace_with_with_node_1(&node);
}
