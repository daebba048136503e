//! Text messages that nobody waits for (the PIN, what became of an order): at most once, wiped when sent.

use super::Jobs;
use crate::audit::Chain;
use crate::clock::SECOND;
use crate::gateways::{Outcome, SmsDelivery, SmsQuery, SmsRequest};
use crate::outbox::{Ended, JobError, Lease};
use crate::store::{By, JobRow, StoreError};
use crate::vault::{Aad, Wrapped};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use zeroize::ZeroizeOnDrop;

/// The sealed payload of [`crate::outbox::Job::NotifyDispatch`] and [`crate::outbox::Job::SendMessage`]: JSON under the
/// order's data key, bound by [`message_aad`].
#[derive(Clone, Serialize, Deserialize, ZeroizeOnDrop)]
pub struct Message {
    /// Where it goes.
    pub phone: String,
    /// The registered template.
    pub template: String,
    /// The template's variables, in order.
    pub params: Vec<(String, String)>,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Message([hidden])")
    }
}

/// Where the payload of the job with this id belongs.
pub const fn message_aad(job_id: &str) -> Aad<'_> {
    Aad { table: "outbox", column: "payload_sealed", row: job_id }
}

/// The first question about a message that was left unanswered.
const ASK_AFTER: i64 = 30 * SECOND;
/// A provider may need a while until it finds a message that it took: so often "never heard of it" is not believed.
const DOUBTS: i64 = 5;

/// Refusals that pass: nothing was sent, and the same message may be taken later.
fn passes(code: &str) -> bool {
    ["LIMIT_CONTROL", "AMOUNT_NOT_ENOUGH", "Throttling", "OUT_OF_SERVICE"].iter().any(|known| code.contains(known))
}

impl Jobs {
    pub(super) async fn send_message(
        &self,
        order_id: &str,
        note: &str,
        row: &JobRow,
        lease: &Lease,
    ) -> Result<Ended, JobError> {
        let Some(notice) = self.open_payload::<Message>(order_id, row).await? else {
            return Ok(Ended::GaveUp { why: "the payload or its key is erased".to_owned() });
        };
        let request = SmsRequest {
            phone: notice.phone.clone(),
            sign_name: self.sms_sign_name.clone(),
            template_code: notice.template.clone(),
            params: notice.params.clone(),
            out_id: row.id.clone(),
        };
        lease.mark_sending().await?;
        match self.sms.send(&request).await {
            Outcome::Ok(receipt) => {
                self.note_sent(order_id, note, row, &receipt.provider_id).await?;
                Ok(Ended::Done)
            }
            Outcome::Refused { code, .. } if passes(&code) => {
                lease.unmark_sending().await?;
                Err(JobError::Outside(format!("the provider did not take the message: {code}")))
            }
            Outcome::Refused { code, .. } => {
                Ok(Ended::GaveUp { why: format!("the provider did not take the message: {code}") })
            }
            Outcome::Unknown { reason } => {
                Ok(Ended::Later { at: self.store.now() + ASK_AFTER, why: format!("sent? {reason}") })
            }
        }
    }

    pub(super) async fn ask_about_message(&self, order_id: &str, note: &str, row: &JobRow) -> Result<Ended, JobError> {
        let Some(notice) = self.open_payload::<Message>(order_id, row).await? else {
            return Ok(Ended::GaveUp { why: "the payload or its key is erased".to_owned() });
        };
        let day = china_date(row.sending_at.unwrap_or(row.created_at));
        let query = SmsQuery { phone: notice.phone.clone(), day, out_id: row.id.clone() };
        match self.sms.query(&query).await {
            Outcome::Ok(SmsDelivery::Delivered | SmsDelivery::Waiting) => {
                self.note_sent(order_id, note, row, "found by query").await?;
                Ok(Ended::Done)
            }
            Outcome::Ok(SmsDelivery::NotFound) if row.attempts <= DOUBTS => {
                Err(JobError::Outside("the provider does not find the message".to_owned()))
            }
            Outcome::Ok(SmsDelivery::NotFound) => {
                Ok(Ended::GaveUp { why: "the provider never got the message".to_owned() })
            }
            Outcome::Ok(SmsDelivery::Failed { code }) => {
                Ok(Ended::GaveUp { why: format!("the network did not deliver the message: {code}") })
            }
            Outcome::Refused { code, .. } => Err(JobError::Outside(format!("query refused: {code}"))),
            Outcome::Unknown { reason } => Err(JobError::Outside(format!("query: {reason}"))),
        }
    }

    /// The job's sealed payload; `None`: it, or the key to it, is erased.
    pub(super) async fn open_payload<T: DeserializeOwned>(
        &self,
        order_id: &str,
        row: &JobRow,
    ) -> Result<Option<T>, JobError> {
        let mut read = self.store.read().await?;
        let Some(order) = read.order(order_id).await? else { return Ok(None) };
        let (Some(sealed), Some(key)) = (&row.payload_sealed, read.data_key(&order.data_key_id).await?) else {
            return Ok(None);
        };
        drop(read);
        let root_version = u32::try_from(key.root_version)
            .map_err(|_| StoreError::Corrupt(format!("root version of data key {}", key.id)))?;
        let data_key = self.vault.unwrap(&key.id, &Wrapped { bytes: key.wrapped, root_version })?;
        let plain = data_key.open(message_aad(&row.id), sealed)?;
        let notice =
            serde_json::from_slice(&plain).map_err(|_| StoreError::Corrupt(format!("payload of job {}", row.id)))?;
        Ok(Some(notice))
    }

    async fn note_sent(&self, order_id: &str, note: &str, row: &JobRow, receipt: &str) -> Result<(), JobError> {
        let mut tx = self.store.begin().await?;
        let data = json!({ "job": row.id, "receipt": receipt });
        tx.note(Chain::Order(order_id), note, By::SYSTEM.actor.name(), By::SYSTEM.id, &data).await?;
        Ok(tx.commit().await?)
    }
}

/// The day in China.
pub(super) fn china_date(at: i64) -> jiff::civil::Date {
    jiff::Timestamp::from_microsecond(at)
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8)))
        .date()
}
