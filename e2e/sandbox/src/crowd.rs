//! As many companies and persons as a long run needs, made from a number instead of listed: member 0, 1, 2 … each with a
//! legal representative and an operator of their own. Every number has its check characters; the district code 450199 was
//! never given out.

use serde::Serialize;

/// Members that there are.
pub const SIZE: u32 = 1_000_000;

/// Who is registered by an ID number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CrowdPerson {
    /// Name.
    pub name: String,
    /// 居民身份证 number.
    pub id_number: String,
    /// The phone registered to the person.
    pub phone: String,
    /// 法定代表人 or 经办人.
    pub role: &'static str,
}

/// A registered company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CrowdCompany {
    /// 单位名称.
    pub name: String,
    /// 统一社会信用代码.
    pub credit_code: String,
    /// ID number of the legal representative.
    pub legal_id: String,
}

/// A company with its people.
#[derive(Debug, Clone, Serialize)]
pub struct Member {
    /// The company.
    pub company: CrowdCompany,
    /// Its legal representative.
    pub legal: CrowdPerson,
    /// Its operator.
    pub operator: CrowdPerson,
}

/// The member with this number.
pub fn member(number: u32) -> Member {
    let (legal, operator) = (person_at(number * 2), person_at(number * 2 + 1));
    let company = CrowdCompany {
        name: format!("南宁市{}贸易有限公司", numerals(number)),
        credit_code: credit_code(number),
        legal_id: legal.id_number.clone(),
    };
    Member { company, legal, operator }
}

/// The company with this code.
pub fn company(code: &str) -> Option<CrowdCompany> {
    let number: u32 = code.get(9..16)?.parse().ok().filter(|number| *number < SIZE)?;
    Some(member(number).company).filter(|company| company.credit_code == code)
}

/// The person with this ID number.
pub fn person(id_number: &str) -> Option<CrowdPerson> {
    let date: jiff::civil::Date = jiff::civil::Date::strptime("%Y%m%d", id_number.get(6..14)?).ok()?;
    let days = u32::try_from(first_day().until(date).ok()?.get_days()).ok()?;
    let turn: u32 = id_number.get(14..17)?.parse().ok()?;
    let index = days.checked_mul(A_DAY)?.checked_add(turn.checked_sub(1)?)?;
    // Two to a company; whoever is born later is somebody else's.
    (index < 2 * SIZE).then(|| person_at(index)).filter(|person| person.id_number == id_number)
}

/// Births a day.
const A_DAY: u32 = 500;

fn first_day() -> jiff::civil::Date {
    jiff::civil::date(1950, 1, 1)
}

fn person_at(index: u32) -> CrowdPerson {
    let days = i64::from(index / A_DAY) % 18_000;
    let born = first_day().saturating_add(jiff::Span::new().days(days));
    let body = format!("450199{:04}{:02}{:02}{:03}", born.year(), born.month(), born.day(), index % A_DAY + 1);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    let check = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'][(sum % 11) as usize];
    let legal = index.is_multiple_of(2);
    // Neighbours' phones share no prefix: a limit on one must not meet the other. (The factor has no divisor in common
    // with 10⁹, so no number comes twice.)
    let tail = (u64::from(index) * 618_033_989 + 7) % 1_000_000_000;
    CrowdPerson {
        name: format!("{}{}", if legal { '韦' } else { '李' }, numerals(index)),
        id_number: format!("{body}{check}"),
        phone: format!("1{}{tail:09}", ['3', '5', '7', '8', '9'][(index % 5) as usize]),
        role: if legal { "法定代表人" } else { "经办人" },
    }
}

/// The digits as Chinese numerals, as names may hold them.
fn numerals(number: u32) -> String {
    let digits = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    number.to_string().bytes().map(|digit| digits[usize::from(digit - b'0')]).collect()
}

/// `91450100M` and seven digits: GB 11714 inside GB 32100.
fn credit_code(number: u32) -> String {
    const LETTERS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let body = format!("M{number:07}");
    let value = |byte: u8| if byte.is_ascii_digit() { byte - b'0' } else { byte - b'A' + 10 };
    let weights = [3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(weights).map(|(byte, weight)| u32::from(value(byte)) * weight).sum();
    let organisation = match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    };
    let code = format!("91450100{body}{organisation}");
    let (mut weight, mut sum) = (1, 0);
    for letter in code.chars() {
        let value = LETTERS.find(letter).unwrap_or_default();
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    let check = LETTERS.chars().nth((31 - sum % 31) % 31).unwrap_or('0');
    format!("{code}{check}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn everybody_is_found_by_number_and_nobody_twice() {
        let (mut codes, mut ids, mut phones) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for number in (0..2_000).chain([999_998, 999_999]) {
            let member = member(number);
            assert_eq!(company(&member.company.credit_code), Some(member.company.clone()));
            for human in [&member.legal, &member.operator] {
                assert_eq!(person(&human.id_number).as_ref(), Some(human));
                assert!(ids.insert(human.id_number.clone()) && phones.insert(human.phone.clone()), "{human:?}");
                assert_eq!((human.id_number.len(), human.phone.len()), (18, 11));
            }
            assert!(codes.insert(member.company.credit_code));
        }
        assert_eq!(company("914403001922038216"), None);
        assert_eq!(person("450199197205160175"), None);
    }
}
