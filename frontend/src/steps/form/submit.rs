//! 下一步: parse everything with the server's own rules, then let the server verify.

use super::{Applying, Saved, TITLE, save};
use crate::api::{self, Failure};
use crate::nav;
use crate::routes::Page;
use crate::ui::timer::sleep;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::ErrorCode;
use shared::form::{FormErrors, UnitForm};
use shared::order::Business;

/// Tries after a saving that overtook the check.
const RETRIES: u32 = 2;
const RETRY_MS: i32 = 300;

/// What the form does when it is submitted.
pub fn submitter(applying: Applying) -> impl Fn() + Clone + 'static {
    let nav = nav::nav();
    let channel = nav::channel();
    move || {
        if applying.busy.get_untracked() {
            return;
        }
        applying.normalize();
        applying.failure.set(None);
        applying.told.set(None);
        let draft = applying.draft.all();
        let proof = applying.proof().answer();
        if let Err(errors) = applying.rules.with_value(|rules| UnitForm::parse(&draft, rules)) {
            applying.refuse(errors, None);
            return;
        }
        let Some(proof) = proof else {
            applying.refuse(FormErrors::default(), None);
            return;
        };
        applying.errors.set(FormErrors::default());
        nav::set_title_in(&channel, TITLE, false);
        applying.busy.set(true);
        let (nav, slug) = (nav.clone(), channel.slug.clone());
        spawn_local(async move {
            // The check saves too; a saving in between would make its answer one about older words.
            applying.saved.set(Saved::Checking);
            let mut answer = api::check(&slug, Business::New, &draft, Some(proof.clone())).await;
            for _ in 0..RETRIES {
                if !matches!(&answer, Err(told) if told.code() == Some(ErrorCode::Conflict)) {
                    break;
                }
                // One was on its way already.
                sleep(RETRY_MS).await;
                answer = api::check(&slug, Business::New, &draft, Some(proof.clone())).await;
            }
            if answer.is_err() {
                applying.saved.set(Saved::Typing);
                save::save(applying, false);
            }
            applying.busy.set(false);
            if applying.proof().used(answer.as_ref().err()) {
                return;
            }
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
