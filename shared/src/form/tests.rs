//! The unit form as an applicant fills it in.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::field::{Date, FieldError};
use proptest::prelude::*;

fn rules() -> FormRules {
    FormRules {
        today: Date::new(2026, 11, 20).unwrap(),
        unit_ways: UnitWay::ALL.to_vec(),
        operator_ways: OperatorWay::ALL.to_vec(),
    }
}

fn filled() -> UnitDraft {
    let mut draft = UnitDraft::fresh(&rules());
    for (field, value) in [
        (Field::UnitName, "某某(广西)有限公司"),
        (Field::CreditCode, "91350100m000100y43"),
        (Field::LegalRepName, "张三"),
        (Field::LegalRepMobile, "138 0013 8000"),
        (Field::LegalRepId, "11010519491231002x"),
        (Field::InvoiceTitle, "某某（广西）有限公司"),
        (Field::TaxpayerNumber, "91350100M000100Y43"),
        (Field::OperatorName, "李四"),
        (Field::OperatorMobile, "13900139000"),
        (Field::OperatorId, "440524188001010014"),
        (Field::OperatorEmail, "lisi@example.com"),
        (Field::MailProvince, "广西壮族自治区"),
        (Field::MailCity, "南宁市"),
        (Field::MailAddress, "青秀区望园路5号"),
        (Field::Agreements, "true"),
    ] {
        draft.set(field, value.to_owned());
    }
    draft
}

fn with(field: Field, value: &str) -> UnitDraft {
    let mut draft = filled();
    draft.set(field, value.to_owned());
    draft
}

fn errors(draft: &UnitDraft) -> Vec<(Field, FieldError)> {
    UnitForm::parse(draft, &rules()).unwrap_err().iter().map(|problem| (problem.field, problem.error)).collect()
}

#[test]
fn another_address_changes_the_mailing_section_only() {
    let form = UnitForm::parse(&filled(), &rules()).unwrap();
    let mut draft = UnitDraft::default();
    draft.set(Field::UnitName, "别的单位".to_owned());
    for (field, value) in [
        (Field::MailProvince, "广西壮族自治区"),
        (Field::MailCity, "桂林市"),
        (Field::MailAddress, "象山区中山路9号"),
        (Field::Recipient, "王五"),
        (Field::RecipientMobile, "137 0013 7000"),
    ] {
        draft.set(field, value.to_owned());
    }
    let new = form.with_mailing(&draft).unwrap();
    for field in Field::ALL {
        let mailing = [Field::MailCity, Field::MailAddress, Field::Recipient, Field::RecipientMobile].contains(&field);
        assert_eq!(new.value(field) != form.value(field), mailing, "{field:?}");
    }
    assert_eq!(new.value(Field::RecipientMobile), "13700137000");
    draft.set(Field::MailAddress, String::new());
    draft.set(Field::RecipientMobile, "1".to_owned());
    let errors = form.with_mailing(&draft).unwrap_err();
    assert_eq!(errors.of(Field::MailAddress), Some(FieldError::Required));
    assert!(errors.of(Field::RecipientMobile).is_some());
}

#[test]
fn another_operators_phone_takes_the_parcel_along_unless_somebody_else_gets_it() {
    let mobile = crate::field::Mobile::parse("13700137000").unwrap();
    let own = UnitForm::parse(&filled(), &rules()).unwrap().with_operator_mobile(&mobile);
    assert_eq!((own.value(Field::OperatorMobile), own.value(Field::RecipientMobile)), ("13700137000", "13700137000"));
    let other = UnitForm::parse(&with(Field::RecipientMobile, "13600136000"), &rules()).unwrap();
    assert_eq!(other.with_operator_mobile(&mobile).value(Field::RecipientMobile), "13600136000");
}

#[test]
fn a_filled_form_is_understood_in_its_normal_form() {
    let form = UnitForm::parse(&filled(), &rules()).unwrap();
    assert_eq!(form.unit().name.as_str(), "某某（广西）有限公司");
    assert_eq!(form.unit().credit_code.as_str(), "91350100M000100Y43");
    assert_eq!(form.unit_way(), UnitWay::LegalRepPhone);
    assert_eq!(form.operator_way(), OperatorWay::Phone);
    assert_eq!(form.legal_rep().mobile.as_str(), "13800138000");
    assert_eq!(form.unit().department, None);
}

#[test]
fn the_parcel_goes_to_the_operator_unless_somebody_else_is_named() {
    let form = UnitForm::parse(&filled(), &rules()).unwrap();
    assert_eq!((form.mailing().recipient.as_str(), form.mailing().mobile.as_str()), ("李四", "13900139000"));
    let form = UnitForm::parse(&with(Field::Recipient, "王五"), &rules()).unwrap();
    assert_eq!((form.mailing().recipient.as_str(), form.mailing().mobile.as_str()), ("王五", "13900139000"));
}

