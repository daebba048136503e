//! Members of staff: two at each desk, so that both sometimes take the same order.

use std::cell::Cell;
use std::rc::Rc;

use anyhow::Result;
use e2e::client::{Answer, Client};
use e2e::staff::Clerk;
use e2e::totp::Authenticator;
use futures_util::future::join;
use shared::api::{QueueRow, RejectCategory, StaffLogin};
use shared::channel::DocumentKind;

use crate::chance::Chance;
use crate::clock::SECOND;
use crate::hall::Hall;
use crate::key::Key;
use crate::ledger::Told;

/// Seconds of one code.
const STEP: i64 = 30;

/// An account.
#[derive(Debug)]
pub struct Account {
    name: String,
    password: String,
    app: Authenticator,
    /// The step of the last code typed: none may be used twice.
    last: Cell<i64>,
}

impl Account {
    /// As the command line made it.
    pub fn new(name: &str, password: &str, app: Authenticator) -> Self {
        Self { name: name.to_owned(), password: password.to_owned(), app, last: Cell::new(0) }
    }
}

/// A desk of one of the two kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Desk {
    /// 审核.
    Review,
    /// 制证, 寄送.
    Making,
}

/// Works until the hall closes.
pub async fn work(hall: Rc<Hall>, chance: Chance, desk: Desk) {
    let account = match desk {
        Desk::Review => &hall.reviewer,
        Desk::Making => &hall.maker,
    };
    while !hall.is_closing() {
        let clerk = match log_in(&hall, account).await {
            Ok(Some(clerk)) => clerk,
            Ok(None) => continue,
            Err(error) => {
                hall.ledger.wrong(format!("{} can't work: {error:#}", account.name));
                return;
            }
        };
        let shift = Shift { hall: &hall, chance: &chance, clerk };
        loop {
            if hall.is_closing() {
                return;
            }
            let again = match desk {
                Desk::Review => shift.reviews().await,
                Desk::Making => shift.makes().await,
            };
            match again {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => hall.ledger.wrong(format!("{}: {error:#}", account.name)),
            }
        }
    }
}

/// Logs in with a code that was not typed before. `None`: it did not work this time.
pub async fn log_in(hall: &Hall, account: &Account) -> Result<Option<Clerk>> {
    let now = hall.clock.now() / SECOND / STEP;
    let step = now.max(account.last.get() + 1);
    account.last.set(step);
    if step > now {
        hall.clock.reach(step * STEP * SECOND).await?;
    }
    let code = account.app.code(u64::try_from(step)?)?;
    let login = StaffLogin { name: account.name.clone(), password: account.password.clone(), code };
    let client: Client = hall.browser()?;
    match client.act("/api/staff/login", &login).await {
        Ok(()) => Ok(Some(Clerk { client })),
        Err(refused) => {
            hall.ledger.refused("log-in", &refused);
            let wait = refused.error.as_ref().and_then(|error| error.retry_after_s).unwrap_or(0);
            if wait > 0 {
                hall.clock.reach(hall.clock.now() + i64::from(wait) * SECOND).await?;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            Ok(None)
        }
    }
}

struct Shift<'a> {
    hall: &'a Hall,
    chance: &'a Chance,
    clerk: Clerk,
}

