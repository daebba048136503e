//! What every client of a round shares, and how a client presses a button until it is answered.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use anyhow::Result;
use e2e::client::{Answer, Client, Refused};

use crate::chance::Chance;
use crate::clock::Clock;
use crate::ledger::Ledger;
use crate::sandbox::Control;
use crate::staff::Account;

/// A server that was killed is back after so long, or the next look finds it.
const AGAIN: Duration = Duration::from_millis(60);
/// Longer than every answer of a hall that lives; a database that is gone takes longest.
const PATIENCE: Duration = Duration::from_secs(40);

/// Shared by the clients of a round.
pub struct Hall {
    /// The hall's address.
    pub portal: String,
    /// The outside world.
    pub control: Control,
    /// The same as the end-to-end tests see it.
    pub outside: e2e::outside::Outside,
    /// Everybody's time.
    pub clock: Rc<Clock>,
    /// What clients were told.
    pub ledger: Ledger,
    /// Reviews.
    pub reviewer: Account,
    /// Makes and posts.
    pub maker: Account,
    closing: Cell<bool>,
    orders_closed: Cell<bool>,
    next_address: Cell<u32>,
    acts: Cell<u64>,
    /// How applicants ended.
    pub ends: std::cell::RefCell<std::collections::BTreeMap<&'static str, u64>>,
}

impl Hall {
    /// A hall whose clients have not come yet.
    pub fn new(
        portal: &str,
        control: Control,
        outside: e2e::outside::Outside,
        clock: Rc<Clock>,
        reviewer: Account,
        maker: Account,
    ) -> Self {
        Self {
            portal: portal.to_owned(),
            control,
            outside,
            clock,
            ledger: Ledger::default(),
            reviewer,
            maker,
            closing: Cell::new(false),
            orders_closed: Cell::new(false),
            next_address: Cell::new(0),
            acts: Cell::new(0),
            ends: std::cell::RefCell::default(),
        }
    }

    /// No new order is begun.
    pub fn close_orders(&self) {
        self.orders_closed.set(true);
    }

    /// Clients go home where they stand.
    pub fn close(&self) {
        self.orders_closed.set(true);
        self.closing.set(true);
    }

    /// Whether clients go home.
    pub fn is_closing(&self) -> bool {
        self.closing.get()
    }

    /// Whether no new order is to be begun.
    pub fn takes_no_orders(&self) -> bool {
        self.orders_closed.get()
    }

    /// A browser with an address of its own, in a network of its own: limits count by both.
    pub fn browser(&self) -> Result<Client> {
        let next = self.next_address.get() + 1;
        self.next_address.set(next);
        let [_, _, high, low] = (next % 0xfff0 + 1).to_be_bytes();
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            // A press is one request: nothing below may send it again on another connection.
            .pool_max_idle_per_host(0)
            .local_address(std::net::IpAddr::from([127, high, low, 1]))
            .connect_timeout(Duration::from_secs(5))
            .timeout(PATIENCE)
            .build()?;
        Ok(Client::with(http, &self.portal))
    }

    /// Presses a button as the page does: no answer, or 503, is pressed again; anything else is the answer. `None`: the
    /// hall closes.
    pub async fn press<T>(&self, what: &str, step: impl AsyncFn() -> Answer<T>) -> Option<Answer<T>> {
        while !self.is_closing() {
            match step().await {
                Ok(done) => {
                    // Looking is no act: a hall that is only looked at gets nowhere.
                    if what != "look" && what != "queue" {
                        self.acts.set(self.acts.get() + 1);
                    }
                    return Some(Ok(done));
                }
                Err(refused) => {
                    self.ledger.refused(what, &refused);
                    if !asks_again(&refused) {
                        return Some(Err(refused));
                    }
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
        None
    }

    /// Acts of clients that the hall has done so far.
    pub fn acts(&self) -> u64 {
        self.acts.get()
    }

    /// How an applicant ended.
    pub fn ended(&self, how: &'static str) {
        *self.ends.borrow_mut().entry(how).or_default() += 1;
    }

    /// Waits a little, as people do.
    pub async fn linger(&self, chance: &Chance, low: u64, high: u64) {
        tokio::time::sleep(chance.millis(low, high)).await;
    }
}

/// Nobody knows whether it was done, or it could not be done now.
pub fn asks_again(refused: &Refused) -> bool {
    matches!(refused.status, 0 | 500 | 502 | 503 | 504)
}
