//! 拍照上传, on the applicant's own phone: opened by the QR code that the upload step shows.

use crate::api::{self, Failure};
use crate::dom::{El, el, p};
use crate::nav;
use crate::steps::prepare;
use crate::steps::upload::{Frame, Shelf};
use crate::ui::notice;
use crate::ui::rows::section;
use crate::ui::screen::{Parts, screen};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{ErrorCode, HandoverView};

/// The screen.
pub fn page(token: String) -> Parts {
    let view: RwSignal<Option<RwSignal<HandoverView>>> = RwSignal::new(None);
    let failure: RwSignal<Option<Failure>> = RwSignal::new(None);
    let asked = token.clone();
    let load = move || {
        let token = asked.clone();
        failure.set(None);
        spawn_local(async move {
            match api::handed_over(&token).await {
                Ok(loaded) => {
                    view.try_set(Some(RwSignal::new(loaded)));
                }
                Err(told) => {
                    failure.try_set(Some(told));
                }
            }
        });
    };
    load();
    let token = StoredValue::new(token);
    let body = el("div").live(move || match (view.get(), failure.get()) {
        (Some(view), _) => shown(view, token),
        (None, Some(told)) if told.code() == Some(ErrorCode::HandoverOver) => {
            vec![notice::error("二维码已过期或已失效。请在电脑上刷新二维码，再用手机重新扫描。")]
        }
        (None, Some(told)) => vec![notice::failed(&told, load.clone())],
        (None, None) => vec![notice::waiting("正在打开…")],
    });
    screen("拍照上传", vec![body])
}

fn shown(view: RwSignal<HandoverView>, token: StoredValue<String>) -> Parts {
    let channel = nav::channel();
    let now = view.get_untracked();
    let shelf = Shelf::Phone(view, token);
    let papers = channel.documents.iter().filter(|paper| now.wanted.contains(&paper.kind));
    let frames: Vec<El> = papers.map(|paper| Frame::new(paper, shelf).view()).collect();
    let wanted = frames.len();
    let done = el("div").live(move || {
        let there = view.with(|view| view.documents.iter().filter(|paper| view.wanted.contains(&paper.kind)).count());
        (there >= wanted).then(|| notice::info("全部资料已上传。请回到电脑上核对照片，点击“确认申请”。"))
    });
    let whose = ["为“", &now.unit_name, "”的申请上传资料。"].concat();
    vec![
        notice::tip().child(p(&whose)).child(p(&[&prepare::limits(&channel), "。"].concat())),
        section("请拍照或选择照片", el("ul").class("frames").child(frames)),
        done,
    ]
}
