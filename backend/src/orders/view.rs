//! An order as its owner and staff see it.

use super::sealed::{Summary, open_json, refusal_aad, summary_aad};
use crate::audit::Chain;
use crate::hall::Hall;
use crate::http::AppResult;
use crate::store::Conn;
use crate::store::Order;
use shared::api::{DocumentView, OrderView, RefusalView, TimelineEntry};
use shared::order::{InvoiceStatus, MailingStatus, Status};

/// Everything that the page shows of an order.
pub async fn order_view(hall: &Hall, conn: &mut Conn, order: &Order) -> AppResult<OrderView> {
    let key = hall.data_key(conn, &order.data_key_id).await?;
    let summary: Summary = open_json(&key, summary_aad(&order.id), &order.summary_sealed)?;
    let refusal: Option<RefusalView> = match (&order.refusal_sealed, order.status) {
        (Some(sealed), Status::ReviewRefused) => Some(open_json(&key, refusal_aad(&order.id), sealed)?),
        (Some(_) | None, _) => None,
    };
    let refused_at = order.reviewed_at.filter(|_| refusal.is_some());
    let documents = conn.documents_of_order(&order.id).await?;
    let timeline = conn.events(Chain::Order(&order.id)).await?;
    Ok(OrderView {
        number: order.number.clone(),
        channel: order.channel.clone(),
        business: order.business,
        status: order.status,
        version: order.version,
        product: order.product.clone(),
        price_fen: order.price_fen,
        unit_name: summary.unit_name,
        department: summary.department,
        credit_code: summary.credit_code,
        operator_name: summary.operator_name,
        operator_phone: summary.operator_phone,
        created_at: order.created_at,
        pay_until: order.pay_until,
        reviewed_at: order.reviewed_at,
        invoice: InvoiceStatus::NotIssued,
        mailing: MailingStatus::of(order.status),
        carrier: order.carrier.clone(),
        waybill: order.waybill.clone(),
        key_serial: order.key_serial.clone(),
        certificate_serial: order.certificate_serial.clone(),
        pin_way: summary.unit_way.pin_way().to_owned(),
        refusal,
        documents: documents
            .into_iter()
            .map(|paper| DocumentView {
                kind: paper.kind,
                bytes: u64::try_from(paper.bytes).unwrap_or_default(),
                width: u32::try_from(paper.width).unwrap_or_default(),
                height: u32::try_from(paper.height).unwrap_or_default(),
                fresh: refused_at.is_none_or(|at| paper.created_at > at),
                id: paper.id,
            })
            .collect(),
        staged: Vec::new(),
        refund: None,
        timeline: timeline
            .into_iter()
            .filter_map(|link| Some(TimelineEntry { event: link.step()?, at: link.at }))
            .collect(),
    })
}
