//! Finding orders: all of a channel, or by what somebody at the desk or on the phone can say. Each search for something is a
//! link of the staff member's own chain, with what was found; a plain list is like a queue.

use super::StaffMember;
use super::desk::found_summary;
use crate::audit::Chain;
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::store::{Conn, FoundRow, Sought};
use crate::vault::BlindColumn;
use serde_json::json;
use shared::api::{ErrorCode, FoundOrder, FoundOrders, Role};
use shared::field::{CreditCode, Mobile, WaybillNumber};
use shared::order::Status;

/// Rows of a page.
const PAGE: usize = 50;
/// The longest text that can be found by: a key's serial.
const LONGEST: usize = 64;

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// The channel's slug.
    pub channel: String,
    /// Number, credit code, phone, 介质号 or waybill, as typed; empty: everything.
    pub text: String,
    /// Only in this status.
    pub status: Option<Status>,
    /// The last number of the page before.
    pub before: Option<String>,
}

/// Orders of a channel, newest first, a page at a time.
pub async fn search(hall: &Hall, staff: &StaffMember, search: &Search) -> AppResult<FoundOrders> {
    staff.must(&search.channel, &Role::ALL)?;
    if search.before.as_deref().is_some_and(|number| !is_number(number)) {
        return Err(AppError::new(ErrorCode::BadRequest));
    }
    let text = CreditCode::normalize(&search.text);
    let mut reader = hall.store.read().await?;
    let (rows, more) = if text.is_empty() {
        page(look_up(&mut reader, search, &[Sought::All]).await?)
    } else {
        let keys = Keys::of(hall, &text, &search.text);
        page(look_up(&mut reader, search, &keys.sought()).await?)
    };
    drop(reader);
    if !text.is_empty() {
        let found: Vec<_> = rows.iter().map(|row| row.id.as_str()).collect();
        let data = json!({ "channel": search.channel, "found": found });
        let mut tx = hall.store.begin().await?;
        tx.note(Chain::Staff(&staff.id), "orders_searched", "staff", &staff.id, &data).await?;
        tx.commit().await?;
    }
    let next = rows.last().filter(|_| more).map(|row| row.number.clone());
    let rows = rows.into_iter().map(|row| shown(hall, row)).collect::<AppResult<_>>()?;
    Ok(FoundOrders { rows, next })
}

/// Everything that the text may be, as it is looked up.
struct Keys {
    numbers: Option<(String, String)>,
    holder: Option<String>,
    phone: Option<String>,
    serials: Vec<String>,
    waybill: Option<String>,
}

impl Keys {
    fn of(hall: &Hall, text: &str, typed: &str) -> Self {
        let holder = CreditCode::parse(text).ok();
        let phone = Mobile::parse(text).ok();
        // Serials are compared as the bridge tells them; most are capital letters and digits.
        let mut serials = vec![typed.trim().to_owned(), text.to_owned()];
        serials.dedup();
        serials.retain(|serial| (1..=LONGEST).contains(&serial.len()));
        Self {
            numbers: number_range(text),
            holder: holder.map(|code| hall.vault.blind(BlindColumn::Holder, code.as_str())),
            phone: phone.map(|phone| hall.vault.blind(BlindColumn::Phone, phone.as_str())),
            serials,
            waybill: WaybillNumber::parse(text).ok().map(|number| number.as_str().to_owned()),
        }
    }

    fn sought(&self) -> Vec<Sought<'_>> {
        let mut sought = Vec::new();
        sought.extend(self.numbers.clone().map(|(first, last)| Sought::Numbers(first, last)));
        sought.extend(self.holder.as_deref().map(Sought::Holder));
        sought.extend(self.phone.as_deref().map(Sought::Operator));
        sought.extend(self.phone.as_deref().map(Sought::LegalRep));
        sought.extend(self.serials.iter().map(|serial| Sought::Key(serial)));
        sought.extend(self.waybill.as_deref().map(Sought::Waybill));
        sought
    }
}

/// Each look-up gives its newest; the newest of all are the page.
async fn look_up(conn: &mut Conn, search: &Search, sought: &[Sought<'_>]) -> AppResult<Vec<FoundRow>> {
    let limit = i64::try_from(PAGE + 1).map_err(AppError::fault)?;
    let mut rows = Vec::new();
    for one in sought {
        rows.extend(conn.search_orders(&search.channel, one, search.status, search.before.as_deref(), limit).await?);
    }
    Ok(rows)
}

/// The first page of these rows, and whether there are more.
fn page(mut rows: Vec<FoundRow>) -> (Vec<FoundRow>, bool) {
    rows.sort_by(|one, two| two.number.cmp(&one.number));
    rows.dedup_by(|one, two| one.id == two.id);
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    (rows, more)
}

fn shown(hall: &Hall, row: FoundRow) -> AppResult<FoundOrder> {
    let unit_name = found_summary(hall, &row)?.unit_name;
    Ok(FoundOrder { number: row.number, status: row.status, unit_name, created_at: row.created_at })
}

/// The numbers that begin with the text: `2026`, `20261120`, `20261120A`, `20261120A000112`.
fn number_range(text: &str) -> Option<(String, String)> {
    let fits = |at: usize, byte: u8| if at == 8 { byte.is_ascii_uppercase() } else { byte.is_ascii_digit() };
    let long = (4..=15).contains(&text.len());
    if !long || !text.bytes().enumerate().all(|(at, byte)| fits(at, byte)) {
        return None;
    }
    let filled = |rest: &str| format!("{text}{}", &rest[text.len()..]);
    Some((filled("00000000A000000"), filled("99999999Z999999")))
}

fn is_number(text: &str) -> bool {
    text.len() == 15 && number_range(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_beginning_spans_all_numbers_that_have_it() {
        let span = |text| number_range(text).map(|(first, last)| format!("{first}-{last}"));
        assert_eq!(span("2026").as_deref(), Some("20260000A000000-20269999Z999999"));
        assert_eq!(span("20261120U").as_deref(), Some("20261120U000000-20261120U999999"));
        assert_eq!(span("20261120U000112").as_deref(), Some("20261120U000112-20261120U000112"));
        for other in ["", "202", "20261120u", "2026112OU", "20261120U0001123", "中文二字"] {
            assert_eq!(number_range(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_read_without_a_fault(text in ".{0,80}") {
            let _ = number_range(&CreditCode::normalize(&text));
        }

        #[test]
        fn every_beginning_of_a_number_spans_it(day in 20_000_101u32..20_991_231, letter in proptest::char::range('A', 'Z'), counter in 1u32..1_000_000, length in 4usize..16) {
            let number = format!("{day}{letter}{counter:06}");
            let span = number_range(&number[..length]);
            prop_assert!(span.is_some_and(|(first, last)| first <= number && number <= last));
        }
    }
}
