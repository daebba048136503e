//! 订单查询: code by SMS, then the lists.

use crate::api::{self, Answer, Failure};
use crate::nav;
use crate::routes::Page;
use crate::steps::order::next_path;
use crate::steps::sign::about_code;
use crate::time;
use crate::ui::sms::Sms;
use crate::ui::{button::button, notice};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{ErrorCode, OrderList, OrderView, QueryCode};
use shared::field::CreditCode;
use shared::flow;
use shared::order::Status;

/// The screen: this browser's orders at once, and the way to others by a code.
pub fn page() -> AnyView {
    let slug = nav::channel().slug.clone();
    let list: RwSignal<Option<Answer<OrderList>>> = RwSignal::new(None);
    let load = move || {
        let slug = slug.clone();
        spawn_local(async move {
            list.try_set(Some(api::orders(&slug).await));
        });
    };
    load();
    let reload = load.clone();
    let lists = move || match list.get() {
        None => notice::waiting("正在读取订单…"),
        Some(Err(told)) if told.code() == Some(ErrorCode::LoginRequired) => ().into_any(),
        Some(Err(told)) => notice::failed(&told, reload.clone()),
        Some(Ok(list)) => both(&list),
    };
    nav::screen("订单查询", view! { {question(load)} <div id="lists" tabindex="-1">{lists}</div> }.into_any())
}

/// 统一社会信用代码, then the code. `found` loads the lists again.
fn question(found: impl Fn() + Clone + Send + Sync + 'static) -> AnyView {
    let channel = nav::channel();
    let key = ["query-", &channel.slug].concat();
    let sms = Sms::new(key);
    let typed = RwSignal::new(String::new());
    let wrong: RwSignal<Option<String>> = RwSignal::new(None);
    let asked = RwSignal::new(sms.sent.with_untracked(Option::is_some));
    let slug = channel.slug.clone();
    let ask = move || match CreditCode::parse(&typed.get_untracked()) {
        Ok(code) => {
            typed.set(code.as_str().to_owned());
            asked.set(true);
            let slug = slug.clone();
            sms.ask(async move { api::query(&slug, code.as_str()).await });
        }
        Err(error) => {
            let error = if typed.with_untracked(String::is_empty) { shared::field::FieldError::Required } else { error };
            wrong.set(Some(error.message(shared::form::Field::CreditCode)));
            nav::focus("creditCode");
        }
    };
    let submit = ask.clone();
    let second = move || asked.get().then(|| confirm(sms, asked, ask.clone(), found.clone()));
    view! {
        {notice::tip(view! { <p>"温馨提示：您可以在本页面查询您的订单信息。验证码将发送到申请时填写的经办人手机。"</p> }.into_any())}
        <section class="card">
            <form novalidate="" on:submit=move |event| {
                event.prevent_default();
                submit();
            }>
                <div class="field wide">
                    <label for="creditCode"><span class="must" aria-hidden="true">"* "</span>"统一社会信用代码"</label>
                    <div class="sms">
                        <input
                            id="creditCode"
                            class="code"
                            type="text"
                            autocomplete="off"
                            spellcheck="false"
                            aria-required="true"
                            aria-describedby="creditCode-error"
                            aria-invalid=move || wrong.with(Option::is_some).then_some("true")
                            prop:value=move || typed.get()
                            on:input=move |event| {
                                typed.set(event_target_value(&event));
                                wrong.set(None);
                            }
                            on:blur=move |_| typed.update(|typed| *typed = CreditCode::normalize(typed))
                        />
                        <button type="submit" class="button main">"查询"</button>
                    </div>
                    <p class="wrong" id="creditCode-error" role="alert">{move || wrong.get()}</p>
                </div>
            </form>
            {second}
        </section>
    }
    .into_any()
}

