//! An order as its owner and staff see it.

use super::sealed::{Summary, open_json, refusal_aad, summary_aad};
use crate::audit::Chain;
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::store::{Conn, DocumentRow, Order, OrderLineRow, RefundRow, RefundState};
use shared::api::{DocumentView, OrderLine, OrderView, RefundView, RefusalView, TimelineEntry};
use shared::order::{EventKind, InvoiceStatus, MailingStatus, Status};

/// Who reads it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Applicant,
    Desk,
}

/// Everything that the applicant's page shows of an order.
pub async fn order_view(hall: &Hall, conn: &mut Conn, order: &Order) -> AppResult<OrderView> {
    view_for(Side::Applicant, hall, conn, order).await
}

/// The same for the desk: every step, and signed papers only.
pub async fn desk_view(hall: &Hall, conn: &mut Conn, order: &Order) -> AppResult<OrderView> {
    view_for(Side::Desk, hall, conn, order).await
}

/// An order in its applicant's list.
pub fn order_line(hall: &Hall, row: OrderLineRow) -> AppResult<OrderLine> {
    let (Some(bytes), Some(root_version)) = (row.wrapped, row.root_version) else {
        return Err(AppError::fault(format!("the data key {} is missing", row.data_key_id)));
    };
    let key = hall.unwrap_key(&row.data_key_id, bytes, root_version)?;
    let summary: Summary = open_json(&key, summary_aad(&row.id), &row.summary_sealed)?;
    Ok(OrderLine {
        number: row.number,
        business: row.business,
        status: row.status,
        unit_name: summary.unit_name,
        created_at: row.created_at,
        invoice: InvoiceStatus::NotIssued,
        mailing: MailingStatus::of(row.status),
        carrier: row.carrier,
        waybill: row.waybill,
        key_serial: row.key_serial,
        pin_way: summary.unit_way.pin_way().to_owned(),
    })
}

/// An order that was made in this transaction: nothing but that has happened to it.
pub fn new_order_view(order: &Order, summary: Summary) -> OrderView {
    let made = TimelineEntry { event: EventKind::Confirmed, at: order.created_at };
    OrderView { timeline: vec![made], ..facts(order, summary) }
}

async fn view_for(side: Side, hall: &Hall, conn: &mut Conn, order: &Order) -> AppResult<OrderView> {
    let key = hall.data_key(conn, &order.data_key_id).await?;
    let summary: Summary = open_json(&key, summary_aad(&order.id), &order.summary_sealed)?;
    let refusal: Option<RefusalView> = match (&order.refusal_sealed, order.status) {
        // A cancelled order with words of refusal was refused for good.
        (Some(sealed), Status::ReviewRefused | Status::Cancelled) => {
            Some(open_json(&key, refusal_aad(&order.id), sealed)?)
        }
        (Some(_) | None, _) => None,
    };
    let refused = order.status == Status::ReviewRefused;
    // After a refusal the applicant works on the papers; while the review waits, beside them.
    let (documents, staged) = match side {
        Side::Applicant if refused => (super::documents::effective(conn, &order.id).await?, Vec::new()),
        Side::Applicant => (conn.documents_of_order(&order.id).await?, conn.staged_documents(&order.id).await?),
        Side::Desk => (conn.documents_of_order(&order.id).await?, Vec::new()),
    };
    // What the last signature brought; everything, if there was one only.
    let last_signed = documents.iter().filter_map(|paper| paper.signed_at).max();
    let is_fresh = |paper: &DocumentRow| match paper.signed_at {
        None => true,
        signed_at => !refused && signed_at == last_signed,
    };
    let is_told = |event: EventKind| side == Side::Desk || event.is_for_applicant();
    let timeline = conn.events(Chain::Order(&order.id)).await?;
    Ok(OrderView {
        refusal,
        documents: documents
            .into_iter()
            .map(|paper| {
                let fresh = is_fresh(&paper);
                document_view(paper, fresh)
            })
            .collect(),
        staged: staged.into_iter().map(|paper| document_view(paper, true)).collect(),
        refund: conn.refunds_of_order(&order.id).await?.iter().max_by_key(|refund| standing(refund)).map(refund_view),
        timeline: timeline
            .into_iter()
            .filter_map(|link| Some(TimelineEntry { event: link.step().filter(|event| is_told(*event))?, at: link.at }))
            .collect(),
        ..facts(order, summary)
    })
}

/// What the order's own row tells.
fn facts(order: &Order, summary: Summary) -> OrderView {
    OrderView {
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
        refusal: None,
        documents: Vec::new(),
        staged: Vec::new(),
        refund: None,
        timeline: Vec::new(),
    }
}

/// Of several, what is still owed is shown first, then the newest.
fn standing(refund: &RefundRow) -> (bool, i64) {
    (matches!(refund.state, RefundState::Pending | RefundState::Refused), refund.created_at)
}

fn refund_view(refund: &RefundRow) -> RefundView {
    RefundView { amount_fen: refund.amount_fen, state: refund.state.shown(), settled_at: refund.settled_at }
}

/// One paper.
pub fn document_view(paper: DocumentRow, fresh: bool) -> DocumentView {
    DocumentView {
        kind: paper.kind,
        bytes: u64::try_from(paper.bytes).unwrap_or_default(),
        width: u32::try_from(paper.width).unwrap_or_default(),
        height: u32::try_from(paper.height).unwrap_or_default(),
        fresh,
        id: paper.id,
    }
}
