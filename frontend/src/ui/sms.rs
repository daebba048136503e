//! An SMS code: asked for, counted down, typed in. The ticket survives a reload of the page, the code is never kept.

use crate::api::{Answer, Failure};
use crate::dom::{El, div, el, value_of};
use crate::kept;
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
        if let Some(key) = self.key.try_get_value() {
            kept::put(&key, &[&sent.ticket, &sent.phone, &resend_at.to_string()].map(String::as_str).join("\n"));
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
        if let Some(key) = self.key.try_get_value() {
            kept::forget(&key);
        }
        self.sent.try_set(None);
        self.code.try_set(String::new());
    }

    /// Input and button. `ask` calls [`Sms::ask`].
    pub fn view(self, ask: impl Fn() + 'static) -> El {
        let now = ticking();
        let wait = Memo::new(move |_| seconds_until(self.resend_at.get(), now.get()));
        let blocked = move || wait.get() > 0 || self.asking.get();
        let input = el("input")
            .id("sms-code")
            .attr("type", "text")
            .attr("inputmode", "numeric")
            .attr("autocomplete", "one-time-code")
            .attr("maxlength", "12")
            .attr("aria-required", "true")
            .attr("aria-describedby", "sms-sent sms-error")
            .live_flag("aria-invalid", move || self.error.with(Option::is_some))
            .live_value(move || self.code.get())
            .on("input", move |event| {
                self.code.set(value_of(&event));
                self.error.set(None);
            });
        let button = el("button")
            .attr("type", "button")
            .class("button")
            // Where a dialog with a code begins.
            .attr("autofocus", "")
            .live_flag("aria-disabled", blocked)
            .live(move || self.words(wait.get()))
            .on("click", move |_| {
                if wait.get_untracked() == 0 && !self.asking.get_untracked() {
                    ask();
                }
            });
        let sent = el("p").class("good").id("sms-sent").attr("role", "status");
        let wrong = el("p").class("wrong").id("sms-error").attr("role", "alert");
        div("field wide")
            .child(el("label").attr("for", "sms-code").child(must()).child(LABEL))
            .child(div("sms").child(input).child(button))
            .child(sent.live(move || self.sent.with(|sent| sent.as_ref().map(|sent| told(&sent.phone)))))
            .child(wrong.live(move || self.error.get()))
    }

    /// The seconds are not read out each time they change.
    fn words(self, wait: i64) -> Vec<El> {
        let text = |words: &str| vec![el("span").child(words)];
        if self.asking.get() {
            text("正在发送…")
        } else if wait > 0 {
            let seconds = [&wait.to_string(), " s后可重发"].concat();
            vec![
                el("span").attr("aria-hidden", "true").child(seconds),
                el("span").class("unseen").child("稍后可重新获取验证码"),
            ]
        } else if self.sent.with(Option::is_some) {
            text("重新获取验证码")
        } else {
            text("点击获取验证码")
        }
    }
}

/// The asterisk of a required input.
pub fn must() -> El {
    el("span").class("must").attr("aria-hidden", "true").child("* ")
}

fn told(phone: &str) -> String {
    ["验证码已发送至您的手机 ", phone, "，5 分钟内有效，请查收"].concat()
}

fn kept(key: &str) -> Option<Sent> {
    let text = kept::get(key)?;
    let mut parts = text.split('\n');
    let (ticket, phone, resend_at) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Sent { ticket: ticket.into(), phone: phone.into(), resend_at: resend_at.parse().ok()? })
}
