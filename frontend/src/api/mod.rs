//! What the page asks of the backend. No other file fetches.

mod first;
pub mod staff;
mod transport;

pub use transport::{Answer, Failure, read};

use crate::json;
use serde::{Deserialize, Serialize};
use shared::api::{
    Cashier, Challenge, Checked, CodeSent, CorrectMailing, CorrectPhone, Handover, HandoverView, MailingView, NewOrder,
    NewPhone, OrderList, OrderView, PayWith, PaymentState, PhoneCodesSent, Proof, QueryCode, QueryFor, SavedDraft,
    Signature, Text,
};
use shared::channel::{ChannelLink, DocumentKind, PaymentWay, PublicChannel};
use shared::form::UnitDraft;
use shared::order::Business;
use transport::{Request, send};

async fn ask(method: &str, path: &str, body: Option<String>) -> Answer<String> {
    send(Request { method, path, body, keepalive: false, proof: None }).await
}

/// A request that asks for an answered challenge.
async fn proven<T: for<'de> Deserialize<'de>>(path: &str, body: Option<String>, proof: Option<Proof>) -> Answer<T> {
    read(&send(Request { method: "POST", path, body, keepalive: false, proof }).await?)
}

async fn get<T: for<'de> Deserialize<'de>>(path: &str) -> Answer<T> {
    read(&ask("GET", path, None).await?)
}

fn body<T: Serialize>(value: &T) -> Answer<Option<String>> {
    json::print(value).map(Some).map_err(|_| Failure::Unreadable)
}

async fn post<T: for<'de> Deserialize<'de>>(path: &str, value: &impl Serialize) -> Answer<T> {
    read(&ask("POST", path, body(value)?).await?)
}

/// The list of halls.
pub async fn halls() -> Answer<Vec<ChannelLink>> {
    get("/api/channels").await
}

/// One hall's profile.
pub async fn channel(slug: &str) -> Answer<PublicChannel> {
    get(&["/api/channels/", slug].concat()).await
}

/// 办理指南.
pub async fn guide(slug: &str) -> Answer<Text> {
    get(&["/api/channels/", slug, "/guide"].concat()).await
}

/// An agreement in full.
pub async fn agreement(slug: &str, id: &str) -> Answer<Text> {
    get(&["/api/channels/", slug, "/agreements/", id].concat()).await
}

fn draft_path(slug: &str, business: Business) -> String {
    ["/api/drafts/", slug, "/", business.name()].concat()
}

/// What was typed so far in this browser, if anything.
pub async fn draft(slug: &str, business: Business) -> Answer<Option<SavedDraft>> {
    get(&draft_path(slug, business)).await
}

/// Keeps what was typed so far. `leaving`: the page is being closed or hidden.
pub async fn save_draft(slug: &str, business: Business, draft: &UnitDraft, leaving: bool) -> Answer<()> {
    let path = draft_path(slug, business);
    let saved = send(Request { method: "PUT", path: &path, body: body(draft)?, keepalive: leaving, proof: None });
    // A page that is being closed waits for nobody.
    if leaving {
        saved.await?
    } else {
        first::alone(saved).await?
    };
    Ok(())
}

/// A new image code with its alternative.
pub async fn challenge() -> Answer<Challenge> {
    read(&first::alone(ask("POST", "/api/challenges", None)).await?)
}

/// 下一步: parses and verifies.
pub async fn check(slug: &str, business: Business, draft: &UnitDraft, proof: Option<Proof>) -> Answer<Checked> {
    proven(&(draft_path(slug, business) + "/check"), body(draft)?, proof).await
}

/// 确认订单.
pub async fn confirm(order: &NewOrder) -> Answer<OrderView> {
    post("/api/orders", order).await
}

/// Makes a draft that was found by a code this session's own.
pub async fn resume_draft(id: &str) -> Answer<()> {
    ask("POST", &["/api/drafts/resume/", id].concat(), None).await?;
    Ok(())
}

/// Orders of this session.
pub async fn orders(slug: &str) -> Answer<OrderList> {
    get(&["/api/orders?channel=", slug].concat()).await
}

/// One order.
pub async fn order(number: &str) -> Answer<OrderView> {
    get(&order_path(number, "")).await
}

fn order_path(number: &str, rest: &str) -> String {
    ["/api/orders/", number, rest].concat()
}

