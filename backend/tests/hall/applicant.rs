//! What an applicant does, in the applicant's words; the plumbing of HTTP is hidden here.

use crate::papers;
use crate::world::World;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shared::api::{
    ApiError, CSRF_HEADER, Cashier, Challenge, Checked, CodeSent, DocumentView, OrderList, OrderView, PROOF_HEADER,
    PaymentState, Proof,
};
use shared::form::{Field, UnitDraft};
use shared::order::Status;
use std::sync::Mutex;

/// The operator's phone in [`application`].
pub const OPERATOR: &str = "13977120001";
/// The legal representative's phone in [`application`].
pub const LEGAL_REP: &str = "13807710001";

/// An application in which everything is right.
pub fn application() -> UnitDraft {
    [
        (Field::UnitWay, "legal_rep_phone"),
        (Field::UnitName, "南宁市朱槿信息技术有限公司"),
        (Field::CreditCode, "914403001922038216"),
        (Field::LegalRepName, "韦青山"),
        (Field::LegalRepMobile, LEGAL_REP),
        (Field::LegalRepIdType, "resident_id"),
        (Field::LegalRepId, "450199197205160175"),
        (Field::InvoiceTitle, "南宁市朱槿信息技术有限公司"),
        (Field::TaxpayerNumber, "914403001922038216"),
        (Field::OperatorWay, "phone"),
        (Field::OperatorName, "李晓梅"),
        (Field::OperatorMobile, OPERATOR),
        (Field::OperatorIdType, "resident_id"),
        (Field::OperatorId, "450199199203180462"),
        (Field::OperatorEmail, "li@example.com"),
        (Field::MailProvince, "广西壮族自治区"),
        (Field::MailCity, "南宁市"),
        (Field::MailAddress, "青秀区民族大道 1 号"),
        (Field::Agreements, "true"),
    ]
    .into_iter()
    .map(|(field, value)| (field, value.to_owned()))
    .collect()
}

/// The same application with one field changed.
pub fn with(field: Field, value: &str) -> UnitDraft {
    let mut draft = application();
    draft.set(field, value.to_owned());
    draft
}

/// A refused request.
#[derive(Debug)]
pub struct Refused {
    pub status: StatusCode,
    pub error: ApiError,
}

/// The header that answers a challenge by work.
pub fn solve(challenge: &Challenge) -> String {
    let Challenge { id, work, .. } = challenge;
    let enough = |number: &u64| {
        let hash = Sha256::digest(format!("{}{number}", work.salt));
        let head = u64::from_be_bytes(hash[..8].try_into().unwrap());
        head.leading_zeros() >= u32::from(work.bits)
    };
    Proof::Work { id: id.clone(), number: (0..u64::MAX).find(enough).unwrap() }.header()
}

/// One browser: it keeps the cookie.
pub struct Browser {
    pub world: World,
    address: Option<String>,
    client: reqwest::Client,
    cookie: Mutex<Option<String>>,
}

impl Browser {
    pub fn new(world: World) -> Self {
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { world, address: None, client, cookie: Mutex::new(None) }
    }

    /// A browser that was here before and has kept its cookie.
    pub fn returning(world: &World, cookie: &str) -> Self {
        Self { cookie: Mutex::new(Some(cookie.to_owned())), ..Self::new(world.clone()) }
    }

    /// The same browser at this address.
    pub fn coming_from(self, address: &str) -> Self {
        Self { address: Some(address.to_owned()), ..self }
    }

    /// A second window of the same browser.
    pub fn another_window(&self) -> Self {
        let cookie = Mutex::new(self.cookie.lock().unwrap().clone());
        Self { cookie, ..Self::new(self.world.clone()) }
    }

    /// The same browser at another backend.
    pub fn at(&self, world: &World) -> Self {
        let cookie = Mutex::new(self.cookie.lock().unwrap().clone());
        Self { cookie, address: self.address.clone(), ..Self::new(world.clone()) }
    }

    /// The cookie that it sends.
    pub fn cookie(&self) -> Option<String> {
        self.cookie.lock().unwrap().clone()
    }

