//! 审核通过 and 审核不通过.

use crate::api::staff::Queue;
use crate::api::{self, Answer, Failure};
use crate::dom::{El, div, el, is_ticked, p, press};
use crate::nav;
use crate::staff::desk::{Desk, Place};
use crate::staff::field::Field;
use crate::staff::order::Loading;
use crate::staff::queues::Queues;
use crate::staff::routes::Page;
use crate::ui::button::button;
use crate::ui::dialog::dialog;
use crate::ui::notice;
use crate::ui::screen::Parts;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{Approve, ErrorCode, Refuse, StaffOrder};
use shared::channel::DocumentKind;

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

/// The bar at the screen's lower edge, with its two dialogs.
pub fn bar(order: &StaffOrder, loading: Loading, more: Parts) -> Parts {
    let (approving, refusing) = (RwSignal::new(false), RwSignal::new(false));
    let bar = div("bar").attr("role", "group").attr("aria-label", "审核结果").child([
        press("button main", "审核通过", move || approving.set(true)),
        press("button danger", "审核不通过", move || refusing.set(true)),
    ]);
    let bar = bar.child(more).child(p("请核对照片、申请信息和核验结果一致后再作出结论。").class("bar-note"));
    vec![bar, approve_dialog(order, loading, approving), refuse_dialog(order, loading, refusing)]
}

/// What follows an act: back to the queue, or the order as it is now.
#[derive(Clone)]
struct After {
    desk: Desk,
    nav: nav::Nav,
    queues: Queues,
    back: String,
    number: String,
    version: i64,
    loading: Loading,
    open: RwSignal<bool>,
    busy: RwSignal<bool>,
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
            version: order.order.version,
            loading,
            open,
            busy: RwSignal::new(false),
            failure: RwSignal::new(None),
        }
    }

    fn finish(&self, answer: Answer<()>, done: &str) {
        self.busy.try_set(false);
        match self.desk.watch(answer) {
            Ok(()) => {
                self.open.try_set(false);
                self.queues.refresh();
                self.nav.tell(["订单 ", &self.number, " ", done].concat());
                self.nav.go(&self.back);
            }
            Err(failure) => {
                if failure.code() == Some(ErrorCode::Conflict) {
                    self.queues.refresh();
                    self.loading.look_again();
                }
                self.failure.try_set(Some(failure));
            }
        }
    }

    fn trouble(&self) -> El {
        let failure = self.failure;
        el("div").live(move || failure.get().map(|failure| notice::error(&failure.words())))
    }

    /// The two buttons at a dialog's end.
    fn foot(&self, class: &str, label: &'static str, leave: &str, act: impl Fn() + 'static) -> El {
        let open = self.open;
        div("dialog-foot")
            .child([button(class, label, "正在提交…", self.busy, act), press("button", leave, move || open.set(false))])
    }
}

fn approve_dialog(order: &StaffOrder, loading: Loading, open: RwSignal<bool>) -> El {
    let (after, unit) = (After::new(order, loading, open), order.order.unit_name.clone());
    dialog("approve", "审核通过", open, move || {
        let acting = after.clone();
        let act = move || {
            let after = acting.clone();
            after.busy.set(true);
            spawn_local(async move {
                let answer = api::staff::approve(&after.number, &Approve { version: after.version }).await;
                after.finish(answer, "审核通过，已转入制证");
            });
        };
        let words =
            p("确认 ").child(el("b").child(unit.as_str())).child(" 的资料已核对无误？通过后订单进入制证，不能撤回。");
        vec![words, after.trouble(), after.foot("button main", "确认通过", "再看看", act)]
    })
}

/// A refusal being written.
#[derive(Clone, Copy)]
struct Writing {
    reason: Field,
    papers: RwSignal<Vec<DocumentKind>>,
    papers_error: RwSignal<Option<&'static str>>,
}

