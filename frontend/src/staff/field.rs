//! An input with its label, hint and error.

use crate::dom::{El, div, el, p, value_of};
use crate::kept;
use crate::nav;
use leptos::prelude::*;

/// An input of the desk.
#[derive(Clone, Copy)]
pub struct Field {
    /// The input's id.
    pub id: &'static str,
    /// What stands above it.
    pub label: &'static str,
    /// What stands in it.
    pub value: RwSignal<String>,
    /// What is wrong with it.
    pub error: RwSignal<Option<String>>,
}

impl Field {
    /// An input with its first content.
    pub fn new(id: &'static str, label: &'static str, value: &str) -> Self {
        Self { id, label, value: RwSignal::new(value.to_owned()), error: RwSignal::new(None) }
    }

    /// The same, kept in this tab until it is [sent](Self::sent) or somebody logs out: neither a reload nor a look elsewhere
    /// loses it. `about`: what it is written about.
    pub fn kept(id: &'static str, label: &'static str, about: &str) -> Self {
        let name = place(id, about);
        let field = Self::new(id, label, &kept::get(&name).unwrap_or_default());
        Effect::new(move |_| {
            field.value.with(|value| if value.is_empty() { kept::forget(&name) } else { kept::put(&name, value) });
        });
        field
    }

    /// It went where it was meant for.
    pub fn sent(id: &str, about: &str) {
        kept::forget(&place(id, about));
    }

    /// Around `input`, which gets everything that belongs to the field.
    pub fn view(self, input: El, hint: &str) -> El {
        let Self { id, label, value, error } = self;
        let (hint_id, error_id) = ([id, "-hint"].concat(), [id, "-error"].concat());
        let described = [error_id.as_str(), " ", &hint_id].concat();
        let input = input
            .id(id)
            .attr("name", id)
            .attr("spellcheck", "false")
            .attr("aria-describedby", &described)
            .live_flag("aria-invalid", move || error.with(Option::is_some))
            .live_value(move || value.get())
            .on("input", move |event| {
                value.set(value_of(&event));
                error.set(None);
            });
        div("field")
            .live_class("wrong", move || error.with(Option::is_some))
            .child(el("label").attr("for", id).child(label))
            .child(input)
            .child(p("").class("error").id(&error_id).attr("role", "alert").live(move || error.get()))
            .child(p(hint).class("hint").id(&hint_id))
    }
}

/// Names of what is kept begin so.
const WRITING: &str = "desk:";

fn place(id: &str, about: &str) -> String {
    [WRITING, about, ":", id].concat()
}

/// Forgets what was being written: nobody is here any more.
pub fn forget_writing() {
    kept::forget_all(WRITING);
}

/// Puts the focus on the first field that is wrong, if any is.
pub fn focus_first_wrong(fields: &[Field]) -> bool {
    let wrong = fields.iter().find(|field| field.error.with_untracked(Option::is_some));
    if let Some(field) = wrong {
        nav::focus(field.id);
    }
    wrong.is_some()
}
