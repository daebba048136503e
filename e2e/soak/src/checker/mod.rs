//! The checker: holds database, outside world and the clients' memory against each other. It shares no code with the
//! product: SQL, hashes and the table of steps are its own.

mod certificates;
mod chains;
mod jobs;
mod messages;
mod money;
mod orders;
mod rows;
mod steps;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::ledger::{Inner, Ledger};
use crate::sandbox::{Control, Mail, Sms, Trade};

#[cfg(test)]
pub use rows::Cell;
pub use rows::{Database, Row};

/// Something that must not be: the rule, and what breaks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which rule, in few words.
    pub rule: &'static str,
    /// Where.
    pub what: String,
}

/// Everything that the rules look at.
pub struct Facts {
    /// Rows by table.
    pub tables: BTreeMap<&'static str, Vec<Row>>,
    /// Every trade at the provider.
    pub trades: Vec<Trade>,
    /// Every message that arrived.
    pub sms: Vec<Sms>,
    /// Every mail that arrived.
    pub mail: Vec<Mail>,
    /// The run's time.
    pub now: i64,
    /// Where papers are kept.
    pub papers: PathBuf,
}

const TABLES: [&str; 15] = [
    "orders",
    "drafts",
    "events",
    "chain_heads",
    "documents",
    "codes",
    "signatures",
    "payments",
    "payment_notices",
    "refunds_owed",
    "outbox",
    "active_holders",
    "makings",
    "keys",
    "certificates",
];

impl Facts {
    /// Facts made by hand.
    #[cfg(test)]
    pub fn of<const N: usize>(tables: [(&'static str, Vec<Row>); N]) -> Self {
        Self {
            tables: tables.into_iter().collect(),
            trades: Vec::new(),
            sms: Vec::new(),
            mail: Vec::new(),
            now: 0,
            papers: PathBuf::new(),
        }
    }

    /// Reads them.
    pub async fn read(database: &str, control: &Control, now: i64, papers: &Path) -> Result<Self> {
        let mut database = Database::open(database).await?;
        let mut tables = BTreeMap::new();
        for name in TABLES {
            tables.insert(name, database.table(name).await?);
        }
        Ok(Self {
            tables,
            trades: control.trades().await?,
            sms: control.all_sms().await?,
            mail: control.all_mail().await?,
            now,
            papers: papers.to_owned(),
        })
    }

    /// Rows of a table.
    pub fn table(&self, name: &str) -> &[Row] {
        self.tables.get(name).map_or(&[], Vec::as_slice)
    }

    /// Rows of a table with this text in a column.
    pub fn with<'a>(
        &'a self,
        table: &'static str,
        column: &'static str,
        value: &'a str,
    ) -> impl Iterator<Item = &'a Row> + use<'a> {
        self.table(table).iter().filter(move |row| row.text(column) == value)
    }

    /// The order with this number.
    pub fn order<'a>(&'a self, number: &'a str) -> Option<&'a Row> {
        self.with("orders", "number", number).next()
    }

    /// Events of an order, in their order.
    pub fn events_of(&self, order_id: &str) -> Vec<&Row> {
        let chain = format!("order:{order_id}");
        let mut events: Vec<&Row> = self.table("events").iter().filter(|row| row.text("chain") == chain).collect();
        events.sort_by_key(|row| row.int("seq"));
        events
    }

    /// How often something happened to an order.
    pub fn count(&self, order_id: &str, kind: &str) -> usize {
        self.events_of(order_id).iter().filter(|event| event.text("kind") == kind).count()
    }
}

/// What was found.
#[derive(Debug, Default)]
pub struct Findings {
    /// What must not be.
    pub violations: Vec<Violation>,
    /// Links of chains that were hashed again.
    pub links: u64,
    /// Promises that were looked up.
    pub promises: u64,
    /// Messages that were given up.
    pub given_up: u64,
}

impl Findings {
    /// A rule is broken.
    pub fn broken(&mut self, rule: &'static str, what: impl Into<String>) {
        self.violations.push(Violation { rule, what: what.into() });
    }

    /// A rule is broken unless `holds`.
    pub fn must(&mut self, holds: bool, rule: &'static str, what: impl FnOnce() -> String) {
        if !holds {
            self.broken(rule, what());
        }
    }
}

/// Holds everything against everything.
pub fn check(facts: &Facts, ledger: &Ledger, findings: &mut Findings) {
    ledger.read(|ledger: &Inner| {
        for wrong in &ledger.wrong {
            findings.broken("a client saw what can't be", wrong.clone());
        }
        orders::check(facts, ledger, findings);
        chains::check(facts, findings);
        steps::check(facts, findings);
        money::check(facts, ledger, findings);
        messages::check(facts, ledger, findings);
        jobs::check(facts, findings);
        certificates::check(facts, ledger, findings);
    });
}
