//! Our enums are kept as words; an unknown word is a corrupt row, never a default.

use super::StoreError;
use shared::channel::{DocumentKind, PaymentWay};
use shared::order::{Business, Status};

/// A word as the database has it. Row types say `#[sqlx(try_from = "Word")]` at fields of our enums.
#[derive(Debug, sqlx::Type)]
#[sqlx(transparent)]
pub struct Word(String);

impl Word {
    /// The value whose name this is, among all that there are.
    pub fn find<T: Copy>(self, values: &[T], name: fn(T) -> &'static str) -> Result<T, StoreError> {
        values.iter().copied().find(|value| name(*value) == self.0).ok_or(StoreError::Corrupt(self.0))
    }
}

/// An enum that the database keeps as words: `words! { /// Doc. pub enum State { /// Doc. Open = "open" } }`.
macro_rules! words {
    ($(#[$doc:meta])* pub enum $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in the database.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl TryFrom<$crate::store::Word> for $name {
            type Error = $crate::store::StoreError;

            fn try_from(word: $crate::store::Word) -> Result<Self, Self::Error> {
                word.find(Self::ALL, Self::name)
            }
        }
    };
}

pub(crate) use words;

impl TryFrom<Word> for Status {
    type Error = StoreError;

    fn try_from(word: Word) -> Result<Self, StoreError> {
        word.find(&Self::ALL, Self::name)
    }
}

impl TryFrom<Word> for DocumentKind {
    type Error = StoreError;

    fn try_from(word: Word) -> Result<Self, StoreError> {
        word.find(&Self::ALL, Self::name)
    }
}

impl TryFrom<Word> for PaymentWay {
    type Error = StoreError;

    fn try_from(word: Word) -> Result<Self, StoreError> {
        word.find(&[Self::Alipay, Self::Wechat], Self::name)
    }
}

impl TryFrom<Word> for Business {
    type Error = StoreError;

    fn try_from(word: Word) -> Result<Self, StoreError> {
        word.find(&[Self::New, Self::Renew, Self::Replace, Self::Unlock, Self::Change, Self::Revoke], Self::name)
    }
}
