//! Members of staff at the desk, without its page.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use shared::api::{
    Approve, BridgeChallenge, BridgeTicket, CertificateRequest, Dispatch, FailedMessage, IssuedCertificate, KeyMade,
    MakingTicket, QueueRow, Reconciliation, RefundRow, Refuse, Reject, RejectCategory, ResendPin, ReturnKey,
    StaffLogin, StaffOrder, StartMaking,
};
use shared::channel::DocumentKind;

use crate::client::{Answer, Client};
use crate::totp::Authenticator;

/// An account, as the command line made it.
#[derive(Debug)]
pub struct Account {
    /// Log-in name.
    pub name: String,
    /// Password.
    pub password: String,
    /// The phone's app.
    pub app: Authenticator,
    /// The step of the last code given out: no code may be used twice.
    last: AtomicU64,
}

impl Account {
    /// An account with its secret.
    pub fn new(name: &str, password: &str, app: Authenticator) -> Self {
        Self { name: name.to_owned(), password: password.to_owned(), app, last: AtomicU64::new(0) }
    }

    /// A code that was not used yet; waits for the next one if need be.
    pub async fn fresh_code(&self) -> Result<String> {
        loop {
            let now = Authenticator::now();
            // The server takes the neighbouring steps too: a second log-in within 30 s uses the next one.
            let step = now.max(self.last.load(Ordering::SeqCst) + 1);
            if step <= now + 1 {
                self.last.store(step, Ordering::SeqCst);
                return self.app.code(step);
            }
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        }
    }

    /// What is typed to log in.
    pub async fn login(&self) -> Result<StaffLogin> {
        Ok(StaffLogin { name: self.name.clone(), password: self.password.clone(), code: self.fresh_code().await? })
    }
}

/// A member of staff who has logged in.
#[derive(Debug)]
pub struct Clerk {
    /// The browser.
    pub client: Client,
}

impl Clerk {
    /// Logs in.
    pub async fn logs_in(portal: &str, account: &Account) -> Result<Self> {
        let client = Client::new(portal)?;
        client.act("/api/staff/login", &account.login().await?).await?;
        Ok(Self { client })
    }

    /// Rows of a queue.
    pub async fn queue(&self, name: &str) -> Answer<Vec<QueueRow>> {
        self.client.get(&format!("/api/staff/queue/{name}?channel=nanning")).await
    }

    fn path(number: &str, rest: &str) -> String {
        format!("/api/staff/orders/{number}{rest}")
    }

    /// An order in full.
    pub async fn order(&self, number: &str) -> Answer<StaffOrder> {
        self.client.get(&Self::path(number, "")).await
    }

    /// 审核通过.
    pub async fn approves(&self, number: &str) -> Answer<()> {
        let version = self.order(number).await?.order.version;
        self.client.act(&Self::path(number, "/approve"), &Approve { version }).await
    }

    /// 鉴证未通过.
    pub async fn refuses(&self, number: &str, reason: &str, documents: Vec<DocumentKind>) -> Answer<()> {
        let version = self.order(number).await?.order.version;
        let refuse = Refuse { version, reason: reason.to_owned(), documents };
        self.client.act(&Self::path(number, "/refuse"), &refuse).await
    }

    /// 审核不通过.
    pub async fn rejects(&self, number: &str, category: RejectCategory, reason: &str) -> Answer<()> {
        let version = self.order(number).await?.order.version;
        let reject = Reject { version, category, reason: reason.to_owned() };
        self.client.act(&Self::path(number, "/reject"), &reject).await
    }

    /// 证书退货.
    pub async fn takes_back(&self, number: &str, key_serial: &str, reason: &str) -> Answer<()> {
        let version = self.order(number).await?.order.version;
        let back = ReturnKey { version, key_serial: key_serial.to_owned(), reason: reason.to_owned() };
        self.client.act(&Self::path(number, "/return"), &back).await
    }

    /// 重新发送密码.
    pub async fn sends_pin_again(&self, number: &str, reason: &str) -> Answer<()> {
        let version = self.order(number).await?.order.version;
        let resend = ResendPin { version, reason: reason.to_owned() };
        self.client.act(&Self::path(number, "/pin-notice"), &resend).await
    }

    /// Messages that were given up.
    pub async fn failed_messages(&self) -> Answer<Vec<FailedMessage>> {
        self.client.get("/api/staff/messages/failed?channel=nanning").await
    }

    /// What is owed back, or was given back.
    pub async fn refunds(&self, open: bool) -> Answer<Vec<RefundRow>> {
        self.client.get(&format!("/api/staff/refunds?channel=nanning&open={open}")).await
    }

    /// The comparisons with the provider's bill.
    pub async fn reconciliations(&self) -> Answer<Vec<Reconciliation>> {
        self.client.get("/api/staff/reconciliations?channel=nanning").await
    }

    /// Compares a day again.
    pub async fn compares(&self, day: &str) -> Answer<()> {
        self.client.act(&format!("/api/staff/reconciliations/{day}?channel=nanning"), &()).await
    }

    /// Signs a bridge's challenge.
    pub async fn bridge_session(&self, challenge: &BridgeChallenge) -> Answer<BridgeTicket> {
        self.client.post("/api/staff/bridge/session", challenge).await
    }

    /// 开始制证.
    pub async fn starts_making(&self, number: &str, start: &StartMaking) -> Answer<MakingTicket> {
        self.client.post(&Self::path(number, "/making"), start).await
    }

    /// The certificate for a key's request.
    pub async fn issues(&self, number: &str, csr: &str) -> Answer<IssuedCertificate> {
        self.client.post(&Self::path(number, "/certificate"), &CertificateRequest { csr: csr.to_owned() }).await
    }

    /// The key holds it.
    pub async fn made(&self, number: &str, key_serial: &str, certificate: &str) -> Answer<()> {
        let made = KeyMade { key_serial: key_serial.to_owned(), certificate: certificate.to_owned() };
        self.client.act(&Self::path(number, "/made"), &made).await
    }

    /// 确认发货.
    pub async fn dispatches(&self, number: &str, carrier: &str, waybill: &str) -> Answer<()> {
        let version = self.order(number).await?.order.version;
        let parcel = Dispatch { version, carrier: carrier.to_owned(), waybill: waybill.to_owned() };
        self.client.act(&Self::path(number, "/dispatch"), &parcel).await
    }

    /// 已签收.
    pub async fn delivers(&self, number: &str) -> Answer<()> {
        let version = self.order(number).await?.order.version;
        self.client.act(&Self::path(number, "/delivered"), &Approve { version }).await
    }
}
