//! The rules of spec/rules.md, part 1, told by example. Properties over generated values are in `properties`.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::form::{Field, Kind};

mod properties;

fn today() -> Date {
    Date::new(2026, 11, 20).unwrap()
}

/// Codes of well-known companies, from public registers.
const REAL_CODES: [&str; 6] = [
    "914403001922038216",
    "9144030071526726XG",
    "91330100799655058B",
    "91350100M000100Y43",
    "91440300MA5DLQQW0F",
    "91330106MA27XMXJ27",
];

#[test]
fn credit_codes_of_real_companies_are_accepted() {
    for code in REAL_CODES {
        assert_eq!(CreditCode::parse(code).unwrap().as_str(), code);
    }
    assert_eq!(CreditCode::parse("91350100M000100Y43").unwrap().organization_code(), "M000100Y4");
}

#[test]
fn the_code_in_the_manuals_picture_is_refused() {
    assert_eq!(CreditCode::parse("333333333333333333"), Err(FieldError::CheckCharacter));
}

#[test]
fn a_credit_code_is_normalised_rather_than_refused() {
    let typed = "　９１４４０３００ma5d-lqqw 0f ";
    assert_eq!(CreditCode::parse(typed).unwrap().as_str(), "91440300MA5DLQQW0F");
}

#[test]
fn a_wrong_credit_code_says_what_is_wrong() {
    assert_eq!(CreditCode::parse("  "), Err(FieldError::Required));
    assert_eq!(CreditCode::parse("9144030019220382"), Err(FieldError::Length { expected: 18, actual: 16 }));
    assert_eq!(CreditCode::parse("91350100MOO0100Y43"), Err(FieldError::BadCharacter { ch: 'O' }));
    assert_eq!(CreditCode::parse("914403001922038217"), Err(FieldError::CheckCharacter));
}

#[test]
fn a_credit_code_with_a_wrong_organisation_code_inside_is_told_apart() {
    // 19220382 has the check digit 1; with 2 there, the outer check character is made right again.
    let forged = "91440300192203822";
    let sum: u32 = forged.chars().zip(0..).map(|(c, at)| c.to_digit(10).unwrap() * (3u32.pow(at) % 31)).sum();
    let check = "0123456789ABCDEFGHJKLMNPQRTUWXY".chars().nth((31 - sum as usize % 31) % 31).unwrap();
    assert_eq!(CreditCode::parse(&format!("{forged}{check}")), Err(FieldError::OrganizationCheckCharacter));
}

#[test]
fn an_id_number_tells_birth_and_sex() {
    let id = IdNumber::parse("11010519491231002x", today()).unwrap();
    assert_eq!(id.as_str(), "11010519491231002X");
    assert_eq!(id.birth_date(), Date::new(1949, 12, 31).unwrap());
    assert_eq!(id.sex(), Sex::Female);
    assert_eq!(IdNumber::parse("440524188001010014", today()).unwrap().sex(), Sex::Male);
}

#[test]
fn a_wrong_id_number_says_what_is_wrong() {
    let parse = |text| IdNumber::parse(text, today()).unwrap_err();
    assert_eq!(parse(""), FieldError::Required);
    assert_eq!(parse("110105491231002"), FieldError::FifteenDigits);
    assert_eq!(parse("1101051949123100"), FieldError::Length { expected: 18, actual: 16 });
    assert_eq!(parse("1101051949123100X2"), FieldError::BadCharacter { ch: 'X' });
    assert_eq!(parse("16010519491231002X"), FieldError::Province);
    assert_eq!(parse("11010519490231002X"), FieldError::BirthDate);
    assert_eq!(parse("110105190002290024"), FieldError::BirthDate, "1900 was no leap year");
    assert_eq!(parse("110105194912310021"), FieldError::CheckCharacter);
}

#[test]
fn birth_lies_between_150_years_ago_and_today() {
    let on = |year, month, day| IdNumber::parse("11010519491231002X", Date::new(year, month, day).unwrap());
    assert_eq!(on(1949, 12, 30), Err(FieldError::FutureBirthDate));
    assert!(on(1949, 12, 31).is_ok());
    assert!(on(2099, 12, 31).is_ok());
    assert_eq!(on(2100, 1, 1), Err(FieldError::TooOldBirthDate));
}

