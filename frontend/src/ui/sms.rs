//! An SMS code: asked for, counted down, typed in. The ticket survives a reload of the page, the code is never kept.

use crate::api::{Answer, Failure};
use crate::nav;
use crate::time;
use crate::ui::timer::{seconds_until, ticking};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::CodeSent;
use shared::field::SmsCode;
use std::future::Future;

/// The words before the code's input.
const LABEL: &str = "验证码";

/// A code that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// To be sent back with the code.
    pub ticket: String,
    /// Masked phone.
    pub phone: String,
    resend_at: i64,
}

/// One code's input.
#[derive(Clone, Copy)]
pub struct Sms {
    /// Where the ticket is kept for a reload.
    key: StoredValue<String>,
    /// The code that was sent, if one was.
    pub sent: RwSignal<Option<Sent>>,
    /// As typed.
    pub code: RwSignal<String>,
    /// What is wrong.
    pub error: RwSignal<Option<String>>,
    /// Another may be asked for then.
    resend_at: RwSignal<i64>,
    asking: RwSignal<bool>,
}

impl Sms {
    /// A code for a purpose, e.g. `sign-{number}`; within this tab the purpose finds its ticket again.
    pub fn new(key: String) -> Self {
        let sent = kept(&key);
        let resend_at = sent.as_ref().map_or(0, |sent| sent.resend_at);
        Self {
            key: StoredValue::new(key),
            sent: RwSignal::new(sent),
            code: RwSignal::new(String::new()),
            error: RwSignal::new(None),
            resend_at: RwSignal::new(resend_at),
            asking: RwSignal::new(false),
        }
    }

    /// Asks for a code.
    pub fn ask(self, request: impl Future<Output = Answer<CodeSent>> + 'static) {
        self.asking.set(true);
        self.error.set(None);
        spawn_local(async move {
            let answer = request.await;
            self.asking.try_set(false);
            match answer {
                Ok(told) => self.keep(told),
                Err(failure) => {
                    if let Failure::Refused(error) = &failure
                        && let Some(wait) = error.retry_after_s
                    {
                        self.resend_at.try_set(time::now() + i64::from(wait) * 1_000_000);
                    }
                    self.error.try_set(Some(failure.words()));
                }
            }
        });
    }

    fn keep(self, told: CodeSent) {
        let resend_at = time::now() + i64::from(told.resend_after_s) * 1_000_000;
        let sent = Sent { ticket: told.ticket, phone: told.phone, resend_at };
        if let (Some(storage), Some(key)) = (storage(), self.key.try_get_value()) {
            let _ = storage.set_item(&key, &[&sent.ticket, &sent.phone, &resend_at.to_string()].map(String::as_str).join("\n"));
        }
        self.resend_at.try_set(resend_at);
        self.sent.try_set(Some(sent));
        nav::focus("sms-code");
    }

    /// The ticket and the code, if a code was asked for and has six digits; else says what is missing.
    pub fn typed(self) -> Option<(String, String)> {
        let Some(sent) = self.sent.get_untracked() else {
            self.error.set(Some("请先点击“获取验证码”，再填写收到的验证码。".into()));
            return None;
        };
        match SmsCode::parse(&self.code.get_untracked()) {
            Ok(code) => Some((sent.ticket, code.as_str().to_owned())),
            Err(wrong) => {
                self.refuse(wrong.message_for(LABEL));
                None
            }
        }
    }

    /// The code was refused.
    pub fn refuse(self, words: String) {
        self.error.try_set(Some(words));
        nav::focus("sms-code");
    }

    /// The code was taken: the ticket is worth nothing any more.
    pub fn used(self) {
        if let (Some(storage), Some(key)) = (storage(), self.key.try_get_value()) {
            let _ = storage.remove_item(&key);
        }
        self.sent.try_set(None);
        self.code.try_set(String::new());
    }

    /// Input and button. `ask` calls [`Sms::ask`].
    pub fn view(self, ask: impl Fn() + 'static) -> AnyView {
        let now = ticking();
        let wait = Memo::new(move |_| seconds_until(self.resend_at.get(), now.get()));
        let words = move || {
            let wait = wait.get();
            if self.asking.get() {
                "正在发送…".into_any()
            } else if wait > 0 {
                view! { <span aria-hidden="true">{wait}" s后可重发"</span><span class="unseen">"稍后可重新获取验证码"</span> }
                    .into_any()
            } else if self.sent.with(Option::is_some) {
                "重新获取验证码".into_any()
            } else {
                "点击获取验证码".into_any()
            }
        };
        let blocked = move || wait.get() > 0 || self.asking.get();
        view! {
            <div class="field wide">
                <label for="sms-code"><span class="must" aria-hidden="true">"* "</span>{LABEL}</label>
                <div class="sms">
                    <input
                        id="sms-code"
                        type="text"
                        inputmode="numeric"
                        autocomplete="one-time-code"
                        maxlength="12"
                        aria-required="true"
                        aria-invalid=move || self.error.with(Option::is_some).then_some("true")
                        aria-describedby="sms-sent sms-error"
                        prop:value=move || self.code.get()
                        on:input=move |event| {
                            self.code.set(event_target_value(&event));
                            self.error.set(None);
                        }
                    />
                    <button
                        type="button"
                        class="button"
                        aria-disabled=move || blocked().then_some("true")
                        on:click=move |_| {
                            if !blocked() {
                                ask();
                            }
                        }
                    >
                        {words}
                    </button>
                </div>
                <p class="good" id="sms-sent" role="status">
                    {move || self.sent.with(|sent| sent.as_ref().map(|sent| told(&sent.phone)))}
                </p>
                <p class="wrong" id="sms-error" role="alert">{move || self.error.get()}</p>
            </div>
        }
        .into_any()
    }
}

fn told(phone: &str) -> String {
    ["验证码已发送至您的手机 ", phone, "，5 分钟内有效，请查收"].concat()
}

fn storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}

fn kept(key: &str) -> Option<Sent> {
    let text = storage()?.get_item(key).ok()??;
    let mut parts = text.split('\n');
    let (ticket, phone, resend_at) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Sent { ticket: ticket.into(), phone: phone.into(), resend_at: resend_at.parse().ok()? })
}
