//! 对账: each morning the day before is compared with the provider's books. What differs is listed for staff; nothing is
//! mended by itself.

use super::Jobs;
use crate::clock::{DAY, HOUR};
use crate::gateways::{Bill, BillKind, BillLine, Outcome};
use crate::outbox::{Ended, Job, JobError};
use crate::store::{BookedSum, Conn, JobState, ReconciliationRow, Store, StoreError, Tx};
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use jiff::{SignedDuration, ToSpan as _};
use shared::api::{Difference, DifferenceKind};
use std::collections::{BTreeMap, BTreeSet};

/// Bills are there by ten in the morning of the next day; half an hour more does no harm.
const AFTER_MIDNIGHT: SignedDuration = SignedDuration::from_mins(10 * 60 + 30);
/// A bill that is not there, or can't be read, is asked for again.
const AGAIN: i64 = HOUR;
/// So long after the day nobody waits for its bill any more.
const PATIENCE: i64 = 3 * DAY;
/// Days that are made up for after a standstill.
const BACKLOG: i32 = 7;

fn china() -> TimeZone {
    TimeZone::fixed(offset(8))
}

/// The day in China.
pub fn day_of(at: i64) -> Date {
    jiff::Timestamp::from_microsecond(at).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_zoned(china()).date()
}

/// A day's first microsecond, and the next day's.
fn bounds(day: Date) -> Option<(i64, i64)> {
    let from = day.to_zoned(china()).ok()?.timestamp().as_microsecond();
    Some((from, from + DAY))
}

/// When a day's bill is asked for.
pub fn due_at(day: Date) -> Option<i64> {
    let (_, until) = bounds(day)?;
    i64::try_from(AFTER_MIDNIGHT.as_micros()).ok().map(|wait| until + wait)
}

/// Plans the comparison of the running day, and of the last days that were missed. Any number of backends may call it.
pub async fn schedule(store: &Store) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    let (now, today) = (tx.now(), day_of(tx.now()));
    plan(&mut tx, today).await?;
    let first = tx.first_order_at().await?.map(day_of);
    for back in 1..=BACKLOG {
        let Ok(day) = today.checked_sub(back.days()) else { break };
        if first.is_some_and(|first| first <= day)
            && !tx.is_reconciled(&day.to_string()).await?
            && !tx.jobs_about(&day.to_string()).await?.iter().any(|job| is_at_work(job.state))
            && let Some(due) = due_at(day)
        {
            tx.enqueue(&Job::ReconcileDay { day: day.to_string() }, due.max(now)).await?;
        }
    }
    tx.commit().await
}

/// A day's comparison is asked for when its bill should be there.
async fn plan(tx: &mut Tx, day: Date) -> Result<(), StoreError> {
    match due_at(day) {
        Some(due) => tx.enqueue(&Job::ReconcileDay { day: day.to_string() }, due).await,
        None => Ok(()),
    }
}

const fn is_at_work(state: JobState) -> bool {
    match state {
        JobState::Ready | JobState::Running | JobState::Sending => true,
        JobState::Done | JobState::Failed => false,
    }
}

