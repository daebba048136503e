//! What the operator is told of the order's way, by text message and by mail: written with its cause, sent by the
//! outbox. Which event is told in which way is the channel's to say (`[notices]` in its profile).
//!
//! A text message is handed over at most once. A mail may come twice, under the same Message-ID, after an answer was
//! lost; it never holds a code, a PIN, or more of a person than their own order's number.

use crate::channels::{Channels, NoticeWay, Notices as Wanted};
use crate::entropy::Entropy;
use crate::gateways::config::SmsTemplates;
use crate::gateways::money;
use crate::hall::Hall;
use crate::http::AppError;
use crate::orders::form_aad;
use crate::outbox::jobs::{Letter, Message, message_aad};
use crate::outbox::{Job, JobError};
use crate::store::{AsStoreError, Conn, Order, StoreError, Tx, words};
use crate::vault::{DataKey, Vault, VaultError, Wrapped};
use shared::api::RejectCategory;
use shared::form::UnitForm;
use std::sync::Arc;
use zeroize::Zeroizing;

words! {
    /// What a message says, in a word: kept beside its sealed text, for the list of failed messages.
    pub enum Topic {
        /// 证书密码.
        Pin = "pin",
        /// 审核通过.
        Approved = "approved",
        /// 鉴证未通过.
        Refused = "refused",
        /// 审核不通过.
        Rejected = "rejected",
        /// 已发货.
        Dispatched = "dispatched",
        /// 超时取消.
        Expired = "expired",
        /// 退款成功.
        Refunded = "refunded",
    }
}

impl Topic {
    /// As staff see it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pin => "证书密码",
            Self::Approved => "审核通过",
            Self::Refused => "鉴证未通过",
            Self::Rejected => "审核不通过",
            Self::Dispatched => "发货通知",
            Self::Expired => "超时取消",
            Self::Refunded => "退款成功",
        }
    }
}

/// What happened.
#[derive(Clone, Copy, Debug)]
pub enum Told<'a> {
    /// 审核通过.
    Approved,
    /// 鉴证未通过.
    Refused {
        /// The reviewer's words.
        reason: &'a str,
    },
    /// 审核不通过: the reviewer's own words stay in the hall.
    Rejected {
        /// Which kind of reason.
        category: RejectCategory,
    },
    /// 已发货.
    Dispatched {
        /// Courier.
        carrier: &'a str,
        /// 运单号.
        waybill: &'a str,
    },
    /// Not paid in time.
    Expired,
    /// The fee was given back.
    Refunded {
        /// Fen.
        amount_fen: i64,
    },
}

impl Told<'_> {
    const fn topic(self) -> Topic {
        match self {
            Self::Approved => Topic::Approved,
            Self::Refused { .. } => Topic::Refused,
            Self::Rejected { .. } => Topic::Rejected,
            Self::Dispatched { .. } => Topic::Dispatched,
            Self::Expired => Topic::Expired,
            Self::Refunded { .. } => Topic::Refunded,
        }
    }

    fn ways(self, wanted: &Wanted) -> &[NoticeWay] {
        match self {
            Self::Approved => &wanted.approved,
            Self::Refused { .. } => &wanted.refused,
            Self::Rejected { .. } => &wanted.rejected,
            Self::Dispatched { .. } => &wanted.dispatched,
            Self::Expired => &wanted.expired,
            Self::Refunded { .. } => &wanted.refunded,
        }
    }

    /// The registered template and its variables after `order`.
    fn template(self, templates: &SmsTemplates) -> (&str, Vec<(&'static str, String)>) {
        match self {
            Self::Approved => (&templates.approved, Vec::new()),
            Self::Refused { reason } => (&templates.refused, vec![("reason", reason.to_owned())]),
            Self::Rejected { category } => (&templates.rejected, vec![("reason", category.label().to_owned())]),
            Self::Dispatched { carrier, waybill } => {
                (&templates.dispatched, vec![("carrier", carrier.to_owned()), ("waybill", waybill.to_owned())])
            }
            Self::Expired => (&templates.expired, Vec::new()),
            Self::Refunded { amount_fen } => (&templates.refunded, vec![("amount", money::yuan(amount_fen))]),
        }
    }

    /// The mail's own words.
    fn words(self) -> String {
        match self {
            Self::Approved => "已审核通过，正在制证，制作完成后将为您邮寄。".to_owned(),
            Self::Refused { reason } => {
                format!("鉴证未通过，原因：{reason}。\n请在订单查询中修改上传资料后重新提交。")
            }
            Self::Rejected { category } => {
                format!(
                    "审核不通过，原因：{}，订单已取消。\n已支付的费用将原路退回，详情请在订单查询中查看。",
                    category.label()
                )
            }
            Self::Dispatched { carrier, waybill } => format!("已发货。\n快递公司：{carrier}\n运单号：{waybill}"),
            Self::Expired => "超过支付期限未支付，已自动取消。".to_owned(),
            Self::Refunded { amount_fen } => {
                format!("的费用 {} 元已原路退回，到账时间以支付渠道为准。", money::yuan(amount_fen))
            }
        }
    }
}

