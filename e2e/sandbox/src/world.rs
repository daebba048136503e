//! What the outside world remembers: messages, trades, notifications. Kept as one JSON file, so that a restart forgets
//! nothing that the hall still asks about.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::clock;
use crate::faults::Planned;

/// A text message on a phone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sms {
    /// The phone.
    pub phone: String,
    /// The registered template.
    pub template_code: String,
    /// What the phone shows, with the signature.
    pub text: String,
    /// The variables.
    pub params: BTreeMap<String, String>,
    /// The sender's own id.
    pub out_id: String,
    /// The provider's id.
    pub biz_id: String,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// `delivered`, `waiting` or `failed`.
    pub receipt: Receipt,
}

/// What the network said about a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Receipt {
    /// On the phone.
    Delivered,
    /// Nothing yet.
    Waiting,
    /// Refused.
    Failed {
        /// The network's code.
        code: String,
    },
}

/// How a trade stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// A code was made; there is no trade yet.
    NotScanned,
    /// Scanned, waiting for the payer.
    Waiting,
    /// Paid.
    Paid,
    /// Closed unpaid.
    Closed,
}

/// A trade.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Trade {
    /// The merchant's number.
    pub out_trade_no: String,
    /// Alipay's number.
    pub trade_no: String,
    /// The code's secret part.
    pub token: String,
    /// Fen.
    pub amount_fen: i64,
    /// What the payer reads.
    pub subject: String,
    /// Where to notify.
    pub notify_url: Option<String>,
    /// How it stands.
    pub standing: Standing,
    /// When the code was made (a code lives two hours).
    pub code_made_at: Timestamp,
    /// When no money is taken any more.
    pub expires_at: Option<Timestamp>,
    /// When it was scanned.
    pub scanned_at: Option<Timestamp>,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// Money that was given back, oldest first.
    #[serde(default)]
    pub refunds: Vec<Refund>,
}

impl Trade {
    /// Fen that were given back.
    pub fn refunded_fen(&self) -> i64 {
        self.refunds.iter().map(|refund| refund.amount_fen).sum()
    }
}

/// Money that was given back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Refund {
    /// The merchant's number of the refund.
    pub out_request_no: String,
    /// Fen.
    pub amount_fen: i64,
    /// When.
    pub at: Timestamp,
}

/// A mail in a mailbox.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Mail {
    /// Whose mailbox.
    pub to: String,
    /// The sender's address on the envelope.
    pub from: String,
    /// The sender as the mail shows it.
    pub from_header: String,
    /// Where answers go.
    pub reply_to: String,
    /// The sender's id of the mail; a repeated one has the same.
    pub message_id: String,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML.
    pub html: String,
    /// When it came.
    pub received_at: Timestamp,
}

/// An address of a bill.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BillTicket {
    /// Which day's.
    pub day: jiff::civil::Date,
    /// When it was given.
    pub made_at: Timestamp,
}

/// What bills are to say wrongly.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BillLies {
    /// Trades that are left out.
    pub missing: Vec<String>,
    /// Lines that nothing explains.
    pub extra: Vec<ExtraLine>,
    /// Other sums, in fen, by the merchant's number.
    pub amounts: BTreeMap<String, i64>,
}

/// A line that nothing explains.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtraLine {
    /// The merchant's number.
    pub out_trade_no: String,
    /// A refund's number; without it the line is a payment.
    #[serde(default)]
    pub out_request_no: Option<String>,
    /// Fen.
    pub amount_fen: i64,
}

/// One try to deliver a notification.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Delivery {
    /// Alipay's id of the notification.
    pub notify_id: String,
    /// The merchant's number.
    pub out_trade_no: String,
    /// What was sent: `genuine`, `forged`, …
    pub kind: String,
    /// When.
    pub at: Timestamp,
    /// HTTP status, none if there was no answer.
    pub status: Option<u16>,
    /// The answer's beginning.
    pub body: String,
}

/// How genuine notifications are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum NotifyPolicy {
    /// At once, repeated until acknowledged.
    #[default]
    Normal,
    /// Never.
    Suppress,
    /// Later.
    Delay {
        /// Milliseconds.
        ms: u64,
    },
}

/// Everything that is remembered.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct World {
    /// How far this world's clock is from the machine's.
    pub offset_seconds: i64,
    /// Messages, oldest first.
    pub sms: Vec<Sms>,
    /// Mails, oldest first.
    pub mails: Vec<Mail>,
    /// Addresses of bills by their secret part.
    pub bill_tickets: BTreeMap<String, BillTicket>,
    /// What bills are to say wrongly.
    pub bill_lies: BillLies,
    /// Trades by the merchant's number.
    pub trades: BTreeMap<String, Trade>,
    /// Notifications sent, oldest first.
    pub deliveries: Vec<Delivery>,
    /// Nonces seen, with the second they were seen.
    pub nonces: BTreeMap<String, i64>,
    /// How notifications are sent.
    pub notify: NotifyPolicy,
    /// What goes wrong next.
    pub faults: Vec<Planned>,
    /// Counts up for the providers' numbers.
    pub serial: u64,
    /// Calls that reached a service, by name.
    pub calls: BTreeMap<String, u64>,
}

impl World {
    /// This world's time.
    pub fn now(&self) -> Timestamp {
        clock::now(self.offset_seconds)
    }

    /// The next number.
    pub fn next_number(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// Closes what ran out of time, and forgets nonces that the clock check refuses anyway.
    pub fn let_time_pass(&mut self) {
        let now = self.now();
        self.nonces.retain(|_, seen| now.as_second().abs_diff(*seen) < 7_200);
        self.bill_tickets.retain(|_, ticket| now.as_second().abs_diff(ticket.made_at.as_second()) < 7_200);
        for trade in self.trades.values_mut() {
            let over = trade.expires_at.is_some_and(|expires| expires <= now);
            if over && trade.standing == Standing::Waiting {
                trade.standing = Standing::Closed;
            }
        }
    }

    /// The trade of a code.
    pub fn by_token(&mut self, token: &str) -> Option<&mut Trade> {
        self.trades.values_mut().find(|trade| trade.token == token)
    }
}

/// The world behind a lock, with its file.
pub struct Memory {
    world: Mutex<World>,
    /// Where it is written down after each change.
    file: Option<PathBuf>,
}

impl Memory {
    /// Reads the file, or begins anew.
    pub fn open(file: PathBuf) -> anyhow::Result<Self> {
        let world = match std::fs::read(&file) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))?
            }
            Err(_) => World::default(),
        };
        Ok(Self { world: Mutex::new(world), file: Some(file) })
    }

    /// A world that ends with its program: for runs of many thousand calls.
    pub fn fleeting() -> Self {
        Self { world: Mutex::default(), file: None }
    }

    /// Changes the world and writes it down. Nothing slow may happen inside.
    pub fn change<R>(&self, act: impl FnOnce(&mut World) -> R) -> R {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.let_time_pass();
        let result = act(&mut world);
        let Some(file) = &self.file else { return result };
        match serde_json::to_vec(&*world) {
            Ok(bytes) => {
                if let Err(error) = std::fs::write(file, bytes) {
                    tracing::warn!(%error, "the world can't be written down");
                }
            }
            Err(error) => tracing::warn!(%error, "the world can't be written down"),
        }
        result
    }
}
