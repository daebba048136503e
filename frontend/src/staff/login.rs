//! 登录: name, password, one-time code.

use super::desk::{Desk, Session};
use crate::api::{self, Failure};
use crate::nav;
use crate::ui::notice;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{ErrorCode, StaffLogin};
use shared::field::{FieldError, SmsCode};
use std::sync::Arc;

/// A field of the log-in.
struct Input {
    id: &'static str,
    label: &'static str,
    kind: &'static str,
    complete: &'static str,
    hint: &'static str,
    value: RwSignal<String>,
    error: RwSignal<Option<String>>,
}

impl Input {
    fn view(&self, fixed: bool) -> AnyView {
        let (id, value, error) = (self.id, self.value, self.error);
        let number = (self.kind == "text" && self.complete == "one-time-code").then_some("numeric");
        let described = move || if error.with(Option::is_some) { format!("{id}-error") } else { format!("{id}-hint") };
        view! {
            <div class="field" class:wrong=move || error.with(Option::is_some)>
                <label for=id>{self.label}</label>
                <input
                    id=id
                    name=id
                    type=self.kind
                    autocomplete=self.complete
                    inputmode=number
                    autocapitalize="none"
                    spellcheck="false"
                    readonly=fixed
                    prop:value=value
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    aria-describedby=described
                    on:input=move |event| {
                        value.set(event_target_value(&event));
                        error.set(None);
                    }
                />
                <p class="hint" id=format!("{id}-hint")>{self.hint}</p>
                <p class="error" id=format!("{id}-error")>{move || error.get()}</p>
            </div>
        }
        .into_any()
    }
}

/// The form. `again` is the person whose session is over.
pub fn form(desk: Desk, again: Option<String>) -> AnyView {
    let fixed = again.is_some();
    let field = |id, label, kind, complete, hint, value: String| Input {
        id,
        label,
        kind,
        complete,
        hint,
        value: RwSignal::new(value),
        error: RwSignal::new(None),
    };
    let name = field("name", "用户名", "text", "username", "", again.unwrap_or_default());
    let password = field("password", "密码", "password", "current-password", "", String::new());
    let code = field("code", "动态验证码", "text", "one-time-code", "身份验证器 App 上显示的 6 位数字，可直接粘贴", String::new());
    let (busy, failure) = (RwSignal::new(false), RwSignal::new(None::<Failure>));
    let views = [name.view(fixed), password.view(false), code.view(false)];
    let fields = [(name.id, name.value, name.error), (password.id, password.value, password.error), (code.id, code.value, code.error)];
    let submit = move || {
        let [(_, name, name_error), (_, password, password_error), (_, code, code_error)] = fields;
        let required = |value: RwSignal<String>, label| {
            value.with_untracked(|value| value.trim().is_empty().then(|| FieldError::Required.message_for(label)))
        };
        name_error.set(required(name, "用户名"));
        password_error.set(required(password, "密码"));
        let typed = SmsCode::normalize(&code.get_untracked());
        code_error.set(SmsCode::parse(&typed).err().map(|error| error.message_for("动态验证码")));
        failure.set(None);
        if let Some((id, ..)) = fields.into_iter().find(|(_, _, error)| error.with_untracked(Option::is_some)) {
            nav::focus(id);
            return;
        }
        let login = StaffLogin { name: name.get_untracked().trim().to_owned(), password: password.get_untracked(), code: typed };
        busy.set(true);
        spawn_local(async move {
            let answer = match api::staff::login(&login).await {
                Ok(()) => api::staff::me().await,
                Err(failure) => Err(failure),
            };
            busy.try_set(false);
            match answer {
                Ok(me) => {
                    password.try_set(String::new());
                    desk.session.set(Session::In(Arc::new(me)));
                }
                Err(refused) => {
                    // A code works once: the next try needs the next one.
                    code.try_set(String::new());
                    let wrong = refused.code() == Some(ErrorCode::LoginRefused);
                    failure.try_set(Some(refused));
                    nav::focus(if wrong { "password" } else { "code" });
                }
            }
        });
    };
    view! {
        <form
            class="login-form"
            novalidate
            on:submit=move |event| {
                event.prevent_default();
                if !busy.get_untracked() {
                    submit();
                }
            }
        >
            {move || failure.get().map(|failure| notice::error(failure.words()))}
            {views.into_iter().collect_view()}
            <button type="submit" class="button main" aria-busy=move || busy.get().then_some("true")>
                {move || if busy.get() { "正在登录…" } else { "登录" }}
            </button>
        </form>
    }
    .into_any()
}

/// The whole screen.
pub fn page(desk: Desk) -> AnyView {
    nav::set_title("登录", false);
    let nav = nav::nav();
    Effect::new(move |_| {
        nav.arrived();
        nav::focus("name");
    });
    view! {
        <main class="login" id="main">
            <div class="login-card">
                {super::frame::mark()}
                <h1 id="title" tabindex="-1">"受理点工作台"</h1>
                <p class="lead">"数字证书审核、制证与寄送"</p>
                {form(desk, None)}
            </div>
            <p class="login-foot">"仅供受理点工作人员使用，所有操作均会留痕。"</p>
        </main>
    }
    .into_any()
}
