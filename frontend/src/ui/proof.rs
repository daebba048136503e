//! 验证码: four digits in an image, or a computation instead for whoever can't read it. One of them goes before each text
//! message and ends the form.

use crate::api::{self, Failure};
use crate::dom::{El, div, el, p, press, value_of};
use crate::nav;
use crate::time;
use crate::ui::button;
use crate::ui::sms::must;
use crate::ui::timer::{in_sight, listen, sleep};
use crate::work::Search;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{Challenge, ErrorCode, Proof};
use wasm_bindgen::JsCast;

/// The words before the input.
pub const LABEL: &str = "图片验证码";

/// The digits of an image code.
const DIGITS: usize = 4;
/// Milliseconds of computing between two chances for the page to react.
const SLICE_MS: i64 = 10;
/// Numbers that are tried between two looks at the clock.
const TRIES: u64 = 200;

/// Where the computation stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Work {
    /// The image is used.
    Off,
    /// Under way; percent.
    Under(u32),
    /// The number that was found.
    Found(u64),
}

/// One challenge after another.
#[derive(Clone, Copy)]
pub struct Asked {
    /// The id of the input, or of the computation in its place; one of its own for each place on a screen.
    id: &'static str,
    challenge: RwSignal<Option<Challenge>>,
    /// No challenge came.
    failure: RwSignal<Option<Failure>>,
    typed: RwSignal<String>,
    /// What is wrong.
    pub error: RwSignal<Option<String>>,
    work: RwSignal<Work>,
    /// Counts challenges, so that what belongs to an earlier one is dropped.
    turn: RwSignal<u32>,
    /// The place can be seen. Otherwise nothing is fetched: a form may stay open for hours.
    seen: RwSignal<bool>,
}

impl Asked {
    /// Nothing is fetched before [`Asked::view`].
    pub fn new(id: &'static str) -> Self {
        Self {
            id,
            challenge: RwSignal::new(None),
            failure: RwSignal::new(None),
            typed: RwSignal::new(String::new()),
            error: RwSignal::new(None),
            work: RwSignal::new(Work::Off),
            turn: RwSignal::new(0),
            seen: RwSignal::new(false),
        }
    }

