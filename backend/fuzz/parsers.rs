//! Every parser that reads what strangers send. One program; `CERTHALL_FUZZ` says which target.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::api::Proof;
use shared::channel::legacy_channel_id;
use shared::field::{
    BankCard, CorporateAccount, CreditCode, Date, Department, Email, IdNumber, InvoiceText, Mobile, PersonName, Phone,
    SmsCode, TaxpayerNumber, UnitName, WaybillNumber,
};
use shared::form::{Field, FormRules, UnitDraft, UnitForm};
use std::sync::LazyLock;

static TARGET: LazyLock<String> = LazyLock::new(|| std::env::var("CERTHALL_FUZZ").unwrap_or_default());

/// The rules of the first channel.
static RULES: LazyLock<FormRules> = LazyLock::new(|| {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../channels");
    let channels = backend::channels::Channels::load(&folder).expect("the channels are in order");
    let channel = channels.iter().next().expect("there is a channel");
    FormRules::of(&channel.public, today())
});

fn today() -> Date {
    Date::from_unix_micros_china(1_795_136_400_000_000)
}

fuzz_target!(|data: &[u8]| {
    let text = std::str::from_utf8(data);
    match (TARGET.as_str(), text) {
        ("fields", Ok(text)) => fields(text),
        ("forms", _) => forms(data),
        ("notices", _) => backend::fuzzing::notice(data),
        ("bills", _) => backend::fuzzing::bill(data),
        ("images", _) => backend::fuzzing::image(data),
        ("profiles", Ok(text)) => backend::fuzzing::profile(text),
        ("links", Ok(text)) => drop(legacy_channel_id(text)),
        ("proofs", Ok(text)) => proofs(text),
        ("subjects", Ok(text)) => backend::fuzzing::subject(text),
        ("headers", _) => backend::fuzzing::headers(data),
        ("requests", _) => drop(backend::ca::VerifiedRequest::verify(data, "20261120A000001").is_ok()),
        ("fields" | "profiles" | "links" | "proofs" | "subjects", Err(_)) => {}
        (other, _) => panic!("CERTHALL_FUZZ names no target: {other:?}"),
    }
});

/// What passes is normal: reading it again gives the same.
macro_rules! reads_back {
    ($text:expr, $($field:ty),+) => {
        $(if let Ok(value) = <$field>::parse($text) {
            let again = <$field>::parse(value.as_str());
            assert!(again.is_ok_and(|again| again.as_str() == value.as_str()), concat!(stringify!($field), ": {:?}"), $text);
        })+
    };
}

fn fields(text: &str) {
    reads_back!(
        text, BankCard, CorporateAccount, CreditCode, Department, Email, InvoiceText, Mobile, PersonName, Phone, SmsCode,
        TaxpayerNumber, UnitName, WaybillNumber
    );
    if let Ok(id) = IdNumber::parse(text, today()) {
        assert!(IdNumber::parse(id.as_str(), today()).is_ok());
    }
    for field in Field::ALL {
        let normal = field.normalize(text);
        assert_eq!(field.normalize(&normal), normal, "{field:?}: {text:?}");
    }
}

fn forms(data: &[u8]) {
    let Ok(draft) = serde_json::from_slice::<UnitDraft>(data) else { return };
    if let Ok(form) = UnitForm::parse(&draft, &RULES) {
        let again = UnitForm::parse(&form.to_draft(), &RULES).expect("a form that passed passes again");
        assert_eq!(form.canonical_bytes(), again.canonical_bytes());
    }
}

fn proofs(text: &str) {
    if let Some(proof) = Proof::parse(text) {
        let header = proof.header();
        assert!(header.is_ascii() || !text.is_ascii());
        if let Proof::Work { .. } = proof {
            assert_eq!(Proof::parse(&header), Some(proof));
        }
    }
}
