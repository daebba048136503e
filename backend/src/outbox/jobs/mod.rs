//! What each job does.

mod codes;
mod erase;
mod expire;
mod mail;
mod notify;
pub mod payments;
mod pin;
pub mod reconcile;
pub mod refunds;
mod tidy;
mod trades;

pub use codes::code_phone_aad;
pub use mail::Letter;
pub use notify::{Message, message_aad};

use super::{Ended, Job, JobError, JobHandler, Lease};
use crate::config::Retention;
use crate::gateways::{MailGateway, PaymentGateway, SmsGateway};
use crate::hall::Hall;
use crate::notices::Notices;
use crate::store::{JobRow, Store};
use crate::vault::Vault;
use futures_util::future::BoxFuture;
use object_store::ObjectStore;
use std::sync::Arc;

/// Does the jobs of a hall.
#[derive(Clone)]
pub struct Jobs {
    /// The database.
    pub store: Store,
    /// Opens payloads.
    pub vault: Vault,
    /// Payments.
    pub payment: Arc<dyn PaymentGateway>,
    /// Text messages.
    pub sms: Arc<dyn SmsGateway>,
    /// The registered signature of text messages.
    pub sms_sign_name: String,
    /// Mail, where a server is configured.
    pub mail: Option<Arc<dyn MailGateway>>,
    /// Tells the operator what jobs bring about.
    pub notices: Notices,
    /// Uploaded papers.
    pub documents: Arc<dyn ObjectStore>,
    /// How long what is kept.
    pub retention: Retention,
}

impl Jobs {
    /// The jobs of this hall.
    pub fn of(hall: &Hall) -> Self {
        let sms = &hall.config.gateways.sms;
        Self {
            store: hall.store.clone(),
            vault: hall.vault.clone(),
            payment: hall.gateways.payment.clone(),
            sms: hall.gateways.sms.clone(),
            sms_sign_name: sms.sign_name.clone(),
            mail: hall.gateways.mail.clone(),
            notices: Notices::of(hall),
            documents: hall.documents.clone(),
            retention: hall.config.retention,
        }
    }
}

impl JobHandler for Jobs {
    fn run<'a>(&'a self, job: &'a Job, row: &'a JobRow, lease: &'a Lease) -> BoxFuture<'a, Result<Ended, JobError>> {
        Box::pin(async move {
            match job {
                Job::NotifyDispatch { order_id } | Job::ResendPin { order_id, .. } => {
                    self.send_message(order_id, "pin_sent", row, lease).await
                }
                Job::WipePin { order_id } => self.wipe_pin(order_id).await,
                Job::SendMessage { order_id, .. } => self.send_message(order_id, "message_sent", row, lease).await,
                Job::SendMail { order_id, .. } => self.send_mail(order_id, row).await,
                Job::RefundPayment { refund_id } => self.refund_payment(refund_id).await,
                Job::ReconcileDay { day } => self.reconcile_day(day).await,
                Job::AskCode { code_id } => self.ask_code(code_id, row).await,
                Job::QueryPayment { payment_id } => self.query_payment(payment_id).await,
                Job::ClosePayment { payment_id } => self.close_payment(payment_id).await,
                Job::ExpireOrder { order_id } => self.expire_order(order_id).await,
                Job::EraseDocuments { order_id } => self.erase_documents(order_id).await,
                Job::Tidy => self.tidy(&row.id).await,
            }
        })
    }

    fn ask<'a>(&'a self, job: &'a Job, row: &'a JobRow) -> BoxFuture<'a, Result<Ended, JobError>> {
        Box::pin(async move {
            match job {
                Job::NotifyDispatch { order_id } | Job::ResendPin { order_id, .. } => {
                    self.ask_about_message(order_id, "pin_sent", row).await
                }
                Job::SendMessage { order_id, .. } => self.ask_about_message(order_id, "message_sent", row).await,
                Job::AskCode { .. }
                | Job::WipePin { .. }
                | Job::SendMail { .. }
                | Job::RefundPayment { .. }
                | Job::ReconcileDay { .. }
                | Job::QueryPayment { .. }
                | Job::ClosePayment { .. }
                | Job::ExpireOrder { .. }
                | Job::EraseDocuments { .. }
                | Job::Tidy => Ok(Ended::GaveUp { why: "a job of this kind is never marked as sending".to_owned() }),
            }
        })
    }
}
