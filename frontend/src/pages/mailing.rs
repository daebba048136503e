//! 修改邮寄信息, until the parcel has left: the mailing section of the form again, proven by a code to the operator.

use crate::api::{self, Failure};
use crate::app::LastOrder;
use crate::dom::{El, div, el, p};
use crate::nav;
use crate::routes::Page;
use crate::steps::form::{Applying, input, summary};
use crate::steps::order::with_order;
use crate::ui::rows::{acts, section};
use crate::ui::screen::{Parts, screen};
use crate::ui::sms::{Sms, about_code};
use crate::ui::{button, notice};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{CorrectMailing, OrderView};
use shared::form::{Field, FormErrors, Section, UnitDraft, check_field};
use shared::order::{Actor, EventKind, offered};

const TITLE: &str = "修改邮寄信息";

/// The screen.
pub fn page(number: String) -> Parts {
    let belongs =
        |order: &OrderView| offered(order.status, Actor::Applicant).any(|event| event == EventKind::MailingCorrected);
    screen(TITLE, vec![with_order(number, belongs, loaded)])
}

/// What the server has first.
fn loaded(order: RwSignal<OrderView>) -> Parts {
    let channel = nav::channel();
    let number = order.with_untracked(|order| order.number.clone());
    let found: RwSignal<Option<Result<UnitDraft, Failure>>> = RwSignal::new(None);
    let load = move || {
        let number = number.clone();
        found.set(None);
        spawn_local(async move {
            found.try_set(Some(api::mailing(&number).await.map(|view| view.mailing)));
        });
    };
    load();
    vec![el("div").live(move || match found.get() {
        Some(Ok(draft)) => form(order, Applying::correction(&channel, TITLE, draft)),
        Some(Err(told)) => vec![notice::failed(&told, load.clone())],
        None => vec![notice::waiting("正在读取邮寄信息…")],
    })]
}

fn form(order: RwSignal<OrderView>, applying: Applying) -> Parts {
    let LastOrder(last) = expect_context();
    let nav = nav::nav();
    let slug = nav::channel().slug.clone();
    let number = order.with_untracked(|order| order.number.clone());
    let sms = Sms::new(["mailing-", &number].concat());
    let (asked, back) = (number.clone(), nav::path(&Page::Order(number.clone())));
    let correct = move || {
        if applying.busy.get_untracked() {
            return;
        }
        applying.failure.set(None);
        applying.normalize();
        let errors = wrong(applying);
        if !errors.is_empty() {
            applying.refuse(errors, None);
            return;
        }
        let Some(proof) = sms.typed() else { return };
        let correction = CorrectMailing { mailing: applying.draft.all(), proof };
        let (nav, number, slug) = (nav.clone(), number.clone(), slug.clone());
        applying.busy.set(true);
        spawn_local(async move {
            let answer = api::correct_mailing(&number, &correction).await;
            applying.busy.try_set(false);
            match answer {
                Ok(corrected) => {
                    sms.used();
                    last.set(Some(corrected));
                    nav.tell("邮寄信息已修改。");
                    nav.replace(&Page::Order(number).path(&slug));
                }
                Err(told) if about_code(told.code()) => sms.refuse(told.words()),
                Err(Failure::Refused(told)) if told.fields.is_some() => {
                    applying.refuse(told.fields.clone().unwrap_or_default(), None);
                }
                Err(told) => {
                    applying.failure.try_set(Some(told));
                }
            }
        });
    };
    let again = correct.clone();
    let fields: Vec<El> = Section::Mailing.fields().map(|field| input(field, applying)).collect();
    let code = sms.view(move || {
        let number = asked.clone();
        sms.ask(|proof| async move { api::mailing_code(&number, proof).await }, move |told| sms.keep(told));
    });
    let form = el("form")
        .attr("novalidate", "")
        .child(section(Section::Mailing.label(), div("fields").child(fields)))
        .child(section(
            "身份核验",
            div("stack").child([p("验证码将发送到申请时填写的经办人手机。").class("hint"), code]),
        ))
        .child(el("div").live(move || applying.failure.get().map(|told| notice::failed(&told, again.clone()))))
        .child(acts().child(button::link("button", "返回", &back)).child(button::submit(
            "确定修改",
            "正在提交…",
            applying.busy,
        )))
        .on("submit", move |event| {
            event.prevent_default();
            correct();
        });
    vec![
        notice::tip().child(p("下面是这个订单现在的邮寄信息，发货之前可以修改。修改后，证书将寄到新的地址。")),
        summary(applying),
        form,
    ]
}

fn wrong(applying: Applying) -> FormErrors {
    let mut errors = FormErrors::default();
    let of =
        |field: Field| applying.draft.with(|draft| applying.rules.with_value(|rules| check_field(field, draft, rules)));
    for field in Section::Mailing.fields() {
        if let Some(error) = of(field) {
            errors.add(field, error);
        }
    }
    errors
}
