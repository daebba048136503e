//! What is done to the hall while its clients work: kills, half of them at fault points, and faults of everything that it
//! leans on.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection as _, Executor as _};

use crate::chance::Chance;
use crate::clock::{Clock, SECOND};
use crate::hall::Hall;
use crate::points::Points;
use crate::stage::{Engine, House, Stage};
use crate::tally::Tally;

/// How long a backend that is to die at a fault point may take to come there.
const PATIENCE: Duration = Duration::from_secs(4);
/// A life at random ends before so many acts of clients are done …
const MOST_ACTS: u64 = 30;
/// … or after so many looks, where they get nowhere.
const LOOKS: u32 = 400;
/// The time between two looks.
const LOOK: Duration = Duration::from_millis(10);

/// Whoever does the damage.
pub struct Chaos<'a> {
    /// Whose.
    pub house: &'a House,
    /// To what.
    pub stage: &'a mut Stage,
    /// Its clients.
    pub hall: &'a Hall,
    /// Everybody's time.
    pub clock: &'a Clock,
    /// By which plan.
    pub chance: Chance,
    /// Where the backend died and is to die.
    pub points: Points,
    /// What was done.
    pub tally: Tally,
    /// A fault that comes in every life: the weather in which a planted bug shows itself.
    pub weather: Option<Value>,
}

