//! One input with its label, hint and error.

use super::look::{Look, look};
use super::{Applying, save};
use crate::dom::{El, div, el, value_of};
use crate::ui::press;
use crate::ui::sms::must;
use leptos::prelude::*;
use shared::form::{Field, Kind};
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, InputEvent};

/// A line to type in.
pub fn line(field: Field, applying: Applying) -> El {
    let Look { fill, keys, .. } = look(field);
    let input = control("input", field, applying)
        .attr("type", "text")
        .class(if field.kind() == Kind::Code { "code" } else { "" })
        .attr("inputmode", keys)
        .attr("autocomplete", fill)
        .attr("spellcheck", "false")
        .live_value(move || applying.draft.value(field))
        .on("input", move |event| typed(field, &event, applying))
        .on("change", move |event| typed(field, &event, applying))
        .on("blur", move |_| {
            press::after(move || applying.leave(field));
            save::save(applying, false);
        });
    framed(field, input, applying)
}

/// What every input of the form says to assistive technology.
pub fn control(tag: &str, field: Field, applying: Applying) -> El {
    let control = el(tag)
        .id(field.id())
        .attr("name", field.id())
        .attr("aria-describedby", &described(field))
        .live_flag("aria-invalid", move || applying.error(field).is_some());
    if field.required() { control.attr("aria-required", "true") } else { control }
}

/// Takes over what was typed; codes become upper case at once, and the caret stays.
fn typed(field: Field, event: &web_sys::Event, applying: Applying) {
    let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else { return };
    let composing = event.dyn_ref::<InputEvent>().is_some_and(InputEvent::is_composing);
    let mut value = input.value();
    if !composing && let Some(raised) = field.raised(&value) {
        let caret = input.selection_start().ok().flatten();
        input.set_value(&raised);
        if let Some(caret) = caret {
            let _ = input.set_selection_range(caret, caret);
        }
        value = raised;
    }
    // `change` follows `input` with the same value; it comes alone when the browser fills in.
    if applying.draft.with(|draft| draft.get(field) != value) {
        applying.put(field, value);
    }
}

/// A list to choose from: value and words. `options` may depend on other inputs.
pub fn choice(
    field: Field,
    applying: Applying,
    options: impl Fn() -> Vec<(&'static str, &'static str)> + 'static,
) -> El {
    let now = Memo::new(move |_| applying.draft.value(field));
    let items = move || {
        let now = now.get();
        let mut items = vec![option("", "请选择", now.is_empty())];
        items.extend(options().into_iter().map(|(value, words)| option(value, words, value == now)));
        items
    };
    let list = control("select", field, applying)
        .attr("autocomplete", look(field).fill)
        .on("change", move |event| {
            applying.put(field, value_of(&event));
            if field == Field::MailProvince {
                applying.put(Field::MailCity, String::new());
            }
            applying.leave(field);
        })
        .on("blur", move |_| save::save(applying, false))
        .live(items);
    framed(field, list, applying)
}

fn option(value: &str, words: &str, chosen: bool) -> El {
    let option = el("option").attr("value", value).child(words);
    if chosen { option.attr("selected", "") } else { option }
}

/// A few choices with an explanation each.
pub fn radios(field: Field, applying: Applying, options: Vec<(&'static str, &'static str, &'static str)>) -> El {
    let items = options.into_iter().enumerate().map(|(index, (value, words, hint))| {
        // The first one has the field's id: the summary's link leads there.
        let id = if index == 0 { field.id().to_owned() } else { [field.id(), "-", value].concat() };
        let input = el("input")
            .id(&id)
            .attr("type", "radio")
            .attr("name", field.id())
            .attr("value", value)
            .live_checked(move || applying.draft.value(field) == value)
            .on("change", move |_| applying.put(field, value.into()));
        let words = el("span").child(el("b").child(words)).child(el("span").class("hint").child(hint));
        el("label").class("option").child(input).child(words)
    });
    el("fieldset")
        .class("field wide")
        .attr("aria-describedby", &described(field))
        .child(label("legend", field))
        .child(items.collect::<Vec<_>>())
        .child(error(field, applying))
}

/// Label with the asterisk of a required field.
fn label(tag: &str, field: Field) -> El {
    let optional = !field.required() && field.kind() != Kind::Choice;
    el(tag)
        .child(field.required().then(must))
        .child(field.label())
        .child(optional.then(|| el("span").class("optional").child("（选填）")))
}

fn framed(field: Field, input: El, applying: Applying) -> El {
    let Look { hint, wide, .. } = look(field);
    let hint = (!hint.is_empty()).then(|| el("p").class("hint").id(&[field.id(), "-hint"].concat()).child(hint));
    div(if wide { "field wide" } else { "field" })
        .child(label("label", field).attr("for", field.id()))
        .child(input)
        .child(hint)
        .child(error(field, applying))
}

/// What is wrong with an input, in the summary's words.
pub fn error(field: Field, applying: Applying) -> El {
    el("p")
        .class("wrong")
        .id(&[field.id(), "-error"].concat())
        .live(move || applying.error(field).map(|error| error.message(field)))
}

/// The hint and the error are read with the input.
fn described(field: Field) -> String {
    let id = field.id();
    if look(field).hint.is_empty() { [id, "-error"].concat() } else { [id, "-hint ", id, "-error"].concat() }
}