    /// The id of what the focus goes to.
    pub fn id(self) -> &'static str {
        self.id
    }

    /// Asks for another challenge: at first, by 换一张, after each use, and when one is too old.
    fn fetch(self) {
        if self.turn.is_disposed() {
            return;
        }
        let Some(turn) = self.turn.try_update(|turn| {
            *turn += 1;
            *turn
        }) else {
            return;
        };
        self.failure.set(None);
        self.typed.set(String::new());
        if self.work.get_untracked() != Work::Off {
            self.work.set(Work::Under(0));
        }
        spawn_local(async move {
            let answer = api::challenge().await;
            if self.turn.try_get_untracked() != Some(turn) {
                return;
            }
            match answer {
                Ok(challenge) => {
                    let seconds = challenge.expires_s;
                    self.challenge.set(Some(challenge));
                    if self.work.get_untracked() != Work::Off {
                        self.compute();
                    }
                    sleep(i32::try_from(seconds).unwrap_or(300).saturating_mul(1000)).await;
                    if self.turn.try_get_untracked() == Some(turn) {
                        self.renew();
                    }
                }
                Err(told) => {
                    self.challenge.set(None);
                    self.work.set(Work::Off);
                    self.failure.set(Some(told));
                }
            }
        });
    }

    /// The challenge is worth nothing any more; another is fetched as soon as it can be seen.
    fn renew(self) {
        self.turn.try_update(|turn| *turn += 1);
        self.challenge.try_set(None);
        if self.seen.try_get_untracked() == Some(true) {
            self.fetch();
        }
    }

    /// Searches the number in small slices; another challenge or 取消 ends it.
    fn compute(self) {
        let Some(Challenge { work, .. }) = self.challenge.get_untracked() else { return };
        let turn = self.turn.get_untracked();
        self.work.set(Work::Under(0));
        spawn_local(async move {
            let mut search = Search::new(&work.salt, work.bits);
            loop {
                let until = time::now() + SLICE_MS * 1000;
                let mut found = None;
                while found.is_none() && time::now() < until {
                    found = search.step(TRIES);
                }
                sleep(0).await;
                let current = self.turn.try_get_untracked() == Some(turn);
                if !current || !matches!(self.work.try_get_untracked(), Some(Work::Under(_))) {
                    return;
                }
                if let Some(number) = found {
                    self.work.set(Work::Found(number));
                    return;
                }
                if self.work.get_untracked() != Work::Under(search.percent()) {
                    self.work.set(Work::Under(search.percent()));
                }
            }
        });
    }

    /// The answered challenge, or says what is missing. It works once: whoever takes it calls [`Asked::used`] afterwards.
    pub fn answer(self) -> Option<Proof> {
        let digits = self.typed.with_untracked(|typed| typed.chars().filter(|letter| !letter.is_whitespace()).count());
        let missing = match (self.challenge.get_untracked(), self.work.get_untracked()) {
            (_, Work::Under(_)) => "计算验证还没有完成，请稍候再试",
            (Some(Challenge { id, .. }), Work::Found(number)) => {
                self.error.set(None);
                return Some(Proof::Work { id, number });
            }
            (Some(Challenge { id, .. }), Work::Off) if digits == DIGITS => {
                self.error.set(None);
                return Some(Proof::Image { id, answer: self.typed.get_untracked() });
            }
            (Some(_), Work::Off) if digits == 0 => "请填写图片验证码",
            (Some(_), Work::Off) => "图片验证码是 4 位数字，请重新填写",
            (None, Work::Off) if self.failure.with_untracked(Option::is_some) => "图片验证码没有显示，请点击“换一张”",
            (None, Work::Off) => "请填写图片验证码",
            (None, Work::Found(_)) => "计算验证已过期，正在重新计算，请稍候再试",
        };
        self.error.set(Some(missing.into()));
        None
    }

    /// The challenge was sent, and is spent when the request was granted. After a refusal another is fetched if it was spent
    /// all the same. A refusal that is about the challenge is told, with the focus; `true` if it was.
    pub fn used(self, refusal: Option<&Failure>) -> bool {
        let refused = refusal.is_some_and(|told| told.code() == Some(ErrorCode::ProofNeeded));
        if refusal.is_some_and(is_spent_with) {
            self.renew();
        } else if refusal.is_none() {
            self.turn.try_update(|turn| *turn += 1);
            self.challenge.try_set(None);
        }
        if refused {
            let computed = "计算验证已失效，正在重新计算，完成后请再提交一次";
            let read = self.work.try_get_untracked() == Some(Work::Off);
            self.error.try_set(if read { refusal.map(Failure::words) } else { Some(computed.into()) });
            soon(self.id);
        }
        refused
    }

    /// Input and image, or the computation.
    pub fn view(self) -> El {
        self.seen.set(false);
        let computing = Memo::new(move |_| self.work.get() != Work::Off);
        let body = div("proof").live(move || if computing.get() { self.computation() } else { self.image() });
        let wrong = el("p").class("wrong").id(&[self.id, "-error"].concat()).attr("role", "alert");
        let place = div("field wide").child(body).child(wrong.live(move || self.error.get()));
        in_sight(place.node(), move |seen| {
            self.seen.set(seen);
            if seen && self.challenge.with_untracked(Option::is_none) {
                self.fetch();
            }
        });
        listen(window().unchecked_ref(), "online", move || {
            if self.failure.with_untracked(Option::is_some) {
                self.fetch();
            }
        });
        place
    }

    fn image(self) -> Vec<El> {
        let error = [self.id, "-error"].concat();
        let input = el("input")
            .id(self.id)
            .attr("type", "text")
            .attr("inputmode", "numeric")
            .attr("autocomplete", "off")
            .attr("maxlength", "12")
            .attr("aria-required", "true")
            .attr("aria-describedby", &error)
            .live_flag("aria-invalid", move || self.error.with(Option::is_some))
            .live_value(move || self.typed.get())
            .on("input", move |event| {
                self.typed.set(value_of(&event));
                self.error.set(None);
            });
        let picture = div("proof-picture").live(move || match (self.challenge.get(), self.failure.get()) {
            (_, Some(told)) => p(&told.words()).class("wrong").attr("role", "alert"),
            (Some(Challenge { image, .. }), None) => {
                let src = ["data:image/svg+xml,", &String::from(js_sys::encode_uri_component(&image))].concat();
                el("img").attr("src", &src).attr("alt", "验证码图片，4 位数字")
            }
            // Nothing turns out of sight.
            (None, None) => el("span").class(if self.seen.get() { "spinner" } else { "" }),
        });
        let another = press("button small", "换一张", move || {
            self.error.set(None);
            self.fetch();
            soon(self.id);
        });
        let instead = press("button plain", "看不清图片？用计算验证代替", move || {
            self.error.set(None);
            self.work.set(Work::Under(0));
            if self.challenge.with_untracked(Option::is_some) {
                self.compute();
            } else {
                self.fetch();
            }
            soon(self.id);
        });
        let label = el("label").attr("for", self.id).child(must()).child(LABEL);
        vec![label, div("proof-row").child([input, picture, another]), instead]
    }

    /// The state in words; the percents are not read out.
    fn computation(self) -> Vec<El> {
        let under = Memo::new(move |_| matches!(self.work.get(), Work::Under(_)));
        let words = move || {
            if under.get() {
                "正在计算，一般需要几秒，您可以继续填写其他内容"
            } else {
                "✓ 计算验证已完成"
            }
        };
        let percent = move || match self.work.get() {
            Work::Under(percent) => Some(percent.to_string()),
            Work::Off | Work::Found(_) => Some("100".into()),
        };
        let bar = el("progress").attr("max", "100").attr("aria-label", "计算进度").live_attr("value", percent);
        let told = el("p").attr("role", "status").live_class("good", move || !under.get()).live(words);
        let back = el("div").live(move || {
            button::small(
                if under.get() { "取消计算，填写图片验证码" } else { "改填图片验证码" },
                move || {
                    self.error.set(None);
                    self.work.set(Work::Off);
                    soon(self.id);
                },
            )
        });
        let title = p("计算验证").class("proof-title").id(self.id).attr("tabindex", "-1");
        vec![title, told, bar, back]
    }
}

/// Whether a refused request has spent its challenge: not when nothing came of it, and the same press may be sent again.
fn is_spent_with(refusal: &Failure) -> bool {
    match refusal.code() {
        Some(code) => {
            !matches!(code, ErrorCode::Form | ErrorCode::Conflict | ErrorCode::ServiceUnavailable | ErrorCode::Internal)
        }
        None => false,
    }
}

/// Puts the focus on what is drawn in this very moment.
fn soon(id: &'static str) {
    request_animation_frame(move || nav::focus(id));
}

/// Does without the applicant what a challenge asks, for a request that only repeats an earlier one.
pub async fn computed() -> api::Answer<Proof> {
    let Challenge { id, work, .. } = api::challenge().await?;
    let mut search = Search::new(&work.salt, work.bits);
    loop {
        let until = time::now() + SLICE_MS * 1000;
        while time::now() < until {
            if let Some(number) = search.step(TRIES) {
                return Ok(Proof::Work { id, number });
            }
        }
        sleep(0).await;
    }
}
