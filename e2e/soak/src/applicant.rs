//! An applicant: one order from the empty form to the parcel, whatever happens to the hall meanwhile.

use std::collections::BTreeSet;
use std::rc::Rc;

use anyhow::Result;
use e2e::applicant::Applicant;
use e2e::cast::Unit;
use futures_util::future::join;
use shared::api::{ErrorCode, OrderView};
use shared::channel::DocumentKind;
use shared::form::Field;
use shared::order::{EventKind, Status};

use crate::chance::Chance;
use crate::clock::SECOND;
use crate::hall::{Hall, asks_again};
use crate::ledger::Told;

/// The papers of this hall.
const PAPERS: [DocumentKind; 3] =
    [DocumentKind::BusinessLicence, DocumentKind::OperatorIdPortrait, DocumentKind::OperatorIdEmblem];
/// What ends an order without its applicant.
const ENDED: [EventKind; 2] = [EventKind::ReviewRejected, EventKind::Expired];
/// A wait longer than this is a day's limit: the applicant gives up.
const TOO_LONG_S: u32 = 3_600;

/// What an applicant has in mind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mind {
    /// Pays and waits for the parcel.
    Pays,
    /// Never pays.
    Forgets,
    /// Cancels in one tab while paying in the other.
    Wavers,
}

struct Visit<'a> {
    hall: &'a Hall,
    chance: &'a Chance,
    applicant: Applicant,
    unit: Unit,
    mind: Mind,
}

/// Comes with one order after the other.
pub async fn come(hall: Rc<Hall>, chance: Chance, first: u32, stride: u32) {
    let mut number = first;
    while !hall.takes_no_orders() {
        let end = match visit(&hall, &chance, number).await {
            Ok(end) => end,
            Err(error) => {
                hall.ledger.wrong(format!("applicant {number}: {error:#}"));
                "broke off"
            }
        };
        hall.ended(end);
        number += stride;
    }
}

async fn visit(hall: &Hall, chance: &Chance, number: u32) -> Result<&'static str> {
    let mind = match chance.below(100) {
        0..=79 => Mind::Pays,
        80..=89 => Mind::Forgets,
        _ => Mind::Wavers,
    };
    let applicant = Applicant::at(hall.browser()?, &hall.outside);
    let visit = Visit { hall, chance, applicant, unit: hall.control.unit(number).await?, mind };
    let Some(number) = visit.applies().await? else { return Ok("gave up before an order") };
    visit.goes_on(&number).await
}

