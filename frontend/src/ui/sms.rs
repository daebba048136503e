//! An SMS code: asked for with an image code, counted down, typed in. The ticket survives a reload of the page, the code is
//! never kept.

use crate::api::{Answer, Failure};
use crate::dom::{El, div, el, value_of};
use crate::kept;
use crate::nav;
use crate::time;
use crate::ui::proof::Asked;
use crate::ui::timer::{seconds_until, ticking};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{CodeSent, ErrorCode, Proof, TypedCode};
use shared::field::SmsCode;
use std::future::Future;

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
    /// The input's id.
    id: &'static str,
    /// The words before the input.
    label: &'static str,
    /// Where the ticket is kept for a reload.
    key: StoredValue<String>,
    /// The code that was sent, if one was.
    pub sent: RwSignal<Option<Sent>>,
    /// As typed.
    code: RwSignal<String>,
    /// What is wrong.
    pub error: RwSignal<Option<String>>,
    /// Another may be asked for then.
    resend_at: RwSignal<i64>,
    asking: RwSignal<bool>,
    /// The image code before it.
    proof: Asked,
}

impl Sms {
    /// A code for a purpose, e.g. `sign-{number}`; within this tab the purpose finds its ticket again.
    pub fn new(key: String) -> Self {
        Self::named(key, "sms-code", "短信验证码")
    }

    /// The same with an id and words of its own, where there are two on a screen.
    pub fn named(key: String, id: &'static str, label: &'static str) -> Self {
        let sent = kept(&key);
        let resend_at = sent.as_ref().map_or(0, |sent| sent.resend_at);
        Self {
            id,
            label,
            key: StoredValue::new(key),
            sent: RwSignal::new(sent),
            code: RwSignal::new(String::new()),
            error: RwSignal::new(None),
            resend_at: RwSignal::new(resend_at),
            asking: RwSignal::new(false),
            proof: Asked::new("sms-proof"),
        }
    }

    /// Asks for a code, if the image code was answered. `told` is given the answer, and keeps what it says by
    /// [`Sms::keep`].
    pub fn ask<T: 'static, R: Future<Output = Answer<T>> + 'static>(
        self,
        request: impl FnOnce(Proof) -> R,
        told: impl FnOnce(T) + 'static,
    ) {
        self.say(None);
        let Some(proof) = self.proof.answer() else {
            nav::mark_title(true);
            nav::focus(self.proof.id());
            return;
        };
        self.asking.set(true);
        let request = request(proof);
        spawn_local(async move {
            let answer = request.await;
            self.asking.try_set(false);
            if self.proof.used(answer.as_ref().err()) {
                return;
            }
            match answer {
                Ok(answer) => {
                    told(answer);
                    nav::focus(self.id);
                }
                Err(failure) => {
                    if let Failure::Refused(error) = &failure
                        && let Some(wait) = error.retry_after_s
                    {
                        self.resend_at.try_set(time::now() + i64::from(wait) * 1_000_000);
                    }
                    self.say(Some(failure.words()));
                }
            }
        });
    }

    /// A code was sent.
    pub fn keep(self, told: CodeSent) {
        let resend_at = time::now() + i64::from(told.resend_after_s) * 1_000_000;
        let sent = Sent { ticket: told.ticket, phone: told.phone, resend_at };
        if let Some(key) = self.key.try_get_value() {
            kept::put(&key, &[&sent.ticket, &sent.phone, &resend_at.to_string()].map(String::as_str).join("\n"));
        }
        self.resend_at.try_set(resend_at);
        self.sent.try_set(Some(sent));
    }

    /// The ticket and the code, if a code was asked for and has six digits; else says what is missing.
    pub fn typed(self) -> Option<TypedCode> {
        let Some(sent) = self.sent.get_untracked() else {
            self.say(Some("请先点击“获取验证码”，再填写收到的验证码。".into()));
            return None;
        };
        match SmsCode::parse(&self.code.get_untracked()) {
            Ok(code) => Some(TypedCode { ticket: sent.ticket, code: code.as_str().to_owned() }),
            Err(wrong) => {
                self.refuse(wrong.message_for(self.label));
                None
            }
        }
    }

    /// The code was refused.
    pub fn refuse(self, words: String) {
        self.say(Some(words));
        nav::focus(self.id);
    }

