//! 申请须知: what is needed, what it costs, how long it takes.

use crate::time;
use crate::ui::rows::{row, rows};
use leptos::prelude::*;
use shared::channel::PublicChannel;

/// The facts before an application.
pub fn facts(channel: &PublicChannel) -> AnyView {
    let papers: Vec<_> = channel
        .documents
        .iter()
        .map(|paper| view! { <li>{paper.label.clone()}<span class="hint">{paper.hint.clone()}</span></li> }.into_any())
        .collect();
    let fee = format!("{}／套，有效期 {} 年", time::yuan(channel.product.price_fen), channel.product.years);
    let ways: Vec<_> = channel.payment_ways.iter().map(|way| way.label()).collect();
    let facts = vec![
        row("证书费用", fee),
        row("支付方式", ways.join("、")),
        row("办理时间", channel.times.clone()),
        row("其他办理方式", format!("如无法在线办理，请拨打受理点电话 {}，或查看办理指南。", channel.help_line)),
    ];
    view! {
        <p>"需要上传下列资料的照片或扫描件（"{limits(channel)}"）："</p>
        <ul class="papers">{papers}</ul>
        {rows(facts)}
    }
    .into_any()
}

/// 支持 gif、jpg、png、jpeg 格式，单个图片不超过 1.5M.
pub fn limits(channel: &PublicChannel) -> String {
    // Tenths of a megabyte: 1.5.
    let tenths = channel.upload.max_bytes * 10 / (1024 * 1024);
    let size = if tenths % 10 == 0 { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) };
    format!("支持 {} 格式的图片，单个不超过 {size}M；手机照片会自动缩小、转正", channel.upload.formats.join("、"))
}
