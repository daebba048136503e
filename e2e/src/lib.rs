//! What the end-to-end tests are told with: the whole product running on this machine ([`stack`]), its applicants,
//! staff and keys as programs drive them over HTTP and PC/SC, and as a browser shows them ([`pages`]).

pub mod applicant;
pub mod browser;
pub mod card;
pub mod cast;
pub mod client;
pub mod desk;
pub mod engine;
pub mod front;
pub mod house;
pub mod outside;
pub mod pages;
pub mod papers;
pub mod partner;
pub mod pcsc;
pub mod ports;
pub mod program;
pub mod proof;
pub mod stack;
pub mod staff;
pub mod totp;