/// A step of an order that needs nothing but the order itself.
async fn step(number: &str, rest: &str) -> Answer<OrderView> {
    read(&ask("POST", &order_path(number, rest), None).await?)
}

/// Where the image of an uploaded paper is.
pub fn document_src(number: &str, id: &str) -> String {
    order_path(number, &["/documents/", id].concat())
}

/// 确认申请: all papers are there.
pub async fn submit_documents(number: &str) -> Answer<OrderView> {
    step(number, "/documents/submit").await
}

/// Back to the papers before signing.
pub async fn reopen_documents(number: &str) -> Answer<OrderView> {
    step(number, "/documents/reopen").await
}

/// 点击获取验证码.
pub async fn signature_code(number: &str, proof: Proof) -> Answer<CodeSent> {
    proven(&order_path(number, "/signature/code"), None, Some(proof)).await
}

/// 证书申请签名确认.
pub async fn sign(number: &str, signature: &Signature) -> Answer<OrderView> {
    post(&order_path(number, "/signature"), signature).await
}

/// Opens a payment, or finds the open one again.
pub async fn pay(number: &str, way: PaymentWay) -> Answer<Cashier> {
    post(&order_path(number, "/payment"), &PayWith { way }).await
}

/// Whether it was paid.
pub async fn payment(number: &str) -> Answer<PaymentState> {
    get(&order_path(number, "/payment")).await
}

/// Where the parcel goes.
pub async fn mailing(number: &str) -> Answer<MailingView> {
    get(&order_path(number, "/mailing")).await
}

/// A code to the operator, for another address.
pub async fn mailing_code(number: &str, proof: Proof) -> Answer<CodeSent> {
    proven(&order_path(number, "/corrections/mailing/code"), None, Some(proof)).await
}

/// 修改邮寄信息.
pub async fn correct_mailing(number: &str, correction: &CorrectMailing) -> Answer<OrderView> {
    post(&order_path(number, "/corrections/mailing"), correction).await
}

/// Codes to the legal representative and to the new phone.
pub async fn phone_codes(number: &str, phone: &NewPhone, proof: Proof) -> Answer<PhoneCodesSent> {
    proven(&order_path(number, "/corrections/phone/code"), body(phone)?, Some(proof)).await
}

/// 修改经办人手机号.
pub async fn correct_phone(number: &str, correction: &CorrectPhone) -> Answer<OrderView> {
    post(&order_path(number, "/corrections/phone"), correction).await
}

/// 扫码拍照上传: an address for the applicant's phone.
pub async fn hand_over(number: &str) -> Answer<Handover> {
    read(&ask("POST", &order_path(number, "/handover"), None).await?)
}

fn handover_path(token: &str, rest: &str) -> String {
    ["/api/handover/", token, rest].concat()
}

/// What the phone shows.
pub async fn handed_over(token: &str) -> Answer<HandoverView> {
    get(&handover_path(token, "")).await
}

/// Where a photo from the phone goes.
pub fn handover_document(token: &str, kind: DocumentKind) -> String {
    handover_path(token, &["/documents/", kind.name()].concat())
}

/// Sends a photo to where it goes; `progress` is told percents. The answer is for [`read`].
pub async fn send_photo(path: &str, file: &web_sys::Blob, progress: impl Fn(u32) + 'static) -> Answer<String> {
    transport::send_file(path, file, progress).await
}

/// Deletes a photo. The answer is for [`read`].
pub async fn delete_photo(path: &str) -> Answer<String> {
    ask("DELETE", path, None).await
}

/// 取消订单.
pub async fn cancel(number: &str) -> Answer<OrderView> {
    step(number, "/cancel").await
}

/// Ends the session on the server: whoever comes next to this browser finds nothing.
pub async fn end_session() -> Answer<()> {
    ask("DELETE", "/api/session", None).await?;
    Ok(())
}

/// 订单查询, first half.
pub async fn query(slug: &str, subject: &str, proof: Proof) -> Answer<CodeSent> {
    let asked = QueryFor { channel: slug.into(), subject: subject.into() };
    proven("/api/query", body(&asked)?, Some(proof)).await
}

/// 订单查询, second half: the holder's orders.
pub async fn query_confirm(code: &QueryCode) -> Answer<OrderList> {
    post("/api/query/confirm", code).await
}