fn refuse_dialog(order: &StaffOrder, loading: Loading, open: RwSignal<bool>) -> El {
    let after = After::new(order, loading, open);
    let kinds: Vec<_> = order.order.documents.iter().map(|paper| paper.kind).collect();
    let writing = Writing {
        reason: Field::kept("reason", "不通过原因", &order.order.number),
        papers: RwSignal::new(Vec::new()),
        papers_error: RwSignal::new(None),
    };
    dialog("refuse", "审核不通过", open, move || {
        let acting = after.clone();
        let act = move || {
            let Some(refuse) = writing.read(acting.version) else { return };
            let after = acting.clone();
            after.busy.set(true);
            spawn_local(async move {
                let answer = api::staff::refuse(&after.number, &refuse).await;
                if answer.is_ok() {
                    Field::sent("reason", &after.number);
                }
                after.finish(answer, "审核不通过，已通知申请人修改资料");
            });
        };
        vec![
            p("原因和需要重新上传的资料会发给申请人，申请人修改后重新签名，订单回到审核队列。").class("hint"),
            writing.suggestions(&kinds),
            writing.reason.view(el("textarea").attr("rows", "4"), ""),
            writing.ticks(&kinds),
            after.trouble(),
            after.foot("button danger", "确认不通过", "取消", act),
        ]
    })
}

impl Writing {
    fn read(self, version: i64) -> Option<Refuse> {
        let reason = self.reason.value.with_untracked(|reason| reason.trim().to_owned());
        let length = reason.chars().count();
        self.reason.error.set(match length {
            0 => Some("请填写不通过的原因，申请人会收到这段文字".into()),
            1..=LONGEST => None,
            _ => Some(
                ["原因不能超过 ", &LONGEST.to_string(), " 个字，现在是 ", &length.to_string(), " 个字，请缩短"]
                    .concat(),
            ),
        });
        let documents = self.papers.get_untracked();
        self.papers_error.set(documents.is_empty().then_some("请至少勾选一项需要重新上传的资料"));
        if self.reason.error.with_untracked(Option::is_some) {
            nav::focus("reason");
            return None;
        }
        if documents.is_empty() {
            nav::focus("paper-0");
            return None;
        }
        Some(Refuse { version, reason, documents })
    }

    /// A click adds the reason and ticks its paper.
    fn suggestions(self, kinds: &[DocumentKind]) -> El {
        let given = REASONS.into_iter().filter(|(kind, _)| kinds.contains(kind));
        let buttons: Parts = given
            .map(|(kind, words)| {
                let chosen = move || self.reason.value.with(|reason| reason.contains(words));
                press("pick", words, move || self.add(kind, words))
                    .live_attr("aria-pressed", move || Some(chosen().to_string()))
            })
            .collect();
        el("fieldset").class("picks").child(el("legend").child("常用原因（可多选）")).child(buttons)
    }

    fn add(self, kind: DocumentKind, words: &str) {
        self.reason.value.update(|reason| {
            if !reason.contains(words) {
                let end = if reason.is_empty() || reason.ends_with(['；', '。', '\n']) { "" } else { "；" };
                reason.push_str(end);
                reason.push_str(words);
            }
        });
        self.reason.error.set(None);
        self.tick(kind, true);
    }

    fn tick(self, kind: DocumentKind, on: bool) {
        self.papers.update(|papers| {
            papers.retain(|paper| *paper != kind);
            if on {
                papers.push(kind);
            }
        });
        self.papers_error.set(None);
    }

    fn ticks(self, kinds: &[DocumentKind]) -> El {
        let place = Place::here();
        let boxes: Parts = kinds
            .iter()
            .enumerate()
            .map(|(index, kind)| {
                let (kind, place) = (*kind, place.clone());
                let tick = el("input")
                    .id(&["paper-", &index.to_string()].concat())
                    .attr("type", "checkbox")
                    .live_checked(move || self.papers.with(|papers| papers.contains(&kind)))
                    .on("change", move |event| self.tick(kind, is_ticked(&event)));
                el("label").class("tick").child([tick, el("span").live(move || place.paper(kind))])
            })
            .collect();
        let error = p("").class("error").id("papers-error").attr("role", "alert");
        el("fieldset")
            .class("ticks")
            .attr("aria-describedby", "papers-error")
            .child(el("legend").child("需要重新上传的资料"))
            .child(boxes)
            .child(error.live(move || self.papers_error.get()))
    }
}
