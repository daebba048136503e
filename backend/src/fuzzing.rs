//! Parsers that are private elsewhere, for the fuzz targets (`backend/fuzz`). Compiled for them only (`--cfg fuzzing`).

use crate::channels;
use crate::gateways::alipay;
use crate::{http, orders, uploads};

/// An upload's envelope: its type, and what decoding it gives.
pub fn image(file: &[u8]) {
    uploads::fuzz(file);
}

/// A provider's notice: the form, its signature, its values.
pub fn notice(body: &[u8]) {
    alipay::fuzz_notice(body);
}

/// A provider's bill, as it comes and unpacked.
pub fn bill(bytes: &[u8]) {
    let _ = alipay::bill::read_zip(bytes);
    let _ = alipay::bill::read_list(bytes);
}

/// A channel's profile.
pub fn profile(text: &str) {
    channels::fuzz(text);
}

/// What is asked about in 订单查询.
pub fn subject(typed: &str) {
    orders::query::fuzz(typed);
}

/// Cookies, addresses and origins of a request.
pub fn headers(line: &[u8]) {
    http::fuzz(line);
}
