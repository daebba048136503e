//! Alipay's gateway: `POST /gateway.do`, RSA2 both ways.

pub mod bill;
pub mod notify;
pub mod refund;
pub mod trade;

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};

use crate::clock;
use crate::faults::{self, Service};
use crate::keys;
use crate::server::Shared;
use crate::wire;

/// How far a request's time may be from ours.
const SKEW_SECONDS: u64 = 900;

/// What is asked.
#[derive(Clone, Copy)]
enum Method {
    Precreate,
    Query,
    Close,
    Refund,
    RefundQuery,
    Bill,
}

impl Method {
    fn find(name: &str) -> Option<Self> {
        match name {
            "alipay.trade.precreate" => Some(Self::Precreate),
            "alipay.trade.query" => Some(Self::Query),
            "alipay.trade.close" => Some(Self::Close),
            "alipay.trade.refund" => Some(Self::Refund),
            "alipay.trade.fastpay.refund.query" => Some(Self::RefundQuery),
            "alipay.data.dataservice.bill.downloadurl.query" => Some(Self::Bill),
            _ => None,
        }
    }

    fn service(self) -> Service {
        match self {
            Self::Precreate => Service::Precreate,
            Self::Query => Service::Query,
            Self::Close => Service::Close,
            Self::Refund => Service::Refund,
            Self::RefundQuery => Service::RefundQuery,
            Self::Bill => Service::Bill,
        }
    }
}

/// A refusal: code, sub code, text.
pub struct Refusal {
    pub code: &'static str,
    pub sub_code: String,
    pub sub_msg: String,
}

impl Refusal {
    /// The business refuses.
    pub fn business(sub_code: &str, sub_msg: &str) -> Self {
        Self { code: "40004", sub_code: sub_code.to_owned(), sub_msg: sub_msg.to_owned() }
    }

    /// The gateway refuses.
    fn invalid(sub_code: &str, sub_msg: &str) -> Self {
        Self { code: "40002", sub_code: sub_code.to_owned(), sub_msg: sub_msg.to_owned() }
    }

    fn node(&self) -> Map<String, Value> {
        let msg = if self.code == "40004" { "Business Failed" } else { "Invalid Arguments" };
        object(json!({
            "code": self.code,
            "msg": msg,
            "sub_code": self.sub_code,
            "sub_msg": self.sub_msg,
        }))
    }
}

/// A JSON object's map.
pub fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}

/// `POST /gateway.do`.
pub async fn call(State(shared): State<Shared>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let params = match gather(&uri, &headers, &body) {
        Ok(params) => params,
        Err(refusal) => return answer(&shared, "error_response", refusal.node(), false),
    };
    let name = params.get("method").cloned().unwrap_or_default();
    let node_name = format!("{}_response", name.replace('.', "_"));
    let (method, biz) = match accept(&shared, &params) {
        Ok(accepted) => accepted,
        Err(refusal) => {
            tracing::warn!(sub_code = %refusal.sub_code, "an Alipay call is refused");
            return answer(&shared, &node_name, refusal.node(), false);
        }
    };
    let fault = shared.memory.change(|world| {
        *world.calls.entry(name).or_default() += 1;
        faults::take(&mut world.faults, method.service())
    });
    let refuse = |code: &str| {
        let refusal = Refusal::business(code, "asked for by the control API");
        answer(&shared, &node_name, refusal.node(), false)
    };
    let act = |spoil: bool| {
        let done = match method {
            Method::Precreate => trade::precreate(&shared, &biz, params.get("notify_url").cloned()),
            Method::Query => trade::query(&shared, &biz),
            Method::Close => trade::close(&shared, &biz),
            Method::Refund => refund::refund(&shared, &biz),
            Method::RefundQuery => refund::query(&shared, &biz),
            Method::Bill => bill::address(&shared, &biz),
        };
        let node = match done {
            Ok(mut node) => {
                node.insert("code".to_owned(), json!("10000"));
                node.insert("msg".to_owned(), json!("Success"));
                node
            }
            Err(refusal) => refusal.node(),
        };
        answer(&shared, &node_name, node, spoil)
    };
    faults::answer(fault, refuse, act).await
}