impl Jobs {
    pub(super) async fn reconcile_day(&self, day: &str) -> Result<Ended, JobError> {
        let Some((date, (from, until))) = day.parse::<Date>().ok().and_then(|date| Some((date, bounds(date)?))) else {
            return Ok(Ended::GaveUp { why: "not a day".to_owned() });
        };
        let now = self.store.now();
        if now < until {
            return Ok(Ended::Later { at: due_at(date).unwrap_or(until), why: "the day is not over".to_owned() });
        }
        // First, so that a bill that never comes does not end the row of days.
        let mut tx = self.store.begin().await?;
        plan(&mut tx, day_of(now)).await?;
        tx.commit().await?;
        let patient = now < until + PATIENCE;
        let later = |why: String| if patient { Ended::Later { at: now + AGAIN, why } } else { Ended::GaveUp { why } };
        match self.payment.bill(date).await {
            Outcome::Ok(Some(bill)) => self.compare(day, (from, until), &bill).await,
            Outcome::Ok(None) => {
                let mut read = self.store.read().await?;
                let quiet = read.paid_between(from, until).await?.is_empty()
                    && read.refunded_between(from, until).await?.is_empty();
                drop(read);
                if quiet || !patient {
                    return self.compare(day, (from, until), &Bill::default()).await;
                }
                self.note_tried(day).await?;
                Ok(later("there is no bill yet".to_owned()))
            }
            Outcome::Refused { code, message } => {
                self.note_tried(day).await?;
                Ok(later(format!("bill refused: {code} {message}")))
            }
            Outcome::Unknown { reason } => {
                self.note_tried(day).await?;
                if patient { Err(JobError::Outside(format!("bill: {reason}"))) } else { Ok(later(reason.to_string())) }
            }
        }
    }

    async fn compare(&self, day: &str, times: (i64, i64), bill: &Bill) -> Result<Ended, JobError> {
        let mut read = self.store.read().await?;
        let found = differences(&mut read, times, bill).await?;
        let now = read.now();
        drop(read);
        let mut tx = self.store.begin().await?;
        for channel in self.channels(&found) {
            let mut mine = found.of(&channel);
            mine.day = day.to_owned();
            (mine.tried_at, mine.compared_at) = (now, Some(now));
            if mine.differences != "[]" {
                tracing::warn!(%day, %channel, "the provider's books differ from ours");
            }
            tx.put_reconciliation(&mine).await?;
        }
        tx.commit().await?;
        Ok(Ended::Done)
    }

