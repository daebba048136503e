//! One HTTP exchange, with its failures told apart.

use super::config::{ConfigError, Timeouts};
use super::outcome::Doubt;
use crate::fault;

/// Answers longer than this are not read: none of the providers' answers comes near.
const LONGEST_ANSWER: usize = 1 << 20;

/// A client for one provider: own time-outs, no system proxy, no redirects (a signed request must not be re-sent).
pub fn client(timeouts: Timeouts) -> Result<reqwest::Client, ConfigError> {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(timeouts.connect())
        .timeout(timeouts.total())
        .build()
        .map_err(|error| ConfigError::Client(error.to_string()))
}

/// Sends and reads the whole answer: status and bytes. `call` names it (fault points).
pub async fn exchange(call: &str, request: reqwest::RequestBuilder) -> Result<(u16, Vec<u8>), Doubt> {
    download(call, request, LONGEST_ANSWER).await
}

/// The same for an answer that may be longer.
pub async fn download(call: &str, request: reqwest::RequestBuilder, longest: usize) -> Result<(u16, Vec<u8>), Doubt> {
    fault::point(call, "before");
    let answer = sent(request, longest).await;
    fault::point(call, "after");
    answer
}

async fn sent(request: reqwest::RequestBuilder, longest: usize) -> Result<(u16, Vec<u8>), Doubt> {
    let mut answer = request.send().await.map_err(|error| doubt(&error))?;
    let status = answer.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| doubt(&error))? {
        if body.len() + chunk.len() > longest {
            return Err(Doubt::Unreadable("too long"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok((status, body))
}

fn doubt(error: &reqwest::Error) -> Doubt {
    if error.is_timeout() { Doubt::Timeout } else { Doubt::Connection }
}
