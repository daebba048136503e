//! The features, in a real browser.
fn main() {}
