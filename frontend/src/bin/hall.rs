//! The applicants' hall.

use leptos::prelude::*;

fn main() {
    console_error_panic_hook::set_once();
    mount_to_body(|| view! { <h1>"证书大厅"</h1> });
}
