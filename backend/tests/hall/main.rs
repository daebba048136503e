//! The hall over real HTTP, told as stories, on SQLite and on PostgreSQL. Time stands still until a story moves it, and
//! the outside world answers as the story says; the wire itself is tested by the gateways and end to end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::cast_possible_truncation)]

#[macro_use]
#[path = "../support/databases.rs"]
mod databases;
mod applicant;
mod desk;
mod outside;
mod papers;
mod world;

mod apply;
mod backup;
mod books;
mod codes;
mod consent;
mod corrections;
mod described;
mod elsewhere;
mod evidence;
mod gate;
mod handover;
mod headers;
mod limits;
mod logged;
mod login;
mod making;
mod migrated;
mod money;
mod paying;
mod places;
mod review;
mod search;
mod sessions;
mod staged;
mod stolen;
mod strangers;
mod uploads;
