//! dytnsapi `CompanyFourElementsVerification` and cloudauth `Mobile3MetaSimpleVerify`.

use serde_json::{Value, json};

use super::{Params, business};
use crate::chance;
use crate::crowd::{self, CrowdCompany};
use crate::people;
use crate::server::Shared;

/// The four elements.
pub fn company(shared: &Shared, params: &Params) -> Value {
    if params.get("AuthCode") != shared.keys.auth_code {
        return business("AuthCodeNotExist", "授权码不存在");
    }
    let (name, code) = (params.get("EpCertName"), params.get("EpCertNo"));
    let (legal, id) = (params.get("LegalPersonCertName"), params.get("LegalPersonCertNo"));
    if [name, code, legal, id].iter().any(|value| value.is_empty()) {
        return business("isv.INVALID_PARAMETERS", "参数不能为空");
    }
    let Some(company) = Registered::company(code) else {
        return verdict(None, 4, &["EpCertNo"]);
    };
    let company = &company;
    let Some(person) = Human::by_id(id) else {
        return verdict(Some(company), 5, &["LegalPersonCertNo"]);
    };
    if company.name != name {
        return verdict(Some(company), 3, &["EpCertName"]);
    }
    if person.name != legal {
        return verdict(Some(company), 3, &["LegalPersonCertName"]);
    }
    if company.legal_id != id {
        return verdict(Some(company), 2, &["LegalPersonCertName", "LegalPersonCertNo"]);
    }
    verdict(Some(company), i32::from(company.abnormal), &[])
}

/// A company of the list or of the crowd.
struct Registered {
    name: String,
    legal_id: String,
    abnormal: bool,
}

impl Registered {
    fn company(code: &str) -> Option<Self> {
        let listed = people::company(code).map(|company| Self {
            name: company.name.to_owned(),
            legal_id: company.legal_id.to_owned(),
            abnormal: company.abnormal,
        });
        listed.or_else(|| {
            let CrowdCompany { name, legal_id, .. } = crowd::company(code)?;
            Some(Self { name, legal_id, abnormal: false })
        })
    }
}

/// A person of the list or of the crowd.
struct Human {
    name: String,
    phones: Vec<String>,
}

impl Human {
    fn by_id(id: &str) -> Option<Self> {
        let listed = people::person(id).map(|person| Self {
            name: person.name.to_owned(),
            phones: [person.phone, person.second_phone].into_iter().flatten().map(str::to_owned).collect(),
        });
        listed.or_else(|| crowd::person(id).map(|person| Self { name: person.name, phones: vec![person.phone] }))
    }

    fn has(&self, phone: &str) -> bool {
        self.phones.iter().any(|own| own == phone)
    }
}

fn verdict(company: Option<&Registered>, reason: i32, inconsistent: &[&str]) -> Value {
    let status = match company {
        Some(company) if company.abnormal => "经营异常",
        Some(_) => "存续",
        None => "",
    };
    json!({
        "RequestId": chance::request_id(),
        "Code": "OK",
        "Message": "OK",
        "Data": {
            "VerifyResult": if reason <= 1 { "true" } else { "false" },
            "ReasonCode": reason,
            "InconsistentData": inconsistent,
            "DetailInfo": { "EnterpriseStatus": status, "OpenTime": "长期" },
        },
    })
}

/// Name, ID number and phone.
pub fn person(params: &Params) -> Value {
    let (name, id, phone) = (params.get("UserName"), params.get("IdentifyNum"), params.get("Mobile"));
    if params.get("ParamType") != "normal" || [name, id, phone].iter().any(|value| value.is_empty()) {
        return json!({ "RequestId": chance::request_id(), "Code": "401", "Message": "参数错误" });
    }
    let (result, sub) = match Human::by_id(id) {
        None => ("3", "301"),
        Some(person) if person.has(phone) && person.name == name => ("1", "101"),
        Some(person) if !person.has(phone) && !people::is_registered(phone) => ("3", "302"),
        Some(_) => ("2", "201"),
    };
    json!({
        "RequestId": chance::request_id(),
        "Code": "200",
        "Message": "success",
        "ResultObject": { "BizCode": result, "SubCode": sub, "IspName": "CMCC" },
    })
}
