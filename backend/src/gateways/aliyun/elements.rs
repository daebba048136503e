//! dytnsapi 2020-02-17 `CompanyFourElementsVerification` and cloudauth 2019-03-07 `Mobile3MetaSimpleVerify`.

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::acs3::{Acs3Request, Signed};
use super::client::RpcClient;
use crate::gateways::config::{ConfigError, ElementsConfig};
use crate::gateways::elements::{CompanyFour, CompanyVerdict, ElementCheck, PersonThree, PersonVerdict};
use crate::gateways::fresh::Freshness;
use crate::gateways::outcome::{Answer, Doubt, Outcome};

const COMPANY: &str = "CompanyFourElementsVerification";
const COMPANY_VERSION: &str = "2020-02-17";
const PERSON: &str = "Mobile3MetaSimpleVerify";
const PERSON_VERSION: &str = "2019-03-07";

/// Element checks by Aliyun.
pub struct AliyunElements {
    company: RpcClient,
    person: RpcClient,
    auth_code: SecretString,
}

impl AliyunElements {
    /// Builds the adapter.
    ///
    /// # Errors
    /// An address that is none, or an HTTP client that can't be built.
    pub fn new(config: &ElementsConfig, fresh: Arc<dyn Freshness>) -> Result<Self, ConfigError> {
        let client = |url: &str, name, fresh| RpcClient::new(url, name, &config.key, config.timeouts, fresh);
        Ok(Self {
            company: client(&config.company_url, "elements.company_url", Arc::clone(&fresh))?,
            person: client(&config.person_url, "elements.person_url", fresh)?,
            auth_code: config.auth_code.clone(),
        })
    }

    /// What [`ElementCheck::company_four`] sends, for comparison with other implementations.
    pub fn signed_company<'a>(&self, request: &'a CompanyFour) -> (Acs3Request<'a>, Signed) {
        self.company.signed(COMPANY, COMPANY_VERSION, self.company_parameters(request))
    }

    /// What [`ElementCheck::person_three`] sends, for comparison with other implementations.
    pub fn signed_person<'a>(&self, request: &'a PersonThree) -> (Acs3Request<'a>, Signed) {
        self.person.signed(PERSON, PERSON_VERSION, person_parameters(request))
    }

    fn company_parameters(&self, request: &CompanyFour) -> Vec<(&'static str, String)> {
        vec![
            ("AuthCode", self.auth_code.expose_secret().to_owned()),
            ("EpCertName", request.name.clone()),
            ("EpCertNo", request.credit_code.clone()),
            ("LegalPersonCertName", request.legal_name.clone()),
            ("LegalPersonCertNo", request.legal_id.clone()),
        ]
    }
}

fn person_parameters(request: &PersonThree) -> Vec<(&'static str, String)> {
    vec![
        ("ParamType", "normal".to_owned()),
        ("UserName", request.name.clone()),
        ("IdentifyNum", request.id_number.clone()),
        ("Mobile", request.phone.clone()),
    ]
}

impl ElementCheck for AliyunElements {
    fn company_four<'a>(&'a self, request: &'a CompanyFour) -> Answer<'a, CompanyVerdict> {
        Box::pin(async move {
            let query = self.company_parameters(request);
            self.company.call(COMPANY, COMPANY_VERSION, query).await.and_then(|answer| company_verdict(&answer))
        })
    }

    fn person_three<'a>(&'a self, request: &'a PersonThree) -> Answer<'a, PersonVerdict> {
        Box::pin(async move {
            let query = person_parameters(request);
            self.person.call(PERSON, PERSON_VERSION, query).await.and_then(|answer| person_verdict(&answer))
        })
    }
}

/// `VerifyResult` and `ReasonCode` must agree, else we don't know.
fn company_verdict(answer: &Value) -> Outcome<CompanyVerdict> {
    let unreadable = || Outcome::unknown(Doubt::Unreadable("Data"));
    let Some(data) = answer.get("Data") else {
        return unreadable();
    };
    let passed = match data.get("VerifyResult").map(word) {
        Some(Some(text)) if text == "true" => true,
        Some(Some(text)) if text == "false" => false,
        Some(_) | None => return unreadable(),
    };
    let reason = data.get("ReasonCode").and_then(word);
    match (passed, reason.as_deref()) {
        (true, Some("0")) => Outcome::Ok(CompanyVerdict::Matches),
        (true, Some("1")) => Outcome::Ok(CompanyVerdict::MatchesAbnormal),
        (false, Some("2")) => Outcome::Ok(CompanyVerdict::LegalPersonDiffers),
        (false, Some("3")) => Outcome::Ok(CompanyVerdict::Differs),
        (false, Some("4")) => Outcome::Ok(CompanyVerdict::CompanyNotFound),
        (false, Some("5")) => Outcome::Ok(CompanyVerdict::PersonNotFound),
        (true | false, Some(_) | None) => Outcome::unknown(Doubt::Unreadable("ReasonCode")),
    }
}

fn person_verdict(answer: &Value) -> Outcome<PersonVerdict> {
    let code = answer.get("ResultObject").and_then(|result| result.get("BizCode")).and_then(word);
    match code.as_deref() {
        Some("1") => Outcome::Ok(PersonVerdict::Matches),
        Some("2") => Outcome::Ok(PersonVerdict::Differs),
        Some("3") => Outcome::Ok(PersonVerdict::NoRecord),
        Some(_) | None => Outcome::unknown(Doubt::Unreadable("BizCode")),
    }
}

/// The providers write codes now as texts, now as numbers or booleans.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn company(result: Value, reason: Value) -> Outcome<CompanyVerdict> {
        company_verdict(&json!({"Code": "OK", "Data": {"VerifyResult": result, "ReasonCode": reason}}))
    }

    #[test]
    fn the_registers_reasons_are_told_apart() {
        assert_eq!(company(json!("true"), json!(0)), Outcome::Ok(CompanyVerdict::Matches));
        assert_eq!(company(json!(true), json!("1")), Outcome::Ok(CompanyVerdict::MatchesAbnormal));
        assert_eq!(company(json!("false"), json!(2)), Outcome::Ok(CompanyVerdict::LegalPersonDiffers));
        assert_eq!(company(json!("false"), json!(3)), Outcome::Ok(CompanyVerdict::Differs));
        assert_eq!(company(json!("false"), json!(4)), Outcome::Ok(CompanyVerdict::CompanyNotFound));
        assert_eq!(company(json!("false"), json!(5)), Outcome::Ok(CompanyVerdict::PersonNotFound));
    }

    #[test]
    fn an_answer_that_contradicts_itself_is_no_answer() {
        assert!(matches!(company(json!("true"), json!(2)), Outcome::Unknown { .. }));
        assert!(matches!(company(json!("false"), json!(0)), Outcome::Unknown { .. }));
        assert!(matches!(company(json!(null), json!(0)), Outcome::Unknown { .. }));
        assert!(matches!(company_verdict(&json!({"Code": "OK"})), Outcome::Unknown { .. }));
    }

    #[test]
    fn a_phone_matches_differs_or_has_no_record() {
        let verdict = |code: &str| person_verdict(&json!({"Code": "200", "ResultObject": {"BizCode": code}}));
        assert_eq!(verdict("1"), Outcome::Ok(PersonVerdict::Matches));
        assert_eq!(verdict("2"), Outcome::Ok(PersonVerdict::Differs));
        assert_eq!(verdict("3"), Outcome::Ok(PersonVerdict::NoRecord));
        assert!(matches!(verdict("9"), Outcome::Unknown { .. }));
    }
}
