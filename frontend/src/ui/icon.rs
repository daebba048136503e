//! Line icons, drawn in the text's colour.

use leptos::prelude::*;
use shared::order::Business;

/// An icon from the `d` of its path, on a grid of 24.
pub fn icon(path: &'static str) -> AnyView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=path></path>
        </svg>
    }
    .into_any()
}

/// 订单查询.
pub const SEARCH: &str = "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5 20 20";
/// 办理指南.
pub const BOOK: &str = "M5 4h11a3 3 0 0 1 3 3v13H8a3 3 0 0 1-3-3zM5 17a3 3 0 0 1 3-3h11M9 8h6";
/// 证书应用环境.
pub const DOWNLOAD: &str = "M12 4v11m-4-4 4 4 4-4M5 19h14";
/// Telephone.
pub const PHONE: &str =
    "M6 4h4l1.5 5-2.5 1.5a11 11 0 0 0 4.5 4.5L15 12.500l5 1.500v4a2 2 0 0 1-2 2A14 14 0 0 1 4 6a2 2 0 0 1 2-2z";
/// Done.
pub const CHECK: &str = "m5 12.500 4.500 4.500L19 7.500";

/// The icon of a service card.
pub const fn of(business: Business) -> &'static str {
    match business {
        Business::New => "M7 3h7l5 5v13H7zM14 3v5h5M13 12v6m-3-3h6",
        Business::Renew => "M19 12a7 7 0 0 1-12.500 4.300M5 12a7 7 0 0 1 12.500-4.300M18 4v4h-4M6 20v-4h4",
        Business::Replace => "M8 8h11v11H8zM5 15V5h10",
        Business::Unlock => "M6 11h12v9H6zM9 11V8a3.500 3.500 0 0 1 6.700-1.400M12 15v2",
        Business::Change => "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
        Business::Revoke => "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM6.500 6.500l11 11",
    }
}
