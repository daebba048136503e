//! Line icons, drawn in the text's colour.

use crate::dom::{El, drawing};
use shared::order::Business;

/// An icon from the `d` of its path, on a grid of 24.
pub fn icon(path: &str) -> El {
    drawing("icon", "0 0 24 24", path).attr("aria-hidden", "true")
}

/// 订单查询.
pub const SEARCH: &str = "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5 20 20";
/// 办理指南.
pub const BOOK: &str = "M5 4h11a3 3 0 0 1 3 3v13H8a3 3 0 0 1-3-3zM5 17a3 3 0 0 1 3-3h11M9 8h6";
/// 证书应用环境.
pub const DOWNLOAD: &str = "M12 4v11m-4-4 4 4 4-4M5 19h14";
/// Done.
pub const CHECK: &str = "m5 12.5 4.5 4.5L19 7.5";

/// The icon of a service card.
pub const fn of(business: Business) -> &'static str {
    match business {
        Business::New => "M7 3h7l5 5v13H7zM14 3v5h5M13 12v6m-3-3h6",
        Business::Renew => "M19 12a7 7 0 0 1-12.5 4.3M5 12a7 7 0 0 1 12.5-4.3M18 4v4h-4M6 20v-4h4",
        Business::Replace => "M8 8h11v11H8zM5 15V5h10",
        Business::Unlock => "M6 11h12v9H6zM9 11V8a3.5 3.5 0 0 1 6.7-1.4M12 15v2",
        Business::Change => "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
        Business::Revoke => "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM6.5 6.5l11 11",
    }
}