    async fn note_tried(&self, day: &str) -> Result<(), JobError> {
        let mut tx = self.store.begin().await?;
        for channel in self.notices.channels.iter() {
            tx.note_reconciliation_tried(day, &channel.profile.slug).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Every channel that has a profile or a line.
    fn channels(&self, found: &Found) -> BTreeSet<String> {
        let known = self.notices.channels.iter().map(|channel| channel.profile.slug.clone());
        known.chain(found.sums.keys().cloned()).collect()
    }
}

/// What a comparison found.
#[derive(Default)]
struct Found {
    /// Payments, paid fen, refunded fen of each channel, by the bill.
    sums: BTreeMap<String, (i64, i64, i64)>,
    /// Differences; `None`: no order explains it.
    differences: Vec<(Option<String>, Difference)>,
}

impl Found {
    fn of(&self, channel: &str) -> ReconciliationRow {
        let (trades, paid_fen, refunded_fen) = self.sums.get(channel).copied().unwrap_or_default();
        let mine = self.differences.iter().filter(|(of, _)| of.as_deref().is_none_or(|of| of == channel));
        let mine: Vec<&Difference> = mine.map(|(_, difference)| difference).collect();
        ReconciliationRow {
            day: String::new(),
            channel: channel.to_owned(),
            trades,
            paid_fen,
            refunded_fen,
            differences: serde_json::to_string(&mine).unwrap_or_else(|_| "[]".to_owned()),
            tried_at: 0,
            compared_at: None,
        }
    }

    fn add(
        &mut self,
        channel: Option<&str>,
        number: Option<&str>,
        out_trade_no: &str,
        ours: Option<i64>,
        theirs: Option<i64>,
    ) {
        let kind = match (ours, theirs) {
            (Some(ours), Some(theirs)) if ours == theirs => return,
            (Some(_), Some(_)) => DifferenceKind::Amount,
            (None, _) => DifferenceKind::NotOurs,
            (Some(_), None) => DifferenceKind::NotTheirs,
        };
        let difference = Difference {
            out_trade_no: out_trade_no.to_owned(),
            number: number.map(str::to_owned),
            kind,
            ours_fen: ours,
            theirs_fen: theirs,
            note: None,
        };
        self.differences.push((channel.map(str::to_owned), difference));
    }
}

/// Compares; sums that were given back are negative.
async fn differences(conn: &mut Conn, (from, until): (i64, i64), bill: &Bill) -> Result<Found, StoreError> {
    let mut found = Found::default();
    let mut seen = BTreeSet::new();
    let (paid, refunded) = (conn.paid_between(from, until).await?, conn.refunded_between(from, until).await?);
    let booked: BTreeMap<_, _> = paid.iter().chain(&refunded).map(|sum| (booked_key(sum), sum)).collect();
    for line in &bill.lines {
        // The same line twice is one that our books don't know.
        let fresh = seen.insert(key(line));
        let known = match booked.get(&key(line)) {
            Some(sum) => Known {
                number: Some(sum.number.clone()),
                channel: Some(sum.channel.clone()),
                fen: Some(sum.amount_fen),
            },
            None => of_another_day(conn, line).await?,
        };
        let sign = if line.kind == BillKind::Paid { 1 } else { -1 };
        let (ours, theirs) = (known.fen.map(|fen| sign * fen), sign * line.amount_fen);
        let (number, channel) = (known.number.as_deref(), known.channel.as_deref());
        if let Some(channel) = channel {
            let sums = found.sums.entry(channel.to_owned()).or_default();
            match &line.kind {
                BillKind::Paid => {
                    sums.0 += 1;
                    sums.1 += line.amount_fen;
                }
                BillKind::Refunded { .. } => sums.2 += line.amount_fen,
            }
        }
        found.add(channel, number, &line.out_trade_no, ours.filter(|_| fresh), Some(theirs));
    }
    for sum in &paid {
        if !seen.contains(&booked_key(sum)) {
            found.add(Some(&sum.channel), Some(&sum.number), &sum.out_trade_no, Some(sum.amount_fen), None);
        }
    }
    for sum in &refunded {
        // Asked for before this day and settled in it: the provider may have made it on either side of midnight.
        if !seen.contains(&booked_key(sum)) && sum.asked_at.is_none_or(|asked| asked >= from) {
            found.add(Some(&sum.channel), Some(&sum.number), &sum.out_trade_no, Some(-sum.amount_fen), None);
        }
    }
    Ok(found)
}

fn key(line: &BillLine) -> (String, Option<String>) {
    match &line.kind {
        BillKind::Paid => (line.out_trade_no.clone(), None),
        BillKind::Refunded { out_request_no } => (line.out_trade_no.clone(), Some(out_request_no.clone())),
    }
}

fn booked_key(sum: &BookedSum) -> (String, Option<String>) {
    (sum.out_trade_no.clone(), sum.out_request_no.clone())
}

/// What our books know of a line.
struct Known {
    number: Option<String>,
    channel: Option<String>,
    fen: Option<i64>,
}

/// A line that our books of the day don't have: they may have it on a neighbouring one, or know the order at least.
async fn of_another_day(conn: &mut Conn, line: &BillLine) -> Result<Known, StoreError> {
    let Some((number, channel, paid)) = conn.booked_trade(&line.out_trade_no).await? else {
        return Ok(Known { number: None, channel: None, fen: None });
    };
    let fen = match &line.kind {
        BillKind::Paid => paid,
        BillKind::Refunded { out_request_no } => conn.booked_refund(out_request_no).await?,
    };
    Ok(Known { number: Some(number), channel: Some(channel), fen })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_day_is_compared_at_half_past_ten_in_china_the_next_morning() {
        let day: Date = "2026-11-20".parse().unwrap();
        let due = jiff::Timestamp::from_microsecond(due_at(day).unwrap()).unwrap();
        assert_eq!(due.to_string(), "2026-11-21T02:30:00Z");
        assert_eq!(day_of(due.as_microsecond()).to_string(), "2026-11-21");
        assert_eq!(day_of(bounds(day).unwrap().1 - 1), day);
    }
}
