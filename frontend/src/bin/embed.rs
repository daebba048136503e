//! The hall in a partner's frame.

fn main() {
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();
    frontend::embed::start();
}
