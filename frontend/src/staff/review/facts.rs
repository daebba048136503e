//! What was typed, what the outside services said, how it was signed, what happened.

use crate::dom::{El, el, p};
use crate::staff::making::CROSS;
use crate::staff::order::by;
use crate::time;
use crate::ui::icon::{CHECK, icon};
use crate::ui::rows::{row, rows, section};
use crate::ui::screen::Parts;
use shared::api::{SignatureEvidence, StaffOrder, TimelineEntry, Verification};
use shared::form::{Section, UnitDraft};

/// In the order of the photos: the licence's data first.
const SECTIONS: [Section; 5] =
    [Section::Unit, Section::LegalRep, Section::Operator, Section::Mailing, Section::Invoice];

/// Everything beside the photos.
pub fn all(order: &StaffOrder) -> Parts {
    let mut parts = vec![verified(&order.verifications)];
    parts.extend(SECTIONS.into_iter().map(|part| typed(part, &order.form)));
    parts.push(signed(order.signature.as_ref()));
    parts.extend(sent(order));
    parts.push(happened(order));
    parts
}

fn typed(part: Section, form: &UnitDraft) -> El {
    let lines = part
        .fields()
        .filter(|field| field.required() || !form.get(*field).is_empty())
        .map(|field| row(field.label(), field.words(form.get(field))))
        .collect();
    section(part.label(), rows(lines))
}

fn verified(checks: &[Verification]) -> El {
    if checks.is_empty() {
        return section("核验结果", p("没有核验记录。").class("none"));
    }
    let line = |check: &Verification| {
        let (class, mark, word) =
            if check.passed { ("check passed", CHECK, "通过") } else { ("check failed", CROSS, "未通过") };
        let detail = [check.detail.as_str(), " ", &time::second(check.at)].concat();
        el("li").class(class).child(icon(mark)).child([
            el("span").class("check-name").child(check.name.as_str()),
            el("b").child(word),
            el("small").child(detail),
        ])
    };
    section("核验结果", el("ul").class("checks").child(checks.iter().map(line).collect::<Parts>()))
}

fn signed(signature: Option<&SignatureEvidence>) -> El {
    let Some(signature) = signature else { return section("签名存证", p("尚未签名。").class("none")) };
    let hash = el("dd").class("hash").child(signature.content.as_str());
    let lines = vec![
        row("签名时间", &time::second(signature.at)),
        row("验证手机号", &signature.phone),
        row("确认文本版本", &signature.consent_version),
        el("div").child(el("dt").child("申请内容摘要")).child(hash),
    ];
    section("签名存证", rows(lines))
}

/// The key and its parcel, once there are any.
fn sent(order: &StaffOrder) -> Option<El> {
    let order = &order.order;
    let named = [
        ("介质号", &order.key_serial),
        ("证书序列号", &order.certificate_serial),
        ("快递公司", &order.carrier),
        ("运单号", &order.waybill),
    ];
    let lines: Vec<_> =
        named.into_iter().filter_map(|(name, value)| value.as_deref().map(|value| row(name, value))).collect();
    (!lines.is_empty()).then(|| section("证书和寄送", rows(lines)))
}

fn happened(order: &StaffOrder) -> El {
    let line = |step: &TimelineEntry| {
        let who = by(order, step).map(|name| el("small").child([" ", name].concat()));
        let what = el("span").child(step.event.label()).child(who);
        el("li").child(what).child(el("time").child(time::second(step.at)))
    };
    section("办理记录", el("ol").class("timeline").child(order.order.timeline.iter().map(line).collect::<Parts>()))
}