/// Why a notice can't be written.
#[derive(Debug, thiserror::Error)]
pub enum NoticeError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The order's data does not open.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl From<NoticeError> for AppError {
    fn from(error: NoticeError) -> Self {
        match error {
            NoticeError::Store(error) => error.into(),
            NoticeError::Vault(error) => error.into(),
        }
    }
}

impl From<NoticeError> for JobError {
    fn from(error: NoticeError) -> Self {
        match error {
            NoticeError::Store(error) => error.into(),
            NoticeError::Vault(error) => error.into(),
        }
    }
}

impl AsStoreError for NoticeError {
    fn asks_to_repeat(&self) -> bool {
        match self {
            Self::Store(error) => error.asks_to_repeat(),
            Self::Vault(_) => false,
        }
    }
}

/// Writes notices into the outbox.
#[derive(Clone)]
pub struct Notices {
    /// The registered templates.
    pub templates: SmsTemplates,
    /// Seals them.
    pub vault: Vault,
    /// For sealing.
    pub entropy: Arc<dyn Entropy>,
    /// What each channel wants told.
    pub channels: Channels,
    /// Whether there is a mail server.
    pub mail: bool,
    /// The address that applicants see.
    pub public_url: String,
}

impl Notices {
    /// The notices of this hall.
    pub fn of(hall: &Hall) -> Self {
        Self {
            templates: hall.config.gateways.sms.templates.clone(),
            vault: hall.vault.clone(),
            entropy: hall.entropy.clone(),
            channels: hall.channels.clone(),
            mail: hall.gateways.mail.is_some(),
            public_url: hall.config.public_url.clone(),
        }
    }

    /// Enqueues what the channel wants told. Nothing, where the person's data is erased.
    pub async fn tell(&self, tx: &mut Tx, order: &Order, told: Told<'_>) -> Result<(), NoticeError> {
        let (Some(channel), Some(key)) = (self.channels.get(&order.channel), self.data_key(tx, order).await?) else {
            return Ok(());
        };
        let form: UnitForm = open(&key, order)?;
        let operator = form.operator();
        for way in told.ways(&channel.profile.notices) {
            match way {
                NoticeWay::Sms => self.text(tx, order, &key, operator.mobile.as_str(), told).await?,
                NoticeWay::Mail if self.mail => {
                    self.letter(tx, order, &key, operator.email.as_str(), &channel.profile.brand, told).await?;
                }
                NoticeWay::Mail => {}
            }
        }
        Ok(())
    }

