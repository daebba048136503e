//! 审核通过 and 审核不通过.

use crate::api::{self, Answer, Failure};
use crate::nav;
use crate::staff::desk::{Desk, Place};
use crate::staff::order::Loading;
use crate::staff::queues::Queues;
use crate::staff::routes::Page;
use crate::api::staff::Queue;
use crate::ui::button::button;
use crate::ui::dialog::dialog;
use crate::ui::notice;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{Approve, ErrorCode, Refuse, StaffOrder};
use shared::channel::DocumentKind;
use std::sync::Arc;

/// Reasons that are given every day, with the paper that they concern.
const REASONS: [(DocumentKind, &str); 7] = [
    (DocumentKind::BusinessLicence, "营业执照照片不清晰或不完整，请重新拍摄上传"),
    (DocumentKind::BusinessLicence, "营业执照复印件未加盖单位公章，请加盖公章后上传"),
    (DocumentKind::BusinessLicence, "营业执照上的单位名称或统一社会信用代码与申请信息不一致"),
    (DocumentKind::OperatorIdPortrait, "经办人身份证头像面照片不清晰或不完整，请重新拍摄上传"),
    (DocumentKind::OperatorIdPortrait, "身份证姓名或号码与经办人信息不一致，请上传经办人本人的身份证"),
    (DocumentKind::OperatorIdEmblem, "经办人身份证国徽面照片不清晰或不完整，请重新拍摄上传"),
    (DocumentKind::OperatorIdEmblem, "经办人身份证已过有效期，请上传有效的身份证"),
];

/// Longest reason that is sent to the applicant, in characters.
const LONGEST: usize = 200;

/// The bar at the screen's lower edge.
pub fn bar(order: &Arc<StaffOrder>, loading: Loading) -> AnyView {
    let (approving, refusing) = (RwSignal::new(false), RwSignal::new(false));
    view! {
        <div class="bar" role="group" aria-label="审核结果">
            <button type="button" class="button main" on:click=move |_| approving.set(true)>"审核通过"</button>
            <button type="button" class="button danger" on:click=move |_| refusing.set(true)>"审核不通过"</button>
            <p class="bar-note">"请核对照片、申请信息和核验结果一致后再作出结论。"</p>
        </div>
        {approve_dialog(order, loading, approving)}
        {refuse_dialog(order, loading, refusing)}
    }
    .into_any()
}

/// What follows an act: back to the queue, or the order as it is now.
#[derive(Clone)]
struct After {
    desk: Desk,
    nav: nav::Nav,
    queues: Queues,
    back: String,
    number: String,
    loading: Loading,
    open: RwSignal<bool>,
    failure: RwSignal<Option<Failure>>,
}

impl After {
    fn new(order: &StaffOrder, loading: Loading, open: RwSignal<bool>) -> Self {
        Self {
            desk: Desk::here(),
            nav: nav::nav(),
            queues: Queues::here(),
            back: Place::here().path(&Page::Queue(Queue::Review)),
            number: order.order.number.clone(),
            loading,
            open,
            failure: RwSignal::new(None),
        }
    }

    fn finish(&self, answer: Answer<()>, done: &str) {
        match self.desk.watch(answer) {
            Ok(()) => {
                self.open.try_set(false);
                self.queues.refresh();
                self.nav.tell(format!("订单 {} {done}", self.number));
                self.nav.go(&self.back);
            }
            Err(failure) if failure.code() == Some(ErrorCode::Conflict) => {
                self.open.try_set(false);
                self.queues.refresh();
                self.loading.moved.try_set(true);
                self.loading.again(&self.number);
            }
            Err(failure) => {
                self.failure.try_set(Some(failure));
            }
        }
    }

    fn trouble(&self) -> AnyView {
        let failure = self.failure;
        view! { {move || failure.get().map(|failure| notice::error(failure.words()))} }.into_any()
    }
}

fn approve_dialog(order: &Arc<StaffOrder>, loading: Loading, open: RwSignal<bool>) -> AnyView {
    let after = After::new(order, loading, open);
    let (number, version, unit) = (order.order.number.clone(), order.order.version, order.order.unit_name.clone());
    let busy = RwSignal::new(false);
    let body = move || {
        let (after, number) = (after.clone(), number.clone());
        let trouble = after.trouble();
        let act = move || {
            let (after, number) = (after.clone(), number.clone());
            busy.set(true);
            spawn_local(async move {
                let answer = api::staff::approve(&number, &Approve { version }).await;
                busy.try_set(false);
                after.finish(answer, "审核通过，已转入制证");
            });
        };
        view! {
            <p>"确认 "<b>{unit.clone()}</b>" 的资料已核对无误？通过后订单进入制证，不能撤回。"</p>
            {trouble}
            <div class="dialog-foot">
                {button("button main", "确认通过", "正在提交…", busy, act)}
                <button type="button" class="button" on:click=move |_| open.set(false)>"再看看"</button>
            </div>
        }
        .into_any()
    };
    dialog("approve", "审核通过".into_any(), open, body)
}