fn confirm(
    sms: Sms,
    asked: RwSignal<bool>,
    ask: impl Fn() + 'static,
    found: impl Fn() + Clone + Send + 'static,
) -> AnyView {
    let busy = RwSignal::new(false);
    let failure: RwSignal<Option<Failure>> = RwSignal::new(None);
    let act = move || {
        let Some((ticket, code)) = sms.typed() else { return };
        busy.set(true);
        failure.set(None);
        let found = found.clone();
        spawn_local(async move {
            let answer = api::query_confirm(&QueryCode { ticket, code }).await;
            busy.try_set(false);
            match answer {
                Ok(()) => {
                    sms.used();
                    asked.try_set(false);
                    found();
                    nav::focus("lists");
                }
                Err(told) if about_code(told.code()) => sms.refuse(told.words()),
                Err(told) => {
                    failure.try_set(Some(told));
                }
            }
        });
    };
    let (again, submit) = (act.clone(), act.clone());
    view! {
        <form novalidate="" on:submit=move |event| {
            event.prevent_default();
            if !busy.get_untracked() {
                submit();
            }
        }>
            {sms.view(ask)}
            {move || failure.get().map(|told| notice::failed(&told, again.clone()))}
            <div class="acts">{button("button main", "确定", "正在查询…", busy, act)}</div>
        </form>
    }
    .into_any()
}

fn both(list: &OrderList) -> AnyView {
    if list.unfinished.is_empty() && list.finished.is_empty() {
        return view! { <p class="hint empty">"没有可以显示的订单。请在上面输入统一社会信用代码查询。"</p> }.into_any();
    }
    view! { {table("未完成订单", &list.unfinished)} {table("已完成订单", &list.finished)} }.into_any()
}

/// The manual's columns; on a narrow screen each order is a card.
fn table(title: &'static str, orders: &[OrderView]) -> AnyView {
    const COLUMNS: [&str; 10] = [
        "申请时间", "订单号", "证书名称", "业务类型", "介质号", "订单状态", "发票信息", "密码获取方式", "邮寄信息", "操作",
    ];
    let head: Vec<_> = COLUMNS.iter().map(|name| view! { <th scope="col">{*name}</th> }.into_any()).collect();
    let lines: Vec<_> = orders.iter().map(|order| line(order, &COLUMNS)).collect();
    let body = if lines.is_empty() {
        view! { <p class="hint empty">"暂无"</p> }.into_any()
    } else {
        view! { <div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div> }.into_any()
    };
    view! { <section class="card"><h2>{title}</h2>{body}</section> }.into_any()
}

fn line(order: &OrderView, columns: &[&'static str; 10]) -> AnyView {
    let values = [
        time::second(order.created_at),
        order.number.clone(),
        order.unit_name.clone(),
        order.business.list_label().into(),
        order.key_serial.clone().unwrap_or_default(),
        order.status.label().into(),
        order.invoice.label().into(),
        order.pin_way.clone(),
        mailing(order),
    ];
    let cells: Vec<_> = values
        .into_iter()
        .zip(columns)
        .map(|(value, name)| {
            let value = if value.is_empty() { "—".to_owned() } else { value };
            let class = if *name == "订单状态" { tone(order.status) } else { "" };
            view! { <td data-name=*name><span class=class>{value}</span></td> }.into_any()
        })
        .collect();
    view! {
        <tr>
            {cells}
            <td data-name="操作">
                <div class="row-acts">
                    <a href=nav::path(&Page::Order(order.number.clone()))>"查看详情"</a>
                    {resume_link(order)}
                </div>
            </td>
        </tr>
    }
    .into_any()
}

/// 未发货, or the courier with the waybill number.
pub fn mailing(order: &OrderView) -> String {
    let parts = [Some(order.mailing.label().to_owned()), order.carrier.clone(), order.waybill.clone()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The colour of a status.
pub fn tone(status: Status) -> &'static str {
    match status {
        Status::AwaitingDocuments | Status::AwaitingSignature | Status::AwaitingPayment => "tone todo",
        Status::ReviewRefused => "tone bad",
        Status::AwaitingReview | Status::AwaitingMaking | Status::AwaitingDispatch => "tone busy",
        Status::Dispatched | Status::Completed => "tone fine",
        Status::Cancelled => "tone off",
    }
}

/// What the applicant can do with the order now, in the manual's words.
pub fn resume_link(order: &OrderView) -> Option<AnyView> {
    flow::resume(order.status)?;
    let words = match order.status {
        Status::AwaitingPayment => "去支付",
        Status::ReviewRefused => "修改上传资料",
        Status::AwaitingDocuments
        | Status::AwaitingSignature
        | Status::AwaitingReview
        | Status::AwaitingMaking
        | Status::AwaitingDispatch
        | Status::Dispatched
        | Status::Completed
        | Status::Cancelled => "继续办理",
    };
    Some(view! { <a class="button small main" href=next_path(order)>{words}</a> }.into_any())
}
