//! The key in the computer: what is there, and what to do if it is not as it should be.

use crate::key::{Bridge, KeyError, Keys, State};
use crate::time;
use leptos::prelude::*;
use shared::bridge::{ErrorCode, ErrorData, KeyDetail};

/// How things look.
struct Look {
    class: &'static str,
    title: String,
    more: String,
    detail: Option<AnyView>,
    /// A button that looks for the bridge again.
    again: bool,
}

/// The panel above the list.
pub fn panel(bridge: Bridge) -> AnyView {
    let state = bridge.state();
    let view = move || {
        let (look, version) = match state.get() {
            State::Connecting => (calm("正在连接证书助手…", "请确认证书助手已在本机启动。"), None),
            State::Failed(error) => (failed(&error), None),
            State::Ready { version, list } => (keys(&Keys::from(&list)), Some(version)),
        };
        let again = look.again.then(|| {
            view! { <button type="button" class="button small" on:click=move |_| bridge.look_again()>"重新检测"</button> }
                .into_any()
        });
        view! {
            <div class=look.class>
                <span class="key-light" aria-hidden="true"></span>
                <div class="key-words" role="status">
                    <p class="key-title">{look.title}</p>
                    <p class="key-more">{look.more}</p>
                </div>
                {look.detail}
                <div class="key-side">
                    {again}
                    {version.map(|version| view! { <small>{format!("证书助手 {version}")}</small> }.into_any())}
                </div>
            </div>
        }
        .into_any()
    };
    view! { <section aria-label="UKey 状态">{view}</section> }.into_any()
}

fn calm(title: &str, more: &str) -> Look {
    Look { class: "key wait", title: title.into(), more: more.into(), detail: None, again: false }
}

fn failed(error: &KeyError) -> Look {
    Look { class: "key off", title: error.words(), more: error.advice(), detail: None, again: true }
}

fn told(code: ErrorCode) -> Look {
    let error = KeyError::Bridge(ErrorData { code, tries_left: None });
    Look { class: "key warn", title: error.words(), more: error.advice(), detail: None, again: false }
}

fn keys(keys: &Keys) -> Look {
    match keys {
        Keys::NoReader => told(ErrorCode::NoReader),
        Keys::NoKey => {
            let more = "请插入一支空白 UKey，页面会自动识别。";
            Look { class: "key wait", title: "证书助手已连接，没有插入 UKey".into(), more: more.into(), detail: None, again: false }
        }
        Keys::Several(count) => Look { title: format!("插入了 {count} 支 UKey"), ..told(ErrorCode::SeveralKeys) },
        Keys::Blank(key) if key.busy => {
            Look { detail: Some(detail(key)), ..calm("正在制证，请勿拔出 UKey", "制证完成前 UKey 由当前操作占用。") }
        }
        Keys::Blank(key) => Look {
            class: "key good",
            title: "空白 UKey 已就绪".into(),
            more: "在下面的订单上点击“开始制证”。".into(),
            detail: Some(detail(key)),
            again: false,
        },
        Keys::Used(key) => Look {
            title: "UKey 中已有证书".into(),
            more: "请换一支空白 UKey。若它是上次没有登记完成的 UKey，请在原订单上点击“开始制证”继续登记。".into(),
            detail: Some(detail(key)),
            ..told(ErrorCode::KeyNotBlank)
        },
    }
}

fn detail(key: &KeyDetail) -> AnyView {
    let certificate = key.certificates.first().map(|certificate| {
        view! {
            <div><dt>"证书主体"</dt><dd>{certificate.subject.clone()}</dd></div>
            <div><dt>"有效期至"</dt><dd>{time::day(certificate.not_after)}</dd></div>
        }
        .into_any()
    });
    view! {
        <dl class="key-detail">
            <div><dt>"介质号"</dt><dd class="code">{key.serial.clone().unwrap_or_else(|| "尚未分配".into())}</dd></div>
            <div><dt>"读卡器"</dt><dd>{key.reader.clone()}</dd></div>
            {certificate}
        </dl>
    }
    .into_any()
}
