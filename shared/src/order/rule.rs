//! THE table: which event leads from where to where, and who may cause it.

use super::{Actor, EventKind, Status};
use serde::{Deserialize, Serialize};

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The statuses it may happen in. Empty: it makes the order.
    pub from: &'static [Status],
    /// The status afterwards. `None`: the status stays.
    pub to: Option<Status>,
    /// Who may cause it.
    pub by: Actor,
}

/// Why a step is illegal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The order is in a status that the event does not start from.
    Status,
    /// Somebody else may do this.
    Actor,
}

use Status::{
    AwaitingDispatch, AwaitingDocuments, AwaitingMaking, AwaitingPayment, AwaitingReview, AwaitingSignature, Cancelled,
    Completed, Dispatched, Returned, ReviewRefused,
};

impl EventKind {
    /// The only list of legal steps.
    pub const fn rule(self) -> Rule {
        const fn row(from: &'static [Status], to: Option<Status>, by: Actor) -> Rule {
            Rule { from, to, by }
        }
        const UNPAID: &[Status] = &[AwaitingDocuments, AwaitingSignature, AwaitingPayment];
        /// Paid, and the parcel has not left.
        const UNSENT: &[Status] = &[AwaitingReview, ReviewRefused, AwaitingMaking, AwaitingDispatch];
        match self {
            Self::Confirmed => row(&[], Some(AwaitingDocuments), Actor::Applicant),
            Self::DocumentsSubmitted => row(&[AwaitingDocuments], Some(AwaitingSignature), Actor::Applicant),
            Self::DocumentsReopened => row(&[AwaitingSignature], Some(AwaitingDocuments), Actor::Applicant),
            Self::Signed => row(&[AwaitingSignature], Some(AwaitingPayment), Actor::Applicant),
            Self::PaymentStarted => row(&[AwaitingPayment], None, Actor::Applicant),
            Self::PaymentSettled | Self::PaymentWaived => row(&[AwaitingPayment], Some(AwaitingReview), Actor::System),
            Self::LatePaymentRecorded => row(&[Cancelled], None, Actor::System),
            Self::Cancelled => row(UNPAID, Some(Cancelled), Actor::Applicant),
            Self::Expired => row(UNPAID, Some(Cancelled), Actor::System),
            Self::ReviewApproved => row(&[AwaitingReview], Some(AwaitingMaking), Actor::Reviewer),
            Self::ReviewRefused => row(&[AwaitingReview], Some(ReviewRefused), Actor::Reviewer),
            Self::ReviewRejected => row(&[AwaitingReview, ReviewRefused], Some(Cancelled), Actor::Reviewer),
            Self::Corrected => row(&[AwaitingReview, ReviewRefused], Some(AwaitingReview), Actor::Applicant),
            Self::MailingCorrected | Self::OperatorPhoneCorrected => row(UNSENT, None, Actor::Applicant),
            Self::MakingStarted | Self::CertificateIssued => row(&[AwaitingMaking], None, Actor::Maker),
            Self::KeyMade => row(&[AwaitingMaking], Some(AwaitingDispatch), Actor::Maker),
            Self::Dispatched => row(&[AwaitingDispatch], Some(Dispatched), Actor::Maker),
            Self::Delivered => row(&[Dispatched], Some(Completed), Actor::Maker),
            Self::PinNoticeResent => row(&[Dispatched, Completed], None, Actor::Maker),
            Self::Returned => row(&[AwaitingDispatch, Dispatched, Completed], Some(Returned), Actor::Maker),
            // Money that was paid twice is given back whatever became of the order.
            Self::RefundSettled => row(&Status::ALL, None, Actor::System),
            Self::RefundRecorded => row(&Status::ALL, None, Actor::Admin),
        }
    }
}

/// Moves an order: the new status, or why the step is illegal. Pure. `now` is `None` for an order that does not exist
/// yet.
pub fn apply(now: Option<Status>, event: EventKind, actor: Actor) -> Result<Status, Refusal> {
    let rule = event.rule();
    let status = match now {
        None if rule.from.is_empty() => rule.to,
        Some(status) if rule.from.contains(&status) => Some(rule.to.unwrap_or(status)),
        None | Some(_) => None,
    };
    let status = status.ok_or(Refusal::Status)?;
    if rule.by == actor { Ok(status) } else { Err(Refusal::Actor) }
}

