//! The sections of the form.

use super::field::{choice, control, error, line, radios};
use super::{Applying, save};
use crate::dom::{El, a, div, el, is_ticked};
use crate::nav;
use crate::pages::text;
use crate::routes::Page;
use crate::time;
use crate::ui::dialog::dialog;
use crate::ui::rows::{self, row, rows};
use leptos::prelude::*;
use shared::field::{FieldError, IdType, region};
use shared::form::{Field, Kind, Section};

/// These sections; before the invoice comes what is bought.
pub fn sections(these: &[Section], applying: Applying) -> Vec<El> {
    let mut cards = Vec::new();
    for section in these {
        if *section == Section::Invoice {
            cards.push(product());
        }
        let same = match section {
            Section::Invoice => Some(same_as(
                "sameAsUnit",
                "同单位信息（发票抬头、纳税人识别号取自上面填写的单位名称、统一社会信用代码）",
                UNIT,
                applying,
            )),
            Section::Operator => Some(same_as(
                "sameAsLegalRep",
                "同法定代表人（姓名、手机号、证件取自上面填写的法定代表人信息）",
                LEGAL_REP,
                applying,
            )),
            Section::UnitWay
            | Section::Unit
            | Section::LegalRep
            | Section::OperatorWay
            | Section::Mailing
            | Section::Agreement => None,
        };
        let fields: Vec<_> = section.fields().map(|field| input(field, applying)).collect();
        cards.push(rows::section(section.label(), same).child(div("fields").child(fields)));
    }
    cards
}

/// One input, by its kind.
pub fn input(field: Field, applying: Applying) -> El {
    match field.kind() {
        Kind::Name | Kind::Code | Kind::Number | Kind::Line => line(field, applying),
        Kind::Tick => agreements(field, applying),
        Kind::Choice => choose(field, applying),
    }
}

fn choose(field: Field, applying: Applying) -> El {
    let channel = nav::channel();
    if field == Field::UnitWay {
        let ways = channel.unit_ways.iter().filter(|way| way.supported());
        return radios(field, applying, ways.map(|way| (way.name(), way.label(), way.hint())).collect());
    }
    if field == Field::OperatorWay {
        let ways = channel.operator_ways.iter().filter(|way| way.supported());
        return radios(field, applying, ways.map(|way| (way.name(), way.label(), way.hint())).collect());
    }
    if field == Field::MailProvince {
        return choice(field, applying, || region::provinces().map(|name| (name, name)).collect());
    }
    if field == Field::MailCity {
        let province = Memo::new(move |_| applying.draft.value(Field::MailProvince));
        return choice(field, applying, move || {
            province.with(|province| region::cities(province).map(|name| (name, name)).collect())
        });
    }
    choice(field, applying, || IdType::ALL.map(|kind| (kind.name(), kind.label())).to_vec())
}

/// 证书信息.
fn product() -> El {
    let channel = nav::channel();
    let product = &channel.product;
    let facts = vec![
        row("证书类型", &product.certificate),
        row("商品名称", &product.name),
        row("证书价格", &time::yuan(product.price_fen)),
        row("证书有效期", &[&product.years.to_string(), " 年，自制证之日起"].concat()),
    ];
    rows::section("证书信息", rows(facts))
}

/// Inputs and what is taken over into them.
type Pairs = &'static [(Field, Field)];

const UNIT: Pairs = &[(Field::UnitName, Field::InvoiceTitle), (Field::CreditCode, Field::TaxpayerNumber)];

const LEGAL_REP: Pairs = &[
    (Field::LegalRepName, Field::OperatorName),
    (Field::LegalRepMobile, Field::OperatorMobile),
    (Field::LegalRepIdType, Field::OperatorIdType),
    (Field::LegalRepId, Field::OperatorId),
];

/// 同单位信息, 同法定代表人: nothing is asked twice. Ticked as long as both say the same; while it is ticked, a change above
/// is taken over.
fn same_as(id: &'static str, words: &str, pairs: Pairs, applying: Applying) -> El {
    let known = move || pairs.iter().map(|(from, _)| applying.draft.value(*from)).collect::<Vec<_>>();
    let agrees = move |known: &[String]| {
        let typed = known.iter().take(2).any(|value| !value.is_empty());
        typed && pairs.iter().zip(known).all(|((_, to), value)| applying.draft.value(*to) == *value)
    };
    Effect::new(move |before: Option<Vec<String>>| {
        let now = known();
        if before.is_some_and(|before| before != now && untrack(|| agrees(&before))) {
            for ((_, to), value) in pairs.iter().zip(&now) {
                applying.put(*to, value.clone());
            }
        }
        now
    });
    let same = move || agrees(&known());
    let input = el("input").id(id).attr("type", "checkbox").live_checked(same).on("change", move |event| {
        let (first, _) = pairs[0];
        if is_ticked(&event) && applying.draft.now(first).is_empty() {
            // Nothing is there yet to be taken over: said where it belongs, instead of a tick that falls off by itself.
            applying.errors.update(|errors| errors.add(first, FieldError::Required));
            applying.draft.tell(first);
            nav::focus(first.id());
            return;
        }
        for (from, to) in pairs {
            let known = applying.draft.now(*from);
            applying.put(*to, if is_ticked(&event) { known } else { String::new() });
            applying.leave(*to);
        }
        save::save(applying, false);
    });
    el("label").class("tick").child(input).child(el("span").child(words))
}

/// The tick, with the agreements that open in full.
fn agreements(field: Field, applying: Applying) -> El {
    let channel = nav::channel();
    let input = control("input", field, applying)
        .attr("type", "checkbox")
        .attr("aria-labelledby", "agreements-words")
        .live_checked(move || applying.draft.value(field) == "true")
        .on("change", move |event| {
            applying.put(field, if is_ticked(&event) { "true".into() } else { String::new() });
        });
    let mut words =
        el("span").id("agreements-words").child(el("label").attr("for", field.id()).child("我已阅读并同意"));
    let mut dialogs = Vec::new();
    for (index, agreement) in channel.agreements.iter().enumerate() {
        let open = RwSignal::new(false);
        let id = agreement.id.clone();
        let link = a(&nav::path(&Page::Agreement(id.clone())), &agreement.title).on("click", move |event| {
            event.prevent_default();
            open.set(true);
        });
        words = words.child(if index > 0 { "及" } else { "" }).child(link);
        let heading = ["agreement-", &id].concat();
        dialogs.push(dialog(&heading, &agreement.title, open, move || vec![text::shown(Some(id.clone()), false)]));
    }
    div("field wide").child(div("tick").child(input).child(words)).child(error(field, applying)).child(dialogs)
}
