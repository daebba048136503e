//! What can be made to go wrong with the next calls of a service.

use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use serde::{Deserialize, Serialize};

/// Longer than anybody's time-out.
const FOREVER: Duration = Duration::from_mins(1);

/// A service's name in the control API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Service {
    /// Aliyun `SendSms`.
    #[serde(rename = "sms.send")]
    SmsSend,
    /// Aliyun `QuerySendDetails`.
    #[serde(rename = "sms.query")]
    SmsQuery,
    /// Aliyun `CompanyFourElementsVerification`.
    #[serde(rename = "company4")]
    Company,
    /// Aliyun `Mobile3MetaSimpleVerify`.
    #[serde(rename = "person3")]
    Person,
    /// `alipay.trade.precreate`.
    #[serde(rename = "alipay.precreate")]
    Precreate,
    /// `alipay.trade.query`.
    #[serde(rename = "alipay.query")]
    Query,
    /// `alipay.trade.close`.
    #[serde(rename = "alipay.close")]
    Close,
    /// `alipay.trade.refund`.
    #[serde(rename = "alipay.refund")]
    Refund,
    /// `alipay.trade.fastpay.refund.query`.
    #[serde(rename = "alipay.refund_query")]
    RefundQuery,
    /// `alipay.data.dataservice.bill.downloadurl.query`.
    #[serde(rename = "alipay.bill")]
    Bill,
    /// The file behind the bill's address.
    #[serde(rename = "alipay.bill_file")]
    BillFile,
    /// One mail by SMTP.
    #[serde(rename = "mail")]
    Mail,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fault {
    /// The provider refuses with this code and does nothing.
    Refuse {
        /// The provider's code.
        code: String,
    },
    /// An HTTP status with an error page; nothing is done.
    Status {
        /// 5xx or 4xx.
        status: u16,
    },
    /// No answer for a minute, and nothing is done.
    Hang,
    /// It is done, but no answer comes for a minute.
    Lost,
    /// It is done, and answered after so many milliseconds.
    Slow {
        /// Milliseconds.
        ms: u64,
    },
    /// A page of HTML with status 200; nothing is done.
    Garbage,
    /// It is done, but the answer's signature is wrong (Alipay only).
    BadSignature,
}

/// A fault waiting for calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// Whose calls.
    pub service: Service,
    /// How many calls are left.
    #[serde(default = "once")]
    pub times: u32,
    /// What goes wrong.
    #[serde(flatten)]
    pub fault: Fault,
}

fn once() -> u32 {
    1
}

/// Takes the next fault of a service off the plan.
pub fn take(plan: &mut Vec<Planned>, service: Service) -> Option<Fault> {
    let at = plan.iter().position(|planned| planned.service == service)?;
    let planned = plan.get_mut(at)?;
    let fault = planned.fault.clone();
    planned.times = planned.times.saturating_sub(1);
    if planned.times == 0 {
        plan.remove(at);
    }
    Some(fault)
}

/// Answers one call with its fault. `act` does the work (its argument: spoil the signature), `refuse` writes the
/// provider's refusal for a code.
pub async fn answer(
    fault: Option<Fault>,
    refuse: impl FnOnce(&str) -> Response,
    act: impl FnOnce(bool) -> Response,
) -> Response {
    match fault {
        None => act(false),
        Some(Fault::Refuse { code }) => refuse(&code),
        Some(Fault::Status { status }) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
            (status, Html("<h1>Service Unavailable</h1>")).into_response()
        }
        Some(Fault::Hang) => silence().await,
        Some(Fault::Lost) => {
            drop(act(false));
            silence().await
        }
        Some(Fault::Slow { ms }) => {
            let answer = act(false);
            tokio::time::sleep(Duration::from_millis(ms)).await;
            answer
        }
        Some(Fault::Garbage) => Html("<html><body>Please log in to the network</body></html>").into_response(),
        Some(Fault::BadSignature) => act(true),
    }
}

async fn silence() -> Response {
    tokio::time::sleep(FOREVER).await;
    StatusCode::GATEWAY_TIMEOUT.into_response()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_fault_is_used_up() {
        let planned: Planned =
            serde_json::from_str(r#"{"service":"sms.send","kind":"status","status":503,"times":2}"#).unwrap();
        let mut plan = vec![planned];
        assert_eq!(take(&mut plan, Service::SmsQuery), None);
        let expected = Some(Fault::Status { status: 503 });
        assert_eq!(take(&mut plan, Service::SmsSend), expected);
        assert_eq!(take(&mut plan, Service::SmsSend), expected);
        assert_eq!(take(&mut plan, Service::SmsSend), None);
    }
}
