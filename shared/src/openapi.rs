//! How the types that write their own JSON look in the OpenAPI document; all others derive it. Behind the feature
//! `openapi`, so that nothing of it weighs on the page.

use crate::field::FieldError;
use crate::form::{Field, OperatorWay, UnitDraft, UnitWay};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

/// A string that is one of these.
fn one_of(names: impl IntoIterator<Item = &'static str>, description: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .enum_values(Some(names))
        .description(Some(description))
        .into()
}

impl PartialSchema for Field {
    fn schema() -> RefOr<Schema> {
        one_of(Self::ALL.iter().map(|field| field.id()), "An input of the form.")
    }
}

impl ToSchema for Field {}

impl PartialSchema for UnitWay {
    fn schema() -> RefOr<Schema> {
        one_of(Self::ALL.iter().map(|way| way.name()), "单位认证方式.")
    }
}

impl ToSchema for UnitWay {}

impl PartialSchema for OperatorWay {
    fn schema() -> RefOr<Schema> {
        one_of(Self::ALL.iter().map(|way| way.name()), "经办人认证方式.")
    }
}

impl ToSchema for OperatorWay {}

impl PartialSchema for FieldError {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .pattern(Some("^[a-z_]+(:.+)?$"))
            .examples(["required", "too_long:50", "length:18:17"])
            .description(Some("What is wrong with one value: `code`, `code:data` or `code:data:data`."))
            .into()
    }
}

impl ToSchema for FieldError {}

impl PartialSchema for UnitDraft {
    fn schema() -> RefOr<Schema> {
        let text = || ObjectBuilder::new().schema_type(SchemaType::Type(Type::String));
        let mut object = ObjectBuilder::new().description(Some(
            "Every input as it was typed, right or wrong. Empty inputs are left out, unknown keys are ignored.",
        ));
        for field in Field::ALL {
            object = object.property(field.id(), text().description(Some(field.label())));
        }
        object.additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(true))).into()
    }
}

impl ToSchema for UnitDraft {}
