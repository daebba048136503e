//! 寄送: carrier and waybill. And what is on its way: 已签收.

use super::desk::{Desk, Place};
use super::field::{Field, focus_first_wrong};
use super::order::{Loading, may};
use super::queues::Queues;
use super::routes::Page;
use super::slip::Recipient;
use super::table::{self, Spec};
use crate::api::staff::Queue;
use crate::api::{self, Answer, Failure};
use crate::dom::{El, div, el, p, press};
use crate::nav;
use crate::ui::dialog::dialog;
use crate::ui::rows::{row, rows};
use crate::ui::screen::{Parts, screen};
use crate::ui::{button, notice};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{Dispatch, ErrorCode, StaffOrder};
use shared::field::WaybillNumber;
use shared::order::EventKind;
use std::sync::Arc;

/// Offered first; any other may be typed.
const CARRIERS: [&str; 7] = ["顺丰速运", "EMS", "京东快递", "中通快递", "圆通速递", "申通快递", "韵达快递"];

/// Longest carrier's name, in characters.
const CARRIER_LONGEST: usize = 20;

/// Waiting for a parcel.
pub fn page() -> Parts {
    let spec = Spec {
        queue: Queue::Dispatch,
        since: "已等待",
        urgent: true,
        empty: ("没有待寄送的 UKey", "制证完成的订单会出现在这里。"),
        middle: None,
    };
    let (chosen, told) = (RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    let place = Place::here();
    let list = table::list(spec, move |row| {
        let number = row.number.clone();
        vec![
            button::link("button small", "面单", &place.path(&Page::Slip(number.clone()))),
            press("button small main", "发货", move || chosen.set(Some(number.clone()))),
        ]
    });
    framed("寄送", list, told, one("dispatch", "登记发货", chosen, told, EventKind::Dispatched, parcel))
}

/// On its way.
pub fn sent() -> Parts {
    let spec = Spec {
        queue: Queue::Dispatched,
        since: "发货至今",
        urgent: false,
        empty: ("没有在途的快件", "发货后的订单会列在这里，收件人签收后登记。"),
        middle: None,
    };
    let (chosen, told) = (RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    let list = table::list(spec, move |row| {
        let number = row.number.clone();
        vec![button::small("已签收", move || chosen.set(Some(number.clone())))]
    });
    framed("已发货", list, told, one("delivered", "登记签收", chosen, told, EventKind::Delivered, receipt))
}

fn framed(title: &str, list: Parts, told: RwSignal<Option<String>>, dialog: El) -> Parts {
    let mut parts = vec![el("div").live(move || told.get().map(|words| notice::info(&words)))];
    parts.extend(list);
    parts.push(dialog);
    screen(title, parts)
}

/// What an act needs and what follows it.
#[derive(Clone)]
struct Act {
    desk: Desk,
    queues: Queues,
    loading: Loading,
    number: String,
    chosen: RwSignal<Option<String>>,
    told: RwSignal<Option<String>>,
    busy: RwSignal<bool>,
    failure: RwSignal<Option<Failure>>,
}

impl Act {
    fn finish(&self, answer: Answer<()>, done: &str) {
        self.busy.try_set(false);
        match self.desk.watch(answer) {
            Ok(()) => {
                self.told.try_set(Some(["订单 ", &self.number, " ", done].concat()));
                self.chosen.try_set(None);
                self.queues.refresh();
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

    fn close(&self) -> El {
        let chosen = self.chosen;
        press("button", "取消", move || chosen.set(None))
    }
}

/// A dialog about the chosen order, which is loaded first.
fn one(
    id: &str,
    title: &str,
    chosen: RwSignal<Option<String>>,
    told: RwSignal<Option<String>>,
    step: EventKind,
    show: fn(&Arc<StaffOrder>, Act) -> Parts,
) -> El {
    let open = RwSignal::new(false);
    // The choice opens the dialog, and closing the dialog drops the choice. Each sets the other only when it differs.
    Effect::new(move |_| {
        let wanted = chosen.with(Option::is_some);
        if open.get_untracked() != wanted {
            open.set(wanted);
        }
    });
    Effect::new(move |_| {
        if !open.get() && chosen.with_untracked(Option::is_some) {
            chosen.set(None);
        }
    });
    dialog(id, title, open, move || {
        let Some(number) = chosen.get_untracked() else { return Vec::new() };
        told.set(None);
        let loading = Loading::start(&number);
        let act = Act {
            desk: Desk::here(),
            queues: Queues::here(),
            loading,
            number: number.clone(),
            chosen,
            told,
            busy: RwSignal::new(false),
            failure: RwSignal::new(None),
        };
        let place = Place::here();
        let view = loading.view(&number, move |order| {
            // Somebody else was first: there is nothing to do any more.
            if may(&place, order.order.status, step) {
                show(order, act.clone())
            } else {
                vec![p(order.order.status.label()), div("dialog-foot").child(act.close())]
            }
        });
        vec![loading.news(), view]
    })
}

fn parcel(order: &Arc<StaffOrder>, act: Act) -> Parts {
    let to = Recipient::of(order);
    let fields @ [carrier, waybill] =
        [Field::new("carrier", "快递公司", CARRIERS[0]), Field::new("waybill", "运单号（可用扫码枪录入）", "")];
    let version = order.order.version;
    let (trouble, close, busy) = (act.trouble(), act.close(), act.busy);
    let submit = move || {
        let by = carrier.value.get_untracked().trim().to_owned();
        let number = WaybillNumber::parse(&waybill.value.get_untracked());
        carrier.error.set(match by.chars().count() {
            0 => Some("请填写快递公司".into()),
            1..=CARRIER_LONGEST => None,
            _ => Some(["快递公司不能超过 ", &CARRIER_LONGEST.to_string(), " 个字，请缩短"].concat()),
        });
        waybill.error.set(number.as_ref().err().map(|error| error.message_for("运单号")));
        let wrong = focus_first_wrong(&fields);
        let Some(number) = number.ok().filter(|_| !wrong) else { return };
        busy.set(true);
        let act = act.clone();
        let parcel = Dispatch { version, carrier: by, waybill: number.as_str().to_owned() };
        spawn_local(async move {
            let answer = api::staff::dispatch(&act.number, &parcel).await;
            act.finish(answer, "已发货，证书密码将以短信发送至法定代表人手机");
        });
    };
    Effect::new(|_| nav::focus("waybill"));
    let input = || el("input").attr("type", "text").attr("autocomplete", "off");
    let names: Parts = CARRIERS.iter().map(|name| el("option").attr("value", name)).collect();
    let form = el("form")
        .attr("novalidate", "")
        .child(rows(vec![
            row("收件人", &to.line()),
            row("收件地址", &to.address),
            row("单位名称", &order.order.unit_name),
            row("介质号", order.order.key_serial.as_deref().unwrap_or_default()),
        ]))
        .child(div("pair").child([carrier.view(input().attr("list", "carriers"), ""), waybill.view(input(), "")]))
        .child(el("datalist").id("carriers").child(names))
        .child(p("确认发货后，系统以短信通知经办人，并把证书初始密码发送至法定代表人手机。").class("hint"))
        .child(trouble)
        .child(div("dialog-foot").child([button::submit("确认发货", "正在提交…", busy), close]))
        .on("submit", move |event| {
            event.prevent_default();
            if !busy.get_untracked() {
                submit();
            }
        });
    vec![form]
}

fn receipt(order: &Arc<StaffOrder>, act: Act) -> Parts {
    let to = Recipient::of(order);
    let (version, busy) = (order.order.version, act.busy);
    let (trouble, close) = (act.trouble(), act.close());
    let submit = move || {
        let act = act.clone();
        busy.set(true);
        spawn_local(async move {
            let answer = api::staff::delivered(&act.number, version).await;
            act.finish(answer, "已签收，订单完成");
        });
    };
    vec![
        rows(vec![
            row("快递公司", order.order.carrier.as_deref().unwrap_or_default()),
            row("运单号", order.order.waybill.as_deref().unwrap_or_default()),
            row("收件人", &to.line()),
            row("单位名称", &order.order.unit_name),
        ]),
        p("请先在快递公司网站核实签收情况。登记后订单完成。").class("hint"),
        trouble,
        div("dialog-foot").child([button::button("button main", "确认已签收", "正在提交…", busy, submit), close]),
    ]
}
