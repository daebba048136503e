//! Small parts on native elements, used by every screen of both programs.

pub mod button;
pub mod dialog;
pub mod icon;
pub mod notice;
pub mod photo;
pub mod press;
pub mod proof;
pub mod qr;
pub mod rows;
pub mod screen;
pub mod sms;
pub mod steps;
pub mod timer;