    async fn text(
        &self,
        tx: &mut Tx,
        order: &Order,
        key: &DataKey,
        phone: &str,
        told: Told<'_>,
    ) -> Result<(), NoticeError> {
        let (template, more) = told.template(&self.templates);
        let params = std::iter::once(("order", order.number.clone())).chain(more);
        let message = Message {
            phone: phone.to_owned(),
            template: template.to_owned(),
            params: params.map(|(name, value)| (name.to_owned(), value)).collect(),
        };
        let id = tx.new_id();
        let job = Job::SendMessage { message_id: id.clone(), order_id: order.id.clone() };
        self.enqueue(tx, key, &id, &job, told.topic(), &message).await
    }

    async fn letter(
        &self,
        tx: &mut Tx,
        order: &Order,
        key: &DataKey,
        to: &str,
        brand: &str,
        told: Told<'_>,
    ) -> Result<(), NoticeError> {
        let topic = told.topic();
        let letter = Letter {
            to: to.to_owned(),
            subject: format!("{}：数字证书订单 {}", topic.label(), order.number),
            text: format!(
                "您好！\n\n您的数字证书订单 {} {}\n\n查询订单：\n{}/{}/query\n\n{brand}\n本邮件由系统自动发出，请勿直接回复。",
                order.number,
                told.words(),
                self.public_url,
                order.channel,
            ),
        };
        let id = tx.new_id();
        let job = Job::SendMail { message_id: id.clone(), order_id: order.id.clone() };
        self.enqueue(tx, key, &id, &job, topic, &letter).await
    }

    async fn enqueue(
        &self,
        tx: &mut Tx,
        key: &DataKey,
        id: &str,
        job: &Job,
        topic: Topic,
        payload: &impl serde::Serialize,
    ) -> Result<(), NoticeError> {
        let unwritable = |_| StoreError::Corrupt(format!("payload of job {id}"));
        let plain = Zeroizing::new(serde_json::to_vec(payload).map_err(unwritable)?);
        let sealed = key.seal(&*self.entropy, message_aad(id), &plain)?;
        let now = tx.now();
        tx.enqueue_sealed(id, job, now, &sealed).await?;
        tx.set_job_topic(id, topic.name()).await?;
        Ok(())
    }

    async fn data_key(&self, conn: &mut Conn, order: &Order) -> Result<Option<DataKey>, NoticeError> {
        let Some(row) = conn.data_key(&order.data_key_id).await? else { return Ok(None) };
        let root_version = u32::try_from(row.root_version)
            .map_err(|_| StoreError::Corrupt(format!("root version of data key {}", row.id)))?;
        Ok(Some(self.vault.unwrap(&row.id, &Wrapped { bytes: row.wrapped, root_version })?))
    }
}

fn open(key: &DataKey, order: &Order) -> Result<UnitForm, NoticeError> {
    let plain = key.open(form_aad(&order.id), &order.form_sealed)?;
    serde_json::from_slice(&plain).map_err(|_| StoreError::Corrupt(format!("form of order {}", order.id)).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Told<'static>; 6] = [
        Told::Approved,
        Told::Refused { reason: "营业执照模糊" },
        Told::Rejected { category: RejectCategory::Papers },
        Told::Dispatched { carrier: "顺丰速运", waybill: "SF12345678" },
        Told::Expired,
        Told::Refunded { amount_fen: 25_000 },
    ];

    #[test]
    fn a_mail_says_what_a_text_message_says() {
        let templates: SmsTemplates = serde_json::from_value(serde_json::json!({
            "sign": "", "query": "", "takeover": "", "correct_mailing": "", "correct_phone": "", "refused": "refused", "approved": "approved",
            "dispatched": "dispatched", "pin": "pin", "expired": "expired", "rejected": "rejected",
            "refunded": "refunded",
        }))
        .expect("templates");
        for told in ALL {
            let (template, variables) = told.template(&templates);
            assert_eq!(template, told.topic().name());
            for (name, value) in variables {
                assert!(told.words().contains(&value), "{name}");
            }
        }
    }

    #[test]
    fn nobody_is_told_the_pin_here() {
        assert!(ALL.iter().all(|told| told.topic() != Topic::Pin));
    }
}
