//! What has been typed so far, as long as the hall is open; the server keeps it beyond that.

use super::typed::Typed;
use crate::api::Failure;
use crate::nav;
use crate::time;
use crate::ui::proof::Asked;
use leptos::prelude::*;
use shared::api::Checked;
use shared::channel::PublicChannel;
use shared::field::{Date, FieldError};
use shared::form::{Field, FormErrors, FormRules, UnitDraft, check_field};
use std::sync::Arc;

/// Where the draft stands on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// Nothing was typed.
    Nothing,
    /// Something was typed since the last saving.
    Typing,
    /// On its way.
    Saving,
    /// 下一步 is on its way, which saves too.
    Checking,
    /// The server has it; when, microseconds UTC.
    At(i64),
    /// The server could not be reached; it is tried again.
    Offline,
}

/// The application being filled in.
#[derive(Clone, Copy)]
pub struct Applying {
    /// The screen's heading, for the window's title.
    pub title: &'static str,
    /// What is typed is kept on the server.
    pub kept: bool,
    /// The inputs.
    pub draft: Typed,
    /// What is wrong with them.
    pub errors: RwSignal<FormErrors>,
    /// The server's words above the errors, e.g. 企业四要素校验失败 with its advice.
    pub told: RwSignal<Option<String>>,
    /// A request that failed for another reason.
    pub failure: RwSignal<Option<Failure>>,
    /// 下一步 is under way.
    pub busy: RwSignal<bool>,
    /// The draft on the server.
    pub saved: RwSignal<Saved>,
    /// The draft of the server was asked for; when it was saved, if there was one.
    pub restored: RwSignal<Option<Option<i64>>>,
    /// What the server understood and verified.
    pub checked: RwSignal<Option<Checked>>,
    /// The input to go to when the form opens: 修改 on the confirm page.
    pub focus: RwSignal<Option<Field>>,
    /// Counts summaries that must be looked at.
    pub alarm: RwSignal<u32>,
    /// The image code at the end.
    proof: StoredValue<Asked>,
    /// The rules of this hall.
    pub rules: StoredValue<FormRules>,
    /// The hall.
    pub channel: StoredValue<Arc<PublicChannel>>,
}

impl Applying {
    /// The image code at the end.
    pub fn proof(self) -> Asked {
        self.proof.get_value()
    }

    /// An empty application to a hall.
    pub fn new(channel: &Arc<PublicChannel>) -> Self {
        let rules = FormRules::of(channel, Date::from_unix_micros_china(time::now()));
        Self {
            title: super::TITLE,
            kept: true,
            draft: Typed::new(UnitDraft::fresh(&rules)),
            errors: RwSignal::new(FormErrors::default()),
            told: RwSignal::new(None),
            failure: RwSignal::new(None),
            busy: RwSignal::new(false),
            saved: RwSignal::new(Saved::Nothing),
            restored: RwSignal::new(None),
            checked: RwSignal::new(None),
            focus: RwSignal::new(None),
            alarm: RwSignal::new(0),
            proof: StoredValue::new(Asked::new("form-proof")),
            rules: StoredValue::new(rules),
            channel: StoredValue::new(channel.clone()),
        }
    }

    /// Some inputs of it on a screen of their own, filled with what the server has; nothing is kept.
    pub fn correction(channel: &Arc<PublicChannel>, title: &'static str, draft: UnitDraft) -> Self {
        Self { title, kept: false, draft: Typed::new(draft), ..Self::new(channel) }
    }

    /// Begins anew, e.g. after the order was made.
    pub fn clear(self) {
        let fresh = self.rules.with_value(UnitDraft::fresh);
        self.draft.adopt(|field, _| fresh.get(field).to_owned());
        self.errors.set(FormErrors::default());
        self.told.set(None);
        self.failure.set(None);
        self.checked.set(None);
        self.saved.set(Saved::Nothing);
    }

    /// An input was changed: its error goes, and what was verified counts no more.
    pub fn put(self, field: Field, value: String) {
        self.draft.set(field, value);
        if self.errors.with_untracked(|errors| errors.of(field).is_some()) {
            self.errors.update(|errors| errors.clear(field));
        }
        // Nothing is drawn anew that stays as it is: this runs at each key.
        if self.checked.with_untracked(Option::is_some) {
            self.checked.set(None);
        }
        if !matches!(self.saved.get_untracked(), Saved::Checking | Saved::Typing) {
            self.saved.set(Saved::Typing);
        }
    }

    /// What is wrong with an input.
    pub fn error(self, field: Field) -> Option<FieldError> {
        self.errors.with(|errors| errors.of(field))
    }

    /// An input was left: normalised, then checked. An empty one is told at 下一步 only.
    pub fn leave(self, field: Field) {
        let typed = self.draft.now(field);
        let normal = field.normalize(&typed);
        if normal != typed {
            self.draft.set(field, normal.clone());
        }
        if normal.is_empty() {
            return;
        }
        let wrong = self.draft.with(|draft| self.rules.with_value(|rules| check_field(field, draft, rules)));
        if let Some(error) = wrong {
            self.errors.update(|errors| {
                errors.clear(field);
                errors.add(field, error);
            });
        }
    }

    /// Every input in its normal form.
    pub fn normalize(self) {
        self.draft.adopt(Field::normalize);
    }

    /// Shows errors: the summary gets the focus, the title says so.
    pub fn refuse(self, errors: FormErrors, told: Option<String>) {
        self.errors.set(errors);
        self.told.set(told);
        self.alarm.update(|alarm| *alarm += 1);
        self.channel.with_value(|channel| nav::set_title_in(channel, self.title, true));
    }

    /// The server has verified the form.
    pub fn accept(self, checked: Checked) {
        self.draft.adopt(|field, _| checked.draft.get(field).to_owned());
        self.saved.set(Saved::At(time::now()));
        self.checked.set(Some(checked));
    }

    /// Takes over what the server kept, except for inputs that were typed into meanwhile.
    pub fn restore(self, saved: &UnitDraft) {
        let fresh = self.rules.with_value(UnitDraft::fresh);
        self.draft.adopt(|field, now| {
            let untouched = now == fresh.get(field) && !saved.get(field).is_empty();
            if untouched { saved.get(field) } else { now }.to_owned()
        });
    }
}
