//! Where the papers of a frame go: to the applicant's own order, or from the phone to the order that its QR code names.

use crate::api::{self, Answer};
use leptos::prelude::*;
use shared::api::{HandoverView, OrderView};
use shared::channel::DocumentKind;
use shared::order::Status;

/// The papers behind the frames of a screen.
#[derive(Clone, Copy)]
pub enum Shelf {
    /// An order of this session.
    Order(RwSignal<OrderView>),
    /// What a hand-over opens, with its token.
    Phone(RwSignal<HandoverView>, StoredValue<String>),
}

/// How a paper stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is there.
    Missing,
    /// The review refused what is there.
    Refused,
    /// It is there and was signed for; another may take its place.
    Handed,
    /// It is there, and may be deleted again.
    There,
}

impl Shelf {
    /// How a paper stands.
    pub fn standing(self, kind: DocumentKind) -> Standing {
        match self {
            Self::Order(order) => order.with(|order| standing(order, kind)),
            Self::Phone(view, _) => {
                let there = view.with(|view| view.documents.iter().any(|paper| paper.kind == kind));
                if there { Standing::There } else { Standing::Missing }
            }
        }
    }

    /// Where the image of what is there can be had. From the phone nothing can be read back.
    pub fn image(self, kind: DocumentKind) -> Option<String> {
        match self {
            Self::Order(order) => order.with(|order| {
                let paper = order.staged.iter().chain(&order.documents).find(|paper| paper.kind == kind)?;
                Some(api::document_src(&order.number, &paper.id))
            }),
            Self::Phone(..) => None,
        }
    }

    fn path(self, kind: DocumentKind) -> Option<String> {
        match self {
            Self::Order(order) => order.try_with_untracked(|order| api::document_src(&order.number, kind.name())),
            Self::Phone(_, token) => token.try_with_value(|token| api::handover_document(token, kind)),
        }
    }

    /// Sends a photo; `progress` is told percents.
    pub async fn put(self, kind: DocumentKind, photo: &web_sys::Blob, progress: impl Fn(u32) + 'static) -> Answer<()> {
        let Some(path) = self.path(kind) else { return Ok(()) };
        self.accept(&api::send_photo(&path, photo, progress).await?)
    }

    /// Deletes what is there.
    pub async fn delete(self, kind: DocumentKind) -> Answer<()> {
        let Some(path) = self.path(kind) else { return Ok(()) };
        self.accept(&api::delete_photo(&path).await?)
    }

    fn accept(self, text: &str) -> Answer<()> {
        match self {
            Self::Order(order) => drop(order.try_set(api::read(text)?)),
            Self::Phone(view, _) => drop(view.try_set(api::read(text)?)),
        }
        Ok(())
    }
}

/// How a paper of an order stands: while the review waits, a new one lies beside the signed one until it is signed too.
pub fn standing(order: &OrderView, kind: DocumentKind) -> Standing {
    if order.status == Status::AwaitingReview {
        let staged = order.staged.iter().any(|paper| paper.kind == kind);
        return if staged { Standing::There } else { Standing::Handed };
    }
    let redo = order.refusal.as_ref().is_some_and(|told| told.documents.contains(&kind));
    match order.documents.iter().find(|paper| paper.kind == kind) {
        None => Standing::Missing,
        Some(paper) if redo && !paper.fresh => Standing::Refused,
        Some(_) if order.refusal.is_some() && !redo => Standing::Handed,
        Some(_) => Standing::There,
    }
}