#[test]
fn permanent_residence_numbers_begin_with_9() {
    let seventeen = "91101519800101001";
    let number =
        "0123456789X".chars().map(|c| format!("{seventeen}{c}")).find(|id| IdNumber::parse(id, today()).is_ok());
    assert!(number.is_some());
}

#[test]
fn a_stored_id_number_is_read_back_whatever_the_day() {
    let id = IdNumber::parse("11010519491231002X", today()).unwrap();
    let json = serde_json::to_string(&id).unwrap();
    assert_eq!(serde_json::from_str::<IdNumber>(&json).unwrap(), id);
    assert!(serde_json::from_str::<IdNumber>("\"110105194912310021\"").is_err());
}

#[test]
fn other_ids_have_loose_patterns() {
    for (kind, good) in [
        (IdType::Passport, "e12345678"),
        (IdType::Passport, "EA1234567"),
        (IdType::OfficerCard, "军字第1234567号"),
        (IdType::OfficerCard, "1234567"),
        (IdType::TaiwanPass, "12345678"),
        (IdType::TaiwanPass, "1234567890(B)"),
        (IdType::HkMacauPass, "h12345678"),
        (IdType::HkMacauPass, "M1234567890"),
    ] {
        assert!(OtherId::parse(kind, good).is_ok(), "{good}");
    }
    for (kind, bad) in [
        (IdType::Passport, "ABCDEFGHI"),
        (IdType::Passport, "护照123"),
        (IdType::OfficerCard, "军字第号军字"),
        (IdType::TaiwanPass, "ABCDEFGH"),
        (IdType::HkMacauPass, "123456789"),
        (IdType::ResidentId, "11010519491231002X"),
        (IdType::Passport, ""),
    ] {
        assert!(OtherId::parse(kind, bad).is_err(), "{bad}");
    }
    let stored = serde_json::to_string(&OtherId::parse(IdType::Passport, "E12345678").unwrap()).unwrap();
    assert_eq!(stored, r#"{"type":"passport","number":"E12345678"}"#);
    assert_eq!(serde_json::from_str::<OtherId>(&stored).unwrap().as_str(), "E12345678");
}

#[test]
fn mobiles_forgive_how_they_are_written() {
    for typed in [
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "+86 138 0013 8000",
        "8613800138000",
        "１３８００１３８０００",
        "\u{202D}13800138000\u{202C}",
    ] {
        assert_eq!(Mobile::parse(typed).unwrap().as_str(), "13800138000", "{typed}");
    }
    assert_eq!(Mobile::parse("12800138000"), Err(FieldError::MobilePrefix));
    assert_eq!(Mobile::parse("1380013800"), Err(FieldError::Length { expected: 11, actual: 10 }));
    assert_eq!(Mobile::parse("1380013800a"), Err(FieldError::BadCharacter { ch: 'A' }));
}

#[test]
fn phones_come_out_in_the_usual_spelling() {
    for (typed, meant) in [
        ("0771-5851234", "0771-5851234"),
        ("07715851234", "0771-5851234"),
        ("（0771）5851234", "0771-5851234"),
        ("0771 5851234 转 801", "0771-5851234-801"),
        ("010-58515511-6", "010-58515511-6"),
        ("01058515511", "010-58515511"),
        ("+86 771 5851234", "0771-5851234"),
        ("+86 (010) 58515511", "010-58515511"),
        ("400-700-1900", "400-700-1900"),
        ("4007001900", "400-700-1900"),
        ("8008101234", "800-810-1234"),
        ("13800138000", "13800138000"),
    ] {
        assert_eq!(Phone::parse(typed).unwrap().as_str(), meant, "{typed}");
    }
    assert_eq!(Phone::parse("5851234"), Err(FieldError::AreaCode));
    assert_eq!(Phone::parse("0771-58512"), Err(FieldError::Format));
    assert_eq!(Phone::parse("0771-5851234-801-2"), Err(FieldError::Format));
    assert_eq!(Phone::parse("0071-5851234"), Err(FieldError::Format));
    assert_eq!(Phone::parse("400-700-190"), Err(FieldError::Length { expected: 10, actual: 9 }));
    assert_eq!(Phone::parse("0771-585l234"), Err(FieldError::BadCharacter { ch: 'l' }));
}

#[test]
fn emails_follow_rfc_5321() {
    for good in
        ["a@b.cn", "first.last+tag@mail.example.com", "o'neil@xn--fiq228c.cn", &format!("{}@b.cn", "a".repeat(64))]
    {
        assert!(Email::parse(good).is_ok(), "{good}");
    }
    assert_eq!(Email::parse(" Li.Si＠Example。COM ").unwrap().as_str(), "Li.Si@example.com");
    for bad in
        ["plain", "@b.cn", "a@", "a@b", "a..b@c.cn", ".a@c.cn", "a@b@c.cn", "a@-b.cn", "a@b..cn", "a@1.2.3.4", "a@b.c"]
    {
        assert_eq!(Email::parse(bad), Err(FieldError::Format), "{bad}");
    }
    assert_eq!(Email::parse(&format!("{}@b.cn", "a".repeat(65))), Err(FieldError::Format));
    assert_eq!(Email::parse(&format!("a@{}cn", "b.".repeat(130))), Err(FieldError::TooLong { max: 254 }));
    assert_eq!(Email::parse("张三@qq.com"), Err(FieldError::BadCharacter { ch: '张' }));
    assert_eq!(Email::parse("li,si@qq.com"), Err(FieldError::BadCharacter { ch: ',' }));
}

#[test]
fn bank_cards_have_a_luhn_digit_and_accounts_do_not() {
    assert_eq!(BankCard::parse("6222 0212 3456 7890 127"), Err(FieldError::CheckCharacter));
    assert_eq!(BankCard::parse("4111 1111 1111 1111").unwrap().as_str(), "4111111111111111");
    assert_eq!(BankCard::parse("411111111111"), Err(FieldError::LengthRange { min: 13, max: 19, actual: 12 }));
    assert_eq!(CorporateAccount::parse("0109 0327 8001 2010 2315 712").unwrap().as_str(), "01090327800120102315712");
    assert_eq!(CorporateAccount::parse("12345"), Err(FieldError::LengthRange { min: 6, max: 32, actual: 5 }));
}

#[test]
fn taxpayer_numbers_have_four_lengths() {
    for length in [15, 17, 18, 20] {
        assert!(TaxpayerNumber::parse(&"9".repeat(length)).is_ok());
    }
    assert_eq!(TaxpayerNumber::parse(&"9".repeat(16)), Err(FieldError::TaxpayerLength { actual: 16 }));
    assert_eq!(TaxpayerNumber::parse("9133010679965505８b").unwrap().as_str(), "9133010679965505".to_owned() + "8B");
}

#[test]
fn names_are_chinese_or_latin() {
    for (typed, meant) in [
        ("张三", "张三"),
        (" 张 三 ", "张三"),
        ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉.买买提", "阿卜杜拉·买买提"),
        ("䶮", "䶮"),
        ("𠮷田", "𠮷田"),
        ("JOHN  SMITH", "JOHN SMITH"),
        ("ＪＯＨＮ　ＳＭＩＴＨ", "JOHN SMITH"),
    ] {
        assert_eq!(PersonName::parse(typed).unwrap().as_str(), meant, "{typed}");
    }
    assert_eq!(PersonName::parse("张三a"), Err(FieldError::BadCharacter { ch: 'a' }));
    assert_eq!(PersonName::parse("张3"), Err(FieldError::BadCharacter { ch: '3' }));
    assert_eq!(PersonName::parse("张三·"), Err(FieldError::MiddleDot));
    assert_eq!(PersonName::parse(&"张".repeat(51)), Err(FieldError::TooLong { max: 50 }));
    assert!(PersonName::parse(&"张".repeat(50)).is_ok());
}

#[test]
fn unit_names_keep_full_width_brackets() {
    assert_eq!(UnitName::parse(" 某某(广西) 有限公司 ").unwrap().as_str(), "某某（广西）有限公司");
    assert_eq!(UnitName::parse("Ａcme 2 Trading 公司").unwrap().as_str(), "Acme 2 Trading公司");
    assert_eq!(UnitName::parse("某某<公司"), Err(FieldError::BadCharacter { ch: '<' }));
    assert_eq!(UnitName::parse("某某公司😀"), Err(FieldError::BadCharacter { ch: '😀' }));
    assert_eq!(UnitName::parse("2026"), Err(FieldError::Format));
    assert_eq!(UnitName::parse(&"某".repeat(51)), Err(FieldError::TooLong { max: 50 }));
}

#[test]
fn addresses_take_the_beginning_of_a_name() {
    let address = Address::parse("广西", "南宁", "青秀区望园路５号  2楼").unwrap();
    assert_eq!(address.line(), "广西壮族自治区南宁市青秀区望园路5号 2楼");
    assert_eq!(Address::parse("北京市", "北京", "裕民东路3号").unwrap().line(), "北京市裕民东路3号");
    assert_eq!(Address::parse("广西", "广州市", "望园路5号"), Err(FieldError::CityNotInProvince));
    assert_eq!(Address::parse("湖", "长沙市", "望园路5号"), Err(FieldError::UnknownChoice), "湖北 or 湖南");
    assert_eq!(Address::parse("广西", "南宁", "5号"), Err(FieldError::TooShort { min: 5 }));
}

#[test]
fn the_table_of_regions_is_whole() {
    assert_eq!(region::provinces().count(), 34);
    let mut all: Vec<_> = region::provinces().collect();
    all.dedup();
    assert_eq!(all.len(), 34);
    for province in region::provinces() {
        let cities: Vec<_> = region::cities(province).collect();
        assert!(!cities.is_empty(), "{province}");
        for city in &cities {
            assert_eq!(cities.iter().filter(|other| other == &city).count(), 1, "{city}");
            assert!(city.chars().count() >= 3, "{city}");
            assert_eq!(Address::parse_city(province, city), Ok(*city));
        }
        assert_eq!(Address::parse_province(province), Ok(province));
    }
    assert_eq!(region::cities("广西壮族自治区").count(), 14);
    assert_eq!(region::cities("nowhere").count(), 0);
}

#[test]
fn codes_and_waybills() {
    assert_eq!(SmsCode::parse(" 123 456 ").unwrap().as_str(), "123456");
    assert_eq!(SmsCode::parse("12345"), Err(FieldError::Length { expected: 6, actual: 5 }));
    assert_eq!(WaybillNumber::parse("sf 1234 5678 901").unwrap().as_str(), "SF12345678901");
    assert_eq!(WaybillNumber::parse("SFSFSFSFSF"), Err(FieldError::Format));
}

#[test]
fn dates_are_real_days() {
    assert!(Date::new(2024, 2, 29).is_some());
    for (year, month, day) in
        [(2023, 2, 29), (1900, 2, 29), (2026, 4, 31), (2026, 13, 1), (2026, 0, 1), (2026, 1, 0), (0, 1, 1)]
    {
        assert!(Date::new(year, month, day).is_none(), "{year}-{month}-{day}");
    }
    assert!(Date::new(2026, 1, 31) < Date::new(2026, 2, 1));
    assert_eq!(today().to_string(), "2026-11-20");
    assert_eq!(Date::from_text("2026-11-20"), Some(today()));
    assert_eq!(Date::from_text("2026-11-31"), None);
}

#[test]
fn the_day_in_china_begins_at_16_utc() {
    let second = 1_000_000;
    assert_eq!(Date::from_unix_micros_china(0).to_string(), "1970-01-01");
    // 2026-11-20T15:59:59Z and one second later.
    assert_eq!(Date::from_unix_micros_china(1_795_190_399 * second).to_string(), "2026-11-20");
    assert_eq!(Date::from_unix_micros_china(1_795_190_400 * second).to_string(), "2026-11-21");
    assert_eq!(Date::from_unix_micros_china(951_753_600 * second).to_string(), "2000-02-29");
    assert_eq!(Date::from_unix_micros_china(i64::MIN).to_string(), "0001-01-01");
    assert_eq!(Date::from_unix_micros_china(i64::MAX).to_string(), "9999-12-31");
}

#[test]
fn masks_hide_enough() {
    assert_eq!(IdNumber::parse("11010519491231002X", today()).unwrap().masked(), "110***********002X");
    assert_eq!(Mobile::parse("13800138000").unwrap().masked(), "138****8000");
    assert_eq!(CreditCode::parse("91350100M000100Y43").unwrap().masked(), "9135**********0Y43");
    assert_eq!(PersonName::parse("欧阳锋").unwrap().masked(), "欧**");
    assert_eq!(PersonName::parse("张").unwrap().masked(), "*");
    assert_eq!(Email::parse("zhangsan@example.com").unwrap().masked(), "z***@example.com");
    assert_eq!(Email::parse("z@example.com").unwrap().masked(), "***@example.com");
    assert_eq!(SmsCode::parse("123456").unwrap().masked(), "******");
    assert_eq!(format!("{:?}", Mobile::parse("13800138000").unwrap()), "Mobile(138****8000)");
}

fn every_error() -> Vec<FieldError> {
    vec![
        FieldError::Required,
        FieldError::TooLong { max: 50 },
        FieldError::TooShort { min: 5 },
        FieldError::Length { expected: 18, actual: 17 },
        FieldError::LengthRange { min: 13, max: 19, actual: 12 },
        FieldError::BadCharacter { ch: ':' },
        FieldError::BadCharacter { ch: 'X' },
        FieldError::BadCharacter { ch: '，' },
        FieldError::Format,
        FieldError::CheckCharacter,
        FieldError::OrganizationCheckCharacter,
        FieldError::Province,
        FieldError::BirthDate,
        FieldError::FutureBirthDate,
        FieldError::TooOldBirthDate,
        FieldError::FifteenDigits,
        FieldError::MobilePrefix,
        FieldError::AreaCode,
        FieldError::TaxpayerLength { actual: 16 },
        FieldError::MiddleDot,
        FieldError::UnknownChoice,
        FieldError::WayNotOffered,
        FieldError::ResidentIdNeeded,
        FieldError::CityNotInProvince,
        FieldError::NotAgreed,
        FieldError::NotVerified,
    ]
}

#[test]
fn errors_travel_as_short_strings() {
    for error in every_error() {
        let json = serde_json::to_string(&error).unwrap();
        assert_eq!(serde_json::from_str::<FieldError>(&json).unwrap(), error, "{json}");
    }
    assert_eq!(FieldError::Length { expected: 18, actual: 17 }.code(), "length:18:17");
    assert_eq!(FieldError::from_code("length:18"), None);
    assert_eq!(FieldError::from_code("nonsense"), None);
}

#[test]
fn every_message_names_its_field() {
    for field in Field::ALL {
        for error in every_error() {
            let message = error.message(field);
            let agreement = field.kind() == Kind::Tick || error == FieldError::NotAgreed;
            assert!(agreement || message.contains(field.label()), "{message}");
            assert!(!message.contains('{'), "{message}");
        }
    }
}

#[test]
fn messages_say_how_to_mend_it() {
    assert_eq!(FieldError::Required.message(Field::UnitName), "请填写单位名称");
    assert_eq!(FieldError::Required.message(Field::MailCity), "请选择邮寄城市");
    assert_eq!(FieldError::NotAgreed.message(Field::Agreements), "请阅读并勾选同意协议");
    assert_eq!(FieldError::TooLong { max: 50 }.message(Field::UnitName), "单位名称不能超过 50 个字，请缩短");
    assert_eq!(
        FieldError::Length { expected: 18, actual: 17 }.message(Field::CreditCode),
        "统一社会信用代码应为 18 位，现在是 17 位，请核对"
    );
    assert_eq!(
        FieldError::BadCharacter { ch: 'O' }.message(Field::CreditCode),
        "统一社会信用代码中没有字母 I、O、S、V、Z，请把“O”改正（可能是数字 1、0、5、2）"
    );
    assert_eq!(
        FieldError::FifteenDigits.message(Field::OperatorId),
        "经办人身份证号是 15 位的第一代身份证号，已停止使用，请填写 18 位身份证号"
    );
}
