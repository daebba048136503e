//! Texts in full: the guide and the agreements.

use crate::api::{self, Answer};
use crate::dom::{El, el, p};
use crate::nav;
use crate::ui::notice;
use crate::ui::rows::section;
use crate::ui::screen::{Parts, screen};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::Text;

/// 办理指南.
pub fn guide() -> Parts {
    let line = ["请拨打受理点电话：", &nav::channel().help_line].concat();
    screen("办理指南", vec![shown(None, false), section("在线咨询", p(&line)).id("contact")])
}

/// An agreement.
pub fn agreement(id: String) -> Parts {
    screen("协议", vec![shown(Some(id), true)])
}

/// An agreement (or the guide) as soon as it is here, `titled` where no heading names it.
pub fn shown(agreement: Option<String>, titled: bool) -> El {
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
    el("div").live(move || match text.get() {
        None => notice::waiting("正在读取…"),
        Some(Err(failure)) => notice::failed(&failure, load.clone()),
        Some(Ok(text)) => {
            // What the address names has moved down.
            request_animation_frame(nav::show_fragment);
            el("article")
                .class("text card")
                .child(titled.then(|| p(&text.title).class("text-title")))
                .child(el("div").html(&text.html))
        }
    })
}
