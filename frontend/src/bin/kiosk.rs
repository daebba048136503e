//! The hall on a terminal in a service hall.

fn main() {
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();
    frontend::kiosk::start();
}