#[test]
fn an_empty_form_lists_every_required_field_at_once_in_page_order() {
    let found = errors(&UnitDraft::default());
    let fields: Vec<Field> = found.iter().map(|(field, _)| *field).collect();
    let required: Vec<Field> = Field::ALL.into_iter().filter(|field| field.required()).collect();
    assert_eq!(fields, required);
    for (field, error) in found {
        let expected = if field == Field::Agreements { FieldError::NotAgreed } else { FieldError::Required };
        assert_eq!(error, expected);
    }
}

#[test]
fn blanks_are_nothing() {
    assert_eq!(errors(&with(Field::UnitName, " 　\t")), [(Field::UnitName, FieldError::Required)]);
    assert!(UnitForm::parse(&with(Field::Department, " 　"), &rules()).unwrap().unit().department.is_none());
    assert!(UnitForm::parse(&with(Field::UnitPhone, "—"), &rules()).unwrap().unit().phone.is_none());
}

#[test]
fn a_wrong_optional_field_is_an_error_too() {
    assert_eq!(errors(&with(Field::UnitPhone, "5851234")), [(Field::UnitPhone, FieldError::AreaCode)]);
}

#[test]
fn several_wrong_fields_are_all_told() {
    let mut draft = with(Field::CreditCode, "333333333333333333");
    draft.set(Field::OperatorId, "440524880101001".to_owned());
    draft.set(Field::MailCity, "桂林市".to_owned());
    draft.set(Field::MailProvince, "广东省".to_owned());
    assert_eq!(
        errors(&draft),
        [
            (Field::CreditCode, FieldError::CheckCharacter),
            (Field::OperatorId, FieldError::FifteenDigits),
            (Field::MailCity, FieldError::CityNotInProvince),
        ]
    );
}

#[test]
fn phone_ways_need_a_resident_id() {
    assert_eq!(
        errors(&with(Field::LegalRepIdType, "passport")),
        [(Field::LegalRepIdType, FieldError::ResidentIdNeeded)]
    );
    assert_eq!(
        errors(&with(Field::OperatorIdType, "library_card")),
        [(Field::OperatorIdType, FieldError::UnknownChoice)]
    );
    assert!(UnitForm::parse(&with(Field::LegalRepIdType, ""), &rules()).is_ok(), "身份证 is the default");
}

#[test]
fn ways_that_the_build_cannot_do_are_refused_even_if_a_profile_names_them() {
    for way in UnitWay::ALL.into_iter().filter(|way| !way.supported()) {
        assert_eq!(errors(&with(Field::UnitWay, way.name())), [(Field::UnitWay, FieldError::WayNotOffered)]);
    }
    for way in OperatorWay::ALL.into_iter().filter(|way| !way.supported()) {
        assert_eq!(errors(&with(Field::OperatorWay, way.name())), [(Field::OperatorWay, FieldError::WayNotOffered)]);
    }
    let none = FormRules { unit_ways: Vec::new(), ..rules() };
    assert_eq!(UnitForm::parse(&filled(), &none).unwrap_err().of(Field::UnitWay), Some(FieldError::WayNotOffered));
}

#[test]
fn leaving_an_input_tells_what_parsing_tells() {
    let draft = with(Field::CreditCode, "9135");
    for field in Field::ALL {
        let expected = UnitForm::parse(&draft, &rules()).unwrap_err().of(field);
        assert_eq!(check_field(field, &draft, &rules()), expected);
    }
}

#[test]
fn codes_are_raised_as_they_are_typed_and_names_are_left_alone() {
    assert_eq!(Field::CreditCode.raised("9135ｍ").as_deref(), Some("9135M"));
    assert_eq!(Field::CreditCode.raised("9135M"), None);
    assert_eq!(Field::OperatorName.raised("John "), None);
    assert_eq!(Field::UnitName.normalize("某某(广西)公司 "), "某某（广西）公司");
}

#[test]
fn ids_and_order_of_fields_are_stable() {
    for (at, field) in Field::ALL.into_iter().enumerate() {
        assert_eq!(field as usize, at);
        assert_eq!(Field::from_id(field.id()), Some(field));
        assert!(!field.label().is_empty());
    }
    let by_section: Vec<Field> = Section::ALL.into_iter().flat_map(Section::fields).collect();
    assert_eq!(by_section, Field::ALL);
}