    /// Says what is wrong, also in the window's title; or that nothing is any more.
    fn say(self, wrong: Option<String>) {
        nav::mark_title(wrong.is_some());
        self.error.try_set(wrong);
    }

    /// The code was taken: the ticket is worth nothing any more.
    pub fn used(self) {
        if let Some(key) = self.key.try_get_value() {
            kept::forget(&key);
        }
        self.sent.try_set(None);
        self.code.try_set(String::new());
    }

    /// Image code, input and button. `ask` calls [`Sms::ask`].
    pub fn view(self, ask: impl Fn() + 'static) -> El {
        let now = ticking();
        let wait = Memo::new(move |_| seconds_until(self.resend_at.get(), now.get()));
        let ready = Memo::new(move |_| wait.get() == 0);
        let button = el("button")
            .attr("type", "button")
            .class("button")
            .live_flag("aria-disabled", move || !ready.get() || self.asking.get())
            .live(move || self.words(ready.get(), wait))
            .on("click", move |_| {
                if ready.get_untracked() && !self.asking.get_untracked() {
                    ask();
                }
            });
        // Only while a code may be asked for is there something to prove.
        let proof = el("div").live(move || ready.get().then(|| self.proof.view()));
        div("stack").child(proof).child(self.field(Some(button)))
    }

    /// The input alone, for a second code that one request has sent.
    pub fn field(self, button: Option<El>) -> El {
        let (sent_id, error_id) = ([self.id, "-sent"].concat(), [self.id, "-error"].concat());
        let mut input = el("input")
            .id(self.id)
            .attr("type", "text")
            .attr("inputmode", "numeric")
            .attr("autocomplete", "one-time-code")
            .attr("maxlength", "12")
            .attr("aria-required", "true")
            .attr("aria-describedby", &[&sent_id, " ", &error_id].concat())
            .live_flag("aria-invalid", move || self.error.with(Option::is_some))
            .live_value(move || self.code.get())
            .on("input", move |event| {
                self.code.set(value_of(&event));
                self.say(None);
            });
        if self.sent.with_untracked(Option::is_some) {
            // Where a dialog with a code begins that was sent before.
            input = input.attr("autofocus", "");
        }
        let sent = el("p").class("good").id(&sent_id).attr("role", "status");
        let wrong = el("p").class("wrong").id(&error_id).attr("role", "alert");
        div("field wide")
            .child(el("label").attr("for", self.id).child(must()).child(self.label))
            .child(div("sms").child(input).child(button))
            .child(sent.live(move || self.sent.with(|sent| sent.as_ref().map(|sent| told(&sent.phone)))))
            .child(wrong.live(move || self.error.get()))
    }

    /// The seconds are not read out each time they change, and nothing beside them is drawn anew.
    fn words(self, ready: bool, wait: Memo<i64>) -> Vec<El> {
        let text = |words: &str| vec![el("span").child(words)];
        if self.asking.get() {
            text("正在发送…")
        } else if !ready {
            let seconds = move || [&wait.get().to_string(), " s后可重发"].concat();
            vec![
                el("span").attr("aria-hidden", "true").live(seconds),
                el("span").class("unseen").child("稍后可重新获取验证码"),
            ]
        } else if self.sent.with(Option::is_some) {
            text("重新获取验证码")
        } else {
            text("点击获取验证码")
        }
    }
}

/// Refusals that belong to the code's input.
pub fn about_code(code: Option<ErrorCode>) -> bool {
    matches!(code, Some(ErrorCode::SmsCodeWrong | ErrorCode::SmsCodeExpired | ErrorCode::SmsCodeUsedUp))
}

/// The asterisk of a required input.
pub fn must() -> El {
    el("span").class("must").attr("aria-hidden", "true").child("* ")
}

fn told(phone: &str) -> String {
    ["验证码已发送至手机 ", phone, "，5 分钟内有效，请查收"].concat()
}

fn kept(key: &str) -> Option<Sent> {
    let text = kept::get(key)?;
    let mut parts = text.split('\n');
    let (ticket, phone, resend_at) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Sent { ticket: ticket.into(), phone: phone.into(), resend_at: resend_at.parse().ok()? })
}
