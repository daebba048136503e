//! An applicant at the page, without the page: the same requests in the same order.

use anyhow::{Result, ensure};
use reqwest::Method;
use shared::api::{
    Cashier, Checked, CodeSent, NewOrder, OrderList, OrderView, PayWith, PaymentState, QueryCode, QueryFor, SavedDraft,
    Signature,
};
use shared::channel::{DocumentKind, PaymentWay, PublicChannel};
use shared::form::UnitDraft;
use shared::order::{Business, Status};

use crate::cast::Unit;
use crate::client::{Answer, Client};
use crate::outside::{Outside, Purpose};
use crate::papers::{self, Paper};

/// The hall that is visited.
const CHANNEL: &str = "nanning";

/// A browser in the hall.
#[derive(Debug)]
pub struct Applicant {
    /// The browser.
    pub client: Client,
    outside: Outside,
}

impl Applicant {
    /// Opens the hall in a fresh browser.
    pub fn new(portal: &str, outside: &Outside) -> Result<Self> {
        Ok(Self { client: Client::new(portal)?, outside: outside.clone() })
    }

    /// In a browser of the caller's.
    pub fn at(client: Client, outside: &Outside) -> Self {
        Self { client, outside: outside.clone() }
    }

    /// The hall's profile.
    pub async fn channel(&self) -> Answer<PublicChannel> {
        self.client.get(&format!("/api/channels/{CHANNEL}")).await
    }

    fn draft_path() -> String {
        format!("/api/drafts/{CHANNEL}/{}", Business::New.name())
    }

    /// Keeps what was typed.
    pub async fn saves(&self, draft: &UnitDraft) -> Answer<()> {
        let body = serde_json::to_vec(draft).unwrap_or_default();
        self.client.bytes(Method::PUT, &Self::draft_path(), Some(("application/json", body))).await.map(drop)
    }

    /// What was kept.
    pub async fn saved(&self) -> Answer<Option<SavedDraft>> {
        self.client.get(&Self::draft_path()).await
    }

    /// 下一步.
    pub async fn checks(&self, draft: &UnitDraft) -> Answer<Checked> {
        self.client.proven(&format!("{}/check", Self::draft_path()), Some(draft)).await
    }

    /// 确认订单.
    pub async fn confirms(&self, checked: &Checked) -> Answer<OrderView> {
        let order = NewOrder { channel: CHANNEL.to_owned(), business: Business::New, content: checked.content.clone() };
        self.client.post("/api/orders", &order).await
    }

    /// An order.
    pub async fn order(&self, number: &str) -> Answer<OrderView> {
        self.client.get(&format!("/api/orders/{number}")).await
    }

    /// This browser's orders.
    pub async fn orders(&self) -> Answer<OrderList> {
        self.client.get(&format!("/api/orders?channel={CHANNEL}")).await
    }

    /// One file into one frame.
    pub async fn uploads(&self, number: &str, kind: DocumentKind, bytes: Vec<u8>) -> Answer<OrderView> {
        let path = format!("/api/orders/{number}/documents/{}", kind.name());
        self.client.bytes(Method::PUT, &path, Some(("application/octet-stream", bytes))).await?;
        self.order(number).await
    }

    /// Every paper, as the page sends it, and 确认申请.
    pub async fn uploads_all(&self, number: &str, papers: Vec<Paper>) -> Result<OrderView> {
        for paper in papers {
            let small = paper.bytes.len() <= 1_500_000;
            let bytes = if small { paper.bytes } else { papers::scaled(&paper.bytes)? };
            self.uploads(number, paper.kind, bytes).await?;
        }
        Ok(self.submits(number).await?)
    }

    /// 确认申请.
    pub async fn submits(&self, number: &str) -> Answer<OrderView> {
        self.client.step(&format!("/api/orders/{number}/documents/submit")).await
    }

    /// 点击获取验证码.
    pub async fn asks_code(&self, number: &str) -> Answer<CodeSent> {
        self.client.proven(&format!("/api/orders/{number}/signature/code"), None::<&()>).await
    }

