//! Keys on the screen: digits for phones and codes, letters and digits for numbers of papers and mail addresses. Chinese is
//! typed with the system's own input method, which this keyboard makes way for.
//!
//! It stands at the lower edge. The page is made shorter by its height and scrolled, so that it never covers the field that
//! is typed into. A modal dialog would lock it out, so it moves into the dialog.

use super::guard::on;
use crate::dom::{El, div, el, press};
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{
    Element, Event, HtmlDocument, HtmlElement, HtmlInputElement, ScrollIntoViewOptions, ScrollLogicalPosition,
};

/// Which keys there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keys {
    Digits,
    Letters,
    /// One key, which opens the letters: what is typed is mostly Chinese.
    Chinese,
}

const DIGITS: [&str; 4] = ["123", "456", "789", "-0"];
const LETTERS: [&str; 5] = ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "@.-_()"];

struct Keyboard {
    node: HtmlElement,
    keys: RwSignal<Keys>,
    capitals: RwSignal<bool>,
    /// What is typed into.
    field: RefCell<Option<HtmlInputElement>>,
    /// Counts shows and hides: a later show calls off an earlier hide.
    turn: Cell<u32>,
}

/// Appears with every field for as long as the page is open.
pub fn begin() {
    let (keys, capitals) = (RwSignal::new(Keys::Digits), RwSignal::new(false));
    let Some(body) = document().body() else { return };
    let view = view(keys, capitals);
    let Ok(node) = view.node().clone().dyn_into::<HtmlElement>() else { return };
    view.mount(&body);
    let keyboard = Rc::new(Keyboard { node, keys, capitals, field: RefCell::new(None), turn: Cell::new(0) });
    let comes = keyboard.clone();
    on("focusin", move |event| {
        if let Some(field) = field_of(&event) {
            comes.show(field);
        }
    });
    on("focusout", move |event| {
        if field_of(&event).is_some() {
            keyboard.clone().hide_later();
        }
    });
}

/// The field that an event is about, if it takes text.
fn field_of(event: &Event) -> Option<HtmlInputElement> {
    let field = event.target()?.dyn_into::<HtmlInputElement>().ok()?;
    ["text", "password", "tel", "email", "search", "number"].contains(&field.type_().as_str()).then_some(field)
}

/// The keys for a field, from what the page says of it.
fn keys_for(field: &HtmlInputElement) -> Keys {
    // Once a field has been here, the system's own keyboard is told to stay away from it.
    let mode = field.get_attribute("data-keys").or_else(|| field.get_attribute("inputmode")).unwrap_or_default();
    match mode.as_str() {
        "numeric" | "tel" | "decimal" => Keys::Digits,
        "email" | "url" => Keys::Letters,
        _ if field.class_list().contains("code") || field.type_() == "password" => Keys::Letters,
        _ => Keys::Chinese,
    }
}

impl Keyboard {
    fn show(&self, field: HtmlInputElement) {
        let keys = keys_for(&field);
        if keys != Keys::Chinese && !field.has_attribute("data-keys") {
            let mode = field.get_attribute("inputmode").unwrap_or_else(|| "text".into());
            let _ = field.set_attribute("data-keys", &mode);
            let _ = field.set_attribute("inputmode", "none");
        }
        self.turn.set(self.turn.get() + 1);
        self.keys.set(keys);
        self.capitals.set(field.class_list().contains("code"));
        let home = field.closest("dialog[open]").ok().flatten().or_else(|| document().body().map(Element::from));
        if let Some(home) = home
            && self.node.parent_element().as_ref() != Some(&home)
        {
            let _ = home.append_child(&self.node);
        }
        self.node.set_hidden(false);
        // Once its keys are drawn its height is known.
        let (node, shown) = (self.node.clone(), field.clone());
        self.field.replace(Some(field));
        request_animation_frame(move || make_room(&node, &shown));
    }

