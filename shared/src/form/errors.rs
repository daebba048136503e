//! All errors of a form at once.

use super::Field;
use crate::field::FieldError;
use serde::{Deserialize, Serialize};

/// One field and what is wrong with it: `{"field": "creditCode", "error": "length:18:17"}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldProblem {
    /// Where.
    pub field: Field,
    /// What.
    pub error: FieldError,
}

impl FieldProblem {
    /// The words for it.
    pub fn message(self) -> String {
        self.error.message(self.field)
    }
}

/// What is wrong with a form, in page order, at most one error a field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct FormErrors(Vec<FieldProblem>);

impl FormErrors {
    /// The same error at several fields, e.g. those of a failed element check.
    pub fn at(fields: &[Field], error: FieldError) -> Self {
        let mut errors = Self::default();
        for field in fields {
            errors.add(*field, error);
        }
        errors
    }

    /// Adds an error; the first one of a field counts.
    pub fn add(&mut self, field: Field, error: FieldError) {
        match self.0.binary_search_by_key(&field, |problem| problem.field) {
            Ok(_) => {}
            Err(at) => self.0.insert(at, FieldProblem { field, error }),
        }
    }

    /// Drops a field's error, e.g. as soon as it is edited.
    pub fn clear(&mut self, field: Field) {
        self.0.retain(|problem| problem.field != field);
    }

    /// What is wrong with one field.
    pub fn of(&self, field: Field) -> Option<FieldError> {
        self.0.iter().find(|problem| problem.field == field).map(|problem| problem.error)
    }

    /// Nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many fields are wrong.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// In page order.
    pub fn iter(&self) -> impl Iterator<Item = FieldProblem> {
        self.0.iter().copied()
    }
}
