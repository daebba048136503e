//! The cashier: what the payer's phone shows after scanning the code.

use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};

use super::page;
use crate::alipay::notify;
use crate::alipay::trade::{self, CantPay, yuan};
use crate::server::Shared;
use crate::wire::html;
use crate::world::Trade;

/// `GET /cashier/{token}`: opening the page is scanning the code.
pub async fn show(State(shared): State<Shared>, Path(token): Path<String>) -> Html<String> {
    let (scanned, trade) = shared.memory.change(|world| {
        let scanned = trade::scan(world, &token);
        let trade = world.by_token(&token).cloned();
        (scanned, trade)
    });
    match (scanned, trade) {
        (Ok(trade), _) => page("收银台", None, &bill(&trade)),
        (Err(reason), trade) => page("收银台", None, &refusal(reason, trade.as_ref())),
    }
}

/// `POST /cashier/{token}/pay`.
pub async fn pay(State(shared): State<Shared>, Path(token): Path<String>) -> Response {
    match shared.memory.change(|world| trade::pay(world, &token)) {
        Ok(trade) => {
            notify::start(&shared, &trade);
            Redirect::to(&format!("/cashier/{token}")).into_response()
        }
        Err(reason) => page("收银台", None, &refusal(reason, None)).into_response(),
    }
}

fn bill(trade: &Trade) -> String {
    format!(
        "<section class=\"phone\"><h1>支付宝（替身）</h1><p class=\"sum\">¥{}</p>\
         <dl><dt>商品</dt><dd>{}</dd><dt>商户订单号</dt><dd><code>{}</code></dd></dl>\
         <form method=\"post\" action=\"/cashier/{}/pay\"><p><button>支付</button></p></form></section>",
        yuan(trade.amount_fen),
        html(&trade.subject),
        html(&trade.out_trade_no),
        html(&trade.token),
    )
}

fn refusal(reason: CantPay, trade: Option<&Trade>) -> String {
    let (class, text) = match reason {
        CantPay::Paid => ("good", "已支付成功"),
        CantPay::Closed => ("bad", "交易已关闭，不能再付款"),
        CantPay::CodeTooOld => ("bad", "二维码已过期，请刷新后重新扫码"),
        CantPay::Unknown => ("bad", "二维码无效"),
    };
    let sum = trade.map_or_else(String::new, |trade| {
        format!("<p class=\"sum\">¥{}</p><p>{}</p>", yuan(trade.amount_fen), html(&trade.subject))
    });
    format!("<section class=\"phone\"><h1>支付宝（替身）</h1>{sum}<p class=\"{class}\">{text}</p></section>")
}
