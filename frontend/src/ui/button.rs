//! Buttons that do one thing once.

use leptos::prelude::*;

/// A button that runs `act`; while `busy` it says so and does nothing. It is never greyed out without a reason.
pub fn button(
    class: &'static str,
    label: &'static str,
    busy_label: &'static str,
    busy: RwSignal<bool>,
    act: impl Fn() + 'static,
) -> AnyView {
    view! {
        <button
            type="button"
            class=class
            aria-busy=move || busy.get().then_some("true")
            on:click=move |_| {
                if !busy.get_untracked() {
                    act();
                }
            }
        >
            {move || if busy.get() { busy_label } else { label }}
        </button>
    }
    .into_any()
}

/// A link that looks like a button.
pub fn link(class: &'static str, label: &'static str, to: String) -> AnyView {
    view! { <a class=class href=to>{label}</a> }.into_any()
}
