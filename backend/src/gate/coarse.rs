//! A flood from one address is stopped here, in this process, before it costs a connection to the database or a core.

use super::limits::prefix;
use crate::hall::Hall;
use crate::http::{AppError, ClientAddress};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use shared::api::ErrorCode;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

/// A burst, as a multiple of what is let through a second.
const BURST: u32 = 6;
/// A whole prefix may have so many times what one address may.
const PREFIX: u32 = 8;
/// Old addresses are forgotten after so many requests.
const TIDY_EVERY: u32 = 4_096;

/// Rates of this process, by address and prefix. Machine time, because it guards the machine.
pub struct Coarse {
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    prefixes: DefaultKeyedRateLimiter<String>,
    clock: DefaultClock,
    seen: AtomicU32,
}

impl Coarse {
    /// `a_second`: what one address may ask for in the long run.
    pub fn new(a_second: u32) -> Self {
        let quota = |factor: u32| {
            let rate = NonZeroU32::new(a_second.saturating_mul(factor)).unwrap_or(NonZeroU32::MIN);
            Quota::per_second(rate).allow_burst(rate.saturating_mul(NonZeroU32::new(BURST).unwrap_or(NonZeroU32::MIN)))
        };
        Self {
            addresses: RateLimiter::keyed(quota(1)),
            prefixes: RateLimiter::keyed(quota(PREFIX)),
            clock: DefaultClock::default(),
            seen: AtomicU32::new(0),
        }
    }

    /// Lets one request pass, or says after how many seconds to come again.
    pub fn pass(&self, address: IpAddr) -> Result<(), u32> {
        if self.seen.fetch_add(1, Ordering::Relaxed) % TIDY_EVERY == TIDY_EVERY - 1 {
            self.addresses.retain_recent();
            self.prefixes.retain_recent();
        }
        let address = address.to_canonical();
        let wait = |not_until: governor::NotUntil<_>| {
            let wait = not_until.wait_time_from(self.clock.now());
            u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1)
        };
        self.addresses.check_key(&address).map_err(wait)?;
        self.prefixes.check_key(&prefix(address)).map_err(wait)
    }
}

/// The layer. Reading is cheap and pages poll; everything else writes, sends, computes or decodes.
pub async fn guard(State(hall): State<Hall>, request: Request, next: Next) -> Response {
    if [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method()) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let Ok(ClientAddress(address)) = ClientAddress::from_request_parts(&mut parts, &hall).await;
    match hall.coarse().pass(address) {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(seconds) => {
            metrics::counter!("certhall_floods_refused_total").increment(1);
            AppError::new(ErrorCode::TooMany).retry_after(seconds).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn a_flood_is_stopped_and_others_pass() {
        let coarse = Coarse::new(1);
        let flood = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1));
        let passed = (0..1_000).filter(|_| coarse.pass(flood).is_ok()).count();
        assert!((6..=8).contains(&passed), "{passed}");
        assert!(coarse.pass(flood).is_err_and(|seconds| (1..=2).contains(&seconds)));
        assert!(coarse.pass(IpAddr::V4(Ipv4Addr::new(203, 0, 113, 2))).is_ok());
        assert!(coarse.pass(IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1))).is_ok());
    }

    #[test]
    fn many_addresses_of_one_prefix_are_a_flood_too() {
        let coarse = Coarse::new(1);
        let passed =
            (0..=255).filter(|last| coarse.pass(IpAddr::V4(Ipv4Addr::new(203, 0, 113, *last))).is_ok()).count();
        assert!((48..=60).contains(&passed), "{passed}");
    }
}
