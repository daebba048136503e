//! What a profile must not say: contradictions in one file, and between files.

use super::profile::{CertificateKind, Profile};
use shared::order::Business;
use std::collections::HashSet;
use std::hash::Hash;
use std::path::{Path, PathBuf};

/// A channel that can't be loaded: which file, which key, why and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{}: {key}{}{reason}", file.display(), if key.is_empty() { "" } else { ": " })]
pub struct ChannelError {
    /// The file.
    pub file: PathBuf,
    /// The key, or empty when the whole file is meant.
    pub key: String,
    /// Why, and what to do.
    pub reason: String,
}

impl ChannelError {
    pub(super) fn new(file: &Path, key: &str, reason: impl Into<String>) -> Self {
        Self { file: file.to_owned(), key: key.to_owned(), reason: reason.into() }
    }
}

/// The channels' folders, sorted.
pub fn folders(root: &Path) -> Result<Vec<PathBuf>, ChannelError> {
    let unreadable = |error: std::io::Error| ChannelError::new(root, "", error.to_string());
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(root).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    if folders.is_empty() {
        return Err(ChannelError::new(root, "", "no channel folder here; each channel is a folder with profile.toml"));
    }
    Ok(folders)
}

/// Contradictions inside one file.
pub fn alone(file: &Path, profile: &Profile) -> Result<(), ChannelError> {
    let folder = file.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default();
    let offers = |business| profile.services.iter().any(|card| card.business == business && card.online);
    let checks: &[(bool, &str, &str)] = &[
        (profile.slug == folder, "slug", "must equal the folder's name"),
        (is_slug(&profile.slug), "slug", "only a–z, 0–9 and -; 2 to 32 characters; not api, page, staff, v2"),
        (!profile.version.trim().is_empty(), "version", "must not be empty: orders pin it"),
        (contrast_with_white(&profile.color).is_some(), "color", "must look like #0a5ca8"),
        (
            contrast_with_white(&profile.color).is_none_or(|ratio| ratio >= 4.5),
            "color",
            "too light: white text on it needs a contrast of 4.5:1 (WCAG 1.4.3); take a darker one",
        ),
        (profile.legacy_paths.iter().all(|path| path.starts_with('/')), "legacy_paths", "each begins with /"),
        (!profile.certificate_kinds.is_empty(), "certificate_kinds", "name at least one"),
        (profile.order_series.is_ascii_uppercase(), "order_series", "one letter A–Z"),
        (!profile.help_line.trim().is_empty(), "help_line", "applicants need a number to call"),
        (unique(profile.services.iter().map(|card| card.business)), "services", "a business is listed twice"),
        (
            !offers(Business::New) || profile.certificate_kinds.contains(&CertificateKind::Unit),
            "services",
            "new is online, but no certificate kind is a unit's",
        ),
        (!offers(Business::Replace) || profile.replace.is_some(), "replace", "replace is online, but has no section"),
        (!offers(Business::Unlock) || profile.unlock.is_some(), "unlock", "unlock is online, but has no section"),
        (!offers(Business::Renew) || profile.renew.is_some(), "renew", "renew is online, but has no section"),
        (profile.new.price_fen >= 0, "new.price_fen", "fen, zero or more"),
        ((1..=5).contains(&profile.new.years), "new.years", "1 to 5"),
        (
            profile.replace.as_ref().is_none_or(|fees| fees.lost_fen >= 0 && fees.damaged_fen >= 0),
            "replace",
            "fees are fen, zero or more",
        ),
        (
            profile.replace.as_ref().is_none_or(|r| !r.paper_when_verification_fails || profile.paper_desk.is_some()),
            "paper_desk",
            "replace.paper_when_verification_fails needs an address",
        ),
        (profile.unlock.as_ref().is_none_or(|unlock| unlock.fee_fen >= 0), "unlock.fee_fen", "fen, zero or more"),
        (unique(profile.verification.unit_ways.iter()), "verification.unit_ways", "a way is listed twice"),
        (unique(profile.verification.operator_ways.iter()), "verification.operator_ways", "a way is listed twice"),
        (
            !offers(Business::New) || profile.verification.unit_ways.iter().any(|way| way.supported()),
            "verification.unit_ways",
            "new is online, but this build can do none of the ways",
        ),
        (
            !offers(Business::New) || profile.verification.operator_ways.iter().any(|way| way.supported()),
            "verification.operator_ways",
            "new is online, but this build can do none of the ways",
        ),
        (profile.verification.unit_tries_a_day > 0, "verification.unit_tries_a_day", "1 or more"),
        (profile.verification.operator_tries_a_day > 0, "verification.operator_tries_a_day", "1 or more"),
        (unique(profile.payment.ways.iter()), "payment.ways", "a way is listed twice"),
        (
            profile.new.price_fen == 0 || !profile.public().payment_ways.is_empty(),
            "payment.ways",
            "there is a price, but this build can do none of the ways",
        ),
        ((1..=720).contains(&profile.payment.hours), "payment.hours", "1 to 720"),
        (
            profile.upload.formats.iter().all(|format| ["gif", "jpg", "jpeg", "png"].contains(&format.as_str()))
                && !profile.upload.formats.is_empty(),
            "upload.formats",
            "gif, jpg, jpeg, png",
        ),
        (
            (10_240..=10 * 1024 * 1024).contains(&profile.upload.max_bytes),
            "upload.max_bytes",
            "between 10 KB and 10 MB",
        ),
        (unique(profile.documents.iter().map(|paper| paper.kind)), "documents", "a kind is listed twice"),
        (!offers(Business::New) || !profile.documents.is_empty(), "documents", "new is online, but asks no papers"),
        (!profile.consent.text.trim().is_empty(), "consent.text", "must not be empty"),
        (!profile.consent.version.trim().is_empty(), "consent.version", "must not be empty: signatures keep it"),
        (unique(profile.agreements.iter().map(|text| &text.id)), "agreements", "an id is listed twice"),
        (
            profile.agreements.iter().all(|text| is_slug(&text.id)),
            "agreements.id",
            "only a–z, 0–9 and -; it is a file's name",
        ),
        (
            profile.notices.lists().iter().all(|(_, ways)| unique(ways.iter())),
            "notices",
            "a way is listed twice for one event",
        ),
        (
            profile.embed.parents.iter().all(|parent| is_parent(parent)),
            "embed.parents",
            "each is an origin: https://, host and port, nothing after it (http:// on this machine only)",
        ),
        (unique(profile.embed.parents.iter()), "embed.parents", "a site is listed twice"),
        (profile.kiosk.is_none_or(|kiosk| (5..=3600).contains(&kiosk.idle_seconds)), "kiosk.idle_seconds", "5 to 3600"),
        (
            profile.kiosk.is_none_or(|kiosk| (20..=300).contains(&kiosk.warning_seconds)),
            "kiosk.warning_seconds",
            "20 to 300: a person needs at least 20 seconds to answer (WCAG 2.2.1)",
        ),
    ];
    match checks.iter().find(|(holds, _, _)| !holds) {
        Some((_, key, reason)) => Err(ChannelError::new(file, key, *reason)),
        None => Ok(()),
    }
}

