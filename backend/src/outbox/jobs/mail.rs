//! Mail: handed over until the server took it. After a lost answer the same mail goes again under the same Message-ID.

use super::Jobs;
use crate::audit::Chain;
use crate::clock::DAY;
use crate::gateways::{Mail, Outcome};
use crate::outbox::{Ended, JobError};
use crate::store::{By, JobRow};
use serde::{Deserialize, Serialize};
use serde_json::json;
use zeroize::ZeroizeOnDrop;

/// The sealed payload of [`crate::outbox::Job::SendMail`]: JSON under the order's data key, bound by
/// [`super::message_aad`].
#[derive(Clone, Serialize, Deserialize, ZeroizeOnDrop)]
pub struct Letter {
    /// The address.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The words ([`Mail::text`]).
    pub text: String,
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Letter([hidden])")
    }
}

/// A mail that the server does not take for so long is given up; what it told is told elsewhere too.
const PATIENCE: i64 = 2 * DAY;

/// Refusals that pass: the server is busy (4…, RFC 5321, 4.2.1), or does not let us in as it is configured now.
fn passes(code: &str) -> bool {
    code.starts_with('4') || ["530", "534", "535", "538", "local.client"].contains(&code)
}

impl Jobs {
    pub(super) async fn send_mail(&self, order_id: &str, row: &JobRow) -> Result<Ended, JobError> {
        let Some(gateway) = &self.mail else {
            return Ok(Ended::GaveUp { why: "no mail server is configured".to_owned() });
        };
        let Some(letter) = self.open_payload::<Letter>(order_id, row).await? else {
            return Ok(Ended::GaveUp { why: "the payload or its key is erased".to_owned() });
        };
        let mail = Mail {
            id: row.id.clone(),
            to: letter.to.clone(),
            subject: letter.subject.clone(),
            text: letter.text.clone(),
        };
        let why = match gateway.send(&mail).await {
            Outcome::Ok(receipt) => {
                let mut tx = self.store.begin().await?;
                let data = json!({ "job": row.id, "receipt": receipt.message_id });
                tx.note(Chain::Order(order_id), "mail_sent", By::SYSTEM.actor.name(), By::SYSTEM.id, &data).await?;
                tx.commit().await?;
                return Ok(Ended::Done);
            }
            Outcome::Refused { code, .. } if !passes(&code) => {
                return Ok(Ended::GaveUp { why: format!("the mail server did not take the mail: {code}") });
            }
            Outcome::Refused { code, .. } => format!("the mail server did not take the mail: {code}"),
            Outcome::Unknown { reason } => format!("mail: {reason}"),
        };
        if self.store.now() - row.created_at > PATIENCE {
            return Ok(Ended::GaveUp { why });
        }
        Err(JobError::Outside(why))
    }
}

#[cfg(test)]
mod tests {
    use super::passes;

    #[test]
    fn a_busy_server_and_a_wrong_password_pass_and_a_wrong_address_does_not() {
        for code in ["421", "450", "451", "535", "local.client"] {
            assert!(passes(code), "{code}");
        }
        for code in ["550", "553", "554", "local.mail"] {
            assert!(!passes(code), "{code}");
        }
    }
}
