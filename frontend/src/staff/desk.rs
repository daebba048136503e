//! Who is at the desk, and in which channel.

use super::routes::{self, Page, QUEUES};
use crate::api::staff::Queue;
use crate::api::{Answer, Failure};
use leptos::prelude::*;
use shared::api::{ErrorCode, Role, StaffMe};
use shared::channel::{DocumentKind, PublicChannel};
use std::sync::Arc;

/// Whether somebody is logged in.
#[derive(Clone, Debug)]
pub enum Session {
    /// Being asked.
    Unknown,
    /// The backend could not be asked.
    Unreachable(Failure),
    /// Nobody.
    Out,
    /// Somebody.
    In(Arc<StaffMe>),
    /// Somebody was; what is on the screen stays until they log in again.
    Over(Arc<StaffMe>),
}

impl Session {
    fn who(&self) -> Option<Arc<StaffMe>> {
        match self {
            Self::In(me) | Self::Over(me) => Some(me.clone()),
            Self::Unknown | Self::Unreachable(_) | Self::Out => None,
        }
    }
}

/// Handed to every screen.
#[derive(Clone, Copy)]
pub struct Desk {
    /// Who is here.
    pub session: RwSignal<Session>,
}

impl Desk {
    /// The desk of this program.
    pub fn here() -> Self {
        expect_context()
    }

    /// The person, also while the session is over.
    pub fn who(self) -> Option<Arc<StaffMe>> {
        self.session.with(Session::who)
    }

    /// The same for whoever must not be drawn again when the session ends or goes on.
    pub fn who_now(self) -> Option<Arc<StaffMe>> {
        self.session.with_untracked(Session::who)
    }

    /// Looks at an answer for the end of the session.
    pub fn watch<T>(self, answer: Answer<T>) -> Answer<T> {
        if let Err(failure) = &answer {
            self.notice(failure);
        }
        answer
    }

    /// Asks for a new log-in when that is why something failed.
    pub fn notice(self, failure: &Failure) {
        if failure.code() != Some(ErrorCode::LoginRequired) {
            return;
        }
        if let Some(Session::In(me)) = self.session.try_get_untracked() {
            self.session.set(Session::Over(me));
        }
    }
}

/// The channel that is worked in, handed to its screens.
#[derive(Clone)]
pub struct Place {
    /// The channel's slug.
    pub channel: String,
    /// What the person may do there.
    pub roles: Vec<Role>,
    /// The channel's profile, once loaded.
    pub profile: RwSignal<Option<Arc<PublicChannel>>>,
    /// The list that was looked at last: an order leads back there.
    pub list: RwSignal<Option<Page>>,
}

impl Place {
    /// The channel of this screen.
    pub fn here() -> Self {
        expect_context()
    }

    /// Whether they may look at whole orders.
    pub fn may_look(&self) -> bool {
        self.roles.contains(&Role::Reviewer) || self.roles.contains(&Role::Maker)
    }

    /// Whether messages that failed are their business.
    pub fn may_see_messages(&self) -> bool {
        self.roles.contains(&Role::Maker) || self.roles.contains(&Role::Admin)
    }

    /// The screens besides the queues, in the navigation's order.
    pub fn more(&self) -> Vec<(Page, &'static str)> {
        let pages = [Page::Search, Page::Messages, Page::Bills].into_iter();
        let mine = pages.filter(|page| match page {
            Page::Messages => self.may_see_messages(),
            Page::Bills => self.roles.contains(&Role::Admin),
            Page::Search | Page::Queue(_) | Page::Order(_) | Page::Slip(_) => true,
        });
        mine.filter_map(|page| page.list_label().map(|label| (page, label))).collect()
    }

    /// The address of a screen.
    pub fn path(&self, page: &Page) -> String {
        page.path(&self.channel)
    }

    /// The queues of this person, in the navigation's order.
    pub fn queues(&self) -> Vec<Queue> {
        QUEUES.into_iter().filter(|queue| self.roles.contains(&routes::role(*queue))).collect()
    }

    /// A paper's name in this channel.
    pub fn paper(&self, kind: DocumentKind) -> String {
        let spec = |profile: &Arc<PublicChannel>| {
            profile.documents.iter().find(|spec| spec.kind == kind).map(|spec| spec.label.clone())
        };
        self.profile.with(|profile| profile.as_ref().and_then(spec)).unwrap_or_else(|| {
            match kind {
                DocumentKind::BusinessLicence => "营业执照",
                DocumentKind::OperatorIdPortrait => "经办人身份证头像面",
                DocumentKind::OperatorIdEmblem => "经办人身份证国徽面",
            }
            .into()
        })
    }
}

/// What a person may do in a channel.
pub fn roles_in(me: &StaffMe, channel: &str) -> Vec<Role> {
    me.roles.iter().filter(|role| role.channel == channel).map(|role| role.role).collect()
}

/// The first screen for a person in a channel.
pub fn first_page(roles: &[Role]) -> Option<Page> {
    QUEUES.into_iter().find(|queue| roles.contains(&routes::role(*queue))).map(Page::Queue)
}
