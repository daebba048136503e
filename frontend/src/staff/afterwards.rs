//! What staff may do with an order besides the daily steps: refuse it for good, take a key back, send the PIN again.

use super::act::Act;
use super::desk::Place;
use super::field::Field;
use super::order::{Loading, may};
use super::queues::Queues;
use super::refunds::words_of;
use crate::api::{self, Failure};
use crate::dom::{El, el, p, press, value_of};
use crate::ui::dialog::dialog;
use crate::ui::screen::Parts;
use leptos::prelude::*;
use shared::api::{ErrorCode, Reject, RejectCategory, ResendPin, ReturnKey, StaffOrder};
use shared::order::EventKind;

/// Longest reason, in characters.
const LONGEST: usize = 200;

/// Makes the dialog of an act.
type Dialog = fn(After) -> El;

const KINDS: [(EventKind, &str, &str, Dialog); 3] = [
    (EventKind::PinNoticeResent, "button", "重新发送密码", send_again),
    (EventKind::ReviewRejected, "button danger", "终止办理", reject),
    (EventKind::Returned, "button danger", "证书退货", take_back),
];

/// The buttons that this person has for this order, and their dialogs.
pub fn acts(order: &StaffOrder, loading: Loading) -> (Parts, Parts) {
    let (place, status) = (Place::here(), order.order.status);
    let (mut buttons, mut dialogs) = (Vec::new(), Vec::new());
    for (event, class, label, make) in KINDS {
        if may(&place, status, event) {
            let open = RwSignal::new(false);
            buttons.push(press(class, label, move || open.set(true)));
            let after = After::new(order, loading, open);
            dialogs.push(make(after));
        }
    }
    (buttons, dialogs)
}

/// What follows: the order as it is now, and the lists.
#[derive(Clone)]
struct After {
    number: String,
    version: i64,
    loading: Loading,
    queues: Queues,
    open: RwSignal<bool>,
}

impl After {
    fn new(order: &StaffOrder, loading: Loading, open: RwSignal<bool>) -> Self {
        Self { number: order.order.number.clone(), version: order.order.version, loading, queues: Queues::here(), open }
    }

    /// `written`: the inputs that are done with then.
    fn act(&self, written: &'static [&'static str], done: &'static str) -> Act {
        let after = self.clone();
        Act::new(self.open, move |ended: Result<&(), &Failure>| match ended {
            Ok(()) => {
                for id in written {
                    Field::sent(id, &after.number);
                }
                after.queues.refresh();
                after.loading.done(&after.number, ["订单 ", &after.number, " ", done].concat());
            }
            Err(failure) if failure.code() == Some(ErrorCode::Conflict) => {
                after.queues.refresh();
                after.loading.look_again();
            }
            Err(_) => {}
        })
    }
}

fn reject(after: After) -> El {
    dialog("reject", "终止办理", after.open, move || {
        let reason = Field::kept("reject-reason", "终止原因（申请人可在网页查看）", &after.number);
        let category = RwSignal::new(RejectCategory::default());
        let (act, version, number) =
            (after.act(&["reject-reason"], "已终止，费用将原路退回"), after.version, after.number.clone());
        let run = act.clone();
        let submit = move || {
            let Some(reason) = words_of(reason, LONGEST, "请填写终止的原因，申请人会看到这段文字")
            else {
                return;
            };
            let (number, category) = (number.clone(), category.get_untracked());
            run.run(async move { api::staff::reject(&number, &Reject { version, category, reason }).await });
        };
        let options: Parts = RejectCategory::ALL
            .into_iter()
            .map(|one| {
                let option = el("option").attr("value", one.label()).child(one.label());
                if one == category.get_untracked() { option.attr("selected", "") } else { option }
            })
            .collect();
        let choice =
            el("select").id("reject-category").attr("autofocus", "").child(options).on("change", move |event| {
                let words = value_of(&event);
                if let Some(one) = RejectCategory::ALL.into_iter().find(|one| one.label() == words) {
                    category.set(one);
                }
            });
        let kind =
            el("div").class("field").child([el("label").attr("for", "reject-category").child("原因类别"), choice]);
        let mut parts = vec![
            p("只在资料无法补正时使用。订单将取消，费用原路退回，申请人收到短信通知，不能恢复。"),
            kind,
            reason.view(el("textarea").attr("rows", "3"), ""),
        ];
        parts.extend(act.foot("button danger", "确认终止", submit));
        parts
    })
}

fn take_back(after: After) -> El {
    dialog("return", "证书退货", after.open, move || {
        let serial = Field::kept("return-serial", "收回的 UKey 介质号（可用扫码枪录入）", &after.number);
        let reason = Field::kept("return-reason", "退货原因", &after.number);
        let act = after.act(&["return-serial", "return-reason"], "已退货，证书已吊销，费用将原路退回");
        let (version, number) = (after.version, after.number.clone());
        let run = act.clone();
        let submit = move || {
            // The first input last: the focus ends there if both are wrong.
            let words = words_of(reason, LONGEST, "请填写退货原因");
            let typed = words_of(serial, LONGEST, "请填写收回的 UKey 的介质号");
            let (Some(key_serial), Some(reason)) = (typed, words) else { return };
            let number = number.clone();
            run.run(async move { api::staff::take_back(&number, &ReturnKey { version, key_serial, reason }).await });
        };
        let input = el("input").attr("type", "text").attr("autocomplete", "off").attr("autofocus", "");
        let mut parts = vec![
            p("请先确认 UKey 已经收回。证书将被吊销，费用原路退回，不能恢复。"),
            serial.view(input, ""),
            reason.view(el("textarea").attr("rows", "3"), ""),
        ];
        parts.extend(act.foot("button danger", "确认退货", submit));
        parts
    })
}

fn send_again(after: After) -> El {
    dialog("pin", "重新发送证书密码", after.open, move || {
        let reason = Field::kept("pin-reason", "如何核实了申请人身份", &after.number);
        let act = after.act(&["pin-reason"], "已重新发送证书密码");
        let (version, number) = (after.version, after.number.clone());
        let run = act.clone();
        let submit = move || {
            let Some(reason) = words_of(reason, LONGEST, "请写明如何核实了申请人身份，例如回拨登记电话")
            else {
                return;
            };
            let number = number.clone();
            run.run(async move { api::staff::resend_pin(&number, &ResendPin { version, reason }).await });
        };
        let mut parts = vec![
            p("密码再次以短信发送至法定代表人手机。每个订单最多三次，每次都会留痕。"),
            reason.view(el("textarea").attr("rows", "3").attr("autofocus", ""), ""),
        ];
        parts.extend(act.foot("button main", "确认发送", submit));
        parts
    })
}
