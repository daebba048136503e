//! An order's personal data: sealed under its data key, bound to its row.

use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::store::Order;
use crate::store::{Conn, Tx};
use crate::vault::{Aad, DataKey, Wrapped};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use shared::api::ErrorCode;
use shared::form::{UnitForm, UnitWay};
use zeroize::Zeroizing;

/// What lists show of an order, so that the whole form stays closed there.
#[derive(Clone, Serialize, Deserialize)]
pub struct Summary {
    /// How the unit was verified; the PIN goes the same way.
    pub unit_way: UnitWay,
    /// 单位名称.
    pub unit_name: String,
    /// 部门.
    pub department: String,
    /// 统一社会信用代码, masked.
    pub credit_code: String,
    /// 经办人姓名, masked.
    pub operator_name: String,
    /// 经办人手机号, masked.
    pub operator_phone: String,
}

impl Summary {
    /// What is left of an order whose identity data was erased.
    pub fn erased() -> Self {
        let gone = || "（资料已按期清除）".to_owned();
        Self {
            unit_way: UnitWay::LegalRepPhone,
            unit_name: gone(),
            department: String::new(),
            credit_code: gone(),
            operator_name: gone(),
            operator_phone: gone(),
        }
    }

    /// The summary of a form.
    pub fn of(form: &UnitForm) -> Self {
        let (unit, operator) = (form.unit(), form.operator());
        Self {
            unit_way: form.unit_way(),
            unit_name: unit.name.as_str().to_owned(),
            department: unit.department.as_ref().map_or_else(String::new, |name| name.as_str().to_owned()),
            credit_code: unit.credit_code.masked(),
            operator_name: operator.name.masked(),
            operator_phone: operator.mobile.masked(),
        }
    }
}

/// The data key is destroyed: what it sealed is gone for good (`store::erasure`).
pub fn erased() -> AppError {
    AppError::with(ErrorCode::NotFound, "该订单的身份资料已按规定清除，无法再查看或办理")
}

impl Hall {
    /// A new data key, kept in this transaction.
    pub async fn new_data_key(&self, tx: &mut Tx) -> AppResult<(String, DataKey)> {
        let id = tx.new_id();
        let (key, wrapped) = self.vault.new_data_key(&*self.entropy, &id)?;
        tx.insert_data_key(&id, &wrapped.bytes, i64::from(wrapped.root_version)).await?;
        Ok((id, key))
    }

    /// The data key of a row that names it.
    pub async fn data_key(&self, conn: &mut Conn, id: &str) -> AppResult<DataKey> {
        let row = conn.data_key(id).await?.ok_or_else(erased)?;
        self.unwrap_key(id, row.wrapped, row.root_version)
    }

    /// A data key that was read with its row.
    pub fn unwrap_key(&self, id: &str, bytes: Vec<u8>, root_version: i64) -> AppResult<DataKey> {
        let root_version = u32::try_from(root_version).map_err(AppError::fault)?;
        Ok(self.vault.unwrap(id, &Wrapped { bytes, root_version })?)
    }

    /// Seals a value as JSON.
    pub fn seal_json(&self, key: &DataKey, aad: Aad<'_>, value: &impl Serialize) -> AppResult<Vec<u8>> {
        let json = Zeroizing::new(serde_json::to_vec(value).map_err(AppError::fault)?);
        Ok(key.seal(&*self.entropy, aad, &json)?)
    }

    /// The application of an order.
    pub async fn open_form(&self, conn: &mut Conn, order: &Order) -> AppResult<UnitForm> {
        let key = self.data_key(conn, &order.data_key_id).await?;
        open_json(&key, form_aad(&order.id), &order.form_sealed)
    }
}

/// Opens a value that was sealed as JSON.
pub fn open_json<T: DeserializeOwned>(key: &DataKey, aad: Aad<'_>, sealed: &[u8]) -> AppResult<T> {
    serde_json::from_slice(&key.open(aad, sealed)?).map_err(AppError::fault)
}

/// Where an order's form belongs.
pub const fn form_aad(order_id: &str) -> Aad<'_> {
    Aad { table: "orders", column: "form_sealed", row: order_id }
}

/// Where an order's summary belongs.
pub const fn summary_aad(order_id: &str) -> Aad<'_> {
    Aad { table: "orders", column: "summary_sealed", row: order_id }
}

/// Where an order's refusal belongs.
pub const fn refusal_aad(order_id: &str) -> Aad<'_> {
    Aad { table: "orders", column: "refusal_sealed", row: order_id }
}
