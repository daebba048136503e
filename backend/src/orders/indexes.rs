//! Blind indexes of an order's phones: staff and operators find orders by them.

use crate::hall::Hall;
use crate::http::AppResult;
use crate::store::Order;
use crate::vault::BlindColumn;
use shared::field::Mobile;
use shared::form::UnitForm;

/// How many orders are indexed in one transaction.
const BATCH: i64 = 500;

/// The phones on record, as they are looked up.
pub struct PhoneIndexes {
    /// The operator's.
    pub operator: String,
    /// The legal representative's.
    pub legal_rep: String,
}

impl PhoneIndexes {
    /// Of an application.
    pub fn of(hall: &Hall, form: &UnitForm) -> Self {
        Self { operator: of_phone(hall, &form.operator().mobile), legal_rep: of_phone(hall, &form.legal_rep().mobile) }
    }
}

/// Of one phone.
pub fn of_phone(hall: &Hall, phone: &Mobile) -> String {
    hall.vault.blind(BlindColumn::Phone, phone.as_str())
}

/// Indexes the orders of an older version, which had none; answers how many. Run at each start before anything is served;
/// several backends at once do no harm.
pub async fn fill(hall: &Hall) -> AppResult<u64> {
    let mut filled = 0;
    loop {
        let orders = hall.store.read().await?.orders_without_indexes(BATCH).await?;
        if orders.is_empty() {
            return Ok(filled);
        }
        let mut tx = hall.store.begin().await?;
        for order in &orders {
            let indexes = indexes_of(hall, &mut tx, order).await?;
            tx.set_phone_indexes(&order.id, &indexes.operator, &indexes.legal_rep).await?;
            filled += 1;
        }
        tx.commit().await?;
    }
}

/// An order whose data was erased, or can't be read, is found by no phone.
async fn indexes_of(hall: &Hall, conn: &mut crate::store::Conn, order: &Order) -> AppResult<PhoneIndexes> {
    let none = PhoneIndexes { operator: String::new(), legal_rep: String::new() };
    if conn.data_key(&order.data_key_id).await?.is_none() {
        return Ok(none);
    }
    match hall.open_form(conn, order).await {
        Ok(form) => Ok(PhoneIndexes::of(hall, &form)),
        Err(error) => {
            tracing::error!(order = %order.number, %error, "the application can't be read: it is found by no phone");
            Ok(none)
        }
    }
}
