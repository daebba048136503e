//! The form.

use super::{fields, refused};
use e2e::outside::Outside;
use e2e::stack::Stack;
use serde_json::json;
use shared::api::ErrorCode;
use shared::field::FieldError;
use shared::form::Field;

async fn checks_made(outside: &Outside) -> u64 {
    outside.calls("CompanyFourElementsVerification").await.unwrap()
        + outside.calls("Mobile3MetaSimpleVerify").await.unwrap()
}

#[tokio::test]
async fn wrong_check_characters_are_told_all_at_once_and_nothing_is_lost() {
    let stack = Stack::start().await.unwrap();
    let unit = stack.unit(0).unwrap();
    let applicant = stack.applicant().unwrap();
    let mut draft = unit.draft_with(Field::CreditCode, "914403001922038217");
    draft.set(Field::LegalRepId, "450199197205160176".to_owned());
    draft.set(Field::OperatorId, "45019919920318046X".to_owned());
    let told = refused(applicant.checks(&draft).await, ErrorCode::Form);
    assert_eq!(fields(&told), [Field::CreditCode, Field::LegalRepId, Field::OperatorId]);
    let errors = told.error.unwrap().fields.unwrap();
    assert!(errors.iter().all(|problem| problem.error == FieldError::CheckCharacter));
    assert!(applicant.saved().await.unwrap().unwrap().draft == draft, "what was typed is kept as it was typed");
    assert_eq!(checks_made(&stack.outside).await, 0, "nobody outside is asked about a form that is wrong");

    // What is merely written otherwise is normalised.
    let draft = unit.draft_with(Field::CreditCode, " 9144 0300 1922 0382 16 ");
    let checked = applicant.checks(&draft).await.unwrap();
    assert_eq!(checked.draft.get(Field::CreditCode), unit.company.credit_code);
}

#[tokio::test]
async fn verifications_that_fail_give_the_manuals_advice() {
    let stack = Stack::start().await.unwrap();
    let (unit, other) = (stack.unit(0).unwrap(), stack.unit(1).unwrap());
    let applicant = stack.applicant().unwrap();

    let mut draft = unit.draft_with(Field::LegalRepName, &other.legal.name);
    draft.set(Field::LegalRepId, other.legal.id_number.clone());
    draft.set(Field::LegalRepMobile, other.legal.phone().to_owned());
    let told = refused(applicant.checks(&draft).await, ErrorCode::UnitMismatch);
    assert!(told.message().contains("企业四要素校验失败") && told.message().contains("单位名称"), "{told}");
    assert!(fields(&told).contains(&Field::LegalRepName));

    let draft = unit.draft_with(Field::LegalRepMobile, other.legal.phone());
    let told = refused(applicant.checks(&draft).await, ErrorCode::LegalRepMismatch);
    assert!(fields(&told).contains(&Field::LegalRepMobile));

    let draft = unit.draft_with(Field::OperatorMobile, other.operator.phone());
    let told = refused(applicant.checks(&draft).await, ErrorCode::OperatorMismatch);
    assert!(told.message().contains("经办人三要素校验失败") && told.message().contains("实名认证"), "{told}");
    assert!(fields(&told).contains(&Field::OperatorMobile));
    assert!(applicant.saved().await.unwrap().is_some());

    // Mended, it goes through; what had passed is not asked (and paid for) again.
    let before = checks_made(&stack.outside).await;
    applicant.checks(&unit.draft()).await.unwrap();
    assert_eq!(checks_made(&stack.outside).await, before + 1);
}

#[tokio::test]
async fn a_register_that_does_not_answer_costs_nothing_but_time() {
    let stack = Stack::start().await.unwrap();
    let unit = stack.unit(0).unwrap();
    let applicant = stack.applicant().unwrap();
    stack.outside.fault(&json!({ "service": "person3", "kind": "status", "status": 503 })).await.unwrap();
    refused(applicant.checks(&unit.draft()).await, ErrorCode::ServiceUnavailable);
    stack.outside.fault(&json!({ "service": "company4", "kind": "garbage" })).await.unwrap();
    let another = stack.applicant().unwrap();
    refused(another.checks(&stack.unit(1).unwrap().draft()).await, ErrorCode::ServiceUnavailable);
    applicant.checks(&unit.draft()).await.unwrap();
}

#[tokio::test]
async fn a_unit_is_not_looked_up_without_end() {
    let stack = Stack::start().await.unwrap();
    let unit = stack.unit(0).unwrap();
    let applicant = stack.applicant().unwrap();
    for name in ["甲", "乙", "丙", "丁", "戊"] {
        let draft = unit.draft_with(Field::UnitName, &format!("南宁市{name}信息技术有限公司"));
        refused(applicant.checks(&draft).await, ErrorCode::UnitMismatch);
    }
    let told = refused(applicant.checks(&unit.draft()).await, ErrorCode::TooMany);
    assert!(told.error.unwrap().retry_after_s.is_some());
    // Not by another browser either.
    refused(stack.applicant().unwrap().checks(&unit.draft()).await, ErrorCode::TooMany);
}
