//! The companies and persons that the registers know. The companies' names are made up; their codes are public ones with
//! valid check characters. The persons' numbers have valid check digits and district codes that were never given out.

use serde::Serialize;

/// A registered company.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Company {
    /// 单位名称.
    pub name: &'static str,
    /// 统一社会信用代码.
    pub credit_code: &'static str,
    /// ID number of the legal representative.
    pub legal_id: &'static str,
    /// Listed for abnormal operation.
    pub abnormal: bool,
    /// For the sample licence.
    pub kind: &'static str,
    /// For the sample licence.
    pub address: &'static str,
}

/// A person with a phone.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Person {
    /// Name.
    pub name: &'static str,
    /// 居民身份证 number.
    pub id_number: &'static str,
    /// The phone registered to the person; none for one who has no phone.
    pub phone: Option<&'static str>,
    /// Another phone registered to the same person: for a change of phones.
    pub second_phone: Option<&'static str>,
    /// What the home page says about the person.
    pub role: &'static str,
}

/// Every company.
pub const COMPANIES: [Company; 6] = [
    Company {
        name: "南宁市朱槿信息技术有限公司",
        credit_code: "914403001922038216",
        legal_id: "450199197205160175",
        abnormal: false,
        kind: "有限责任公司",
        address: "南宁市青秀区民族大道 900 号 12 层",
    },
    Company {
        name: "南宁市邕江建筑工程有限公司",
        credit_code: "9144030071526726XG",
        legal_id: "450199198109230246",
        abnormal: false,
        kind: "有限责任公司",
        address: "南宁市江南区星光大道 320 号",
    },
    Company {
        name: "广西五象酒店管理有限公司",
        credit_code: "91330100799655058B",
        legal_id: "450199196802120310",
        abnormal: true,
        kind: "有限责任公司",
        address: "南宁市良庆区五象大道 680 号",
    },
    Company {
        name: "南宁市兴宁区民生餐饮店（普通合伙）",
        credit_code: "91350100M000100Y43",
        legal_id: "450199198511080485",
        abnormal: false,
        kind: "普通合伙企业",
        address: "南宁市兴宁区民生路 88 号",
    },
    Company {
        name: "广西绿城物流（集团）有限公司",
        credit_code: "91440300MA5DLQQW0F",
        legal_id: "65019919790605062X",
        abnormal: false,
        kind: "有限责任公司",
        address: "南宁市西乡塘区大学东路 160 号",
    },
    Company {
        name: "南宁启明教育咨询有限公司",
        credit_code: "91330106MA27XMXJ27",
        legal_id: "450199199001010350",
        abnormal: false,
        kind: "有限责任公司",
        address: "南宁市良庆区歌海路 21 号",
    },
];

/// Every person.
pub const PERSONS: [Person; 12] = [
    legal("韦青山", "450199197205160175", "13807710001"),
    legal("黄丽华", "450199198109230246", "13807710002"),
    legal("覃建国", "450199196802120310", "13807710003"),
    legal("梁小燕", "450199198511080485", "13807710004"),
    legal("阿依古丽·买买提", "65019919790605062X", "13807710005"),
    legal("陆一鸣", "450199199001010350", "13807710006"),
    Person { second_phone: Some("13977129001"), ..operator("李晓梅", "450199199203180462", "13977120001") },
    operator("农志强", "450199198812300533", "13977120002"),
    operator("欧阳文静", "440399199507070608", "13977120003"),
    operator("卢海", "450199200102280750", "13977120004"),
    operator("周子墨", "110199199912310137", "13977120005"),
    Person {
        name: "何秀英", id_number: "45019919780815003X", phone: None, second_phone: None, role: "没有手机的人"
    },
];

const fn legal(name: &'static str, id_number: &'static str, phone: &'static str) -> Person {
    Person { name, id_number, phone: Some(phone), second_phone: None, role: "法定代表人" }
}

const fn operator(name: &'static str, id_number: &'static str, phone: &'static str) -> Person {
    Person { name, id_number, phone: Some(phone), second_phone: None, role: "经办人" }
}

/// Finds a company by its code.
pub fn company(credit_code: &str) -> Option<&'static Company> {
    COMPANIES.iter().find(|company| company.credit_code == credit_code)
}

/// Finds a person by ID number.
pub fn person(id_number: &str) -> Option<&'static Person> {
    PERSONS.iter().find(|person| person.id_number == id_number)
}

/// Is the phone registered to anybody?
pub fn is_registered(phone: &str) -> bool {
    PERSONS.iter().any(|person| person.phone == Some(phone) || person.second_phone == Some(phone))
}

/// An example that the checks refuse, for the home page.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Mismatch {
    /// What is wrong.
    pub what: &'static str,
    /// How to make it.
    pub how: &'static str,
    /// The register's answer.
    pub answer: &'static str,
}

/// One example for each refusal.
pub const MISMATCHES: [Mismatch; 6] = [
    Mismatch {
        what: "法定代表人不符",
        how: "任一单位 + 另一单位的法定代表人姓名和证件号",
        answer: "企业四要素 ReasonCode 2",
    },
    Mismatch {
        what: "单位名称与代码不符", how: "任一代码 + 另一单位的名称", answer: "企业四要素 ReasonCode 3"
    },
    Mismatch {
        what: "查无此单位", how: "有效但未登记的代码 91450100MA5NX10Q2R", answer: "企业四要素 ReasonCode 4"
    },
    Mismatch {
        what: "查无此人",
        how: "有效但未登记的证件号 450199199009090260",
        answer: "企业四要素 ReasonCode 5；手机三要素 BizCode 3",
    },
    Mismatch {
        what: "手机号不是本人实名", how: "任一经办人 + 另一人的手机号", answer: "手机三要素 BizCode 2"
    },
    Mismatch {
        what: "手机号无记录", how: "任一经办人 + 未登记的手机号 13600000000", answer: "手机三要素 BizCode 3"
    },
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn id_is_valid(number: &str) -> bool {
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let sum: usize = number.bytes().zip(weights).map(|(digit, weight)| usize::from(digit - b'0') * weight).sum();
        number.as_bytes().get(17) == b"10X98765432".get(sum % 11)
    }

    #[test]
    fn every_number_has_its_check_character() {
        for person in &PERSONS {
            assert!(id_is_valid(person.id_number), "{}", person.name);
        }
        assert!(id_is_valid("450199199009090260"));
    }

    #[test]
    fn every_company_has_a_known_legal_representative() {
        for company in &COMPANIES {
            assert!(person(company.legal_id).is_some(), "{}", company.name);
        }
    }

    #[test]
    fn no_number_and_no_phone_twice() {
        let mut ids: Vec<_> = PERSONS.iter().map(|p| p.id_number).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), PERSONS.len());
        let mut phones: Vec<_> = PERSONS.iter().flat_map(|p| [p.phone, p.second_phone]).flatten().collect();
        let all = phones.len();
        phones.sort_unstable();
        phones.dedup();
        assert_eq!(phones.len(), all);
    }
}
