//! Aliyun's endpoints: one address, the action in a header.

mod acs3;
mod elements;
mod sms;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::chance;
use crate::faults::{self, Service};
use crate::server::Shared;

/// A provider's refusal: HTTP status, code, text.
pub struct Refusal(pub StatusCode, pub &'static str, pub &'static str);

impl Refusal {
    fn bad(code: &'static str, message: &'static str) -> Self {
        Self(StatusCode::BAD_REQUEST, code, message)
    }
}

/// The parameters of a call, from its query and its form body.
pub struct Params(Vec<(String, String)>);

impl Params {
    /// A parameter's value, empty if it is missing.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }
}

/// What is asked.
#[derive(Clone, Copy)]
enum Action {
    SendSms,
    QuerySendDetails,
    Company,
    Person,
}

impl Action {
    fn find(action: &str, version: &str) -> Option<Self> {
        match (action, version) {
            ("SendSms", "2017-05-25") => Some(Self::SendSms),
            ("QuerySendDetails", "2017-05-25") => Some(Self::QuerySendDetails),
            ("CompanyFourElementsVerification", "2020-02-17") => Some(Self::Company),
            ("Mobile3MetaSimpleVerify", "2019-03-07") => Some(Self::Person),
            (_, _) => None,
        }
    }

    fn service(self) -> Service {
        match self {
            Self::SendSms => Service::SmsSend,
            Self::QuerySendDetails => Service::SmsQuery,
            Self::Company => Service::Company,
            Self::Person => Service::Person,
        }
    }
}

/// `POST /`.
pub async fn call(State(shared): State<Shared>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    match accept(&shared, &uri, &headers, &body) {
        Ok((action, params)) => {
            let name = headers.get("x-acs-action").and_then(|v| v.to_str().ok()).unwrap_or_default();
            let fault = shared.memory.change(|world| {
                *world.calls.entry(name.to_owned()).or_default() += 1;
                faults::take(&mut world.faults, action.service())
            });
            faults::answer(fault, refused_with, |_| act(&shared, action, &params)).await
        }
        Err(Refusal(status, code, message)) => {
            tracing::warn!(code, "an Aliyun call is refused");
            (status, axum::Json(refusal(code, message))).into_response()
        }
    }
}

fn accept(shared: &Shared, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Result<(Action, Params), Refusal> {
    let query = uri.query().unwrap_or_default();
    let mut params =
        crate::wire::pairs(query).ok_or(Refusal::bad("InvalidParameter", "The query can not be decoded."))?;
    let signed = acs3::read(uri.path(), &params, headers, body)?;
    if signed.key_id != shared.keys.access_id {
        return Err(Refusal(
            StatusCode::NOT_FOUND,
            "InvalidAccessKeyId.NotFound",
            "Specified access key is not found.",
        ));
    }
    signed.verify(&shared.keys.access_secret)?;
    shared.memory.change(|world| {
        let now = world.now();
        signed.check_time(now)?;
        if world.nonces.insert(signed.nonce.clone(), now.as_second()).is_some() {
            return Err(Refusal::bad("SignatureNonceUsed", "Specified signature nonce was used already."));
        }
        Ok(())
    })?;
    let action = Action::find(&signed.action, &signed.version).ok_or(Refusal(
        StatusCode::NOT_FOUND,
        "InvalidAction.NotFound",
        "Specified api is not found, please check your url and method.",
    ))?;
    if !body.is_empty() {
        let form = std::str::from_utf8(body)
            .ok()
            .and_then(crate::wire::pairs)
            .ok_or(Refusal::bad("InvalidParameter", "The body can not be decoded."))?;
        params.extend(form);
    }
    Ok((action, Params(params)))
}

fn act(shared: &Shared, action: Action, params: &Params) -> Response {
    let answer = match action {
        Action::SendSms => sms::send(shared, params),
        Action::QuerySendDetails => sms::details(shared, params),
        Action::Company => elements::company(shared, params),
        Action::Person => elements::person(params),
    };
    axum::Json(answer).into_response()
}

/// The errors of the signature and of the request: with the fields that Aliyun's gateway writes.
fn refusal(code: &str, message: &str) -> Value {
    json!({
        "RequestId": chance::request_id(),
        "HostId": "sandbox",
        "Code": code,
        "Message": message,
        "Recommend": "",
    })
}

fn refused_with(code: &str) -> Response {
    axum::Json(business(code, "asked for by the control API")).into_response()
}

/// The errors of the business: status 200.
fn business(code: &str, message: &str) -> Value {
    json!({ "RequestId": chance::request_id(), "Code": code, "Message": message })
}