    /// A request as the page makes it.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.client.request(method, format!("{}{path}", self.world.address)).header(CSRF_HEADER, "1");
        if let Some(cookie) = &*self.cookie.lock().unwrap() {
            request = request.header("cookie", cookie);
        }
        if let Some(address) = &self.address {
            request = request.header("x-forwarded-for", address);
        }
        request
    }

    /// Sends it and keeps the cookie.
    pub async fn send(&self, request: RequestBuilder) -> Response {
        let response = request.send().await.unwrap();
        if let Some(cookie) = response.headers().get("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            for part in ["HttpOnly", "Secure", "SameSite=None", "Partitioned"] {
                assert!(cookie.contains(part), "{cookie}");
            }
            *self.cookie.lock().unwrap() = cookie.split(';').next().map(str::to_owned);
        }
        response
    }

    async fn answer<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Refused> {
        let response = self.send(request).await;
        let status = response.status();
        let body = response.bytes().await.unwrap();
        if status.is_success() {
            let body = if body.is_empty() { b"null".as_slice() } else { &body };
            Ok(serde_json::from_slice(body)
                .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(body))))
        } else {
            let error = serde_json::from_slice(&body)
                .unwrap_or_else(|error| panic!("{status}: {error}: {}", String::from_utf8_lossy(&body)));
            Err(Refused { status, error })
        }
    }

    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Refused> {
        self.answer(self.request(Method::GET, path)).await
    }

    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Refused> {
        self.answer(self.request(Method::POST, path).json(body)).await
    }

    /// A fresh challenge.
    pub async fn challenge(&self) -> Result<Challenge, Refused> {
        self.post("/api/challenges", &json!(null)).await
    }

    /// The header of a fresh challenge, answered by work.
    pub async fn proof(&self) -> Result<String, Refused> {
        Ok(solve(&self.challenge().await?))
    }

    /// A request that needs the gate's proof.
    pub async fn proves<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Refused> {
        let proof = self.proof().await?;
        self.presses(path, body, &proof).await
    }

    /// A request with this proof.
    pub async fn presses<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        proof: &str,
    ) -> Result<T, Refused> {
        self.answer(self.request(Method::POST, path).header(PROOF_HEADER, proof).json(body)).await
    }

    /// Types and leaves the field: the page saves.
    pub async fn saves(&self, draft: &UnitDraft) -> Result<Value, Refused> {
        self.answer(self.request(Method::PUT, "/api/drafts/nanning/new").json(draft)).await
    }

    /// 下一步.
    pub async fn checks(&self, draft: &UnitDraft) -> Result<Checked, Refused> {
        self.proves("/api/drafts/nanning/new/check", draft).await
    }

    /// 确认订单.
    pub async fn confirms(&self, content: &str) -> Result<OrderView, Refused> {
        self.post("/api/orders", &json!({ "channel": "nanning", "business": "new", "content": content })).await
    }

    /// Form and 确认订单.
    pub async fn orders(&self, draft: &UnitDraft) -> OrderView {
        let checked = self.checks(draft).await.unwrap();
        self.confirms(&checked.content).await.unwrap()
    }

    pub async fn order(&self, number: &str) -> Result<OrderView, Refused> {
        self.get(&format!("/api/orders/{number}")).await
    }

    pub async fn uploads(&self, number: &str, kind: &str, file: Vec<u8>) -> Result<DocumentView, Refused> {
        let path = format!("/api/orders/{number}/documents/{kind}");
        let order: OrderView = self.answer(self.request(Method::PUT, &path).body(file)).await?;
        Ok(order.documents.into_iter().find(|paper| paper.kind.name() == kind).expect("the uploaded paper is shown"))
    }

    pub async fn deletes(&self, number: &str, kind: &str) -> Result<OrderView, Refused> {
        self.answer(self.request(Method::DELETE, &format!("/api/orders/{number}/documents/{kind}"))).await
    }

    /// All three papers and 确认申请.
    pub async fn submits_papers(&self, number: &str) -> OrderView {
        for (kind, file) in [
            ("business_licence", papers::jpeg()),
            ("operator_id_portrait", papers::png()),
            ("operator_id_emblem", papers::jpeg()),
        ] {
            self.uploads(number, kind, file).await.unwrap();
        }
        self.submits(number).await.unwrap()
    }

    pub async fn submits(&self, number: &str) -> Result<OrderView, Refused> {
        self.post(&format!("/api/orders/{number}/documents/submit"), &json!(null)).await
    }

    /// 点击获取验证码.
    pub async fn asks_sign_code(&self, number: &str) -> Result<CodeSent, Refused> {
        self.proves(&format!("/api/orders/{number}/signature/code"), &json!(null)).await
    }

    /// 确定, with the code from the phone or another one.
    pub async fn signs(&self, number: &str, ticket: &str, code: &str) -> Result<OrderView, Refused> {
        self.signs_under("nanning-2021-09", number, ticket, code).await
    }

    /// The same, having read this version of the consent text.
    pub async fn signs_under(
        &self,
        version: &str,
        number: &str,
        ticket: &str,
        code: &str,
    ) -> Result<OrderView, Refused> {
        let body = json!({ "ticket": ticket, "code": code, "agreed": true, "consentVersion": version });
        self.post(&format!("/api/orders/{number}/signature"), &body).await
    }

    /// The code that the operator's phone shows.
    pub fn code_on_phone(&self) -> String {
        self.world.outside.newest(OPERATOR, "code").expect("no message to the operator's phone")
    }

    /// Asks for a code and types it.
    pub async fn signs_with_phone(&self, number: &str) -> Result<OrderView, Refused> {
        let sent = self.asks_sign_code(number).await?;
        self.signs(number, &sent.ticket, &self.code_on_phone()).await
    }

    /// Everything up to the payment.
    pub async fn signed_order(&self) -> OrderView {
        let order = self.orders(&application()).await;
        self.submits_papers(&order.number).await;
        let signed = self.signs_with_phone(&order.number).await.unwrap();
        assert_eq!(signed.status, Status::AwaitingPayment);
        signed
    }

    pub async fn opens_payment(&self, number: &str) -> Result<Cashier, Refused> {
        self.post(&format!("/api/orders/{number}/payment"), &json!({ "way": "alipay" })).await
    }

    pub async fn payment(&self, number: &str) -> PaymentState {
        self.get(&format!("/api/orders/{number}/payment")).await.unwrap()
    }

    pub async fn cancels(&self, number: &str) -> Result<OrderView, Refused> {
        self.post(&format!("/api/orders/{number}/cancel"), &json!(null)).await
    }

    pub async fn asks_query_code(&self, credit_code: &str) -> Result<CodeSent, Refused> {
        let body = json!({ "channel": "nanning", "subject": credit_code });
        let answer = self.proves("/api/query", &body).await;
        // The message goes out after the answer.
        self.world.hall.errands_done().await;
        answer
    }

    pub async fn queries(&self, ticket: &str, code: &str) -> Result<OrderList, Refused> {
        self.post("/api/query/confirm", &json!({ "ticket": ticket, "code": code })).await
    }
}