/// Parameters come in the address and in the body; none may come twice.
fn gather(uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Result<BTreeMap<String, String>, Refusal> {
    let form = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded"));
    if !form && !body.is_empty() {
        return Err(Refusal::invalid("isv.invalid-content-type", "Content-Type 无效"));
    }
    let unreadable = || Refusal::invalid("isv.invalid-encoding", "参数无法按 utf-8 解码");
    let mut pairs = wire::pairs(uri.query().unwrap_or_default()).ok_or_else(unreadable)?;
    let body = std::str::from_utf8(body).map_err(|_| unreadable())?;
    pairs.extend(wire::pairs(body).ok_or_else(unreadable)?);
    let mut params = BTreeMap::new();
    for (name, value) in pairs {
        if params.insert(name, value).is_some() {
            return Err(Refusal::invalid("isv.invalid-parameter", "参数重复"));
        }
    }
    Ok(params)
}

fn accept(shared: &Shared, params: &BTreeMap<String, String>) -> Result<(Method, Map<String, Value>), Refusal> {
    let get = |name: &str| params.get(name).map_or("", String::as_str);
    if get("app_id") != shared.keys.app_id {
        return Err(Refusal::invalid("isv.invalid-app-id", "无效的AppID参数"));
    }
    if get("sign_type") != "RSA2" {
        return Err(Refusal::invalid("isv.invalid-signature-type", "无效的签名类型"));
    }
    if !get("charset").eq_ignore_ascii_case("utf-8") {
        return Err(Refusal::invalid("isv.invalid-charset", "字符集错误"));
    }
    // BTreeMap: sorted by name already. Values as they are; sign itself and empty values are not signed.
    let text = params
        .iter()
        .filter(|(name, value)| name.as_str() != "sign" && !value.is_empty())
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join("&");
    if !shared.keys.app_signed(text.as_bytes(), get("sign")) {
        tracing::debug!(%text, "what the sandbox made of the request");
        return Err(Refusal::invalid(
            "isv.invalid-signature",
            "验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配",
        ));
    }
    let time = clock::read_local(get("timestamp"))
        .filter(|_| get("timestamp").len() == 19)
        .ok_or_else(|| Refusal::invalid("isv.invalid-timestamp", "非法的时间戳参数"))?;
    let now = shared.memory.change(|world| world.now());
    if clock::distance(now, time) > SKEW_SECONDS {
        return Err(Refusal::invalid("isv.invalid-timestamp", "非法的时间戳参数"));
    }
    if get("version") != "1.0" || !get("format").eq_ignore_ascii_case("json") {
        return Err(Refusal::invalid("isv.invalid-parameter", "version 或 format 无效"));
    }
    let method = Method::find(get("method")).ok_or_else(|| Refusal::invalid("isv.invalid-method", "不存在的方法名"))?;
    let biz = serde_json::from_str(get("biz_content"))
        .map_err(|_| Refusal::invalid("isv.invalid-parameter", "biz_content 不是 JSON 对象"))?;
    Ok((method, biz))
}

/// Writes an answer. As the real gateway does, `/` is escaped in JSON: whoever re-serialises before verifying fails.
fn answer(shared: &Shared, node_name: &str, node: Map<String, Value>, spoil: bool) -> Response {
    let node = Value::Object(node).to_string().replace('/', "\\/");
    let key = if spoil { &shared.keys.stranger } else { &shared.keys.alipay };
    let sign = keys::sign(key, node.as_bytes());
    let body = format!("{{\"{node_name}\":{node},\"sign\":\"{sign}\"}}");
    let headers = [(header::CONTENT_TYPE, "text/html;charset=utf-8")];
    (StatusCode::OK, headers, body).into_response()
}
