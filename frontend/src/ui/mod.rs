//! Small parts on native elements as Leptos views, for the staff desk. The hall's are in `parts`.

pub mod button;
pub mod dialog;
pub mod icon;
pub mod notice;
pub mod rows;
pub mod timer;
