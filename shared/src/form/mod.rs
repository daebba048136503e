//! The unit application form of 证书新办: what was typed ([`UnitDraft`]) is parsed into what was meant ([`UnitForm`]), or every
//! error is told at once ([`FormErrors`]). The page and the server run the same code. Fields: manual 000, part 3.1.

mod draft;
mod errors;
mod fields;
mod rules;
mod unit;
mod ways;

pub use draft::UnitDraft;
pub use errors::{FieldProblem, FormErrors};
pub use fields::{Field, Kind, Section};
pub use rules::FormRules;
pub use unit::{Invoice, LegalRep, Mailing, Operator, Unit, UnitForm, check_field};
pub use ways::{OperatorWay, UnitWay};

#[cfg(test)]
mod tests;
