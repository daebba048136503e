//! The applicants' three programs in one, as `trunk` builds it for development.

use frontend::pages::halls;
use frontend::place::WHOLE;
use frontend::programs::Program;

static PROGRAM: Program = Program { entrance: halls::entrance, outside: halls::outside, ..WHOLE };

fn main() {
    console_error_panic_hook::set_once();
    frontend::app::start(&PROGRAM);
}
