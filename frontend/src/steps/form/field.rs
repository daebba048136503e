//! One input with its label, hint and error. Functions that give `AnyView`: each is compiled once, not once a field.

use super::look::{Look, look};
use super::{Applying, save};
use leptos::prelude::*;
use shared::form::{Field, Kind};
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, InputEvent};

/// A line to type in.
pub fn line(field: Field, applying: Applying) -> AnyView {
    let Look { fill, keys, .. } = look(field);
    let class = if field.kind() == Kind::Code { "code" } else { "" };
    let input = view! {
        <input
            id=field.id()
            name=field.id()
            type="text"
            class=class
            inputmode=keys
            autocomplete=fill
            spellcheck="false"
            aria-required=field.required().then_some("true")
            aria-invalid=move || applying.error(field).map(|_| "true")
            aria-describedby=described(field)
            prop:value=move || applying.value(field)
            on:input=move |event| typed(field, &event, applying)
            on:change=move |event| typed(field, &event, applying)
            on:blur=move |_| {
                applying.leave(field);
                save::save(applying, false);
            }
        />
    };
    framed(field, input.into_any(), applying)
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
    if applying.draft.with_untracked(|draft| draft.get(field) != value) {
        applying.put(field, value);
    }
}

/// A list to choose from: value and words. `options` may depend on other inputs.
pub fn choice(
    field: Field,
    applying: Applying,
    options: impl Fn() -> Vec<(&'static str, &'static str)> + Send + 'static,
) -> AnyView {
    let items = move || {
        let now = applying.value(field);
        let mut items = vec![view! { <option value="" prop:selected=now.is_empty()>"请选择"</option> }.into_any()];
        for (value, words) in options() {
            items.push(view! { <option value=value prop:selected=now == value>{words}</option> }.into_any());
        }
        items
    };
    let input = view! {
        <select
            id=field.id()
            name=field.id()
            autocomplete=look(field).fill
            aria-required=field.required().then_some("true")
            aria-invalid=move || applying.error(field).map(|_| "true")
            aria-describedby=described(field)
            on:change=move |event| {
                applying.put(field, event_target_value(&event));
                if field == Field::MailProvince {
                    applying.put(Field::MailCity, String::new());
                }
                applying.leave(field);
            }
            on:blur=move |_| save::save(applying, false)
        >
            {items}
        </select>
    };
    framed(field, input.into_any(), applying)
}

/// A few choices with an explanation each.
pub fn radios(
    field: Field,
    applying: Applying,
    options: Vec<(&'static str, &'static str, &'static str)>,
) -> AnyView {
    let items: Vec<_> = options
        .into_iter()
        .enumerate()
        .map(|(index, (value, words, hint))| {
            // The first one has the field's id: the summary's link leads there.
            let id = if index == 0 { field.id().to_owned() } else { [field.id(), "-", value].concat() };
            view! {
                <label class="option">
                    <input
                        id=id
                        type="radio"
                        name=field.id()
                        value=value
                        prop:checked=move || applying.value(field) == value
                        on:change=move |_| applying.put(field, value.into())
                    />
                    <span><b>{words}</b><span class="hint">{hint}</span></span>
                </label>
            }
            .into_any()
        })
        .collect();
    view! {
        <fieldset class="field wide" aria-describedby=described(field)>
            <legend>{label(field)}</legend>
            {items}
            {error(field, applying)}
        </fieldset>
    }
    .into_any()
}

/// Label with the asterisk of a required field.
fn label(field: Field) -> AnyView {
    let mark = if field.required() {
        view! { <span class="must" aria-hidden="true">"* "</span> }.into_any()
    } else {
        ().into_any()
    };
    let optional = (!field.required() && field.kind() != Kind::Choice)
        .then(|| view! { <span class="optional">"（选填）"</span> }.into_any());
    view! { {mark}{field.label()}{optional} }.into_any()
}

fn framed(field: Field, input: AnyView, applying: Applying) -> AnyView {
    let Look { hint, wide, .. } = look(field);
    let hint = (!hint.is_empty()).then(|| view! { <p class="hint" id=[field.id(), "-hint"].concat()>{hint}</p> }.into_any());
    view! {
        <div class="field" class:wide=wide>
            <label for=field.id()>{label(field)}</label>
            {input}
            {hint}
            {error(field, applying)}
        </div>
    }
    .into_any()
}

/// What is wrong with an input, in the summary's words.
pub fn error(field: Field, applying: Applying) -> AnyView {
    view! {
        <p class="wrong" id=[field.id(), "-error"].concat()>
            {move || applying.error(field).map(|error| error.message(field))}
        </p>
    }
    .into_any()
}

/// The hint and the error are read with the input.
pub fn described(field: Field) -> String {
    let id = field.id();
    if look(field).hint.is_empty() { [id, "-error"].concat() } else { [id, "-hint ", id, "-error"].concat() }
}