    /// The same, again after a lost answer: with the same proof.
    pub async fn asks_code_with(&self, number: &str, proof: &str) -> Answer<CodeSent> {
        self.client.proven_by(&format!("/api/orders/{number}/signature/code"), proof).await
    }

    /// 签名确认 with a code.
    pub async fn signs_with(&self, number: &str, ticket: &str, code: &str) -> Answer<OrderView> {
        let channel = self.channel().await?;
        let signature = Signature {
            ticket: ticket.to_owned(),
            code: code.to_owned(),
            agreed: true,
            consent_version: channel.consent.version,
        };
        self.client.post(&format!("/api/orders/{number}/signature"), &signature).await
    }

    /// Asks for a code, reads it on the operator's phone, signs.
    pub async fn signs(&self, number: &str, unit: &Unit) -> Result<OrderView> {
        let before = self.outside.messages(unit.operator.phone(), Purpose::Sign).await?.len();
        let sent = self.asks_code(number).await?;
        let message = self.outside.message(unit.operator.phone(), Purpose::Sign, before + 1).await?;
        Ok(self.signs_with(number, &sent.ticket, message.param("code")?).await?)
    }

    /// 支付宝: the QR code.
    pub async fn opens_payment(&self, number: &str) -> Answer<Cashier> {
        self.client.post(&format!("/api/orders/{number}/payment"), &PayWith { way: PaymentWay::Alipay }).await
    }

    /// What the pay page polls.
    pub async fn payment(&self, number: &str) -> Answer<PaymentState> {
        self.client.get(&format!("/api/orders/{number}/payment")).await
    }

    /// Scans the QR code, pays, and waits as the page does until the order is paid.
    pub async fn pays(&self, number: &str) -> Result<OrderView> {
        let cashier = self.opens_payment(number).await?;
        let trade = self.outside.trade(&cashier.qr).await?;
        ensure!(trade.amount_fen == cashier.amount_fen, "the cashier asks {} fen", trade.amount_fen);
        self.outside.pay(&trade.out_trade_no).await?;
        self.awaits(number, Status::AwaitingReview).await
    }

    /// Polls until an order has a status.
    pub async fn awaits(&self, number: &str, status: Status) -> Result<OrderView> {
        for _ in 0..150 {
            let order = self.order(number).await?;
            if order.status == status {
                return Ok(order);
            }
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
        anyhow::bail!("{number} never came to {status:?}: {:?}", self.order(number).await?.status)
    }

    /// 取消订单.
    pub async fn cancels(&self, number: &str) -> Answer<OrderView> {
        self.client.step(&format!("/api/orders/{number}/cancel")).await
    }

    /// 订单查询, first half.
    pub async fn queries(&self, credit_code: &str) -> Answer<CodeSent> {
        let request = QueryFor { channel: CHANNEL.to_owned(), subject: credit_code.to_owned() };
        self.client.proven("/api/query", Some(&request)).await
    }

    /// 订单查询, second half.
    pub async fn queries_with(&self, ticket: &str, code: &str) -> Answer<()> {
        self.client.act("/api/query/confirm", &QueryCode { ticket: ticket.to_owned(), code: code.to_owned() }).await
    }

    // The way to a point of the flow, told in one word.

    /// Fills in, checks, confirms.
    pub async fn applies(&self, unit: &Unit) -> Result<OrderView> {
        let checked = self.checks(&unit.draft()).await?;
        Ok(self.confirms(&checked).await?)
    }

    /// As above, with the papers handed in.
    pub async fn hands_in(&self, unit: &Unit) -> Result<OrderView> {
        let order = self.applies(unit).await?;
        self.uploads_all(&order.number, papers::scans(unit, &self.outside).await?).await
    }

    /// As above, signed.
    pub async fn applies_and_signs(&self, unit: &Unit) -> Result<OrderView> {
        let order = self.hands_in(unit).await?;
        self.signs(&order.number, unit).await
    }

    /// As above, paid.
    pub async fn applies_and_pays(&self, unit: &Unit) -> Result<OrderView> {
        let order = self.applies_and_signs(unit).await?;
        self.pays(&order.number).await
    }
}
