//! The staff desk (受理点工作台): a program of its own, so that it never weighs on an applicant's first load.
//!
//! `desk` knows who is logged in, `queues` keeps the lists fresh, and each screen has a module.

mod act;
mod afterwards;
mod bills;
mod desk;
mod dispatch;
mod fetched;
mod field;
mod frame;
mod login;
mod making;
mod messages;
mod modal;
mod order;
mod queues;
mod refunds;
mod review;
mod routes;
mod search;
mod slip;
mod stay;
mod table;
mod wait;

pub use frame::start;
