//! The applicants' hall: home and texts.

fn main() {
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();
    frontend::app::start(&frontend::programs::HALL);
}