/// Contradictions between files.
pub fn among_themselves<'a>(root: &Path, profiles: impl Iterator<Item = &'a Profile>) -> Result<(), ChannelError> {
    let (mut ids, mut paths) = (HashSet::new(), HashSet::new());
    for profile in profiles {
        let file = root.join(&profile.slug).join("profile.toml");
        if let Some(id) = profile.legacy_id
            && !ids.insert(id)
        {
            return Err(ChannelError::new(&file, "legacy_id", "another channel has the same"));
        }
        if let Some(path) = profile.legacy_paths.iter().find(|path| !paths.insert(path.as_str())) {
            return Err(ChannelError::new(&file, "legacy_paths", format!("another channel has {path} too")));
        }
    }
    Ok(())
}

fn unique<T: Eq + Hash>(mut items: impl Iterator<Item = T>) -> bool {
    let mut seen = HashSet::new();
    items.all(|item| seen.insert(item))
}

fn is_slug(text: &str) -> bool {
    (2..=32).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !["api", "page", "staff", "v2"].contains(&text)
}

/// An origin that no one between the partner and the applicant can take the place of.
fn is_parent(origin: &str) -> bool {
    // No `*` and no `;`: the origin becomes a part of a content security policy.
    let plain = origin.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.:/[]".contains(&b));
    let exact = plain && crate::http::origin_of(origin).is_some_and(|parsed| parsed == origin);
    let host = origin.strip_prefix("http://").map(|rest| rest.split(':').next().unwrap_or_default());
    exact && host.is_none_or(|host| host == "127.0.0.1" || host == "localhost" || host.ends_with(".localhost"))
}

/// WCAG 2.2 contrast ratio of a colour against white; `None` when it is no `#rrggbb`.
fn contrast_with_white(color: &str) -> Option<f64> {
    let digits = color.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()?) / 255.0;
        Some(if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) })
    };
    let luminance = 0.2126 * channel(0)? + 0.7152 * channel(2)? + 0.0722 * channel(4)?;
    Some(1.05 / (luminance + 0.05))
}
