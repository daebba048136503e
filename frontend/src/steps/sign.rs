//! 签名确认: the application is signed with an SMS code to the operator's phone.

use crate::api::{self, Failure};
use crate::app::LastOrder;
use crate::dom::{El, div, el, is_ticked, press};
use crate::nav;
use crate::routes::Page;
use crate::steps::order::{next_page, with_order};
use crate::steps::upload;
use crate::ui::rows::{acts, row, rows, section};
use crate::ui::screen::{Parts, screen};
use crate::ui::sms::{Sms, about_code};
use crate::ui::{button, dialog::dialog, notice, steps};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{OrderView, Signature, TypedCode};
use shared::channel::Consent;
use shared::flow::Step;
use shared::order::{Actor, EventKind, Status, offered};

/// The screen: the papers that are signed for, and the dialog above them.
pub fn page(number: String) -> Parts {
    let belongs = |order: &OrderView| match order.status {
        Status::AwaitingSignature => true,
        Status::ReviewRefused => corrected(order),
        Status::AwaitingReview => !order.staged.is_empty(),
        Status::AwaitingDocuments
        | Status::AwaitingPayment
        | Status::AwaitingMaking
        | Status::AwaitingDispatch
        | Status::Dispatched
        | Status::Completed
        | Status::Cancelled
        | Status::Returned => false,
    };
    screen("签名确认", vec![with_order(number, belongs, shown)])
}

/// Every paper that the review refused was uploaded again.
fn corrected(order: &OrderView) -> bool {
    let redo = order.refusal.as_ref().map(|told| told.documents.clone()).unwrap_or_default();
    redo.iter().all(|kind| order.documents.iter().any(|there| there.kind == *kind && there.fresh))
}

fn shown(order: RwSignal<OrderView>) -> Parts {
    let open = RwSignal::new(true);
    let now = order.get_untracked();
    let acts = acts().child(super::cancel::cancel(order)).child(back(order)).child(press(
        "button main",
        "签名确认",
        move || open.set(true),
    ));
    vec![
        steps::bar(now.business, Step::Sign),
        upload::facts(&now),
        papers(&now),
        acts,
        dialog("sign-title", "证书申请签名确认", open, move || signature(order)),
    ]
}

fn papers(order: &OrderView) -> El {
    let channel = nav::channel();
    let items = channel.documents.iter().filter_map(|paper| {
        let mut papers = order.staged.iter().chain(&order.documents);
        let there = papers.find(|there| there.kind == paper.kind)?;
        let src = api::document_src(&order.number, &there.id);
        let picture = el("img").attr("src", &src).attr("alt", &[&paper.label, "预览"].concat());
        let frame = el("li").class("frame there").child(div("frame-picture").child(picture));
        Some(frame.child(el("h3").child(paper.label.as_str())))
    });
    section("已上传的资料", el("ul").class("frames").child(items.collect::<Vec<_>>()))
}

/// Back to the papers.
fn back(order: RwSignal<OrderView>) -> El {
    let nav = nav::nav();
    let slug = nav::channel().slug.clone();
    let LastOrder(last) = expect_context();
    let busy = RwSignal::new(false);
    let failure: RwSignal<Option<Failure>> = RwSignal::new(None);
    let act = move || {
        let now = order.get_untracked();
        let path = Page::Upload(now.number.clone()).path(&slug);
        if !offered(now.status, Actor::Applicant).any(|event| event == EventKind::DocumentsReopened) {
            nav.go(&path);
            return;
        }
        busy.set(true);
        failure.set(None);
        let nav = nav.clone();
        spawn_local(async move {
            let answer = api::reopen_documents(&now.number).await;
            busy.try_set(false);
            match answer {
                Ok(order) => {
                    last.set(Some(order));
                    nav.replace(&path);
                }
                Err(told) => {
                    failure.try_set(Some(told));
                }
            }
        });
    };
    let again = act.clone();
    el("div")
        .child(el("div").live(move || failure.get().map(|told| notice::failed(&told, again.clone()))))
        .child(button::button("button", "返回修改资料", "正在返回…", busy, act))
}

