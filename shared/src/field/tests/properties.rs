//! What must hold for any text and for any valid value.

use crate::field::*;
use proptest::prelude::*;

const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

fn index(c: char) -> u32 {
    u32::try_from(ALPHABET.find(c).unwrap()).unwrap()
}

/// The standards' own form of the rule: with its check character the weighed sum is 0 mod 11 (GB 11714) and 0 mod 31
/// (GB 32100). Written independently of the code under test.
fn with_checks(prefix: &str, organization: &str) -> String {
    let sum: u32 = organization.chars().zip([3, 7, 9, 10, 5, 8, 4, 2]).map(|(c, w)| c.to_digit(36).unwrap() * w).sum();
    let inner = "0123456789X".chars().enumerate().find(|(v, _)| (sum as usize + v).is_multiple_of(11)).unwrap().1;
    let seventeen = format!("{prefix}{organization}{inner}");
    let mut weight = 1;
    let mut sum = 0;
    for c in seventeen.chars() {
        sum += index(c) * weight;
        weight = weight * 3 % 31;
    }
    let outer = ALPHABET.chars().find(|c| (sum + index(*c)).is_multiple_of(31)).unwrap();
    format!("{seventeen}{outer}")
}

fn credit_code() -> impl Strategy<Value = String> {
    ("[1-9A-HJ-NPQRTUWXY][1-9][0-9]{6}", "[0-9A-HJ-NPQRTUWXY]{8}")
        .prop_map(|(prefix, body)| with_checks(&prefix, &body))
}

/// Σ weight × digit ≡ 1 mod 11, the weight of place i from the right being 2^i (GB 11643, ISO 7064 mod 11-2).
fn id_number() -> impl Strategy<Value = String> {
    let province = prop::sample::select(vec![11, 15, 23, 31, 37, 45, 46, 50, 54, 61, 65, 71, 81, 83, 91]);
    (province, 0..9999u32, 1877..=2025u16, 1..=12u8, 1..=28u8, 0..=999u32).prop_map(
        |(province, area, year, month, day, order)| {
            let seventeen = format!("{province}{area:04}{year:04}{month:02}{day:02}{order:03}");
            let sum: u32 = seventeen
                .chars()
                .rev()
                .zip(1..)
                .map(|(c, place)| c.to_digit(10).unwrap() * (2u32.pow(place) % 11))
                .sum();
            let check = "0123456789X".chars().enumerate().find(|(v, _)| (sum as usize + v) % 11 == 1).unwrap().1;
            format!("{seventeen}{check}")
        },
    )
}

fn today() -> Date {
    Date::new(2026, 11, 20).unwrap()
}

fn replaced(text: &str, at: usize, with: char) -> String {
    text.chars().enumerate().map(|(i, c)| if i == at { with } else { c }).collect()
}

fn swapped(text: &str, at: usize) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    chars.swap(at, at + 1);
    chars.into_iter().collect()
}

/// Text as people and their clipboards give it.
fn typed() -> impl Strategy<Value = String> {
    prop_oneof![
        ".*",
        "[0-9０-９ 　xXＸ+\\-—()（）转]{0,24}",
        "[张三李四·•.a-zA-Zａ-ｚ 　()（）]{0,20}",
        "[a-zA-Z0-9.@＠。\\- ]{0,30}",
    ]
}

type Normalize = fn(&str) -> String;

const NORMALIZERS: [(&str, Normalize); 16] = [
    ("CreditCode", CreditCode::normalize),
    ("IdNumber", IdNumber::normalize),
    ("OtherId", OtherId::normalize),
    ("Mobile", Mobile::normalize),
    ("Phone", Phone::normalize),
    ("Email", Email::normalize),
    ("BankCard", BankCard::normalize),
    ("CorporateAccount", CorporateAccount::normalize),
    ("TaxpayerNumber", TaxpayerNumber::normalize),
    ("PersonName", PersonName::normalize),
    ("UnitName", UnitName::normalize),
    ("Department", Department::normalize),
    ("InvoiceText", InvoiceText::normalize),
    ("AddressDetail", AddressDetail::normalize),
    ("SmsCode", SmsCode::normalize),
    ("WaybillNumber", WaybillNumber::normalize),
];

/// What is accepted is accepted again in its normal form and unchanged; it is also what `normalize` shows.
macro_rules! stable {
    ($text:expr; $($name:ident)*) => {$(
        if let Ok(value) = $name::parse($text) {
            prop_assert_eq!(&$name::parse(value.as_str()), &Ok(value.clone()), "{}", stringify!($name));
            prop_assert_eq!($name::normalize($text), value.as_str(), "{}", stringify!($name));
            let json = serde_json::to_string(&value).unwrap();
            prop_assert_eq!(&serde_json::from_str::<$name>(&json).unwrap(), &value);
        }
    )*};
}