impl Visit<'_> {
    /// Form, check, confirm: the order's number. `None`: a limit, or the hall closes.
    async fn applies(&self) -> Result<Option<String>> {
        let form = self.unit.draft_with(Field::Department, "财务部");
        if self.chance.percent(50) {
            self.hall.press("save", async || self.applicant.saves(&form).await).await;
        }
        loop {
            let Some(checked) = self.hall.press("check", async || self.applicant.checks(&form).await).await else {
                return Ok(None);
            };
            let checked = match checked {
                Ok(checked) => checked,
                Err(refused) if refused.code() == ErrorCode::TooMany => return Ok(None),
                // Two checks of one draft at the same time; a challenge that grew too old while the hall was away.
                Err(refused) if refused.status == 409 || refused.code() == ErrorCode::ProofNeeded => continue,
                Err(refused) => anyhow::bail!("check: {refused}"),
            };
            let twice = self.chance.percent(20);
            let confirm = async || {
                if !twice {
                    return self.applicant.confirms(&checked).await;
                }
                let (one, two) = join(self.applicant.confirms(&checked), self.applicant.confirms(&checked)).await;
                if let (Ok(one), Ok(two)) = (&one, &two)
                    && one.number != two.number
                {
                    self.hall.ledger.wrong(format!("a double click made two orders: {} {}", one.number, two.number));
                }
                one.or(two)
            };
            match self.hall.press("confirm", confirm).await {
                None => return Ok(None),
                Some(Ok(order)) => {
                    let told = Told::Confirmed { number: order.number.clone(), content: checked.content.clone() };
                    self.hall.ledger.told(told);
                    self.hall.ledger.form(&order.number, &checked.draft);
                    return Ok(Some(order.number));
                }
                Some(Err(refused)) if refused.code() == ErrorCode::NotChecked => {}
                Some(Err(refused)) => anyhow::bail!("confirm: {refused}"),
            }
        }
    }

    /// From the order's page on: looks where the order stands, does the next step, looks again.
    async fn goes_on(&self, number: &str) -> Result<&'static str> {
        loop {
            let Some(order) = self.hall.press("look", async || self.applicant.order(number).await).await else {
                return Ok("went home");
            };
            let order = match order {
                Ok(order) => order,
                Err(refused) => anyhow::bail!("{number} is gone: {refused}"),
            };
            match order.status {
                Status::AwaitingDocuments => self.hands_in(&order, &PAPERS).await?,
                Status::ReviewRefused => {
                    let wanted = order.refusal.as_ref().map_or_else(Vec::new, |refusal| refusal.documents.clone());
                    self.hands_in(&order, &wanted).await?;
                    if let Some(end) = self.signs(number).await? {
                        return Ok(end);
                    }
                }
                Status::AwaitingSignature => {
                    if let Some(end) = self.signs(number).await? {
                        return Ok(end);
                    }
                }
                Status::AwaitingPayment => match self.mind {
                    Mind::Forgets => return Ok("never paid"),
                    Mind::Pays => self.pays(number).await?,
                    Mind::Wavers => {
                        join(self.pays(number), self.cancels(number)).await.0?;
                    }
                },
                Status::Completed => return Ok("completed"),
                Status::Cancelled => return Ok("cancelled"),
                Status::Returned => return Ok("returned"),
                _ => self.hall.linger(self.chance, 250, 500).await,
            }
        }
    }

    async fn hands_in(&self, order: &OrderView, wanted: &[DocumentKind]) -> Result<()> {
        let number = order.number.as_str();
        for kind in wanted {
            let again = order.status == Status::ReviewRefused;
            if order.documents.iter().any(|paper| paper.kind == *kind && (paper.fresh || !again)) {
                continue;
            }
            let paper = crate::papers::paper(self.chance)?;
            let other = crate::papers::paper(self.chance)?;
            let twice = self.chance.percent(15);
            let upload = async || {
                if !twice {
                    return self.applicant.uploads(number, *kind, paper.clone()).await;
                }
                let first = self.applicant.uploads(number, *kind, paper.clone());
                let (one, two) = join(first, self.applicant.uploads(number, *kind, other.clone())).await;
                two.or(one)
            };
            match self.hall.press("upload", upload).await {
                Some(Ok(seen)) => {
                    if let Some(paper) = seen.documents.iter().find(|paper| paper.kind == *kind) {
                        let told = Told::Uploaded { number: number.to_owned(), document: paper.id.clone() };
                        self.hall.ledger.told(told);
                    }
                }
                Some(Err(_)) | None => return Ok(()),
            }
        }
        let submit = async || {
            if self.chance.percent(80) {
                return self.applicant.submits(number).await;
            }
            let (one, two) = join(self.applicant.submits(number), self.applicant.submits(number)).await;
            one.or(two)
        };
        if let Some(Ok(_)) = self.hall.press("submit", submit).await
            && order.status == Status::AwaitingDocuments
        {
            self.hall.ledger.told(Told::Submitted { number: number.to_owned() });
        }
        Ok(())
    }

    /// Asks for a code, reads it on the phone, types it. `Some`: the applicant's day ends here.
    async fn signs(&self, number: &str) -> Result<Option<&'static str>> {
        let Some(Ok(proof)) = self.hall.press("challenge", async || self.applicant.client.proof().await).await else {
            return Ok(None);
        };
        // One press, however often its request has to be sent: the proof says that it is the same one.
        self.hall.ledger.press(number);
        let twice = self.chance.percent(15);
        let ask = async || {
            if !twice {
                return self.applicant.asks_code_with(number, &proof).await;
            }
            let first = self.applicant.asks_code_with(number, &proof);
            let (one, two) = join(first, self.applicant.asks_code_with(number, &proof)).await;
            if let (Ok(one), Ok(two)) = (&one, &two)
                && one.ticket != two.ticket
            {
                self.hall.ledger.wrong(format!("double code: a double click made two: {} {}", one.ticket, two.ticket));
            }
            one.or(two)
        };
        let sent = match self.hall.press("code", ask).await {
            Some(Ok(sent)) => sent,
            Some(Err(refused)) => return self.waits_for_code(&refused).await,
            None => return Ok(None),
        };
        let ticket = sent.ticket;
        self.hall.ledger.told(Told::Coded { number: number.to_owned(), ticket: ticket.clone() });
        let Some(code) = self.reads_code(&ticket).await? else {
            // It never came: the page offers another one after a while.
            self.hall.clock.reach(self.hall.clock.now() + i64::from(sent.resend_after_s) * SECOND).await?;
            return Ok(None);
        };
        let sign = async || {
            if self.chance.percent(85) {
                return self.applicant.signs_with(number, &ticket, &code).await;
            }
            let first = self.applicant.signs_with(number, &ticket, &code);
            let (one, two) = join(first, self.applicant.signs_with(number, &ticket, &code)).await;
            one.or(two)
        };
        if let Some(Ok(_)) = self.hall.press("sign", sign).await {
            self.hall.ledger.told(Told::Signed { number: number.to_owned(), ticket });
        }
        Ok(None)
    }

    async fn waits_for_code(&self, refused: &e2e::client::Refused) -> Result<Option<&'static str>> {
        match refused.error.as_ref().and_then(|error| error.retry_after_s) {
            Some(seconds) if seconds > TOO_LONG_S => Ok(Some("a day's codes used up")),
            Some(seconds) => {
                self.hall.clock.reach(self.hall.clock.now() + (i64::from(seconds) + 1) * SECOND).await?;
                Ok(None)
            }
            None => {
                self.hall.linger(self.chance, 40, 120).await;
                Ok(None)
            }
        }
    }

    /// The message of a ticket, once it is on the operator's phone.
    async fn reads_code(&self, ticket: &str) -> Result<Option<String>> {
        for _ in 0..12 {
            let messages = self.hall.control.sms_of(self.unit.operator.phone()).await?;
            if let Some(message) = messages.iter().find(|message| message.out_id == ticket) {
                return Ok(message.params.get("code").cloned());
            }
            self.hall.linger(self.chance, 80, 120).await;
        }
        Ok(None)
    }

    /// Opens the cashier, scans what it shows and pays; then looks whether the hall knows, and opens the cashier again if
    /// it does not, as a reload does. Sometimes two tabs are open, and somebody pays in each.
    async fn pays(&self, number: &str) -> Result<()> {
        let tabs = if self.chance.percent(25) { 2 } else { 1 };
        let mut shown = BTreeSet::new();
        for _ in 0..tabs {
            match self.applicant.opens_payment(number).await {
                Ok(cashier) => {
                    self.hall.ledger.told(Told::Cashier { number: number.to_owned(), qr: cashier.qr.clone() });
                    shown.insert(cashier.qr);
                }
                Err(refused) => {
                    self.hall.ledger.refused("cashier", &refused);
                    if !asks_again(&refused) && refused.status != 409 {
                        anyhow::bail!("cashier: {refused}");
                    }
                }
            }
        }
        if shown.is_empty() {
            self.hall.linger(self.chance, 60, 120).await;
            return Ok(());
        }
        let trades = self.hall.control.trades().await?;
        for qr in &shown {
            let Some(trade) = trades.iter().find(|trade| qr.ends_with(&trade.token)) else {
                anyhow::bail!("no trade has the QR code that the cashier shows");
            };
            // Paid already, or closed: the phone says so.
            let _ = self.hall.control.pay(&trade.out_trade_no).await;
        }
        for _ in 0..12 {
            match self.applicant.order(number).await {
                Ok(order) if order.status != Status::AwaitingPayment => return Ok(()),
                Ok(_) | Err(_) => self.hall.linger(self.chance, 100, 160).await,
            }
            if self.hall.is_closing() {
                return Ok(());
            }
        }
        // No notice came: the hall asks by itself after a while.
        self.hall.clock.reach(self.hall.clock.now() + 25 * SECOND).await
    }

    async fn cancels(&self, number: &str) {
        self.hall.linger(self.chance, 0, 150).await;
        match self.applicant.cancels(number).await {
            // Refused for good or run out meanwhile, it is cancelled already: the answer says so, and promises nothing else.
            Ok(order) if order.timeline.iter().any(|entry| ENDED.contains(&entry.event)) => {}
            Ok(_) => self.hall.ledger.told(Told::Cancelled { number: number.to_owned() }),
            Err(refused) => self.hall.ledger.refused("cancel", &refused),
        }
    }
}