/// What this actor may do now: the page draws its buttons from it.
pub fn offered(now: Status, actor: Actor) -> impl Iterator<Item = EventKind> {
    EventKind::ALL.into_iter().filter(move |event| apply(Some(now), *event, actor).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same table written down a second time, by hand, from spec/rules.md and flows.md 1: one line a step.
    #[allow(clippy::match_same_arms)]
    fn expected(from: Option<Status>, event: EventKind, actor: Actor) -> Option<Status> {
        use {Actor as A, EventKind as E};
        match (from, event, actor) {
            (None, E::Confirmed, A::Applicant) => Some(AwaitingDocuments),
            (Some(AwaitingDocuments), E::DocumentsSubmitted, A::Applicant) => Some(AwaitingSignature),
            (Some(AwaitingSignature), E::DocumentsReopened, A::Applicant) => Some(AwaitingDocuments),
            (Some(AwaitingSignature), E::Signed, A::Applicant) => Some(AwaitingPayment),
            (Some(AwaitingPayment), E::PaymentStarted, A::Applicant) => Some(AwaitingPayment),
            (Some(AwaitingPayment), E::PaymentSettled, A::System) => Some(AwaitingReview),
            (Some(AwaitingPayment), E::PaymentWaived, A::System) => Some(AwaitingReview),
            (Some(Cancelled), E::LatePaymentRecorded, A::System) => Some(Cancelled),
            (Some(AwaitingDocuments | AwaitingSignature | AwaitingPayment), E::Cancelled, A::Applicant)
            | (Some(AwaitingDocuments | AwaitingSignature | AwaitingPayment), E::Expired, A::System) => Some(Cancelled),
            (Some(AwaitingReview), E::ReviewApproved, A::Reviewer) => Some(AwaitingMaking),
            (Some(AwaitingReview), E::ReviewRefused, A::Reviewer) => Some(ReviewRefused),
            (Some(ReviewRefused), E::Corrected, A::Applicant) => Some(AwaitingReview),
            (Some(AwaitingReview), E::Corrected, A::Applicant) => Some(AwaitingReview),
            (Some(AwaitingReview | ReviewRefused), E::ReviewRejected, A::Reviewer) => Some(Cancelled),
            (Some(AwaitingReview), E::MailingCorrected | E::OperatorPhoneCorrected, A::Applicant) => {
                Some(AwaitingReview)
            }
            (Some(ReviewRefused), E::MailingCorrected | E::OperatorPhoneCorrected, A::Applicant) => Some(ReviewRefused),
            (Some(AwaitingMaking), E::MailingCorrected | E::OperatorPhoneCorrected, A::Applicant) => {
                Some(AwaitingMaking)
            }
            (Some(AwaitingDispatch), E::MailingCorrected | E::OperatorPhoneCorrected, A::Applicant) => {
                Some(AwaitingDispatch)
            }
            (Some(AwaitingMaking), E::MakingStarted | E::CertificateIssued, A::Maker) => Some(AwaitingMaking),
            (Some(AwaitingMaking), E::KeyMade, A::Maker) => Some(AwaitingDispatch),
            (Some(AwaitingDispatch), E::Dispatched, A::Maker) => Some(Dispatched),
            (Some(Dispatched), E::Delivered, A::Maker) => Some(Completed),
            (Some(Dispatched), E::PinNoticeResent, A::Maker) => Some(Dispatched),
            (Some(Completed), E::PinNoticeResent, A::Maker) => Some(Completed),
            (Some(AwaitingDispatch | Dispatched | Completed), E::Returned, A::Maker) => Some(Returned),
            (Some(same), E::RefundSettled, A::System) | (Some(same), E::RefundRecorded, A::Admin) => Some(same),
            _ => None,
        }
    }

    #[test]
    fn every_status_event_and_actor_agrees_with_the_second_list() {
        let statuses = std::iter::once(None).chain(Status::ALL.into_iter().map(Some));
        for from in statuses {
            for event in EventKind::ALL {
                for actor in Actor::ALL {
                    assert_eq!(
                        apply(from, event, actor).ok(),
                        expected(from, event, actor),
                        "{from:?} {event:?} {actor:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn only_a_return_leaves_a_completed_order() {
        let leaving = |event: EventKind| event.rule().from.contains(&Completed) && event.rule().to.is_some();
        let found: Vec<_> = EventKind::ALL.into_iter().filter(|event| leaving(*event)).collect();
        assert_eq!(found, [EventKind::Returned]);
    }

    #[test]
    fn a_paid_order_can_not_be_cancelled_by_itself() {
        for status in [AwaitingReview, ReviewRefused, AwaitingMaking, AwaitingDispatch, Dispatched] {
            assert_eq!(apply(Some(status), EventKind::Expired, Actor::System), Err(Refusal::Status));
        }
    }

    #[test]
    fn names_read_back() {
        for status in Status::ALL {
            assert_eq!(Status::from_name(status.name()), Some(status));
        }
        for event in EventKind::ALL {
            assert_eq!(EventKind::from_name(event.name()), Some(event));
        }
    }
}
