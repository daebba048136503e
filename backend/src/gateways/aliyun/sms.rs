//! dysmsapi 2017-05-25: `SendSms`, `QuerySendDetails`.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::acs3::{Acs3Request, Signed};
use super::client::RpcClient;
use crate::gateways::config::{ConfigError, SmsConfig};
use crate::gateways::fresh::Freshness;
use crate::gateways::outcome::{Answer, Doubt, Outcome};
use crate::gateways::sms::{SmsDelivery, SmsGateway, SmsQuery, SmsReceipt, SmsRequest};

const VERSION: &str = "2017-05-25";
/// The most that one page of details may hold; a phone gets fewer messages a day from one sender.
const PAGE: &str = "50";

/// Text messages by Aliyun.
pub struct AliyunSms {
    rpc: RpcClient,
}

impl AliyunSms {
    /// Builds the adapter.
    ///
    /// # Errors
    /// An address that is none, or an HTTP client that can't be built.
    pub fn new(config: &SmsConfig, fresh: Arc<dyn Freshness>) -> Result<Self, ConfigError> {
        let rpc = RpcClient::new(&config.base_url, "sms.base_url", &config.key, config.timeouts, fresh)?;
        Ok(Self { rpc })
    }

    /// What [`SmsGateway::send`] sends, for comparison with other implementations.
    pub fn signed_send<'a>(&self, request: &'a SmsRequest) -> (Acs3Request<'a>, Signed) {
        self.rpc.signed("SendSms", VERSION, send_parameters(request))
    }

    /// What [`SmsGateway::query`] sends, for comparison with other implementations.
    pub fn signed_query<'a>(&self, query: &'a SmsQuery) -> (Acs3Request<'a>, Signed) {
        self.rpc.signed("QuerySendDetails", VERSION, query_parameters(query))
    }
}

fn send_parameters(request: &SmsRequest) -> Vec<(&'static str, String)> {
    vec![
        ("PhoneNumbers", request.phone.clone()),
        ("SignName", request.sign_name.clone()),
        ("TemplateCode", request.template_code.clone()),
        ("TemplateParam", template_params(&request.params)),
        ("OutId", request.out_id.clone()),
    ]
}

fn query_parameters(query: &SmsQuery) -> Vec<(&'static str, String)> {
    vec![
        ("PhoneNumber", query.phone.clone()),
        ("SendDate", query.day.strftime("%Y%m%d").to_string()),
        ("PageSize", PAGE.to_owned()),
        ("CurrentPage", "1".to_owned()),
    ]
}

impl SmsGateway for AliyunSms {
    fn send<'a>(&'a self, request: &'a SmsRequest) -> Answer<'a, SmsReceipt> {
        Box::pin(async move {
            let query = send_parameters(request);
            self.rpc.call("SendSms", VERSION, query).await.and_then(|answer| receipt(&answer))
        })
    }

    fn query<'a>(&'a self, query: &'a SmsQuery) -> Answer<'a, SmsDelivery> {
        Box::pin(async move {
            let parameters = query_parameters(query);
            self.rpc
                .call("QuerySendDetails", VERSION, parameters)
                .await
                .and_then(|answer| delivery(&answer, &query.out_id))
        })
    }
}

/// A JSON object with the parameters in their order, all values texts.
fn template_params(params: &[(String, String)]) -> String {
    let parts: Vec<String> = params
        .iter()
        .map(|(key, value)| format!("{}:{}", Value::String(key.clone()), Value::String(value.clone())))
        .collect();
    format!("{{{}}}", parts.join(","))
}

fn receipt(answer: &Value) -> Outcome<SmsReceipt> {
    match answer.get("BizId").and_then(Value::as_str) {
        Some(id) => Outcome::Ok(SmsReceipt { provider_id: id.to_owned() }),
        None => Outcome::unknown(Doubt::Unreadable("no BizId")),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Details {
    #[serde(rename = "SmsSendDetailDTOs")]
    list: DetailList,
}

#[derive(Deserialize)]
struct DetailList {
    #[serde(rename = "SmsSendDetailDTO", default)]
    details: Vec<Detail>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Detail {
    #[serde(default)]
    out_id: Option<String>,
    send_status: i64,
    #[serde(default)]
    err_code: Option<String>,
}

fn delivery(answer: &Value, out_id: &str) -> Outcome<SmsDelivery> {
    let Ok(details) = Details::deserialize(answer) else {
        return Outcome::unknown(Doubt::Unreadable("SmsSendDetailDTOs"));
    };
    let Some(detail) = details.list.details.into_iter().find(|detail| detail.out_id.as_deref() == Some(out_id)) else {
        return Outcome::Ok(SmsDelivery::NotFound);
    };
    match detail.send_status {
        1 => Outcome::Ok(SmsDelivery::Waiting),
        2 => Outcome::Ok(SmsDelivery::Failed { code: detail.err_code.unwrap_or_default() }),
        3 => Outcome::Ok(SmsDelivery::Delivered),
        _ => Outcome::unknown(Doubt::Unreadable("SendStatus")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn parameters_are_json_in_order_and_escaped() {
        let params = [("order".to_owned(), "1\"2".to_owned()), ("code".to_owned(), "张".to_owned())];
        assert_eq!(template_params(&params), r#"{"order":"1\"2","code":"张"}"#);
        assert_eq!(template_params(&[]), "{}");
    }

    #[test]
    fn the_message_is_found_by_our_own_id() {
        let answer = json!({"Code": "OK", "TotalCount": "2", "SmsSendDetailDTOs": {"SmsSendDetailDTO": [
            {"OutId": "a", "SendStatus": 3, "ErrCode": "DELIVERED"},
            {"OutId": "b", "SendStatus": 2, "ErrCode": "MOBILE_NOT_ON_SERVICE"},
        ]}});
        assert_eq!(delivery(&answer, "a"), Outcome::Ok(SmsDelivery::Delivered));
        assert_eq!(delivery(&answer, "b"), Outcome::Ok(SmsDelivery::Failed { code: "MOBILE_NOT_ON_SERVICE".into() }));
        assert_eq!(delivery(&answer, "c"), Outcome::Ok(SmsDelivery::NotFound));
    }
}
