//! 确认订单: everything read-only, each row with a way back to its input.

use super::form::Applying;
use crate::api::{self, Answer, Failure};
use crate::dom::{El, a, el, p};
use crate::nav;
use crate::routes::Page;
use crate::steps::order::next_page;
use crate::time;
use crate::ui::rows::{row, row_with, rows, section};
use crate::ui::screen::{Parts, screen};
use crate::ui::{button, notice, proof, steps};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{Checked, ErrorCode, NewOrder};
use shared::flow::{self, Step};
use shared::form::{Field, Section, UnitDraft};
use shared::order::Business;

/// The screen.
pub fn page() -> Parts {
    let applying: Applying = expect_context();
    let failure: RwSignal<Option<Failure>> = RwSignal::new(None);
    let load = loader(applying, failure);
    if applying.checked.with_untracked(Option::is_none) {
        load();
    }
    let body = el("div").live(move || match (applying.checked.get(), failure.get()) {
        (Some(checked), _) => shown(&checked, applying),
        (None, Some(told)) => vec![notice::failed(&told, load.clone())],
        (None, None) => vec![notice::waiting("正在读取您填写的信息…")],
    });
    screen("确认订单", vec![steps::bar(Business::New, Step::Confirm), body])
}

/// After a reload: the draft is checked again (the server remembers what it has verified). Without a draft the order
/// was made already, or nothing was typed yet.
fn loader(applying: Applying, failure: RwSignal<Option<Failure>>) -> impl Fn() + Clone + 'static {
    let nav = nav::nav();
    let slug = nav::channel().slug.clone();
    move || {
        let (nav, slug) = (nav.clone(), slug.clone());
        failure.set(None);
        spawn_local(async move {
            let answer = match api::draft(&slug, Business::New).await {
                Ok(Some(saved)) if !saved.draft.is_empty() => {
                    applying.restore(&saved.draft);
                    applying.restored.set(Some(None));
                    check_again(&slug, &saved.draft).await
                }
                Ok(_) => {
                    let orders = api::orders(&slug).await.map(|list| list.unfinished).unwrap_or_default();
                    let waiting = orders.iter().find(|order| flow::resume(order.status).is_some());
                    nav.replace(
                        &waiting.map_or(Page::Form, |order| next_page(&order.number, order.status)).path(&slug),
                    );
                    return;
                }
                Err(told) => Err(told),
            };
            match answer {
                Ok(checked) => applying.accept(checked),
                Err(Failure::Refused(told)) if told.fields.is_some() => {
                    applying.refuse(told.fields.clone().unwrap_or_default(), Some(told.message.clone()));
                    nav.replace(&Page::Form.path(&slug));
                }
                Err(told) => {
                    failure.try_set(Some(told));
                }
            }
        });
    }
}

/// Everything was verified before; what the server asks of each new check is computed without the applicant.
async fn check_again(slug: &str, draft: &UnitDraft) -> Answer<Checked> {
    match api::check(slug, Business::New, draft, None).await {
        Err(told) if told.code() == Some(ErrorCode::ProofNeeded) => {
            let proof = proof::computed().await?;
            api::check(slug, Business::New, draft, Some(proof)).await
        }
        answer => answer,
    }
}

fn shown(checked: &Checked, applying: Applying) -> Parts {
    let mut parts = vec![notice::tip().child(p("温馨提示：请确认以下内容是否正确，并点击“确认订单”按钮。"))];
    for part in Section::ALL.into_iter().filter(|part| *part != Section::Agreement) {
        if part == Section::Invoice {
            parts.push(product(checked));
        }
        let answers = part.fields().map(|field| answer(field, checked, applying)).collect();
        parts.push(section(part.label(), rows(answers)));
    }
    parts.push(acts(checked.content.clone(), applying));
    parts
}

/// What was answered, and 修改, which leads to the input and comes back here with 下一步.
fn answer(field: Field, checked: &Checked, applying: Applying) -> El {
    let words = field.words(checked.draft.get(field));
    let change = a(&nav::path(&Page::Form), "修改")
        .child(el("span").class("unseen").child(field.label()))
        .on("click", move |_| applying.focus.set(Some(field)));
    row_with(field.label(), words, Some(change))
}

fn product(checked: &Checked) -> El {
    let validity = [time::second(checked.valid_from), time::second(checked.valid_to)].join(" 至 ");
    let facts = vec![
        row("证书商品", &checked.product),
        row("证书类型", &checked.certificate),
        row("订单号", "确认订单后生成"),
        row("业务类型", Business::New.label()),
        row("证书有效期", &validity),
        row("证书价格", &time::yuan(checked.price_fen)),
    ];
    section("证书信息", rows(facts))
}

fn acts(content: String, applying: Applying) -> El {
    let nav = nav::nav();
    let slug = nav::channel().slug.clone();
    let busy = RwSignal::new(false);
    let failure: RwSignal<Option<Failure>> = RwSignal::new(None);
    let confirm = move || {
        busy.set(true);
        failure.set(None);
        let order = NewOrder { channel: slug.clone(), business: Business::New, content: content.clone() };
        let (nav, slug) = (nav.clone(), slug.clone());
        spawn_local(async move {
            let answer = api::confirm(&order).await;
            busy.try_set(false);
            match answer {
                Ok(order) => {
                    applying.clear();
                    applying.restored.set(Some(None));
                    nav.replace(&next_page(&order.number, order.status).path(&slug));
                }
                Err(told) if told.code() == Some(ErrorCode::NotChecked) => {
                    nav.tell(told.words());
                    nav.replace(&Page::Form.path(&slug));
                }
                Err(told) => {
                    failure.try_set(Some(told));
                }
            }
        });
    };
    let again = confirm.clone();
    let told = el("div").live(move || {
        let told = failure.get()?;
        let own = match &told {
            Failure::Refused(error) => error.order.clone(),
            Failure::Offline | Failure::Timeout | Failure::Unreadable => None,
        };
        let exists = told.code() == Some(ErrorCode::OrderExists);
        let resume = exists.then(|| match own {
            Some(number) => button::link("button main", "继续办理", &nav::path(&Page::Order(number))),
            None => button::link("button", "订单查询", &nav::path(&Page::Orders)),
        });
        Some(notice::failed(&told, again.clone()).child(resume))
    });
    let acts = crate::ui::rows::acts()
        .child(button::link("button", "返回修改", &nav::path(&Page::Form)))
        .child(button::button("button main", "确认订单", "正在提交…", busy, confirm));
    el("div").child(told).child(acts)
}
