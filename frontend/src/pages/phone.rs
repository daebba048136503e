//! 修改经办人手机号: proven by two codes, one to the legal representative on record, one to the new phone.

use crate::api::{self, Failure};
use crate::app::LastOrder;
use crate::dom::{div, el, p, value_of};
use crate::nav;
use crate::routes::Page;
use crate::steps::order::with_order;
use crate::ui::rows::{acts, row, rows, section};
use crate::ui::screen::{Parts, screen};
use crate::ui::sms::{Sms, about_code, must};
use crate::ui::{button, notice};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{CorrectPhone, NewPhone, OrderView, PhoneCodesSent};
use shared::field::{FieldError, Mobile};
use shared::form::Field;
use shared::order::{Actor, EventKind, offered};

/// The screen.
pub fn page(number: String) -> Parts {
    let belongs = |order: &OrderView| {
        offered(order.status, Actor::Applicant).any(|event| event == EventKind::OperatorPhoneCorrected)
    };
    screen("修改经办人手机号", vec![with_order(number, belongs, shown)])
}

/// The new phone's input.
#[derive(Clone, Copy)]
struct Phone {
    typed: RwSignal<String>,
    wrong: RwSignal<Option<FieldError>>,
}

impl Phone {
    /// The phone, or says what is wrong.
    fn parse(self) -> Option<String> {
        let typed = self.typed.get_untracked();
        match Mobile::parse(&typed) {
            Ok(mobile) => {
                self.typed.set(mobile.as_str().to_owned());
                return Some(mobile.as_str().to_owned());
            }
            Err(error) => self.wrong.set(Some(if typed.is_empty() { FieldError::Required } else { error })),
        }
        nav::mark_title(true);
        nav::focus("phone");
        None
    }

    fn view(self) -> crate::dom::El {
        let input = el("input")
            .id("phone")
            .attr("type", "text")
            .attr("inputmode", "tel")
            .attr("autocomplete", "tel-national")
            .attr("aria-required", "true")
            .attr("aria-describedby", "phone-hint phone-error")
            .live_flag("aria-invalid", move || self.wrong.with(Option::is_some))
            .live_value(move || self.typed.get())
            .on("input", move |event| {
                nav::mark_title(false);
                self.typed.set(value_of(&event));
                self.wrong.set(None);
            })
            .on("blur", move |_| self.typed.update(|typed| *typed = Mobile::normalize(typed)));
        div("field")
            .child(el("label").attr("for", "phone").child(must()).child("新的经办人手机号"))
            .child(input)
            .child(p("须由经办人本人实名登记").class("hint").id("phone-hint"))
            .child(
                el("p")
                    .class("wrong")
                    .id("phone-error")
                    .attr("role", "alert")
                    .live(move || self.wrong.get().map(|error| error.message(Field::OperatorMobile))),
            )
    }
}

fn shown(order: RwSignal<OrderView>) -> Parts {
    let LastOrder(last) = expect_context();
    let nav = nav::nav();
    let slug = nav::channel().slug.clone();
    let now = order.get_untracked();
    let number = now.number.clone();
    let phone = Phone { typed: RwSignal::new(String::new()), wrong: RwSignal::new(None) };
    let legal = Sms::named(["legal-", &number].concat(), "legal-code", "法定代表人收到的验证码");
    let operator = Sms::named(["phone-", &number].concat(), "phone-code", "新手机号收到的验证码");
    let busy = RwSignal::new(false);
    let failure: RwSignal<Option<Failure>> = RwSignal::new(None);
    let asked = number.clone();
    let ask = move || {
        let Some(phone) = phone.parse() else { return };
        let number = asked.clone();
        legal.ask(
            |proof| async move { api::phone_codes(&number, &NewPhone { phone }, proof).await },
            move |told: PhoneCodesSent| {
                legal.keep(told.legal_rep);
                operator.keep(told.operator);
            },
        );
    };
    let back = nav::path(&Page::Order(number.clone()));
    let correct = move || {
        if busy.get_untracked() {
            return;
        }
        failure.set(None);
        let Some(phone) = phone.parse() else { return };
        let (Some(legal_rep), Some(typed)) = (legal.typed(), operator.typed()) else { return };
        let correction = CorrectPhone { phone, legal_rep, operator: typed };
        let (nav, number, slug) = (nav.clone(), number.clone(), slug.clone());
        busy.set(true);
        spawn_local(async move {
            let answer = api::correct_phone(&number, &correction).await;
            busy.try_set(false);
            match answer {
                Ok(corrected) => {
                    legal.used();
                    operator.used();
                    last.set(Some(corrected));
                    nav.tell("经办人手机号已修改，之后的短信将发送到新手机号。");
                    nav.replace(&Page::Order(number).path(&slug));
                }
                // Which of the two it was is not told.
                Err(told) if about_code(told.code()) => legal.refuse(told.words()),
                Err(told) => {
                    failure.try_set(Some(told));
                }
            }
        });
    };
    let again = correct.clone();
    let old = rows(vec![row("订单号", &now.number), row("原经办人手机号", &now.operator_phone)]);
    let form = el("form")
        .attr("novalidate", "")
        .child(section("经办人手机号", div("stack").child([old, div("fields").child(phone.view())])))
        .child(section(
            "身份核验",
            div("stack").child([
                p("将同时向法定代表人手机和新的经办人手机各发送一个验证码，两个验证码都正确才能修改。").class("hint"),
                legal.view(ask),
                operator.field(None),
            ]),
        ))
        .child(el("div").live(move || failure.get().map(|told| notice::failed(&told, again.clone()))))
        .child(acts().child(button::link("button", "返回", &back)).child(button::submit("确定修改", "正在提交…", busy)))
        .on("submit", move |event| {
            event.prevent_default();
            correct();
        });
    vec![form]
}
