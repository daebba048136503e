//! The staff desk.

fn main() {
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();
    frontend::staff::start();
}
