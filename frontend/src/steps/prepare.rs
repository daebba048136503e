//! 申请须知: what is needed, what it costs, how long it takes.

use crate::dom::{el, p};
use crate::time;
use crate::ui::rows::{row, rows};
use crate::ui::screen::Parts;
use shared::channel::PublicChannel;

/// The facts before an application.
pub fn facts(channel: &PublicChannel) -> Parts {
    let papers = channel
        .documents
        .iter()
        .map(|paper| el("li").child(paper.label.as_str()).child(el("span").class("hint").child(paper.hint.as_str())));
    let product = &channel.product;
    let fee = [&time::yuan(product.price_fen), "／套，有效期 ", &product.years.to_string(), " 年"].concat();
    let ways: Vec<_> = channel.payment_ways.iter().map(|way| way.label()).collect();
    let elsewhere = ["如无法在线办理，请拨打受理点电话 ", &channel.help_line, "，或查看办理指南。"].concat();
    let facts = vec![
        row("证书费用", &fee),
        row("支付方式", &ways.join("、")),
        row("办理时间", &channel.times),
        row("其他办理方式", &elsewhere),
    ];
    vec![
        p(&["需要上传下列资料的照片或扫描件（", &limits(channel), "）："].concat()),
        el("ul").class("papers").child(papers.collect::<Vec<_>>()),
        rows(facts),
    ]
}

/// 支持 gif、jpg、png、jpeg 格式，单个图片不超过 1.5M.
pub fn limits(channel: &PublicChannel) -> String {
    // Tenths of a megabyte: 1.5.
    let tenths = channel.upload.max_bytes * 10 / (1024 * 1024);
    let mut size = (tenths / 10).to_string();
    if !tenths.is_multiple_of(10) {
        size = [&size, ".", &(tenths % 10).to_string()].concat();
    }
    let formats = channel.upload.formats.join("、");
    ["支持 ", &formats, " 格式的图片，单个图片大小不超过 ", &size, "M；手机照片会自动缩小、转正"].concat()
}
