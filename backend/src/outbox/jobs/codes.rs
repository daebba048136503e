//! What became of an SMS code: asked when its sender died before writing it down, or was not answered. Never sent again.

use super::Jobs;
use super::notify::china_date;
use crate::gateways::{Outcome, SmsDelivery, SmsQuery};
use crate::outbox::{Ended, JobError};
use crate::store::{CodeState, JobRow};
use crate::vault::Aad;

/// The provider may know of a message a little after it took it.
const DOUBTS: i64 = 3;

/// Where the phone of a code belongs while its job waits.
pub const fn code_phone_aad(job_id: &str) -> Aad<'_> {
    Aad { table: "outbox", column: "payload_sealed", row: job_id }
}

impl Jobs {
    pub(super) async fn ask_code(&self, code_id: &str, row: &JobRow) -> Result<Ended, JobError> {
        let code = self.store.read().await?.code(code_id).await?;
        let Some(code) = code else { return Ok(Ended::Done) };
        match code.state {
            CodeState::Sent | CodeState::Failed | CodeState::Withheld => return Ok(Ended::Done),
            CodeState::Sending | CodeState::Unknown => {}
        }
        let Some(sealed) = &row.payload_sealed else {
            return Ok(Ended::GaveUp { why: "the phone is erased".to_owned() });
        };
        let phone = self.vault.open(code_phone_aad(&row.id), sealed)?;
        let phone = String::from_utf8_lossy(&phone).into_owned();
        if phone.starts_with("nobody:") {
            return self.settle_code(code_id, CodeState::Withheld).await;
        }
        let query = SmsQuery { phone, day: china_date(code.created_at), out_id: code.id };
        match self.sms.query(&query).await {
            Outcome::Ok(SmsDelivery::Delivered | SmsDelivery::Waiting) => {
                self.settle_code(code_id, CodeState::Sent).await
            }
            Outcome::Ok(SmsDelivery::NotFound) if row.attempts <= DOUBTS => {
                Err(JobError::Outside("the provider does not find the message".to_owned()))
            }
            // It was never sent: it may be asked for again at once.
            Outcome::Ok(SmsDelivery::NotFound | SmsDelivery::Failed { .. }) => {
                self.settle_code(code_id, CodeState::Failed).await
            }
            Outcome::Refused { code, .. } => Err(JobError::Outside(format!("query refused: {code}"))),
            Outcome::Unknown { reason } => Err(JobError::Outside(format!("query: {reason}"))),
        }
    }

    async fn settle_code(&self, code_id: &str, state: CodeState) -> Result<Ended, JobError> {
        let mut tx = self.store.begin().await?;
        tx.set_code_state(code_id, state).await?;
        tx.commit().await?;
        Ok(Ended::Done)
    }
}
