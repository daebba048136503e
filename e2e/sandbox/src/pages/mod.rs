//! The web pages: what a person with phones in both hands would see.

pub mod cashier;
pub mod home;
pub mod mail;
pub mod papers;
pub mod phone;

use axum::response::Html;

const STYLE: &str = "
:root{color-scheme:light;--ink:#1c2733;--soft:#5b6b7b;--line:#dfe5ec;--paper:#fff;--ground:#f2f5f9;--blue:#1463d6}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.6 system-ui,'Noto Sans CJK SC','PingFang SC',sans-serif}
header{background:#12305c;color:#fff;padding:.9rem 1rem}header a{color:#fff;text-decoration:none;font-weight:600}
header small{display:block;color:#c9d8ee}
main{max-width:62rem;margin:0 auto;padding:1rem}
section{background:var(--paper);border:1px solid var(--line);border-radius:.7rem;padding:1rem;margin:0 0 1rem}
h1{font-size:1.35rem;margin:0 0 .8rem}h2{font-size:1.1rem;margin:0 0 .6rem}
p{margin:.3rem 0}.soft{color:var(--soft);font-size:.92rem}
.cards{display:grid;gap:.8rem;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr))}
.card{border:1px solid var(--line);border-radius:.6rem;padding:.8rem}
.card h3{font-size:1rem;margin:0 0 .3rem}
dl{display:grid;grid-template-columns:auto 1fr;gap:.1rem .7rem;margin:.2rem 0}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
code{font:.95em ui-monospace,'DejaVu Sans Mono',monospace;overflow-wrap:anywhere}
a{color:var(--blue)}
.bubble{background:#e8f0fd;border-radius:.2rem .9rem .9rem .9rem;padding:.7rem .9rem;margin:.2rem 0 1rem;max-width:34rem}
.code{font-size:1.5rem;font-weight:700;letter-spacing:.18em}
.phone{max-width:26rem;margin:0 auto}
.sum{font-size:2.2rem;font-weight:700;text-align:center;margin:.4rem 0}
button,.button{display:inline-block;width:100%;min-height:3rem;padding:.6rem 1rem;font:inherit;font-weight:600;color:#fff;background:var(--blue);border:0;border-radius:.6rem;text-align:center;text-decoration:none;cursor:pointer}
.good{color:#0b7a3b;font-weight:600}.bad{color:#b3261e;font-weight:600}
ul{padding-left:1.2rem;margin:.3rem 0}
table{border-collapse:collapse;width:100%}td,th{border-top:1px solid var(--line);padding:.4rem;text-align:left;vertical-align:top}
";

/// A whole page. `refresh`: seconds after which it loads itself again.
pub fn page(title: &str, refresh: Option<u32>, body: &str) -> Html<String> {
    let refresh =
        refresh.map_or_else(String::new, |seconds| format!("<meta http-equiv=\"refresh\" content=\"{seconds}\">"));
    Html(format!(
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">{refresh}\
         <title>{title} · 外部世界沙箱</title><style>{STYLE}</style></head><body>\
         <header><a href=\"/\">外部世界沙箱</a><small>演示和测试用：短信、核验、支付宝都是替身</small></header>\
         <main>{body}</main></body></html>"
    ))
}
