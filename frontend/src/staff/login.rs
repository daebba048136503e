//! 登录: name, password, one-time code.

use super::desk::{Desk, Session};
use super::field::{Field, focus_first_wrong, forget_writing};
use super::frame::mark;
use crate::api::{self, Failure};
use crate::dom::{El, div, el, p};
use crate::nav;
use crate::ui::screen::Parts;
use crate::ui::{button, notice};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{ErrorCode, StaffLogin};
use shared::field::{FieldError, SmsCode};
use std::sync::Arc;

fn input(kind: &str, complete: &str) -> El {
    el("input").attr("type", kind).attr("autocomplete", complete).attr("autocapitalize", "none")
}

/// The form. `again` is the person whose session is over.
pub fn form(desk: Desk, again: Option<&str>) -> El {
    let name = Field::new("name", "用户名", again.unwrap_or_default());
    let password = Field::new("password", "密码", "");
    let code = Field::new("code", "动态验证码", "");
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<Failure>));
    let name_input = input("text", "username");
    let name_input = if again.is_some() { name_input.attr("readonly", "") } else { name_input };
    let hint = "身份验证器 App 上显示的 6 位数字，可直接粘贴";
    el("form")
        .class("login-form")
        .attr("novalidate", "")
        .child(el("div").live(move || failure.get().map(|failure| notice::error(&failure.words()))))
        .child(name.view(name_input, ""))
        .child(password.view(input("password", "current-password"), ""))
        .child(code.view(input("text", "one-time-code").attr("inputmode", "numeric"), hint))
        .child(button::submit("登录", "正在登录…", busy))
        .on("submit", move |event| {
            event.prevent_default();
            if !busy.get_untracked() {
                failure.set(None);
                if let Some(login) = parse([name, password, code]) {
                    busy.set(true);
                    spawn_local(log_in(desk, login, [password, code], busy, failure));
                }
            }
        })
}

fn parse([name, password, code]: [Field; 3]) -> Option<StaffLogin> {
    for field in [name, password] {
        let missing = field.value.with_untracked(|value| value.trim().is_empty());
        field.error.set(missing.then(|| FieldError::Required.message_for(field.label)));
    }
    let typed = SmsCode::normalize(&code.value.get_untracked());
    code.error.set(SmsCode::parse(&typed).err().map(|error| error.message_for(code.label)));
    if focus_first_wrong(&[name, password, code]) {
        return None;
    }
    let name = name.value.with_untracked(|name| name.trim().to_owned());
    Some(StaffLogin { name, password: password.value.get_untracked(), code: typed })
}

async fn log_in(
    desk: Desk,
    login: StaffLogin,
    [password, code]: [Field; 2],
    busy: RwSignal<bool>,
    failure: RwSignal<Option<Failure>>,
) {
    let answer = match api::staff::login(&login).await {
        Ok(()) => api::staff::me().await,
        Err(failure) => Err(failure),
    };
    busy.try_set(false);
    match answer {
        Ok(me) => {
            password.value.try_set(String::new());
            desk.session.set(Session::In(Arc::new(me)));
        }
        Err(refused) => {
            // A code works once: the next try needs the next one.
            code.value.try_set(String::new());
            let wrong = refused.code() == Some(ErrorCode::LoginRefused);
            failure.try_set(Some(refused));
            nav::focus(if wrong { "password" } else { "code" });
        }
    }
}

/// The whole screen.
pub fn page(desk: Desk) -> Parts {
    nav::set_title("登录", false);
    forget_writing();
    let nav = nav::nav();
    Effect::new(move |_| {
        nav.arrived();
        nav::focus("name");
    });
    let card = div("login-card")
        .child(mark())
        .child(el("h1").id("title").attr("tabindex", "-1").child("受理点工作台"))
        .child(p("数字证书审核、制证与寄送").class("lead"))
        .child(form(desk, None));
    let foot = p("仅供受理点工作人员使用，所有操作均会留痕。").class("login-foot");
    vec![el("main").class("login").id("main").child([card, foot])]
}
