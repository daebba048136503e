//! What is in the database before a measurement: checked forms that wait for 确认订单, and orders that are looked at.

use crate::load::Asked;
use anyhow::{Context, Result};
use backend::hall::Hall;
use backend::http::{NextToken, new_token, token_hash};
use backend::orders::drafts::{Place, save_in};
use backend::orders::{check, confirm};
use backend::vault::BlindColumn;
use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use shared::api::{CSRF_HEADER, NewOrder};
use shared::field::{Date, IdType};
use shared::form::{Field, FormRules, OperatorWay, UnitDraft, UnitForm, UnitWay};
use shared::order::Business;
use std::net::SocketAddr;

/// The channel that is measured.
pub const CHANNEL: &str = "nanning";
/// Drafts of one transaction.
const BATCH: usize = 500;
const A_DAY: i64 = 24 * 3600 * 1_000_000;

/// An applicant with a checked form.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The session's id.
    pub session: String,
    /// The session's token, as the cookie carries it.
    pub token: String,
    /// The draft's id.
    pub draft: String,
    /// The draft's data key.
    pub data_key: String,
    /// Hash of the form's content.
    pub content: String,
}

impl Waiting {
    /// 确认订单 of this applicant.
    pub fn confirms(&self, address: SocketAddr) -> Result<Asked> {
        let order = NewOrder { channel: CHANNEL.into(), business: Business::New, content: self.content.clone() };
        let request = Request::post("/api/orders")
            .header("host", address.to_string())
            .header("origin", format!("http://{address}"))
            .header("content-type", "application/json")
            .header(CSRF_HEADER, "1")
            .header("cookie", format!("certhall_applicant={}", self.token));
        Ok(request.body(Full::new(Bytes::from(serde_json::to_vec(&order)?)))?)
    }

    /// A page of this applicant.
    pub fn reads(&self, address: SocketAddr, path: &str) -> Result<Asked> {
        let request = Request::get(path)
            .header("host", address.to_string())
            .header("cookie", format!("certhall_applicant={}", self.token));
        Ok(request.body(Full::default())?)
    }
}

/// A form that passes; the operator's name differs from one applicant to the next.
fn typed(number: usize) -> UnitDraft {
    let names = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"];
    let name = format!("李{}{}", names[number % 10], names[number / 10 % 10]);
    [
        (Field::UnitWay, UnitWay::LegalRepPhone.name()),
        (Field::UnitName, "南宁市青秀山测试有限公司"),
        (Field::Department, "财务部"),
        (Field::CreditCode, "914403001922038216"),
        (Field::UnitPhone, "0771-5851234"),
        (Field::LegalRepName, "王小明"),
        (Field::LegalRepMobile, "13800138000"),
        (Field::LegalRepIdType, IdType::ResidentId.name()),
        (Field::LegalRepId, "11010519491231002X"),
        (Field::InvoiceTitle, "南宁市青秀山测试有限公司"),
        (Field::TaxpayerNumber, "914403001922038216"),
        (Field::OperatorWay, OperatorWay::Phone.name()),
        (Field::OperatorName, &name),
        (Field::OperatorMobile, "13900139000"),
        (Field::OperatorIdType, IdType::ResidentId.name()),
        (Field::OperatorId, "11010519491231002X"),
        (Field::OperatorEmail, "caiwu@example.com"),
        (Field::MailProvince, "广西壮族自治区"),
        (Field::MailCity, "南宁市"),
        (Field::MailAddress, "青秀区民族大道900号12层"),
        (Field::Agreements, "true"),
    ]
    .into_iter()
    .map(|(field, value)| (field, value.to_owned()))
    .collect()
}

/// Puts so many applicants with checked forms into the database, by the backend's own use cases.
pub async fn waiting(hall: &Hall, count: usize) -> Result<Vec<Waiting>> {
    let channel = hall.channels.get(CHANNEL).context("no such channel")?;
    let rules = FormRules::of(&channel.public, Date::from_unix_micros_china(hall.now()));
    let mut filled = Vec::with_capacity(count);
    while filled.len() < count {
        let mut tx = hall.store.begin().await?;
        for number in filled.len()..count.min(filled.len() + BATCH) {
            let typed = typed(number);
            let form = UnitForm::parse(&typed, &rules).map_err(|errors| anyhow::anyhow!("{errors:?}"))?;
            let content = check::content_hash(&form);
            let token = new_token(&*hall.entropy);
            let session = tx.begin_session(&token_hash(&token), hall.now() + 30 * A_DAY).await?;
            let place = Place { session: &session, channel: CHANNEL, business: Business::New };
            let row = save_in(hall, &mut tx, place, &typed).await.map_err(|error| anyhow::anyhow!("{error:?}"))?;
            let holder = hall.vault.blind(BlindColumn::Holder, form.unit().credit_code.as_str());
            let phone = hall.vault.blind(BlindColumn::Phone, form.operator().mobile.as_str());
            tx.set_draft_checked(&row.id, row.saved_at, &content, (&holder, &phone)).await?;
            filled.push(Waiting { session, token, draft: row.id, data_key: row.data_key_id, content });
        }
        tx.commit().await?;
    }
    Ok(filled)
}

/// Makes an order of each; answers their numbers in the same order.
pub async fn ordered(hall: &Hall, applicants: &[Waiting]) -> Result<Vec<String>> {
    let mut numbers = Vec::with_capacity(applicants.len());
    for one in applicants {
        let request = NewOrder { channel: CHANNEL.into(), business: Business::New, content: one.content.clone() };
        let order = confirm::confirm(hall, &one.session, &request, &NextToken::new(hall, hall.now())).await;
        numbers.push(order.map_err(|error| anyhow::anyhow!("{error:?}"))?.number);
    }
    Ok(numbers)
}
