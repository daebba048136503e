//! Everything that a use case needs, handed in.

use crate::ca::Ca;
use crate::channels::{Channel, Channels};
use crate::clock::{Clock, SECOND};
use crate::config::Config;
use crate::entropy::{Entropy, new_id};
use crate::gate::{Coarse, Decoy};
use crate::gateways::Gateways;
use crate::http::{AppError, AppResult, Shells};
use crate::store::{Store, StoreError};
use crate::tickets::Tickets;
use crate::uploads::Darkroom;
use crate::vault::Vault;
use object_store::ObjectStore;
use shared::api::ErrorCode;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};
use tokio_util::task::TaskTracker;

/// One running backend. Cheap to clone (every layer of every request does); the state of every handler.
#[derive(Clone)]
pub struct Hall(Arc<Whole>);

struct Whole {
    parts: Parts,
    coarse: Coarse,
    errands: TaskTracker,
    decoy: OnceLock<Decoy>,
}

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
        let coarse = Coarse::new(parts.config.gate.requests_a_second);
        Self(Arc::new(Whole { parts, coarse, errands: TaskTracker::new(), decoy: OnceLock::new() }))
    }

    /// What stops a flood before it reaches the database.
    pub fn coarse(&self) -> &Coarse {
        &self.0.coarse
    }

    /// What is opened when nobody is known, so that it takes as long as when somebody is.
    pub fn decoy(&self) -> AppResult<&Decoy> {
        if let Some(decoy) = self.0.decoy.get() {
            return Ok(decoy);
        }
        let decoy = Decoy::new(&self.vault, &*self.entropy)?;
        Ok(self.0.decoy.get_or_init(|| decoy))
    }

    /// Does something after the answer. What it is about was committed before, so that nothing is lost with it.
    pub fn errand(&self, errand: impl Future<Output = ()> + Send + 'static) {
        self.0.errands.spawn(errand);
    }

    /// Returns when every errand that was begun is done.
    pub async fn errands_done(&self) {
        let errands = &self.0.errands;
        errands.close();
        errands.wait().await;
        errands.reopen();
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
                let seconds = u32::try_from((retry_at - self.now()).max(0) / SECOND + 1).unwrap_or(u32::MAX);
                AppError::with(ErrorCode::TooMany, wait_words(seconds)).retry_after(seconds)
            }
            other => other.into(),
        }
    }

    /// The channel of a slug, or 404.
    pub fn channel(&self, slug: &str) -> AppResult<&Arc<Channel>> {
        self.channels.get(slug).ok_or_else(|| AppError::new(ErrorCode::NotFound))
    }
}

/// How long to wait, in words.
fn wait_words(seconds: u32) -> String {
    match seconds {
        0..=90 => format!("操作过于频繁，请在 {seconds} 秒后重试"),
        91..=5400 => format!("操作过于频繁，请在 {} 分钟后重试", seconds.div_ceil(60)),
        _ => format!("操作次数已达上限，请在 {} 小时后重试，或拨打受理点电话咨询", seconds.div_ceil(3600)),
    }
}

impl Deref for Hall {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0.parts
    }
}
