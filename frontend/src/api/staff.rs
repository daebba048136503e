//! What the staff desk asks of the backend.

use super::{Answer, ask, body, get, post};
use serde::Serialize;
use shared::api::{
    Approve, BridgeChallenge, BridgeTicket, CertificateRequest, Dispatch, IssuedCertificate, KeyMade, MakingTicket,
    QueueRow, Refuse, StaffLogin, StaffMe, StaffOrder, StartMaking,
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
