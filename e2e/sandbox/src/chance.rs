//! Random texts: the only place of this program that asks the machine for chance.

/// `bytes` random bytes in hex.
#[expect(clippy::disallowed_methods, reason = "this module is where chance comes from")]
pub fn hex(bytes: usize) -> anyhow::Result<String> {
    let mut buffer = vec![0; bytes];
    getrandom::fill(&mut buffer).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    Ok(hex::encode(buffer))
}

/// A request id as the providers write them. Not secret: without randomness it is empty.
pub fn request_id() -> String {
    let text = hex(16).unwrap_or_default().to_uppercase();
    let mut parts = Vec::new();
    let mut rest = text.as_str();
    for length in [8, 4, 4, 4] {
        let (part, more) = rest.split_at_checked(length).unwrap_or((rest, ""));
        parts.push(part);
        rest = more;
    }
    parts.push(rest);
    parts.join("-")
}
