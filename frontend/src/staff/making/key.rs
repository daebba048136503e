//! The key in the computer: what is there, and what to do if it is not as it should be.

use crate::dom::{El, div, el, p};
use crate::key::{Bridge, KeyError, Keys, State};
use crate::time;
use crate::ui::button;
use crate::ui::screen::Parts;
use leptos::prelude::*;
use shared::bridge::{ErrorCode, ErrorData, KeyDetail};

/// How things look.
struct Look<'a> {
    class: &'static str,
    title: String,
    more: String,
    key: Option<&'a KeyDetail>,
    /// A button that looks for the bridge again.
    again: bool,
}

/// The panel above the list.
pub fn panel(bridge: Bridge) -> El {
    el("section").attr("aria-label", "UKey 状态").live(move || match bridge.state().get() {
        State::Connecting => drawn(calm("正在连接证书助手…", "请确认证书助手已在本机启动。"), bridge, None),
        State::Failed(error) => drawn(failed(&error), bridge, None),
        State::Ready { version, list } => drawn(keys(&Keys::from(&list)), bridge, Some(&version)),
    })
}

fn drawn(look: Look<'_>, bridge: Bridge, version: Option<&str>) -> El {
    let words = div("key-words")
        .attr("role", "status")
        .child([p(&look.title).class("key-title"), p(&look.more).class("key-more")]);
    let side = div("key-side")
        .child(look.again.then(|| button::small("重新检测", move || bridge.look_again())))
        .child(version.map(|version| el("small").child(["证书助手 ", version].concat())));
    div(look.class)
        .child(el("span").class("key-light").attr("aria-hidden", "true"))
        .child(words)
        .child(look.key.map(detail))
        .child(side)
}

fn calm<'a>(title: &str, more: &str) -> Look<'a> {
    Look { class: "key wait", title: title.into(), more: more.into(), key: None, again: false }
}

fn failed<'a>(error: &KeyError) -> Look<'a> {
    Look { class: "key off", title: error.words(), more: error.advice(), key: None, again: true }
}

fn told<'a>(code: ErrorCode) -> Look<'a> {
    let error = KeyError::Bridge(ErrorData { code, tries_left: None });
    Look { class: "key warn", title: error.words(), more: error.advice(), key: None, again: false }
}

fn keys(keys: &Keys) -> Look<'_> {
    match keys {
        Keys::NoReader => told(ErrorCode::NoReader),
        Keys::NoKey => calm("证书助手已连接，没有插入 UKey", "请插入一支空白 UKey，页面会自动识别。"),
        Keys::Several(count) => {
            Look { title: ["插入了 ", &count.to_string(), " 支 UKey"].concat(), ..told(ErrorCode::SeveralKeys) }
        }
        Keys::Blank(key) if key.busy => Look {
            key: Some(key),
            ..calm("正在制证，请勿拔出 UKey", "制证完成前 UKey 由当前操作占用。")
        },
        Keys::Blank(key) => {
            Look {
                class: "key good", key: Some(key), ..calm("空白 UKey 已就绪", "在下面的订单上点击“开始制证”。")
            }
        }
        Keys::Used(key) => Look {
            title: "UKey 中已有证书".into(),
            more: "请换一支空白 UKey。若它是上次没有登记完成的 UKey，请在原订单上点击“开始制证”继续登记。".into(),
            key: Some(key),
            ..told(ErrorCode::KeyNotBlank)
        },
    }
}

fn detail(key: &KeyDetail) -> El {
    let line = |name: &str, value: &str| el("div").child(el("dt").child(name)).child(el("dd").child(value));
    let serial = key.serial.as_deref().unwrap_or("尚未分配");
    let number = el("div").child(el("dt").child("介质号")).child(el("dd").class("code").child(serial));
    let mut lines: Parts = vec![number, line("读卡器", &key.reader)];
    if let Some(certificate) = key.certificates.first() {
        lines.push(line("证书主体", &certificate.subject));
        lines.push(line("有效期至", &time::day(certificate.not_after)));
    }
    el("dl").class("key-detail").child(lines)
}