#[test]
fn a_draft_travels_as_an_object_of_strings() {
    let mut draft = UnitDraft::default();
    draft.set(Field::UnitName, "某某公司".to_owned());
    draft.set(Field::LegalRepIdType, "resident_id".to_owned());
    let json = serde_json::to_string(&draft).unwrap();
    assert_eq!(json, r#"{"unitName":"某某公司","legalRepIdType":"resident_id"}"#);
    assert_eq!(serde_json::from_str::<UnitDraft>(&json).unwrap(), draft);
    let older = r#"{"unitName":"某某公司","gone":[1,{"x":null}],"legalRepIdType":"resident_id"}"#;
    assert_eq!(serde_json::from_str::<UnitDraft>(older).unwrap(), draft);
    assert!(serde_json::from_str::<UnitDraft>(r#"{"unitName":1}"#).is_err());
}

#[test]
fn errors_travel_as_codes() {
    let errors = UnitForm::parse(&with(Field::CreditCode, "9135"), &rules()).unwrap_err();
    let json = serde_json::to_string(&errors).unwrap();
    assert_eq!(json, r#"[{"field":"creditCode","error":"length:18:4"}]"#);
    assert_eq!(serde_json::from_str::<FormErrors>(&json).unwrap(), errors);
}

#[test]
fn errors_of_a_failed_element_check_stand_at_their_fields_in_page_order() {
    let errors = FormErrors::at(&[Field::LegalRepName, Field::UnitName, Field::UnitName], FieldError::NotVerified);
    let fields: Vec<Field> = errors.iter().map(|problem| problem.field).collect();
    assert_eq!(fields, [Field::UnitName, Field::LegalRepName]);
    assert_eq!(errors.iter().next().unwrap().message(), "单位名称与登记的信息不一致，请核对");
}

#[test]
fn a_stored_form_is_read_back() {
    let form = UnitForm::parse(&filled(), &rules()).unwrap();
    let json = serde_json::to_string(&form).unwrap();
    assert_eq!(serde_json::from_str::<UnitForm>(&json).unwrap(), form);
    let forged = json.replace("91350100M000100Y43", "333333333333333333");
    assert!(serde_json::from_str::<UnitForm>(&forged).is_err());
}

#[test]
fn the_form_as_understood_means_the_same_form() {
    let form = UnitForm::parse(&filled(), &rules()).unwrap();
    assert_eq!(UnitForm::parse(&form.to_draft(), &rules()).unwrap(), form);
}

#[test]
fn the_same_content_has_the_same_bytes() {
    let form = UnitForm::parse(&filled(), &rules()).unwrap();
    let bytes = String::from_utf8(form.canonical_bytes()).unwrap();
    assert!(bytes.starts_with("certhall.unit-form.1\nunitWay=15:legal_rep_phone\nunitName=30:某某（广西）有限公司\ndepartment=0:\ncreditCode=18:91350100M000100Y43\n"));
    assert!(bytes.ends_with("\nrecipient=6:李四\nrecipientMobile=11:13900139000\nagreements=4:true\n"));
    let same = UnitForm::parse(&with(Field::CreditCode, " 91350100M000100Y43 "), &rules()).unwrap();
    assert_eq!(same.canonical_bytes(), bytes.as_bytes());
    let other = UnitForm::parse(&with(Field::Department, "财务部"), &rules()).unwrap();
    assert_ne!(other.canonical_bytes(), bytes.as_bytes());
}

#[test]
fn nothing_personal_is_printed() {
    let draft = filled();
    let form = UnitForm::parse(&draft, &rules()).unwrap();
    let printed = format!("{draft:?} {form:?} {form:#?}");
    for secret in
        ["13800138000", "13900139000", "11010519491231002", "440524188001010014", "lisi@", "李四", "张三", "望园路"]
    {
        assert!(!printed.contains(secret), "{secret}");
    }
}

fn any_draft() -> impl Strategy<Value = UnitDraft> {
    prop::collection::vec((0..Field::COUNT, ".{0,40}"), 0..12).prop_map(|changes| {
        let mut draft = filled();
        for (field, value) in changes {
            draft.set(Field::ALL[field], value);
        }
        draft
    })
}

proptest! {
    #[test]
    fn any_draft_is_understood_or_told_what_is_wrong(draft in any_draft()) {
        match UnitForm::parse(&draft, &rules()) {
            Ok(form) => prop_assert_eq!(UnitForm::parse(&form.to_draft(), &rules()), Ok(form)),
            Err(errors) => {
                prop_assert!(!errors.is_empty());
                let fields: Vec<Field> = errors.iter().map(|problem| problem.field).collect();
                prop_assert!(fields.is_sorted());
                prop_assert!(errors.iter().all(|problem| !problem.message().is_empty()));
            }
        }
    }

    #[test]
    fn showing_the_normal_form_changes_no_meaning(draft in any_draft()) {
        let shown: UnitDraft = Field::ALL.into_iter().map(|field| (field, field.normalize(draft.get(field)))).collect();
        prop_assert_eq!(UnitForm::parse(&shown, &rules()), UnitForm::parse(&draft, &rules()));
    }

    #[test]
    fn drafts_survive_saving(draft in any_draft()) {
        let json = serde_json::to_string(&draft).unwrap();
        prop_assert_eq!(serde_json::from_str::<UnitDraft>(&json).unwrap(), draft);
    }
}
