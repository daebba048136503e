//! An address that does not exist.

use crate::dom::{el, p};
use crate::ui::button;
use crate::ui::screen::{Parts, screen};

/// The screen.
pub fn page() -> Parts {
    let words = p("您访问的地址不存在，可能是链接不完整。请返回首页，从那里继续。");
    screen("没有找到这个页面", vec![words, el("p").child(button::link("button", "选择办事大厅", "/"))])
}
