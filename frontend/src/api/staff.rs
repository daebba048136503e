//! What the staff desk asks of the backend.

use super::{Answer, ask, body, get, post};
use serde::Serialize;
use shared::api::{
    Approve, BridgeChallenge, BridgeTicket, CertificateRequest, Dispatch, FailedMessage, FoundOrders,
    IssuedCertificate, KeyMade, MakingTicket, QueueRow, Reconciliation, RecordRefund, RefundRow, Refuse, Reject,
    ResendPin, ReturnKey, SettleDifference, StaffLogin, StaffMe, StaffOrder, StartMaking,
};

/// A queue of the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    /// Waiting for a reviewer.
    Review,
    /// Approved, waiting for a key.
    Making,
    /// Made, waiting for a parcel.
    Dispatch,
    /// On its way.
    Dispatched,
    /// Money that came too late and is owed back.
    Refunds,
}

impl Queue {
    /// Its name in addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Review => "review",
            Self::Making => "making",
            Self::Dispatch => "dispatch",
            Self::Dispatched => "dispatched",
            Self::Refunds => "refunds",
        }
    }
}

/// Who is logged in.
pub async fn me() -> Answer<StaffMe> {
    get("/api/staff/me").await
}

/// 登录; afterwards [`me`] answers.
pub async fn login(login: &StaffLogin) -> Answer<()> {
    ask("POST", "/api/staff/login", body(login)?).await?;
    Ok(())
}

/// 退出.
pub async fn logout() -> Answer<()> {
    ask("POST", "/api/staff/logout", None).await?;
    Ok(())
}

/// Rows of a queue, oldest first.
pub async fn queue(queue: Queue, channel: &str) -> Answer<Vec<QueueRow>> {
    get(&format!("/api/staff/queue/{}?channel={channel}", queue.name())).await
}

fn path(number: &str, rest: &str) -> String {
    format!("/api/staff/orders/{number}{rest}")
}

/// One order in full. Each look is audited.
pub async fn order(number: &str) -> Answer<StaffOrder> {
    get(&path(number, "")).await
}

/// Where the image of a paper is.
pub fn document_src(number: &str, id: &str) -> String {
    path(number, &format!("/documents/{id}"))
}

/// An act whose answer is looked up afresh by whoever shows the order.
async fn act<T: Serialize>(number: &str, rest: &str, value: &T) -> Answer<()> {
    ask("POST", &path(number, rest), body(value)?).await?;
    Ok(())
}

/// 审核通过.
pub async fn approve(number: &str, approve: &Approve) -> Answer<()> {
    act(number, "/approve", approve).await
}

/// 审核不通过.
pub async fn refuse(number: &str, refuse: &Refuse) -> Answer<()> {
    act(number, "/refuse", refuse).await
}

/// 确认发货.
pub async fn dispatch(number: &str, parcel: &Dispatch) -> Answer<()> {
    act(number, "/dispatch", parcel).await
}

/// 已签收.
pub async fn delivered(number: &str, version: i64) -> Answer<()> {
    act(number, "/delivered", &Approve { version }).await
}

/// Signs the bridge's challenge.
pub async fn bridge_session(challenge: &BridgeChallenge) -> Answer<BridgeTicket> {
    post("/api/staff/bridge/session", challenge).await
}

/// 开始制证: an operation ticket and sealed secrets.
pub async fn start_making(number: &str, start: &StartMaking) -> Answer<MakingTicket> {
    post(&path(number, "/making"), start).await
}

/// Issues the certificate for the key's request.
pub async fn issue(number: &str, request: &CertificateRequest) -> Answer<IssuedCertificate> {
    post(&path(number, "/certificate"), request).await
}

/// The key holds the certificate: it was read back.
pub async fn made(number: &str, key: &KeyMade) -> Answer<()> {
    act(number, "/made", key).await
}

/// 终止办理.
pub async fn reject(number: &str, reject: &Reject) -> Answer<()> {
    act(number, "/reject", reject).await
}

/// 证书退货.
pub async fn take_back(number: &str, key: &ReturnKey) -> Answer<()> {
    act(number, "/return", key).await
}

/// The PIN once more.
pub async fn resend_pin(number: &str, resend: &ResendPin) -> Answer<()> {
    act(number, "/pin-notice", resend).await
}

/// A part of an address that somebody typed.
fn typed(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

/// Orders, newest first, by whatever was typed; those before the number `before`, if it is not empty.
pub async fn find(channel: &str, words: &str, before: &str) -> Answer<FoundOrders> {
    let from = if before.is_empty() { String::new() } else { ["&before=", &typed(before)].concat() };
    get(&["/api/staff/orders?channel=", channel, "&q=", &typed(words), &from].concat()).await
}

/// Money owed back: what is still open, or what is settled.
pub async fn refunds(channel: &str, open: bool) -> Answer<Vec<RefundRow>> {
    get(&["/api/staff/refunds?channel=", channel, "&open=", if open { "true" } else { "false" }].concat()).await
}

/// Asks the provider again.
pub async fn retry_refund(id: &str) -> Answer<()> {
    ask("POST", &["/api/staff/refunds/", id, "/retry"].concat(), None).await?;
    Ok(())
}

/// Given back outside the provider.
pub async fn record_refund(id: &str, note: &RecordRefund) -> Answer<()> {
    ask("POST", &["/api/staff/refunds/", id, "/record"].concat(), body(note)?).await?;
    Ok(())
}

/// Messages that were given up.
pub async fn failed_messages(channel: &str) -> Answer<Vec<FailedMessage>> {
    get(&["/api/staff/messages/failed?channel=", channel].concat()).await
}

/// Takes one off the list.
pub async fn dismiss_message(id: &str) -> Answer<()> {
    ask("POST", &["/api/staff/messages/", id, "/dismiss"].concat(), None).await?;
    Ok(())
}

/// The last thirty days' bills beside our books.
pub async fn reconciliations(channel: &str) -> Answer<Vec<Reconciliation>> {
    get(&["/api/staff/reconciliations?channel=", channel].concat()).await
}

/// Compares a day again.
pub async fn reconcile(day: &str, channel: &str) -> Answer<()> {
    ask("POST", &["/api/staff/reconciliations/", day, "?channel=", channel].concat(), None).await?;
    Ok(())
}

/// What was found out about a difference.
pub async fn settle_difference(day: &str, channel: &str, settle: &SettleDifference) -> Answer<()> {
    ask("POST", &["/api/staff/reconciliations/", day, "/notes?channel=", channel].concat(), body(settle)?).await?;
    Ok(())
}
