//! 上传资料: a frame for each paper of the profile.

mod frame;

use crate::api::{self, Failure};
use crate::app::LastOrder;
use crate::nav;
use crate::routes::Page;
use crate::steps::order::{next_page, with_order};
use crate::steps::prepare;
use crate::ui::rows::{row, rows, section};
use crate::ui::{button::button, notice, steps};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::OrderView;
use shared::channel::DocumentSpec;
use shared::flow::Step;
use shared::order::Status;

pub use frame::Frame;

/// The screen.
pub fn page(number: String) -> AnyView {
    let belongs = |order: &OrderView| matches!(order.status, Status::AwaitingDocuments | Status::ReviewRefused);
    nav::screen("上传资料", with_order(number, belongs, shown))
}

fn shown(order: RwSignal<OrderView>) -> AnyView {
    let channel = nav::channel();
    let business = order.with_untracked(|order| order.business);
    let frames: Vec<_> = channel.documents.iter().map(|paper| Frame::new(paper, order)).collect();
    let views: Vec<_> = frames.iter().map(|frame| frame.view()).collect();
    view! {
        {steps::bar(business, Step::Upload)}
        {move || order.with(refusal)}
        {facts(order)}
        <section class="card">
            <h2>"请上传以下证件照片"</h2>
            {tips(&channel.documents)}
            <ul class="frames">{views}</ul>
        </section>
        {acts(order, frames)}
    }
    .into_any()
}

/// Why the review refused, and which papers to upload again.
pub fn refusal(order: &OrderView) -> Option<AnyView> {
    let refusal = order.refusal.as_ref()?;
    let channel = nav::channel();
    let again: Vec<_> = channel
        .documents
        .iter()
        .filter(|paper| refusal.documents.contains(&paper.kind))
        .map(|paper| view! { <li>{paper.label.clone()}</li> }.into_any())
        .collect();
    Some(
        view! {
            <div class="notice error" role="note">
                <h2>"鉴证未通过"</h2>
                <p>"原因："{refusal.reason.clone()}</p>
                <p>"请重新上传下列资料，再点击“确认申请”并重新签名："</p>
                <ul>{again}</ul>
            </div>
        }
        .into_any(),
    )
}

/// 证书基本信息.
pub fn facts(order: RwSignal<OrderView>) -> AnyView {
    let order = order.get_untracked();
    section(
        "证书基本信息",
        rows(vec![
            row("证书订单号", order.number),
            row("单位名称", order.unit_name),
            row("证件类型", "企业营业执照"),
            row("证件号码", order.credit_code),
        ]),
    )
}

fn tips(papers: &[DocumentSpec]) -> AnyView {
    let names: Vec<_> = papers.iter().map(|paper| [&paper.label, "（", &paper.hint, "）"].concat()).collect();
    notice::tip(
        view! {
            <p>"证件提示："</p>
            <ol>
                <li>"请依次上传"{names.join("、")}"；"</li>
                <li>{prepare::limits(&nav::channel())}"。"</li>
            </ol>
        }
        .into_any(),
    )
}

/// The first paper that is still to be uploaded.
fn missing(order: &OrderView) -> Option<DocumentSpec> {
    let redo = |paper: &DocumentSpec| order.refusal.as_ref().is_some_and(|told| told.documents.contains(&paper.kind));
    nav::channel().documents.iter().find_map(|paper| {
        let there = order.documents.iter().find(|there| there.kind == paper.kind);
        let missing = there.is_none_or(|there| redo(paper) && !there.fresh);
        missing.then(|| paper.clone())
    })
}

/// 确认申请 and 取消订单.
fn acts(order: RwSignal<OrderView>, frames: Vec<Frame>) -> AnyView {
    let nav = nav::nav();
    let slug = nav::channel().slug.clone();
    let LastOrder(last) = expect_context();
    let busy = RwSignal::new(false);
    let wrong: RwSignal<Option<String>> = RwSignal::new(None);
    let lacking = Memo::new(move |_| order.with(missing).map(|paper| (paper.kind, paper.label)));
    let submit = move || {
        wrong.set(None);
        if frames.iter().any(Frame::is_busy) {
            wrong.set(Some("还有图片正在上传，请等上传完成后再确认申请。".into()));
            return;
        }
        if let Some((kind, label)) = lacking.get_untracked() {
            wrong.set(Some(["请先上传", &label, "，再点击“确认申请”。"].concat()));
            nav::focus(&frame::input_id(kind));
            return;
        }
        let now = order.get_untracked();
        // After a refusal the new signature itself hands the papers in.
        if now.status == Status::ReviewRefused {
            nav.go(&Page::Sign(now.number).path(&slug));
            return;
        }
        busy.set(true);
        let (nav, slug) = (nav.clone(), slug.clone());
        spawn_local(async move {
            let answer = api::submit_documents(&now.number).await;
            busy.try_set(false);
            match answer {
                Ok(order) => {
                    let path = next_page(&order).path(&slug);
                    last.set(Some(order));
                    nav.go(&path);
                }
                Err(told) => {
                    wrong.try_set(Some(Failure::words(&told)));
                }
            }
        });
    };
    view! {
        {move || wrong.get().map(notice::error)}
        <div class="acts">
            {super::cancel::cancel(order)}
            {button("button main", "确认申请", "正在提交…", busy, submit)}
        </div>
    }
    .into_any()
}