impl Shift<'_> {
    /// A row of a queue. `Err(())`: log in again.
    async fn takes(&self, queue: &str) -> Result<Option<QueueRow>, ()> {
        match self.hall.press("queue", async || self.clerk.queue(queue).await).await {
            None => Ok(None),
            Some(Ok(rows)) => Ok(self.chance.pick(&rows).cloned()),
            Some(Err(refused)) if refused.status == 401 => Err(()),
            Some(Err(refused)) => {
                self.hall.ledger.wrong(format!("queue {queue}: {refused}"));
                Ok(None)
            }
        }
    }

    /// An act: what is refused was done by somebody else, or by the press before that got no answer.
    async fn acts<T>(&self, what: &str, step: impl AsyncFn() -> Answer<T>) -> Option<T> {
        self.hall.press(what, step).await?.ok()
    }

    /// `false`: log in again.
    async fn reviews(&self) -> Result<bool> {
        let Ok(row) = self.takes("review").await else { return Ok(false) };
        let Some(QueueRow { number, .. }) = row else {
            self.hall.linger(self.chance, 60, 160).await;
            return Ok(true);
        };
        if self.chance.percent(6) {
            let reject = async || self.clerk.rejects(&number, RejectCategory::NotEligible, "单位已注销").await;
            if self.acts("reject", reject).await.is_some() {
                self.hall.ledger.told(Told::Rejected { number });
            }
            return Ok(true);
        }
        let refused_before =
            self.hall.ledger.read(|ledger| ledger.told.contains(&Told::Refused { number: number.clone() }));
        if !refused_before && self.chance.percent(15) {
            let papers = vec![DocumentKind::BusinessLicence];
            let refuse = async || self.clerk.refuses(&number, "营业执照不清晰", papers.clone()).await;
            if self.acts("refuse", refuse).await.is_some() {
                self.hall.ledger.told(Told::Refused { number });
            }
            return Ok(true);
        }
        let approve = async || {
            if self.chance.percent(80) {
                return self.clerk.approves(&number).await;
            }
            let (one, two) = join(self.clerk.approves(&number), self.clerk.approves(&number)).await;
            one.or(two)
        };
        if self.acts("approve", approve).await.is_some() {
            self.hall.ledger.told(Told::Approved { number });
        }
        Ok(true)
    }

    /// `false`: log in again.
    async fn makes(&self) -> Result<bool> {
        let mut busy = false;
        for queue in ["making", "dispatch", "dispatched"] {
            let Ok(row) = self.takes(queue).await else { return Ok(false) };
            let Some(QueueRow { number, .. }) = row else { continue };
            busy = true;
            match queue {
                "making" => self.makes_key(&number).await?,
                "dispatch" => self.posts(&number).await,
                _ => self.hears_of_delivery(&number).await,
            }
        }
        if !busy {
            self.hall.linger(self.chance, 60, 160).await;
        }
        Ok(true)
    }

    async fn makes_key(&self, number: &str) -> Result<()> {
        let key = Key::blank(self.chance);
        let start = key.start(self.chance);
        if self.acts("making", async || self.clerk.starts_making(number, &start).await).await.is_none() {
            return Ok(());
        }
        let request = key.request(number)?;
        let mut issued = None;
        for _ in 0..=self.chance.below(2) {
            let Some(answer) = self.acts("certificate", async || self.clerk.issues(number, &request).await).await
            else {
                return Ok(());
            };
            self.hall.ledger.told(Told::Issued {
                number: number.to_owned(),
                serial: answer.serial.clone(),
                certificate: answer.certificate.clone(),
                key: key.point(),
            });
            if issued.replace(answer.certificate.clone()).is_some_and(|before| before != answer.certificate) {
                self.hall.ledger.wrong(format!("{number}: one request got two certificates"));
            }
        }
        // Pulled out here sometimes: the next making begins anew.
        if self.chance.percent(5) {
            return Ok(());
        }
        let certificate = issued.unwrap_or_default();
        if self.acts("made", async || self.clerk.made(number, &key.serial, &certificate).await).await.is_some() {
            self.hall.ledger.told(Told::Made { number: number.to_owned(), key_serial: key.serial.clone() });
        }
        Ok(())
    }

    async fn posts(&self, number: &str) {
        let waybill = format!("SF{}", 1_000_000_000_000 + self.chance.below(8_000_000_000_000));
        let dispatch = async || self.clerk.dispatches(number, "顺丰速运", &waybill).await;
        if self.acts("dispatch", dispatch).await.is_some() {
            self.hall.ledger.told(Told::Dispatched { number: number.to_owned(), waybill: waybill.clone() });
        }
    }

    /// The parcel comes to its holder, or back.
    async fn hears_of_delivery(&self, number: &str) {
        if self.chance.percent(10) {
            let Some(order) = self.acts("order", async || self.clerk.order(number).await).await else { return };
            let serial = order.order.key_serial.unwrap_or_default();
            let back = async || self.clerk.takes_back(number, &serial, "无人签收").await;
            if self.acts("return", back).await.is_some() {
                self.hall.ledger.told(Told::Returned { number: number.to_owned() });
            }
            return;
        }
        if self.acts("delivered", async || self.clerk.delivers(number).await).await.is_some() {
            self.hall.ledger.told(Told::Delivered { number: number.to_owned() });
        }
    }
}
