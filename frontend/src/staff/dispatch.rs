//! 寄送: carrier and waybill. And what is on its way: 已签收.

use super::desk::{Desk, Place};
use super::order::Loading;
use super::queues::Queues;
use super::routes::Page;
use super::table::{self, Spec};
use crate::api::staff::Queue;
use crate::api::{self, Answer, Failure};
use crate::nav;
use crate::ui::button::button;
use crate::ui::dialog::dialog;
use crate::ui::notice;
use crate::ui::rows::{row, rows};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{Dispatch, ErrorCode, QueueRow, StaffOrder};
use shared::field::WaybillNumber;
use std::sync::Arc;

/// Offered first; any other may be typed.
const CARRIERS: [&str; 7] = ["顺丰速运", "EMS", "京东快递", "中通快递", "圆通速递", "申通快递", "韵达快递"];

/// Longest carrier's name, in characters.
const CARRIER_LONGEST: usize = 20;

/// Waiting for a parcel.
pub fn page() -> AnyView {
    let spec = Spec {
        queue: Queue::Dispatch,
        since: "已等待",
        urgent: true,
        empty: ("没有待寄送的 UKey", "制证完成的订单会出现在这里。"),
    };
    let chosen = RwSignal::new(None::<String>);
    let told = RwSignal::new(None::<String>);
    let place = Place::here();
    let action = move |row: &QueueRow| {
        let number = row.number.clone();
        let slip = place.path(&Page::Slip(row.number.clone()));
        view! {
            <a class="button small" href=slip>"面单"</a>
            <button type="button" class="button small main" on:click=move |_| chosen.set(Some(number.clone()))>"发货"</button>
        }
        .into_any()
    };
    let body = view! {
        {move || told.get().map(notice::info)}
        {table::head(Queue::Dispatch)}
        {table::list(spec, None, action)}
        {one("dispatch", "登记发货", chosen, told, parcel)}
    };
    nav::screen("寄送", body.into_any())
}

/// On its way.
pub fn sent() -> AnyView {
    let spec = Spec {
        queue: Queue::Dispatched,
        since: "发货至今",
        urgent: false,
        empty: ("没有在途的快件", "发货后的订单会列在这里，收件人签收后登记。"),
    };
    let chosen = RwSignal::new(None::<String>);
    let told = RwSignal::new(None::<String>);
    let action = move |row: &QueueRow| {
        let number = row.number.clone();
        view! { <button type="button" class="button small" on:click=move |_| chosen.set(Some(number.clone()))>"已签收"</button> }
            .into_any()
    };
    let body = view! {
        {move || told.get().map(notice::info)}
        {table::head(Queue::Dispatched)}
        {table::list(spec, None, action)}
        {one("delivered", "登记签收", chosen, told, receipt)}
    };
    nav::screen("已发货", body.into_any())
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
                self.told.try_set(Some(format!("订单 {} {done}", self.number)));
                self.chosen.try_set(None);
                self.queues.refresh();
            }
            Err(failure) => {
                if failure.code() == Some(ErrorCode::Conflict) {
                    self.queues.refresh();
                    self.loading.again(&self.number);
                }
                self.failure.try_set(Some(failure));
            }
        }
    }

    fn trouble(&self) -> AnyView {
        let failure = self.failure;
        view! { {move || failure.get().map(|failure| notice::error(failure.words()))} }.into_any()
    }

    fn close(&self) -> AnyView {
        let chosen = self.chosen;
        view! { <button type="button" class="button" on:click=move |_| chosen.set(None)>"取消"</button> }.into_any()
    }
}

/// A dialog about the chosen order, which is loaded first.
fn one(
    id: &'static str,
    title: &'static str,
    chosen: RwSignal<Option<String>>,
    told: RwSignal<Option<String>>,
    show: fn(Arc<StaffOrder>, Act) -> AnyView,
) -> AnyView {
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
    let body = move || {
        let Some(number) = chosen.get_untracked() else { return ().into_any() };
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
        loading.view(number, move |order| show(order, act.clone()))
    };
    dialog(id, title.into_any(), open, body)
}

