//! 上传资料: a frame for each paper of the profile.

mod frame;
mod handover;
mod shelf;

use crate::api::{self, Failure};
use crate::app::LastOrder;
use crate::dom::{El, el, p};
use crate::nav;
use crate::routes::Page;
use crate::steps::order::{next_page, with_order};
use crate::steps::prepare;
use crate::ui::rows::{self, row, rows, section};
use crate::ui::screen::{Parts, screen};
use crate::ui::{button::button, notice, steps};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::OrderView;
use shared::channel::DocumentSpec;
use shared::flow::Step;
use shared::order::Status;

pub use frame::Frame;
pub use shelf::Shelf;

use shelf::{Standing, standing};

/// Told while the review waits.
const CHANGING: &str =
    "您的资料正在等待审核。可以重新上传需要修改的资料，再点击“确认申请”并重新签名；签名之前，审核仍以原来的资料为准。";

/// The screen.
pub fn page(number: String) -> Parts {
    let belongs = |order: &OrderView| {
        matches!(order.status, Status::AwaitingDocuments | Status::ReviewRefused | Status::AwaitingReview)
    };
    screen("上传资料", vec![with_order(number, belongs, shown)])
}

fn shown(order: RwSignal<OrderView>) -> Parts {
    let channel = nav::channel();
    let now = order.get_untracked();
    let nav = nav::nav();
    if now.status == Status::AwaitingReview && now.staged.is_empty() && nav.came_back() {
        // Back from a paid order: nothing was asked to be changed.
        nav.replace(&Page::Order(now.number).path(&channel.slug));
        return Vec::new();
    }
    let frames: Vec<_> = channel.documents.iter().map(|paper| Frame::new(paper, Shelf::Order(order))).collect();
    let views: Vec<_> = frames.iter().map(Frame::view).collect();
    let papers = section(
        "请上传以下证件照片",
        [tips(&channel.documents), handover::offer(order), el("ul").class("frames").child(views)],
    );
    let mut parts = if now.status == Status::AwaitingReview {
        vec![notice::info(CHANGING)]
    } else {
        vec![steps::bar(now.business, Step::Upload)]
    };
    parts.extend(refusal(&now));
    parts.extend([facts(&now), papers, acts(order, frames)]);
    parts
}

/// Why the review refused: which papers to upload again, or that it was for good.
pub fn refusal(order: &OrderView) -> Option<El> {
    let refusal = order.refusal.as_ref()?;
    let reason = p(&["原因：", &refusal.reason].concat());
    let told = |heading: &str| {
        let heading = el("h2").child(heading);
        el("div").class("notice error").attr("role", "note").child(heading).child(reason)
    };
    if order.status != Status::ReviewRefused {
        // For good: nothing is uploaded again.
        return Some(told("审核不通过").child(p("订单已取消，已支付的费用将原路退回，见本页“退款信息”。")));
    }
    let channel = nav::channel();
    let again = channel.documents.iter().filter(|paper| refusal.documents.contains(&paper.kind));
    let again: Vec<_> = again.map(|paper| el("li").child(paper.label.as_str())).collect();
    Some(told("鉴证未通过").child(p("请重新上传下列资料，再点击“确认申请”并重新签名：")).child(el("ul").child(again)))
}

/// 证书基本信息.
pub fn facts(order: &OrderView) -> El {
    let facts = vec![
        row("证书订单号", &order.number),
        row("单位名称", &order.unit_name),
        row("证件类型", "企业营业执照"),
        row("证件号码", &order.credit_code),
    ];
    section("证书基本信息", rows(facts))
}

fn tips(papers: &[DocumentSpec]) -> El {
    let names: Vec<_> = papers.iter().map(|paper| [&paper.label, "（", &paper.hint, "）"].concat()).collect();
    let lines = [
        el("li").child(["请依次上传", &names.join("、"), "；"].concat()),
        el("li").child([&prepare::limits(&nav::channel()), "。"].concat()),
    ];
    notice::tip().child(p("证件提示：")).child(el("ol").child(lines))
}

/// The first paper that is still to be uploaded.
fn missing<'a>(order: &OrderView, papers: &'a [DocumentSpec]) -> Option<&'a DocumentSpec> {
    papers.iter().find(|paper| matches!(standing(order, paper.kind), Standing::Missing | Standing::Refused))
}

/// 确认申请 and 取消订单.
fn acts(order: RwSignal<OrderView>, frames: Vec<Frame>) -> El {
    let nav = nav::nav();
    let channel = nav::channel();
    let LastOrder(last) = expect_context();
    let busy = RwSignal::new(false);
    let wrong: RwSignal<Option<String>> = RwSignal::new(None);
    // A new paper may have mended it.
    Effect::new(move |_| {
        order.track();
        wrong.set(None);
    });
    Effect::new(move |_| nav::mark_title(wrong.with(Option::is_some)));
    let submit = move || {
        wrong.set(None);
        if frames.iter().any(Frame::is_busy) {
            wrong.set(Some("还有图片正在上传，请等上传完成后再确认申请。".into()));
            return;
        }
        let now = order.get_untracked();
        if let Some(paper) = missing(&now, &channel.documents) {
            wrong.set(Some(["请先上传", &paper.label, "，再点击“确认申请”。"].concat()));
            nav::focus(&frame::input_id(paper.kind));
            return;
        }
        if now.status == Status::AwaitingReview && now.staged.is_empty() {
            wrong.set(Some("还没有重新上传任何资料。请先上传需要修改的资料，再点击“确认申请”。".into()));
            return;
        }
        // After a refusal, and while the review waits, the new signature itself hands the papers in.
        if matches!(now.status, Status::ReviewRefused | Status::AwaitingReview) {
            nav.go(&Page::Sign(now.number).path(&channel.slug));
            return;
        }
        busy.set(true);
        let (nav, slug) = (nav.clone(), channel.slug.clone());
        spawn_local(async move {
            let answer = api::submit_documents(&now.number).await;
            busy.try_set(false);
            match answer {
                Ok(order) => {
                    let path = next_page(&order.number, order.status).path(&slug);
                    last.set(Some(order));
                    nav.go(&path);
                }
                Err(told) => {
                    wrong.try_set(Some(Failure::words(&told)));
                }
            }
        });
    };
    let acts = rows::acts().child(super::cancel::cancel(order)).child(button(
        "button main",
        "确认申请",
        "正在提交…",
        busy,
        submit,
    ));
    let told = el("div").live(move || wrong.get().map(|words| notice::error(&words)));
    el("div").child(told).child(acts)
}
