//! Texts in full: the guide and the agreements.

use crate::api::{self, Answer};
use crate::nav;
use crate::ui::notice;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::Text;

/// 办理指南.
pub fn guide() -> AnyView {
    let contact = nav::channel().help_line.clone();
    let body = view! {
        {shown(None)}
        <section class="card" id="contact"><h2>"在线咨询"</h2><p>"请拨打受理点电话："<b>{contact}</b></p></section>
    };
    nav::screen("办理指南", body.into_any())
}

/// An agreement.
pub fn agreement(id: String) -> AnyView {
    nav::screen("协议", shown(Some(id)))
}

/// An agreement (or the guide) as soon as it is here.
pub fn shown(agreement: Option<String>) -> AnyView {
    let slug = nav::channel().slug.clone();
    let text: RwSignal<Option<Answer<Text>>> = RwSignal::new(None);
    let load = move || {
        let (slug, agreement) = (slug.clone(), agreement.clone());
        text.set(None);
        spawn_local(async move {
            let answer = match agreement {
                Some(id) => api::agreement(&slug, &id).await,
                None => api::guide(&slug).await,
            };
            text.try_set(Some(answer));
        });
    };
    load();
    let view = move || match text.get() {
        None => notice::waiting("正在读取…"),
        Some(Err(failure)) => notice::failed(&failure, load.clone()),
        Some(Ok(text)) => view! {
            <article class="text card"><p class="text-title">{text.title}</p><div inner_html=text.html></div></article>
        }
        .into_any(),
    };
    view! { {view} }.into_any()
}
