//! Aliyun: text messages and element checks over the OpenAPI signature ACS3-HMAC-SHA256.

mod acs3;
mod client;
mod elements;
mod sms;

pub use acs3::{Acs3Request, Signed};
pub use elements::AliyunElements;
pub use sms::AliyunSms;
