//! Notices that nobody is there any more: a warning that any touch answers, then the wipe.

use super::guard::on;
use super::{Times, wipe};
use crate::dom::{div, el, p, press};
use leptos::prelude::*;
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement};

/// What counts as somebody being there. The pointer alone does not: a cable can move it.
const SIGNS: [&str; 4] = ["pointerdown", "touchstart", "keydown", "wheel"];

struct Watch {
    times: Times,
    /// Milliseconds of the last sign; `None` until the first one: a terminal that nobody used has nothing to wipe.
    last: Cell<Option<f64>>,
    /// Since when the warning stands.
    warned: Cell<Option<f64>>,
    dialog: HtmlDialogElement,
    /// The number that counts down; not read out.
    number: Element,
}

/// Watches for as long as the page is open.
pub fn begin(times: Times) {
    let Some(watch) = build(times) else { return };
    let watch = Rc::new(watch);
    for sign in SIGNS {
        let watch = watch.clone();
        on(sign, move |_| watch.last.set(Some(js_sys::Date::now())));
    }
    // The touch is over: what was touched got it, and nothing under the warning does.
    for end in ["click", "keyup"] {
        let watch = watch.clone();
        on(end, move |event| {
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            let ends = target.is_some_and(|target| target.closest("[data-end]").ok().flatten().is_some());
            if watch.warned.get().is_some() && !ends {
                watch.goes_on();
            }
        });
    }
    let ticking = watch.clone();
    // Lives as long as the page.
    let _ = set_interval_with_handle(move || ticking.tick(), Duration::from_millis(500));
}

fn build(times: Times) -> Option<Watch> {
    let number = el("b").class("countdown").attr("aria-hidden", "true");
    let node = number.node().clone();
    let words = [
        "您已经有一段时间没有操作。为保护您的信息，",
        &times.warning_seconds.to_string(),
        " 秒内没有操作，本机将清除您填写的内容并回到首页。已确认的订单不受影响，可以凭验证码查询。",
    ];
    let end = press("button", "结束办理", wipe::wipe).attr("data-end", "");
    let stay = press("button main", "继续办理", || {}).attr("autofocus", "");
    let inside = div("dialog-body")
        .child(p(&words.concat()).id("idle-words"))
        .child(el("p").class("countdown-line").attr("aria-hidden", "true").child(number).child(" 秒"))
        .child(div("acts").child([end, stay]));
    let frame = el("dialog")
        .class("dialog idle")
        .attr("role", "alertdialog")
        .attr("aria-labelledby", "idle-title")
        .attr("aria-describedby", "idle-words")
        .child(div("dialog-head").child(el("h2").id("idle-title").child("您还在吗？")))
        .child(inside);
    let dialog = frame.node().clone().dyn_into::<HtmlDialogElement>().ok()?;
    let body = document().body()?;
    frame.mount(&body);
    Some(Watch { times, last: Cell::new(None), warned: Cell::new(None), dialog, number: node })
}

impl Watch {
    fn tick(&self) {
        let Some(last) = self.last.get() else { return };
        let now = js_sys::Date::now();
        match self.warned.get() {
            None if now - last >= f64::from(self.times.idle_seconds) * 1000.0 => {
                self.warned.set(Some(now));
                self.show(self.times.warning_seconds);
                let _ = self.dialog.show_modal();
            }
            None => {}
            // Escape closed it.
            Some(_) if !self.dialog.open() => self.goes_on(),
            Some(since) => {
                let left = f64::from(self.times.warning_seconds) - (now - since) / 1000.0;
                if left > 0.0 {
                    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                    self.show(left.ceil() as u32);
                } else {
                    self.dialog.close();
                    self.warned.set(None);
                    self.last.set(None);
                    wipe::wipe();
                }
            }
        }
    }

    fn show(&self, seconds: u32) {
        self.number.set_text_content(Some(&seconds.to_string()));
    }

    fn goes_on(&self) {
        self.warned.set(None);
        self.last.set(Some(js_sys::Date::now()));
        self.dialog.close();
    }
}