    /// A touch elsewhere ends where it began: nothing moves away under the finger.
    fn hide_later(self: Rc<Self>) {
        let turn = self.turn.get();
        set_timeout(
            move || {
                if self.turn.get() == turn {
                    self.node.set_hidden(true);
                    self.field.replace(None);
                    set_height(0);
                }
            },
            Duration::from_millis(400),
        );
    }
}

fn make_room(node: &HtmlElement, field: &HtmlInputElement) {
    set_height(node.offset_height());
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    let all = field.closest(".field").ok().flatten().unwrap_or_else(|| field.clone().into());
    all.scroll_into_view_with_scroll_into_view_options(&options);
    field.scroll_into_view_with_scroll_into_view_options(&options);
}

fn set_height(pixels: i32) {
    let root = document().document_element().and_then(|root| root.dyn_into::<HtmlElement>().ok());
    if let Some(root) = root {
        let _ = root.style().set_property("--keys", &[&pixels.to_string(), "px"].concat());
        let _ = root.class_list().toggle_with_force("keys-up", pixels > 0);
    }
}

fn view(keys: RwSignal<Keys>, capitals: RwSignal<bool>) -> El {
    let rows = move || {
        let capital = capitals.get();
        let row = |letters: &str| letters.chars().map(|letter| key(letter, capital)).collect::<Vec<_>>();
        let line = |letters: &str| div("keys-row").child(row(letters));
        match keys.get() {
            Keys::Digits => {
                let mut rows: Vec<_> = DIGITS.iter().take(3).map(|letters| line(letters)).collect();
                rows.push(line(DIGITS[3]).child(erase()));
                vec![div("keys-pad").child(rows), div("keys-side").child([clear(), done()])]
            }
            Keys::Letters => {
                let mut rows: Vec<_> = LETTERS.iter().take(3).map(|letters| line(letters)).collect();
                rows.push(div("keys-row").child(shift(capitals)).child(row(LETTERS[3])).child(erase()));
                rows.push(line(LETTERS[4]).child(clear()).child(done()));
                vec![div("keys-pad").child(rows)]
            }
            Keys::Chinese => {
                let open = press("key wide-key", "字母数字键盘", move || keys.set(Keys::Letters));
                let words = el("p").child("汉字请用系统输入法输入。");
                vec![div("keys-row").child(words).child(held(open)).child(done())]
            }
        }
    };
    let view = div("keys").attr("role", "region").attr("aria-label", "屏幕键盘").attr("hidden", "").live(rows);
    // The field keeps the focus whatever is touched here.
    view.on("pointerdown", |event| event.prevent_default()).on("mousedown", |event| event.prevent_default())
}

/// A key is for fingers: the Tab key passes it by.
fn held(key: El) -> El {
    key.attr("tabindex", "-1")
}

fn key(letter: char, capital: bool) -> El {
    let letter = if capital { letter.to_ascii_uppercase() } else { letter };
    let text = letter.to_string();
    let typed = text.clone();
    held(press("key", &text, move || command("insertText", &typed)))
}

fn erase() -> El {
    held(press("key act-key", "⌫", || command("delete", "")).attr("aria-label", "退格"))
}

fn clear() -> El {
    held(press("key act-key wide-key", "清空", || {
        command("selectAll", "");
        command("delete", "");
    }))
}

fn shift(capitals: RwSignal<bool>) -> El {
    let key = press("key act-key", "⇧", move || capitals.update(|capital| *capital = !*capital));
    held(key.attr("aria-label", "大写").live_attr("aria-pressed", move || Some(capitals.get().to_string())))
}

fn done() -> El {
    held(press("key main-key wide-key", "完成", || {
        let field = document().active_element().and_then(|field| field.dyn_into::<HtmlElement>().ok());
        if let Some(field) = field {
            let _ = field.blur();
        }
    }))
}

/// As if typed: the field's own limits hold, and the page hears of it as of any key.
fn command(name: &str, value: &str) {
    if let Ok(document) = document().dyn_into::<HtmlDocument>() {
        let _ = document.exec_command_with_show_ui_and_value(name, false, value);
    }
}
