//! Everything that a use case needs, handed in.

use crate::ca::Ca;
use crate::channels::{Channel, Channels};
use crate::clock::{Clock, SECOND};
use crate::config::Config;
use crate::entropy::{Entropy, new_id};
use crate::gateways::Gateways;
use crate::http::{AppError, AppResult, Shells};
use crate::store::{Store, StoreError};
use crate::tickets::Tickets;
use crate::uploads::Darkroom;
use crate::vault::Vault;
use object_store::ObjectStore;
use shared::api::ErrorCode;
use std::ops::Deref;
use std::sync::Arc;

/// One running backend. Cheap to clone; the state of every handler.
#[derive(Clone)]
pub struct Hall(Arc<Parts>);

/// What a hall is made of.
pub struct Parts {
    /// The configuration.
    pub config: Config,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The database.
    pub store: Store,
    /// Sealing and blind indexes.
    pub vault: Vault,
    /// Issues certificates.
    pub ca: Ca,
    /// Signs what the bridge has to believe.
    pub tickets: Tickets,
    /// The channels' profiles.
    pub channels: Channels,
    /// SMS, element checks, payments.
    pub gateways: Gateways,
    /// Uploaded papers, sealed.
    pub documents: Arc<dyn ObjectStore>,
    /// Decodes uploads one at a time.
    pub darkroom: Darkroom,
    /// HTML of every channel.
    pub shells: Shells,
}

impl Hall {
    /// Puts a hall together.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Microseconds UTC.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// A new row's id.
    pub fn new_id(&self) -> String {
        new_id(&*self.clock, &*self.entropy)
    }

    /// A refusal of the store; a limit says how long to wait.
    pub fn refusal(&self, error: StoreError) -> AppError {
        match error {
            StoreError::TooMany { retry_at } => {
                let seconds = (retry_at - self.now()).max(0) / SECOND + 1;
                AppError::new(ErrorCode::TooMany).retry_after(u32::try_from(seconds).unwrap_or(u32::MAX))
            }
            other => other.into(),
        }
    }

    /// The channel of a slug, or 404.
    pub fn channel(&self, slug: &str) -> AppResult<&Arc<Channel>> {
        self.channels.get(slug).ok_or_else(|| AppError::new(ErrorCode::NotFound))
    }
}

impl Deref for Hall {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
