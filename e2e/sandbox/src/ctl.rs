//! The control API under `/_ctl`: what tests and the demo do to the outside world. See README.md.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::alipay::{notify, trade};
use crate::crowd;
use crate::faults::Planned;
use crate::people;
use crate::server::Shared;
use crate::world::{BillLies, Mail, NotifyPolicy, Receipt, Sms, Standing, Trade, World};

/// A request that the control API can't do, with the reason.
pub struct Failure(StatusCode, String);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

fn missing(what: &str) -> Failure {
    Failure(StatusCode::NOT_FOUND, format!("{what} not found"))
}

/// `GET /_ctl/state`.
pub async fn state(State(shared): State<Shared>) -> Json<Value> {
    Json(shared.memory.change(|world| {
        json!({
            "now": world.now().to_string(),
            "offset_seconds": world.offset_seconds,
            "trades": world.trades.values().collect::<Vec<&Trade>>(),
            "deliveries": world.deliveries,
            "notify": world.notify,
            "faults": world.faults,
            "calls": world.calls,
            "sms_count": world.sms.len(),
            "mail_count": world.mails.len(),
        })
    }))
}

/// `GET /_ctl/people`.
pub async fn people() -> Json<Value> {
    Json(json!({
        "companies": people::COMPANIES,
        "persons": people::PERSONS,
        "mismatches": people::MISMATCHES,
    }))
}

/// Which members of the crowd.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    first: u32,
    count: u32,
}

/// `GET /_ctl/crowd?first=&count=`.
pub async fn crowd(Query(some): Query<Part>) -> Json<Vec<crowd::Member>> {
    let end = some.first.saturating_add(some.count.min(1_000)).min(crowd::SIZE);
    Json((some.first..end).map(crowd::member).collect())
}

/// `?phone=`, oldest first; all phones without it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmsFilter {
    phone: Option<String>,
}

/// `GET /_ctl/sms?phone=`.
pub async fn sms(State(shared): State<Shared>, Query(filter): Query<SmsFilter>) -> Json<Vec<Sms>> {
    Json(shared.memory.change(|world| {
        world.sms.iter().filter(|sms| filter.phone.as_ref().is_none_or(|phone| *phone == sms.phone)).cloned().collect()
    }))
}

/// `?to=`, oldest first; all mailboxes without it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailFilter {
    to: Option<String>,
}

/// `GET /_ctl/mail?to=`.
pub async fn mail(State(shared): State<Shared>, Query(filter): Query<MailFilter>) -> Json<Vec<Mail>> {
    Json(shared.memory.change(|world| {
        let mine = |mail: &&Mail| filter.to.as_ref().is_none_or(|to| mail.to.eq_ignore_ascii_case(to));
        world.mails.iter().filter(mine).cloned().collect()
    }))
}

/// `POST /_ctl/bill`: what bills say wrongly from now on.
pub async fn bill(State(shared): State<Shared>, Json(lies): Json<BillLies>) -> StatusCode {
    shared.memory.change(|world| world.bill_lies = lies);
    StatusCode::NO_CONTENT
}

/// The network's word on a message.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptOrder {
    out_id: String,
    receipt: Receipt,
}

/// `POST /_ctl/sms/receipt`.
pub async fn receipt(State(shared): State<Shared>, Json(order): Json<ReceiptOrder>) -> Result<StatusCode, Failure> {
    shared.memory.change(|world| {
        let sms =
            world.sms.iter_mut().rev().find(|sms| sms.out_id == order.out_id).ok_or_else(|| missing("message"))?;
        sms.receipt = order.receipt;
        Ok(StatusCode::NO_CONTENT)
    })
}

/// Which trade.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Which {
    out_trade_no: String,
}

fn token(world: &World, out_trade_no: &str) -> Result<String, Failure> {
    world.trades.get(out_trade_no).map(|trade| trade.token.clone()).ok_or_else(|| missing("trade"))
}

fn cant(reason: trade::CantPay) -> Failure {
    Failure(StatusCode::CONFLICT, format!("{reason:?}"))
}

/// `POST /_ctl/scan`.
pub async fn scan(State(shared): State<Shared>, Json(which): Json<Which>) -> Result<Json<Trade>, Failure> {
    shared.memory.change(|world| {
        let token = token(world, &which.out_trade_no)?;
        trade::scan(world, &token).map(Json).map_err(cant)
    })
}

/// A payment without a phone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayOrder {
    out_trade_no: String,
    /// Also what a phone can't: a trade that is closed.
    #[serde(default)]
    force: bool,
}

/// `POST /_ctl/pay`.
pub async fn pay(State(shared): State<Shared>, Json(order): Json<PayOrder>) -> Result<Json<Trade>, Failure> {
    let trade = shared.memory.change(|world| {
        if order.force {
            return trade::force_pay(world, &order.out_trade_no).ok_or_else(|| missing("trade"));
        }
        let token = token(world, &order.out_trade_no)?;
        trade::pay(world, &token).map_err(cant)
    })?;
    notify::start(&shared, &trade);
    Ok(Json(trade))
}

/// One notification, now.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotifyOrder {
    out_trade_no: String,
    kind: notify::Kind,
    /// Say `TRADE_SUCCESS` though nobody paid.
    #[serde(default)]
    claim_paid: bool,
}

/// `POST /_ctl/notify`: sends and answers with the hall's answer.
pub async fn notify(State(shared): State<Shared>, Json(order): Json<NotifyOrder>) -> Result<Response, Failure> {
    let sent = notify::once(&shared, &order.out_trade_no, order.kind, order.claim_paid).await;
    match sent {
        Ok(delivery) => Ok(Json(delivery).into_response()),
        Err(error) => Err(Failure(StatusCode::NOT_FOUND, error.to_string())),
    }
}

/// `POST /_ctl/notify/policy`.
pub async fn policy(State(shared): State<Shared>, Json(policy): Json<NotifyPolicy>) -> StatusCode {
    shared.memory.change(|world| world.notify = policy);
    StatusCode::NO_CONTENT
}

/// `POST /_ctl/faults`.
pub async fn add_fault(State(shared): State<Shared>, Json(planned): Json<Planned>) -> StatusCode {
    if planned.times > 0 {
        shared.memory.change(|world| world.faults.push(planned));
    }
    StatusCode::NO_CONTENT
}

/// `DELETE /_ctl/faults`.
pub async fn clear_faults(State(shared): State<Shared>) -> StatusCode {
    shared.memory.change(|world| world.faults.clear());
    StatusCode::NO_CONTENT
}

/// How far this world's clock is from the machine's.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockOrder {
    offset_seconds: i64,
}

/// `POST /_ctl/clock`.
pub async fn clock(State(shared): State<Shared>, Json(order): Json<ClockOrder>) -> StatusCode {
    shared.memory.change(|world| world.offset_seconds = order.offset_seconds);
    StatusCode::NO_CONTENT
}

/// `POST /_ctl/reset`: forgets everything but the keys and the count of the providers' numbers.
pub async fn reset(State(shared): State<Shared>) -> StatusCode {
    shared.memory.change(|world| {
        *world = World { serial: world.serial, ..World::default() };
    });
    StatusCode::NO_CONTENT
}

/// Is anything left to pay? Used by the home page.
pub fn open_trades(world: &World) -> Vec<Trade> {
    world
        .trades
        .values()
        .filter(|trade| matches!(trade.standing, Standing::NotScanned | Standing::Waiting))
        .cloned()
        .collect()
}