proptest! {
    #[test]
    fn made_credit_codes_are_accepted(code in credit_code()) {
        let parsed = CreditCode::parse(&code.to_lowercase()).unwrap();
        prop_assert_eq!(parsed.organization_code(), &code[8..17]);
        prop_assert_eq!(parsed.as_str(), code);
    }

    #[test]
    fn any_changed_character_of_a_credit_code_is_noticed(code in credit_code(), at in 0..18usize, with in 0..31usize) {
        let other = replaced(&code, at, ALPHABET.chars().nth(with).unwrap());
        prop_assert_eq!(CreditCode::parse(&other).is_ok(), other == code);
    }

    #[test]
    fn swapped_neighbours_of_a_credit_code_are_noticed(code in credit_code(), at in 0..16usize) {
        let other = swapped(&code, at);
        prop_assert_eq!(CreditCode::parse(&other).is_ok(), other == code);
    }

    #[test]
    fn made_id_numbers_are_accepted(id in id_number()) {
        let parsed = IdNumber::parse(&id.to_lowercase(), today()).unwrap();
        prop_assert_eq!(parsed.as_str(), &id);
        prop_assert_eq!(parsed.birth_date().to_string().replace('-', ""), &id[6..14]);
        let printed = format!("{parsed:?}");
        prop_assert!(!printed.contains(&id[6..14]));
    }

    #[test]
    fn any_changed_character_of_an_id_number_is_noticed(id in id_number(), at in 0..18usize, with in "[0-9X]") {
        let other = replaced(&id, at, with.chars().next().unwrap());
        prop_assert_eq!(IdNumber::parse(&other, today()).is_ok(), other == id);
    }

    #[test]
    fn swapped_neighbours_of_an_id_number_are_noticed(id in id_number(), at in 0..17usize) {
        let other = swapped(&id, at);
        prop_assert_eq!(IdNumber::parse(&other, today()).is_ok(), other == id);
    }

    #[test]
    fn a_changed_digit_of_a_bank_card_is_noticed(body in "[0-9]{12,18}", at in 0..13usize, with in 0..10u32) {
        let card = (0..10).map(|digit| format!("{body}{digit}")).find(|card| BankCard::parse(card).is_ok()).unwrap();
        let other = replaced(&card, at, char::from_digit(with, 10).unwrap());
        prop_assert_eq!(BankCard::parse(&other).is_ok(), other == card);
    }

    #[test]
    fn every_length_of_bank_card_has_exactly_one_check_digit(body in "[0-9]{12,18}") {
        let fits = (0..10).filter(|digit| BankCard::parse(&format!("{body}{digit}")).is_ok()).count();
        prop_assert_eq!(fits, 1);
    }

    #[test]
    fn mobiles_are_accepted_however_they_are_written(
        number in "1[3-9][0-9]{9}", prefix in "(|\\+86|86|0086)[ -]?", gap in "[ -]?",
    ) {
        let written = format!("{prefix}{}{gap}{}", &number[..3], &number[3..]);
        let parsed = Mobile::parse(&written).unwrap();
        prop_assert_eq!(parsed.as_str(), number);
    }

    #[test]
    fn fixed_phones_are_accepted_however_they_are_written(
        area in "(010|02[0-9]|0[3-9][0-9]{2})", local in "[2-9][0-9]{6,7}", open in "[(（]?", gap in "[ )）-]?",
        extension in "(|转[0-9]{1,6}|-[0-9]{1,6})",
    ) {
        let phone = Phone::parse(&format!("{open}{area}{gap}{local}{extension}")).unwrap();
        let meant = format!("{area}-{local}");
        prop_assert!(phone.as_str().starts_with(&meant));
    }

    #[test]
    fn no_text_makes_anything_panic(text in typed()) {
        let _ = IdNumber::parse(&text, today());
        for kind in IdType::ALL {
            let _ = OtherId::parse(kind, &text);
        }
        let _ = Address::parse(&text, &text, &text);
        let _ = Address::parse("广西", &text, &text);
        let _ = FieldError::from_code(&text);
        let _ = Date::from_text(&text);
        let _ = text::mask(&text, 3, 4);
    }

    #[test]
    fn what_is_accepted_is_in_its_normal_form(text in typed()) {
        stable!(text.as_str(); CreditCode Mobile Phone Email BankCard CorporateAccount TaxpayerNumber PersonName UnitName
            Department InvoiceText AddressDetail SmsCode WaybillNumber);
        if let Ok(id) = IdNumber::parse(&text, today()) {
            prop_assert_eq!(IdNumber::parse(id.as_str(), today()), Ok(id));
        }
        for kind in IdType::ALL {
            if let Ok(id) = OtherId::parse(kind, &text) {
                prop_assert_eq!(OtherId::parse(kind, id.as_str()), Ok(id));
            }
        }
    }

    #[test]
    fn normalising_twice_is_normalising_once(text in typed()) {
        for (name, normalize) in NORMALIZERS {
            let once = normalize(&text);
            prop_assert_eq!(normalize(&once), once, "{}", name);
        }
        let raised = text::raise(&text);
        prop_assert_eq!(raised.chars().count(), text.chars().count());
        prop_assert_eq!(text::raise(&raised), raised);
    }

    #[test]
    fn days_follow_each_other(day in -700_000..2_900_000i64) {
        let on = |day: i64| Date::from_unix_micros_china(day * 86_400_000_000);
        prop_assert!(on(day) < on(day + 1));
        prop_assert_eq!(Date::from_text(&on(day).to_string()), Some(on(day)));
        prop_assert_eq!(Date::new(on(day).year(), on(day).month(), on(day).day()), Some(on(day)));
    }
}
