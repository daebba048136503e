//! 填写信息: the whole application on one page, with sections as in the manual.

mod field;
mod look;
mod parts;
mod save;
mod state;
mod summary;

pub use state::{Applying, Saved};

use crate::api::{self, Failure};
use crate::nav;
use crate::routes::Page;
use crate::steps::{order, prepare};
use crate::ui::{notice, steps};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::OrderView;
use shared::flow::{self, Step};
use shared::form::{Section, UnitForm};
use shared::order::Business;

const TITLE: &str = "填写申请信息";

/// The screen.
pub fn page() -> AnyView {
    let channel = nav::channel();
    if !flow::offered(Business::New, &channel) {
        return nav::screen(TITLE, notice::info("本大厅暂不支持在线新办，请查看办理指南或拨打受理点电话。".into()));
    }
    let applying: Applying = expect_context();
    save::keep(applying);
    let sections: Vec<_> = Section::ALL.into_iter().map(|section| parts::section(section, applying)).collect();
    let submit = submitter(applying);
    Effect::new(move |_| {
        if let Some(field) = applying.focus.try_update_untracked(Option::take).flatten() {
            nav::focus(field.id());
        }
    });
    let pressed = submit.clone();
    let body = view! {
        {steps::bar(Business::New, Step::Form)}
        {earlier_order()}
        <details class="card ready">
            <summary>"申请须知：需要准备的资料、费用和时间"</summary>
            {prepare::facts(&channel)}
        </details>
        {notice::tip(view! {
            <p>"温馨提示：请如实填写申请信息。为不影响报销，请准确填写发票抬头、纳税人识别号、经办人电子邮箱。带 "
                <span class="must">"*"</span>" 号的为必填项。"</p>
        }.into_any())}
        {save::restored(applying)}
        {summary::summary(applying)}
        <form novalidate="" autocomplete="on" on:submit=move |event| {
            event.prevent_default();
            pressed();
        }>
            {sections}
            {move || applying.failure.get().map(|failure: Failure| notice::failed(&failure, submit.clone()))}
            <div class="acts">
                <p class="hint">"请核对以上填写内容是否准确，确认后请点击“下一步”。"</p>
                {save::state(applying)}
                {next(applying)}
            </div>
        </form>
    };
    nav::screen(TITLE, body.into_any())
}

/// The button submits the form, so that Enter does the same.
fn next(applying: Applying) -> AnyView {
    view! {
        <button type="submit" class="button main" aria-busy=move || applying.busy.get().then_some("true")>
            {move || if applying.busy.get() { "正在核验，请稍候…" } else { "下一步" }}
        </button>
    }
    .into_any()
}

/// 下一步: parse everything with the server's own rules, then let the server verify.
fn submitter(applying: Applying) -> impl Fn() + Clone + 'static {
    let nav = nav::nav();
    let channel = nav::channel();
    move || {
        if applying.busy.get_untracked() {
            return;
        }
        applying.normalize();
        applying.failure.set(None);
        applying.told.set(None);
        let draft = applying.draft.get_untracked();
        if let Err(errors) = applying.rules.with_value(|rules| UnitForm::parse(&draft, rules)) {
            applying.refuse(errors, None);
            return;
        }
        applying.errors.set(shared::form::FormErrors::default());
        nav::set_title(TITLE, false);
        applying.busy.set(true);
        let (nav, slug) = (nav.clone(), channel.slug.clone());
        spawn_local(async move {
            let answer = api::check(&slug, Business::New, &draft).await;
            applying.busy.set(false);
            match answer {
                Ok(checked) => {
                    applying.accept(checked);
                    nav.go(&Page::Confirm.path(&slug));
                }
                Err(Failure::Refused(told)) if told.fields.is_some() => {
                    let told = *told;
                    applying.refuse(told.fields.unwrap_or_default(), Some(told.message));
                }
                Err(failure) => applying.failure.set(Some(failure)),
            }
        });
    }
}

/// Back from an order that was made from this form leads to the order; who comes here on purpose is told of it.
fn earlier_order() -> AnyView {
    let nav = nav::nav();
    let slug = nav::channel().slug.clone();
    let found: RwSignal<Option<OrderView>> = RwSignal::new(None);
    let came_back = nav.came_back();
    spawn_local(async move {
        let Ok(list) = api::orders(&slug).await else { return };
        let mine = list.unfinished.into_iter().find(|order| flow::resume(order.status).is_some());
        let made_here = crate::steps::confirm::made_last();
        match mine {
            Some(order) if came_back && made_here.as_ref() == Some(&order.number) && found.try_get_untracked().is_some() => {
                nav.replace(&order::next_page(&order).path(&slug));
            }
            mine => {
                found.try_set(mine);
            }
        }
    });
    let view = move || {
        found.get().map(|order| {
            let words = format!("您有一个未完成的订单 {}（{}）。", order.number, order.status.label());
            let to = order::next_path(&order);
            notice::tip(
                view! { <p>{words}<a class="button small main" href=to>"继续办理"</a>" 也可以在下面为另一个单位新办。"</p> }
                    .into_any(),
            )
        })
    };
    view! { {view} }.into_any()
}
