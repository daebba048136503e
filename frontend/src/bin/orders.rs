//! The applicants' orders: everything after 确认订单.

fn main() {
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();
    frontend::app::start(&frontend::programs::ORDERS);
}
