//! The sections of the form.

use super::field::{choice, described, error, line, radios};
use super::{Applying, save};
use crate::nav;
use crate::pages::text;
use crate::routes::Page;
use crate::time;
use crate::ui::dialog::dialog;
use crate::ui::rows::{row, rows};
use leptos::prelude::*;
use shared::field::{IdType, region};
use shared::form::{Field, Kind, Section};

/// One section; after the legal representative comes what is bought.
pub fn section(section: Section, applying: Applying) -> AnyView {
    let fields: Vec<_> = section.fields().map(|field| input(field, applying)).collect();
    let before = match section {
        Section::Invoice => same_as_unit(applying),
        Section::UnitWay
        | Section::Unit
        | Section::LegalRep
        | Section::OperatorWay
        | Section::Operator
        | Section::Mailing
        | Section::Agreement => ().into_any(),
    };
    let card = view! {
        <section class="card">
            <h2>{section.label()}</h2>
            {before}
            <div class="fields">{fields}</div>
        </section>
    }
    .into_any();
    if section == Section::Invoice { view! { {product()} {card} }.into_any() } else { card }
}

fn input(field: Field, applying: Applying) -> AnyView {
    match field.kind() {
        Kind::Name | Kind::Code | Kind::Number | Kind::Line => line(field, applying),
        Kind::Tick => agreements(field, applying),
        Kind::Choice => choose(field, applying),
    }
}

fn choose(field: Field, applying: Applying) -> AnyView {
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
        return choice(field, applying, move || {
            region::cities(&applying.value(Field::MailProvince)).map(|name| (name, name)).collect()
        });
    }
    choice(field, applying, || IdType::ALL.map(|kind| (kind.name(), kind.label())).to_vec())
}

/// 证书信息.
fn product() -> AnyView {
    let channel = nav::channel();
    let product = &channel.product;
    let facts = vec![
        row("证书类型", product.certificate.clone()),
        row("商品名称", product.name.clone()),
        row("证书价格", time::yuan(product.price_fen)),
        row("证书有效期", format!("{} 年，自制证之日起", product.years)),
    ];
    view! { <section class="card"><h2>"证书信息"</h2>{rows(facts)}</section> }.into_any()
}

/// 同单位信息: the invoice is for the unit itself, mostly.
fn same_as_unit(applying: Applying) -> AnyView {
    const PAIRS: [(Field, Field); 2] =
        [(Field::UnitName, Field::InvoiceTitle), (Field::CreditCode, Field::TaxpayerNumber)];
    let same = move || {
        applying.draft.with(|draft| {
            PAIRS.iter().all(|(from, to)| !draft.get(*from).is_empty() && draft.get(*from) == draft.get(*to))
        })
    };
    let copy = move |event| {
        let ticked = event_target_checked(&event);
        for (from, to) in PAIRS {
            let value = applying.draft.with_untracked(|draft| draft.get(from).to_owned());
            if ticked {
                applying.put(to, value);
                applying.leave(to);
            } else {
                applying.put(to, String::new());
            }
        }
        save::save(applying, false);
    };
    view! {
        <label class="tick">
            <input id="sameAsUnit" type="checkbox" prop:checked=same on:change=copy />
            <span>"同单位信息（发票抬头、纳税人识别号取自上面填写的单位名称、统一社会信用代码）"</span>
        </label>
    }
    .into_any()
}

/// The tick, with the agreements that open in full.
fn agreements(field: Field, applying: Applying) -> AnyView {
    let channel = nav::channel();
    let count = channel.agreements.len();
    let links: Vec<_> = channel
        .agreements
        .iter()
        .enumerate()
        .map(|(index, agreement)| {
            let open = RwSignal::new(false);
            let id = agreement.id.clone();
            let heading: &'static str = if index == 0 { "agreement-0" } else { "agreement-1" };
            let and = if index + 1 < count { "及" } else { "" };
            view! {
                <a href=nav::path(&Page::Agreement(agreement.id.clone())) on:click=move |event| {
                    event.prevent_default();
                    open.set(true);
                }>{agreement.title.clone()}</a>
                {and}
                {dialog(heading, agreement.title.clone().into_any(), open, move || text::shown(Some(id.clone())))}
            }
            .into_any()
        })
        .collect();
    view! {
        <div class="field wide">
            <div class="tick">
                <input
                    id=field.id()
                    type="checkbox"
                    aria-labelledby="agreements-words"
                    aria-required="true"
                    aria-invalid=move || applying.error(field).map(|_| "true")
                    aria-describedby=described(field)
                    prop:checked=move || applying.value(field) == "true"
                    on:change=move |event| {
                        applying.put(field, if event_target_checked(&event) { "true".into() } else { String::new() });
                    }
                />
                <span id="agreements-words">
                    <label for=field.id()>"我已阅读并同意"</label>{links}
                </span>
            </div>
            {error(field, applying)}
        </div>
    }
    .into_any()
}
