//! Dialogs on the browser's own `<dialog>`: focus stays inside, Escape closes, focus returns.

use leptos::html;
use leptos::prelude::*;

/// A dialog that follows `open`. `id` names its heading.
pub fn dialog(
    id: &'static str,
    title: AnyView,
    open: RwSignal<bool>,
    body: impl Fn() -> AnyView + Send + 'static,
) -> AnyView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        if open.get() == dialog.open() {
            return;
        }
        if open.get_untracked() {
            let _ = dialog.show_modal();
        } else {
            dialog.close();
        }
    });
    view! {
        <dialog node_ref=node class="dialog" aria-labelledby=id on:close=move |_| open.set(false)>
            <div class="dialog-head">
                <h2 id=id>{title}</h2>
                <button type="button" class="close" aria-label="关闭" on:click=move |_| open.set(false)>"×"</button>
            </div>
            <div class="dialog-body">{move || open.get().then(&body)}</div>
        </dialog>
    }
    .into_any()
}
