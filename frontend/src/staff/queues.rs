//! The desk's lists, kept fresh while somebody looks.

use super::desk::{Desk, Place, Session};
use super::routes::QUEUES;
use crate::api::staff::Queue;
use crate::api::{self, Failure};
use crate::time;
use crate::ui::timer::listen;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::QueueRow;
use shared::order::Status;
use std::sync::Arc;
use std::time::Duration;

/// Between two looks.
const EVERY: Duration = Duration::from_secs(20);

/// After so long without a key or a click the lists stand still: looking would keep an abandoned session alive.
const ABANDONED: i64 = 20 * 60 * 1_000_000;

/// One list.
#[derive(Clone, Copy)]
pub struct Shelf {
    queue: Queue,
    /// Its rows, oldest first; none before the first look.
    pub rows: RwSignal<Option<Arc<Vec<QueueRow>>>>,
    /// Why the last look failed.
    pub failure: RwSignal<Option<Failure>>,
    /// When it was last looked at, microseconds UTC.
    pub seen: RwSignal<Option<i64>>,
}

/// Every list of this person in this channel.
#[derive(Clone)]
pub struct Queues {
    desk: Desk,
    channel: Arc<str>,
    shelves: [Shelf; QUEUES.len()],
    mine: Vec<Queue>,
    touched: StoredValue<i64>,
}

impl Queues {
    /// Begins to keep them fresh, as long as the channel is shown.
    pub fn start(place: &Place) -> Self {
        let shelf =
            |queue| Shelf { queue, rows: RwSignal::new(None), failure: RwSignal::new(None), seen: RwSignal::new(None) };
        let queues = Self {
            desk: Desk::here(),
            channel: place.channel.as_str().into(),
            shelves: QUEUES.map(shelf),
            mine: place.queues(),
            touched: StoredValue::new(time::now()),
        };
        queues.refresh();
        let often = queues.clone();
        if let Ok(handle) = set_interval_with_handle(move || often.refresh_if_seen(), EVERY) {
            on_cleanup(move || handle.clear());
        }
        let back = queues.clone();
        listen(&document(), "visibilitychange", move || back.refresh_if_seen());
        for event in ["keydown", "pointerdown"] {
            let queues = queues.clone();
            listen(&document(), event, move || queues.touch());
        }
        queues
    }

    /// The lists of this screen.
    pub fn here() -> Self {
        expect_context()
    }

    /// One list.
    pub fn shelf(&self, queue: Queue) -> Shelf {
        self.shelves.into_iter().find(|shelf| shelf.queue == queue).unwrap_or(self.shelves[0])
    }

    /// Looks at all of them now.
    pub fn refresh(&self) {
        for queue in &self.mine {
            let (desk, shelf, channel) = (self.desk, self.shelf(*queue), self.channel.clone());
            spawn_local(async move {
                let answer = desk.watch(api::staff::queue(shelf.queue, &channel).await);
                shelf.put(answer);
            });
        }
    }

    fn is_abandoned(&self) -> bool {
        self.touched.try_get_value().is_none_or(|touched| time::now() - touched > ABANDONED)
    }

    /// Somebody is here; whoever comes back finds fresh lists.
    fn touch(&self) {
        let abandoned = self.is_abandoned();
        self.touched.try_set_value(time::now());
        if abandoned {
            self.refresh_if_seen();
        }
    }

    fn refresh_if_seen(&self) {
        let here = self.desk.session.try_with_untracked(|session| matches!(session, Session::In(_)));
        if here == Some(true) && !document().hidden() && !self.is_abandoned() {
            self.refresh();
        }
    }
}

impl Shelf {
    fn put(self, answer: Result<Vec<QueueRow>, Failure>) {
        match answer {
            Ok(rows) => {
                // A list that did not change is not drawn again: focus and selection stay.
                let same =
                    self.rows.try_with_untracked(|old| old.as_ref().is_some_and(|old| keys(old).eq(keys(&rows))));
                if same == Some(false) {
                    self.rows.try_set(Some(Arc::new(rows)));
                }
                self.failure.try_set(None);
                self.seen.try_set(Some(time::now()));
            }
            Err(failure) => {
                self.failure.try_set(Some(failure));
            }
        }
    }

    /// How many rows, once known.
    pub fn count(self) -> Option<usize> {
        self.rows.with(|rows| rows.as_ref().map(|rows| rows.len()))
    }
}

fn keys(rows: &[QueueRow]) -> impl Iterator<Item = (&str, Status, i64)> {
    rows.iter().map(|row| (row.number.as_str(), row.status, row.since))
}
