//! What the page asks of the backend. No other file fetches.

pub mod staff;
mod transport;

pub use transport::{Answer, Failure};

use crate::json;
use serde::{Deserialize, Serialize};
use shared::api::{
    Cashier, Checked, CodeSent, NewOrder, OrderList, OrderView, PayWith, PaymentState, QueryCode, QueryFor, SavedDraft,
    Signature, Text,
};
use shared::channel::{ChannelLink, DocumentKind, PaymentWay, PublicChannel};
use shared::form::UnitDraft;
use shared::order::Business;
use transport::{Request, read, send};

async fn ask(method: &str, path: &str, body: Option<String>) -> Answer<String> {
    send(Request { method, path, body, keepalive: false }).await
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
    send(Request { method: "PUT", path: &path, body: body(draft)?, keepalive: leaving }).await?;
    Ok(())
}

/// 下一步: parses and verifies.
pub async fn check(slug: &str, business: Business, draft: &UnitDraft) -> Answer<Checked> {
    post(&(draft_path(slug, business) + "/check"), draft).await
}

/// 确认订单.
pub async fn confirm(order: &NewOrder) -> Answer<OrderView> {
    post("/api/orders", order).await
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

/// Uploads a paper; `progress` is told percents.
pub async fn upload(
    number: &str,
    kind: DocumentKind,
    file: &web_sys::Blob,
    progress: impl Fn(u32) + 'static,
) -> Answer<OrderView> {
    read(&transport::send_file(&document_src(number, kind.name()), file, progress).await?)
}

/// Deletes a paper.
pub async fn delete_document(number: &str, kind: DocumentKind) -> Answer<OrderView> {
    read(&ask("DELETE", &document_src(number, kind.name()), None).await?)
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
pub async fn signature_code(number: &str) -> Answer<CodeSent> {
    read(&ask("POST", &order_path(number, "/signature/code"), None).await?)
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
pub async fn query(slug: &str, subject: &str) -> Answer<CodeSent> {
    post("/api/query", &QueryFor { channel: slug.into(), subject: subject.into() }).await
}

/// 订单查询, second half: the holder's orders.
pub async fn query_confirm(code: &QueryCode) -> Answer<OrderList> {
    post("/api/query/confirm", code).await
}
