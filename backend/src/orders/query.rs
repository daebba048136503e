//! 订单查询: credit code, SMS code to the operator on record, then the session may see the orders that are theirs.

use super::codes::{self, Ask};
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::store::CodePurpose;
use crate::store::Order;
use crate::vault::BlindColumn;
use shared::api::{CodeSent, ErrorCode, OrderList, QueryCode, QueryFor};
use shared::field::{CreditCode, Mobile};
use shared::form::{Field, FormErrors};
use shared::order::Status;
use std::net::IpAddr;

/// Sends a code to the operator of the holder's newest signed order (else of the newest one). A number that nobody knows
/// gets the same answer, with a phone that looks like one and is the same each time.
pub async fn ask(hall: &Hall, session: &str, address: IpAddr, request: &QueryFor) -> AppResult<CodeSent> {
    let channel = hall.channel(&request.channel)?;
    let holder = CreditCode::parse(&request.subject)
        .map_err(|error| AppError::new(ErrorCode::Form).fields(FormErrors::at(&[Field::CreditCode], error)))?;
    let holder_index = hall.vault.blind(BlindColumn::Holder, holder.as_str());
    let mut reader = hall.store.read().await?;
    let orders = reader.orders_of_holder(&channel.profile.slug, &holder_index).await?;
    let phone = match orders.iter().find(|order| was_signed(order)).or(orders.first()) {
        Some(order) => Some(hall.open_form(&mut reader, order).await?.operator().mobile.clone()),
        None => None,
    };
    drop(reader);
    let masked = phone.as_ref().map_or_else(|| nobody(&holder_index), Mobile::masked);
    let ask = Ask {
        purpose: CodePurpose::Query,
        channel: &channel.profile.slug,
        session,
        address,
        order_id: None,
        holder_index: Some(holder_index),
        content_hash: None,
        phone: phone.as_ref(),
        template: &hall.config.gateways.sms.templates.query,
        params: Vec::new(),
    };
    codes::send(hall, ask, masked).await
}

/// Lets the session see every order of the holder whose operator has the phone that got the code: an order that somebody
/// else began for the same holder stays theirs.
pub async fn confirm(hall: &Hall, session: &str, request: &QueryCode) -> AppResult<OrderList> {
    let right = codes::try_code(hall, (CodePurpose::Query, None), session, &request.ticket, &request.code).await?;
    let code = right.row();
    let holder_index = code.holder_index.as_deref().unwrap_or_default();
    let mut tx = hall.store.begin().await?;
    tx.use_code(&right).await?;
    for order in tx.orders_of_holder(&code.channel, holder_index).await? {
        let form = hall.open_form(&mut tx, &order).await?;
        if hall.vault.blind(BlindColumn::Phone, form.operator().mobile.as_str()) == code.phone_index {
            tx.grant_order(&order.id, session).await?;
        }
    }
    tx.commit().await?;
    super::access::list(hall, session, &code.channel).await
}

/// Signed once, whatever came afterwards. (A cancelled order may never have been signed, so it does not count.)
fn was_signed(order: &Order) -> bool {
    order.status.blocks_another() || order.status == Status::Completed
}

/// A masked phone for a number that nobody knows: drawn from its keyed hash, so that asking twice tells nothing.
fn nobody(holder_index: &str) -> String {
    let digest = holder_index.bytes().fold(7u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    let second = char::from_digit(3 + digest % 7, 10).unwrap_or('8');
    format!("1{second}{}****{:04}", digest / 7 % 10, digest / 100 % 10_000)
}