/// Inside of the dialog.
fn signature(order: RwSignal<OrderView>) -> Parts {
    let nav = nav::nav();
    let channel = nav::channel();
    let LastOrder(last) = expect_context();
    let now = order.get_untracked();
    let sms = Sms::new(["sign-", &now.number].concat());
    let agreed = RwSignal::new(false);
    let unticked: RwSignal<Option<String>> = RwSignal::new(None);
    let busy = RwSignal::new(false);
    let failure: RwSignal<Option<Failure>> = RwSignal::new(None);
    // The one that the hall was opened with, until the server says that there is another.
    let text = RwSignal::new(channel.consent.clone());
    let (number, slug) = (now.number.clone(), channel.slug.clone());
    let sign = move || {
        if busy.get_untracked() {
            return;
        }
        failure.set(None);
        unticked.set((!agreed.get_untracked()).then(|| UNTICKED.into()));
        let Some(TypedCode { ticket, code }) = sms.typed() else { return };
        if !agreed.get_untracked() {
            nav::mark_title(true);
            nav::focus("sign-agreed");
            return;
        }
        busy.set(true);
        let signature =
            Signature { ticket, code, agreed: true, consent_version: text.with_untracked(|text| text.version.clone()) };
        let (nav, slug, number) = (nav.clone(), slug.clone(), number.clone());
        spawn_local(async move {
            let answer = api::sign(&number, &signature).await;
            busy.try_set(false);
            match answer {
                Ok(signed) => {
                    sms.used();
                    if signed.status == Status::AwaitingReview {
                        nav.tell("资料已重新提交，我们会尽快审核，结果以短信通知。");
                    }
                    let path = next_page(&signed.number, signed.status).path(&slug);
                    last.set(Some(signed));
                    nav.replace(&path);
                }
                Err(told) if about_code(told.code()) => sms.refuse(told.words()),
                Err(Failure::Refused(told)) if told.consent.is_some() => {
                    // What was typed stays; the tick was for another text.
                    agreed.try_set(false);
                    unticked.try_set(Some(told.message.clone()));
                    text.try_update(|text| told.consent.into_iter().for_each(|new| *text = new));
                    nav::mark_title(true);
                    nav::focus("sign-agreed");
                }
                Err(told) => {
                    failure.try_set(Some(told));
                }
            }
        });
    };
    let (again, ask_for) = (sign.clone(), now.number);
    let code = sms.view(move || {
        let number = ask_for.clone();
        sms.ask(|proof| async move { api::signature_code(&number, proof).await }, move |told| sms.keep(told));
    });
    let form = el("form")
        .attr("novalidate", "")
        .child(code)
        .child(consent(text, agreed, unticked))
        .child(el("div").live(move || failure.get().map(|told| notice::failed(&told, again.clone()))))
        .child(acts().child(button::submit("确定", "正在提交…", busy)))
        .on("submit", move |event| {
            event.prevent_default();
            sign();
        });
    vec![rows(vec![row("经办人名称", &now.operator_name), row("手机号", &now.operator_phone)]), form]
}

/// Told where the tick is missing.
const UNTICKED: &str = "请阅读以上内容，并勾选表示同意";

/// The consent in full, to be ticked.
fn consent(text: RwSignal<Consent>, agreed: RwSignal<bool>, unticked: RwSignal<Option<String>>) -> El {
    let input = el("input")
        .id("sign-agreed")
        .attr("type", "checkbox")
        .attr("aria-required", "true")
        .attr("aria-describedby", "sign-agreed-error")
        .live_flag("aria-invalid", move || unticked.with(Option::is_some))
        .live_checked(move || agreed.get())
        .on("change", move |event| {
            nav::mark_title(false);
            agreed.set(is_ticked(&event));
            unticked.set(None);
        });
    let words = el("span").live(move || text.with(|text| text.text.clone()));
    let error = el("p").class("wrong").id("sign-agreed-error").attr("role", "alert");
    div("field wide")
        .child(el("label").class("tick consent").child(input).child(words))
        .child(error.live(move || unticked.get()))
}