fn parcel(order: Arc<StaffOrder>, act: Act) -> AnyView {
    let to = super::slip::Recipient::of(&order);
    let (carrier, waybill) = (RwSignal::new(CARRIERS[0].to_owned()), RwSignal::new(String::new()));
    let (carrier_error, waybill_error) = (RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    let (version, key) = (order.order.version, order.order.key_serial.clone().unwrap_or_default());
    let (trouble, close, busy) = (act.trouble(), act.close(), act.busy);
    let submit = move || {
        if busy.get_untracked() {
            return;
        }
        let by = carrier.get_untracked().trim().to_owned();
        let number = WaybillNumber::parse(&waybill.get_untracked());
        carrier_error.set(match by.chars().count() {
            0 => Some("请填写快递公司".into()),
            1..=CARRIER_LONGEST => None,
            _ => Some(format!("快递公司不能超过 {CARRIER_LONGEST} 个字，请缩短")),
        });
        waybill_error.set(number.as_ref().err().map(|error| error.message_for("运单号")));
        let Ok(number) = number else { return nav::focus("waybill") };
        if carrier_error.with_untracked(Option::is_some) {
            return nav::focus("carrier");
        }
        busy.set(true);
        let act = act.clone();
        let parcel = Dispatch { version, carrier: by, waybill: number.as_str().to_owned() };
        spawn_local(async move {
            let answer = api::staff::dispatch(&act.number, &parcel).await;
            act.finish(answer, "已发货，证书密码将以短信发送至法定代表人手机");
        });
    };
    let input = |id: &'static str, label: &'static str, list: Option<&'static str>, value: RwSignal<String>, error: RwSignal<Option<String>>| {
        view! {
            <div class="field" class:wrong=move || error.with(Option::is_some)>
                <label for=id>{label}</label>
                <input
                    id=id
                    type="text"
                    list=list
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=value
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    aria-describedby=format!("{id}-error")
                    on:input=move |event| {
                        value.set(event_target_value(&event));
                        error.set(None);
                    }
                />
                <p class="error" id=format!("{id}-error") role="alert">{move || error.get()}</p>
            </div>
        }
        .into_any()
    };
    Effect::new(|_| nav::focus("waybill"));
    view! {
        <form novalidate on:submit=move |event| {
            event.prevent_default();
            submit();
        }>
            {rows(vec![
                row("收件人", format!("{} {}", to.name, to.mobile)),
                row("收件地址", to.address),
                row("单位名称", order.order.unit_name.clone()),
                row("介质号", key),
            ])}
            <div class="pair">
                {input("carrier", "快递公司", Some("carriers"), carrier, carrier_error)}
                {input("waybill", "运单号（可用扫码枪录入）", None, waybill, waybill_error)}
            </div>
            <datalist id="carriers">{CARRIERS.into_iter().map(|name| view! { <option value=name></option> }).collect_view()}</datalist>
            <p class="hint">"确认发货后，系统以短信通知经办人，并把证书初始密码发送至法定代表人手机。"</p>
            {trouble}
            <div class="dialog-foot">
                <button type="submit" class="button main" aria-busy=move || busy.get().then_some("true")>
                    {move || if busy.get() { "正在提交…" } else { "确认发货" }}
                </button>
                {close}
            </div>
        </form>
    }
    .into_any()
}

fn receipt(order: Arc<StaffOrder>, act: Act) -> AnyView {
    let to = super::slip::Recipient::of(&order);
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
    view! {
        {rows(vec![
            row("快递公司", order.order.carrier.clone().unwrap_or_default()),
            row("运单号", order.order.waybill.clone().unwrap_or_default()),
            row("收件人", format!("{} {}", to.name, to.mobile)),
            row("单位名称", order.order.unit_name.clone()),
        ])}
        <p class="hint">"请先在快递公司网站核实签收情况。登记后订单完成。"</p>
        {trouble}
        <div class="dialog-foot">{button("button main", "确认已签收", "正在提交…", busy, submit)}{close}</div>
    }
    .into_any()
}