fn refuse_dialog(order: &Arc<StaffOrder>, loading: Loading, open: RwSignal<bool>) -> AnyView {
    let after = After::new(order, loading, open);
    let (number, version) = (order.order.number.clone(), order.order.version);
    let kinds: Vec<_> = order.order.documents.iter().map(|paper| paper.kind).collect();
    let (reason, papers) = (RwSignal::new(String::new()), RwSignal::new(Vec::<DocumentKind>::new()));
    let (reason_error, papers_error) = (RwSignal::new(None::<String>), RwSignal::new(None::<&'static str>));
    let busy = RwSignal::new(false);
    let body = move || {
        let (after, number) = (after.clone(), number.clone());
        let trouble = after.trouble();
        let act = move || {
            let text = reason.get_untracked().trim().to_owned();
            let length = text.chars().count();
            reason_error.set(match length {
                0 => Some("请填写不通过的原因，申请人会收到这段文字".into()),
                1..=LONGEST => None,
                _ => Some(format!("原因不能超过 {LONGEST} 个字，现在是 {length} 个字，请缩短")),
            });
            papers_error.set(papers.with_untracked(Vec::is_empty).then_some("请至少勾选一项需要重新上传的资料"));
            if reason_error.with_untracked(Option::is_some) {
                return nav::focus("reason");
            }
            if papers_error.with_untracked(Option::is_some) {
                return nav::focus("paper-0");
            }
            let refuse = Refuse { version, reason: text, documents: papers.get_untracked() };
            let (after, number) = (after.clone(), number.clone());
            busy.set(true);
            spawn_local(async move {
                let answer = api::staff::refuse(&number, &refuse).await;
                busy.try_set(false);
                after.finish(answer, "审核不通过，已通知申请人修改资料");
            });
        };
        view! {
            <p class="hint">"原因和需要重新上传的资料会发给申请人，申请人修改后重新签名，订单回到审核队列。"</p>
            {suggestions(&kinds, reason, papers, reason_error, papers_error)}
            <div class="field" class:wrong=move || reason_error.with(Option::is_some)>
                <label for="reason">"不通过原因"</label>
                <textarea
                    id="reason"
                    rows="4"
                    prop:value=reason
                    aria-invalid=move || reason_error.with(Option::is_some).then_some("true")
                    aria-describedby="reason-error"
                    on:input=move |event| {
                        reason.set(event_target_value(&event));
                        reason_error.set(None);
                    }
                ></textarea>
                <p class="error" id="reason-error" role="alert">{move || reason_error.get()}</p>
            </div>
            {ticks(&kinds, papers, papers_error)}
            {trouble}
            <div class="dialog-foot">
                {button("button danger", "确认不通过", "正在提交…", busy, act)}
                <button type="button" class="button" on:click=move |_| open.set(false)>"取消"</button>
            </div>
        }
        .into_any()
    };
    dialog("refuse", "审核不通过".into_any(), open, body)
}

/// A click adds the reason and ticks its paper.
fn suggestions(
    kinds: &[DocumentKind],
    reason: RwSignal<String>,
    papers: RwSignal<Vec<DocumentKind>>,
    reason_error: RwSignal<Option<String>>,
    papers_error: RwSignal<Option<&'static str>>,
) -> AnyView {
    let add = move |kind: DocumentKind, words: &'static str| {
        reason.update(|reason| {
            if !reason.contains(words) {
                let end = if reason.is_empty() || reason.ends_with(['；', '。', '\n']) { "" } else { "；" };
                reason.push_str(end);
                reason.push_str(words);
            }
        });
        papers.update(|papers| {
            if !papers.contains(&kind) {
                papers.push(kind);
            }
        });
        reason_error.set(None);
        papers_error.set(None);
    };
    let buttons: Vec<_> = REASONS
        .into_iter()
        .filter(|(kind, _)| kinds.contains(kind))
        .map(|(kind, words)| {
            let chosen = move || reason.with(|reason| reason.contains(words)).to_string();
            view! { <button type="button" class="pick" aria-pressed=chosen on:click=move |_| add(kind, words)>{words}</button> }
                .into_any()
        })
        .collect();
    view! { <fieldset class="picks"><legend>"常用原因（可多选）"</legend>{buttons}</fieldset> }.into_any()
}

fn ticks(
    kinds: &[DocumentKind],
    papers: RwSignal<Vec<DocumentKind>>,
    error: RwSignal<Option<&'static str>>,
) -> AnyView {
    let place = Place::here();
    let boxes: Vec<_> = kinds
        .iter()
        .enumerate()
        .map(|(index, kind)| {
            let (kind, place) = (*kind, place.clone());
            view! {
                <label class="tick">
                    <input
                        id=format!("paper-{index}")
                        type="checkbox"
                        prop:checked=move || papers.with(|papers| papers.contains(&kind))
                        on:change=move |event| {
                            let on = event_target_checked(&event);
                            papers.update(|papers| {
                                papers.retain(|paper| *paper != kind);
                                if on {
                                    papers.push(kind);
                                }
                            });
                            error.set(None);
                        }
                    />
                    <span>{move || place.paper(kind)}</span>
                </label>
            }
            .into_any()
        })
        .collect();
    view! {
        <fieldset class="ticks" class:wrong=move || error.get().is_some() aria-describedby="papers-error">
            <legend>"需要重新上传的资料"</legend>
            {boxes}
            <p class="error" id="papers-error" role="alert">{move || error.get()}</p>
        </fieldset>
    }
    .into_any()
}