impl Chaos<'_> {
    /// One life of the backend: started, hurt, killed.
    pub async fn life(&mut self) -> Result<()> {
        let at_points: u64 = self.tally.kills_at.values().sum();
        let aimed = at_points <= self.tally.kills_at_random && self.points.arm(&self.chance)?;
        self.stage.backend.start()?;
        // Some die before they listen.
        let stillborn = !aimed && self.chance.percent(8);
        if !stillborn && !self.stage.backend.listens().await? {
            return self.died().await;
        }
        if stillborn {
            tokio::time::sleep(self.chance.millis(1, 120)).await;
            self.stage.backend.kill().await?;
            return self.died().await;
        }
        if let Some(fault) = self.weather.clone() {
            self.stage.control.fault(&fault).await?;
        }
        if self.chance.percent(60) {
            self.hurt().await?;
        }
        if aimed {
            if !self.stage.backend.ends_within(PATIENCE).await? {
                self.stage.backend.kill().await?;
            }
        } else {
            // After some acts and a moment: a slow machine gets as far as a fast one.
            let goal = self.hall.acts() + self.chance.below(MOST_ACTS);
            for _ in 0..LOOKS {
                if self.hall.acts() >= goal || self.stage.backend.ends_within(LOOK).await? {
                    break;
                }
            }
            self.stage.backend.ends_within(self.chance.millis(0, 60)).await?;
            self.stage.backend.kill().await?;
        }
        self.died().await
    }

    async fn died(&mut self) -> Result<()> {
        // Whatever was still running is gone before the next one starts.
        self.stage.backend.kill().await?;
        match self.points.disarm() {
            Some(site) => *self.tally.kills_at.entry(site).or_default() += 1,
            None => self.tally.kills_at_random += 1,
        }
        Ok(())
    }

    /// One fault of the outside, the machine or the database.
    async fn hurt(&mut self) -> Result<()> {
        match self.chance.below(100) {
            0..=54 => self.provider().await,
            55..=69 => self.notices().await,
            70..=79 => self.clock_step().await,
            80..=83 => self.silence().await,
            84..=93 => self.database().await,
            _ => self.full_disk().await,
        }
    }

    /// The next calls of a provider go wrong.
    async fn provider(&mut self) -> Result<()> {
        let services = [
            "sms.send",
            "sms.send",
            "sms.query",
            "company4",
            "person3",
            "alipay.precreate",
            "alipay.query",
            "alipay.close",
            "alipay.refund",
            "alipay.refund_query",
            "alipay.bill",
            "alipay.bill_file",
            "mail",
            "mail",
        ];
        let service = self.chance.pick(&services).copied().unwrap_or("sms.send");
        let kinds: &[Value] = &[
            json!({ "kind": "status", "status": 503 }),
            json!({ "kind": "hang" }),
            json!({ "kind": "lost" }),
            json!({ "kind": "slow", "ms": 400 }),
            json!({ "kind": "slow", "ms": 1_500 }),
            json!({ "kind": "garbage" }),
            json!({ "kind": "bad_signature" }),
            json!({ "kind": "refuse", "code": if service.starts_with("sms") { "isv.BUSINESS_LIMIT_CONTROL" } else { "ACQ.SYSTEM_ERROR" } }),
        ];
        let mut fault = self.chance.pick(kinds).cloned().unwrap_or_default();
        // Only Alipay's answers carry a signature; a mail server says no with a code of its own.
        if fault["kind"] == "bad_signature" && !service.starts_with("alipay") {
            fault = json!({ "kind": "garbage" });
        }
        if fault["kind"] == "refuse" && service == "mail" {
            fault["code"] = json!("451");
        }
        self.tally.fault(&format!("{service}: {}", fault["kind"].as_str().unwrap_or_default()));
        fault["service"] = json!(service);
        fault["times"] = json!(1 + self.chance.below(3));
        self.stage.control.fault(&fault).await
    }

    /// Notifications late, never, twice, forged.
    async fn notices(&mut self) -> Result<()> {
        let policies = [
            json!({ "mode": "normal" }),
            json!({ "mode": "suppress" }),
            json!({ "mode": "delay", "ms": 300 }),
            json!({ "mode": "delay", "ms": 1_500 }),
        ];
        if self.chance.percent(40) {
            let policy = self.chance.pick(&policies).cloned().unwrap_or_default();
            self.tally.fault(&format!("notices: {}", policy["mode"].as_str().unwrap_or_default()));
            return self.stage.control.notices(&policy).await;
        }
        let kinds = [
            "again",
            "again",
            "genuine",
            "forged",
            "tampered",
            "unsigned",
            "other_amount",
            "other_app",
            "other_seller",
            "other_trade",
        ];
        let kind = self.chance.pick(&kinds).copied().unwrap_or("again");
        let trades = self.stage.control.trades().await?;
        if let Some(trade) = self.chance.pick(&trades) {
            self.tally.fault(&format!("notice: {kind}"));
            self.stage.control.notify(&trade.out_trade_no, kind).await?;
        }
        Ok(())
    }

    async fn clock_step(&mut self) -> Result<()> {
        let seconds = [-90, -20, 20, 130, 310].map(|seconds: i64| seconds * SECOND);
        let by = self.chance.pick(&seconds).copied().unwrap_or(SECOND);
        self.tally.fault(if by < 0 { "clock: back" } else { "clock: forward" });
        self.clock.step(by).await
    }

    /// Every provider is silent for a while.
    async fn silence(&mut self) -> Result<()> {
        self.tally.fault("all providers: silent");
        self.stage.freeze(true)?;
        let time = self.chance.millis(300, 1_800);
        self.stage.backend.ends_within(time).await?;
        self.stage.freeze(false)
    }

    /// The database is gone, or somebody else writes to it.
    async fn database(&mut self) -> Result<()> {
        let time = self.chance.millis(100, 1_500);
        match (self.house.engine, &self.house.postgres) {
            (Engine::Postgres, Some(server)) => {
                self.tally.fault("database: gone and back");
                server.down().await?;
                self.stage.backend.ends_within(time).await?;
                server.up().await
            }
            (Engine::Postgres, None) | (Engine::Sqlite, _) => {
                self.tally.fault("database: locked by another writer");
                let file = self.stage.database.strip_prefix("sqlite:").context("the database is a file")?;
                let options = SqliteConnectOptions::new().filename(file).busy_timeout(Duration::from_millis(500));
                let mut other = SqliteConnection::connect_with(&options).await?;
                if other.execute("BEGIN IMMEDIATE").await.is_ok() {
                    self.stage.backend.ends_within(time).await?;
                    other.execute("ROLLBACK").await?;
                }
                other.close().await?;
                Ok(())
            }
        }
    }

    /// No room is left for a while, neither for papers nor for rows.
    async fn full_disk(&mut self) -> Result<()> {
        if !self.stage.disk.is_small() {
            return self.provider().await;
        }
        self.tally.fault("disk: full");
        let others = self.house.postgres.as_ref().map(|server| &server.disk);
        self.stage.disk.fill()?;
        if let Some(disk) = others {
            disk.fill()?;
        }
        let time = self.chance.millis(300, 1_500);
        self.stage.backend.ends_within(time).await?;
        self.stage.disk.clear();
        if let Some(disk) = others {
            disk.clear();
        }
        // PostgreSQL may have given up without room for its log.
        if let Some(server) = &self.house.postgres {
            server.up().await?;
        }
        Ok(())
    }

    /// Everything is well again and the backend runs.
    pub async fn heal(&mut self) -> Result<()> {
        self.points.disarm();
        self.stage.disk.clear();
        self.stage.freeze(false)?;
        self.stage.control.well().await?;
        if let Some(server) = &self.house.postgres {
            server.disk.clear();
            server.up().await?;
        }
        self.stage.backend.start()?;
        ensure!(self.stage.backend.listens().await?, "the backend does not start:\n{}", self.stage.backend.tail());
        Ok(())
    }
}
