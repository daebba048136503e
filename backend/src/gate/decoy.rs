//! A sealed form of nobody. When a query is about a number that nobody has, this is opened instead of an order's form: the
//! same statement runs, the same key is unwrapped, as much is decrypted and read.

use crate::entropy::Entropy;
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::store::Conn;
use crate::vault::{Aad, Vault, VaultError, Wrapped};
use shared::field::Mobile;
use shared::form::{Field, UnitDraft};
use std::hint::black_box;

/// No row has this id.
const ID: &str = "decoy";
const AAD: Aad<'_> = Aad { table: "orders", column: "form_sealed", row: ID };

/// As long as what people type, on average.
const VALUE: &str = "广西壮族自治区南宁市一二三四五六";

/// The sealed form.
#[derive(Debug)]
pub struct Decoy {
    wrapped: Wrapped,
    sealed: Vec<u8>,
}

impl Decoy {
    /// Seals one.
    pub fn new(vault: &Vault, entropy: &dyn Entropy) -> Result<Self, VaultError> {
        let (key, wrapped) = vault.new_data_key(entropy, ID)?;
        let draft: UnitDraft = Field::ALL.iter().map(|field| (*field, VALUE.to_owned())).collect();
        let json = serde_json::to_vec(&draft).map_err(|_| VaultError::Sealed)?;
        Ok(Self { sealed: key.seal(entropy, AAD, &json)?, wrapped })
    }

    /// Does what finding a phone in an order's form does, and finds none.
    pub async fn open(&self, hall: &Hall, conn: &mut Conn) -> AppResult<()> {
        black_box(conn.data_key(ID).await?.is_some());
        let key = hall.vault.unwrap(ID, &self.wrapped)?;
        let draft: UnitDraft = serde_json::from_slice(&key.open(AAD, &self.sealed)?).map_err(AppError::fault)?;
        black_box(Mobile::parse(draft.get(Field::OperatorMobile)).is_ok());
        Ok(())
    }
}
