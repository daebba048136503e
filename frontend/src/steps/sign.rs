//! 签名确认: the application is signed with an SMS code to the operator's phone.

use crate::api::{self, Failure};
use crate::app::LastOrder;
use crate::nav;
use crate::routes::Page;
use crate::steps::order::{next_page, with_order};
use crate::steps::upload;
use crate::ui::rows::{row, rows};
use crate::ui::sms::Sms;
use crate::ui::{button::button, dialog::dialog, notice, steps};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{ErrorCode, OrderView, Signature};
use shared::flow::Step;
use shared::order::{Actor, EventKind, Status, offered};

/// The screen: the papers that are signed for, and the dialog above them.
pub fn page(number: String) -> AnyView {
    let belongs = |order: &OrderView| match order.status {
        Status::AwaitingSignature => true,
        Status::ReviewRefused => corrected(order),
        Status::AwaitingDocuments
        | Status::AwaitingPayment
        | Status::AwaitingReview
        | Status::AwaitingMaking
        | Status::AwaitingDispatch
        | Status::Dispatched
        | Status::Completed
        | Status::Cancelled => false,
    };
    nav::screen("签名确认", with_order(number, belongs, shown))
}

/// Every paper that the review refused was uploaded again.
fn corrected(order: &OrderView) -> bool {
    let redo = order.refusal.as_ref().map(|told| told.documents.clone()).unwrap_or_default();
    redo.iter().all(|kind| order.documents.iter().any(|there| there.kind == *kind && there.fresh))
}

fn shown(order: RwSignal<OrderView>) -> AnyView {
    let open = RwSignal::new(true);
    let business = order.with_untracked(|order| order.business);
    let body = move || signature(order);
    view! {
        {steps::bar(business, Step::Sign)}
        {upload::facts(order)}
        {papers(&order.get_untracked())}
        <div class="acts">
            {super::cancel::cancel(order)}
            {back(order)}
            <button type="button" class="button main" on:click=move |_| open.set(true)>"签名确认"</button>
        </div>
        {dialog("sign-title", "证书申请签名确认".into_any(), open, body)}
    }
    .into_any()
}

fn papers(order: &OrderView) -> AnyView {
    let channel = nav::channel();
    let items: Vec<_> = order
        .documents
        .iter()
        .filter_map(|there| {
            let paper = channel.documents.iter().find(|paper| paper.kind == there.kind)?;
            let src = api::document_src(&order.number, &there.id);
            Some(
                view! {
                    <li class="frame there">
                        <div class="frame-picture"><img src=src alt=[&paper.label, "预览"].concat() /></div>
                        <h3>{paper.label.clone()}</h3>
                    </li>
                }
                .into_any(),
            )
        })
        .collect();
    view! { <section class="card"><h2>"已上传的资料"</h2><ul class="frames">{items}</ul></section> }.into_any()
}

/// Back to the papers.
fn back(order: RwSignal<OrderView>) -> AnyView {
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
    view! {
        {move || failure.get().map(|told| notice::failed(&told, again.clone()))}
        {button("button", "返回修改资料", "正在返回…", busy, act)}
    }
    .into_any()
}

/// Inside of the dialog.
fn signature(order: RwSignal<OrderView>) -> AnyView {
    let nav = nav::nav();
    let channel = nav::channel();
    let LastOrder(last) = expect_context();
    let now = order.get_untracked();
    let sms = Sms::new(["sign-", &now.number].concat());
    let agreed = RwSignal::new(false);
    let unticked = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let failure: RwSignal<Option<Failure>> = RwSignal::new(None);
    let (number, slug, version) = (now.number.clone(), channel.slug.clone(), channel.consent.version.clone());
    let sign = move || {
        if busy.get_untracked() {
            return;
        }
        failure.set(None);
        unticked.set(!agreed.get_untracked());
        let Some((ticket, code)) = sms.typed() else { return };
        if !agreed.get_untracked() {
            nav::focus("sign-agreed");
            return;
        }
        busy.set(true);
        let signature = Signature { ticket, code, agreed: true, consent_version: version.clone() };
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
                    let path = next_page(&signed).path(&slug);
                    last.set(Some(signed));
                    nav.replace(&path);
                }
                Err(told) if about_code(told.code()) => sms.refuse(told.words()),
                Err(told) => {
                    failure.try_set(Some(told));
                }
            }
        });
    };
    let (again, ask_for) = (sign.clone(), now.number);
    view! {
        {rows(vec![row("经办人名称", now.operator_name), row("手机号", now.operator_phone)])}
        <form novalidate="" on:submit=move |event| {
            event.prevent_default();
            sign();
        }>
            {sms.view(move || {
                let number = ask_for.clone();
                sms.ask(async move { api::signature_code(&number).await });
            })}
            <div class="field wide">
                <label class="tick consent">
                    <input
                        id="sign-agreed"
                        type="checkbox"
                        aria-invalid=move || unticked.get().then_some("true")
                        aria-describedby="sign-agreed-error"
                        prop:checked=move || agreed.get()
                        on:change=move |event| {
                            agreed.set(event_target_checked(&event));
                            unticked.set(false);
                        }
                    />
                    <span>{channel.consent.text.clone()}</span>
                </label>
                <p class="wrong" id="sign-agreed-error">
                    {move || unticked.get().then_some("请阅读以上内容，并勾选表示同意")}
                </p>
            </div>
            {move || failure.get().map(|told| notice::failed(&told, again.clone()))}
            <div class="acts">
                <button type="submit" class="button main" aria-busy=move || busy.get().then_some("true")>
                    {move || if busy.get() { "正在提交…" } else { "确定" }}
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// Refusals that belong to the code's input.
pub fn about_code(code: Option<ErrorCode>) -> bool {
    matches!(code, Some(ErrorCode::SmsCodeWrong | ErrorCode::SmsCodeExpired | ErrorCode::SmsCodeUsedUp))
}
