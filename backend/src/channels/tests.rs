#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use shared::flow;
use shared::order::Business;
use std::fs;

fn shipped() -> std::path::PathBuf {
    Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("channels")
}

/// The shipped channel, with one text replaced by another in its profile.
fn changed(from: &str, to: &str) -> Result<Channels, ChannelError> {
    let root = tempfile::tempdir().unwrap();
    let source = shipped().join("nanning");
    let target = root.path().join("nanning");
    fs::create_dir_all(target.join("agreements")).unwrap();
    for name in ["guide.md", "agreements/service.md", "agreements/privacy.md"] {
        fs::copy(source.join(name), target.join(name)).unwrap();
    }
    let profile = fs::read_to_string(source.join("profile.toml")).unwrap();
    assert!(profile.contains(from), "the test's text is gone from the profile: {from}");
    fs::write(target.join("profile.toml"), profile.replacen(from, to, 1)).unwrap();
    Channels::load(root.path())
}

#[test]
fn the_shipped_channels_load() {
    let channels = Channels::load(&shipped()).unwrap();
    let hall = channels.get("nanning").unwrap();
    assert_eq!(hall.public.product.price_fen, 25_000);
    assert_eq!(hall.public.documents.len(), 3);
    assert!(hall.agreements["service"].html.contains("第九条"));
    assert_eq!(channels.at_legacy_path("/nngjj/index.html").unwrap().profile.slug, "nanning");
    assert!(channels.at_legacy_path("/nngjj").is_none());
}

/// What the build can't do is hidden by the code's own list; these are the cards that open the guide today.
#[test]
fn cards_of_flows_that_the_build_can_not_do_open_the_guide() {
    let channels = Channels::load(&shipped()).unwrap();
    let hall = &channels.get("nanning").unwrap().public;
    let startable: Vec<_> =
        hall.services.iter().map(|card| card.business).filter(|business| flow::offered(*business, hall)).collect();
    let guide: Vec<_> =
        hall.services.iter().map(|card| card.business).filter(|business| !flow::offered(*business, hall)).collect();
    assert_eq!(startable, [Business::New]);
    assert_eq!(guide, [Business::Renew, Business::Replace, Business::Unlock, Business::Change, Business::Revoke]);
    // The file offers more than the code can do, and the page gets only what works.
    let profile = &channels.get("nanning").unwrap().profile;
    assert_eq!(profile.verification.unit_ways.len(), 3);
    assert_eq!(hall.unit_ways, [shared::form::UnitWay::LegalRepPhone]);
    assert_eq!(hall.operator_ways, [shared::form::OperatorWay::Phone]);
}

#[test]
fn a_refused_profile_names_file_key_and_reason() {
    let cases = [
        ("slug = \"nanning\"", "slug = \"nanjing\"", "slug", "folder's name"),
        ("version = ", "colour = \"#123456\"\nversion = ", "colour", "unknown field"),
        ("[new]", "[new]\ndiscount = 3", "discount", "unknown field"),
        ("#0a5ca8", "#ffd000", "color", "4.5:1"),
        ("#0a5ca8", "blue", "color", "#0a5ca8"),
        ("price_fen = 25000", "price_fen = -1", "new.price_fen", "zero or more"),
        ("ways = [\"alipay\"]", "ways = [\"wechat\"]", "payment.ways", "none of the ways"),
        ("ways = [\"alipay\"]", "ways = [\"alipay\", \"alipay\"]", "payment.ways", "twice"),
        ("[\"gif\"", "[\"tiff\", \"gif\"", "upload.formats", "gif, jpg"),
        ("max_bytes = 1_572_864", "max_bytes = 1", "upload.max_bytes", "10 KB"),
        ("kind = \"operator_id_emblem\"", "kind = \"operator_id_portrait\"", "documents", "twice"),
        (
            "unit_ways = [\"legal_rep_phone\", ",
            "unit_ways = [",
            "verification.unit_ways",
            "this build can do none of the ways",
        ),
        ("[unlock]\nfee_fen", "[renewal]\nfee_fen", "renewal", "unknown field"),
        ("business = \"renew\"", "business = \"replace\"", "services", "twice"),
        ("hours = 24", "hours = 0", "payment.hours", "1 to 720"),
        ("order_series = \"U\"", "order_series = \"u\"", "order_series", "A–Z"),
        ("id = \"privacy\"", "id = \"../privacy\"", "agreements.id", "file's name"),
        ("parents = []", "parents = [\"https://partner.example/\"]", "embed.parents", "an origin"),
        ("parents = []", "parents = [\"http://partner.example\"]", "embed.parents", "https://"),
        ("parents = []", "parents = [\"https://*.partner.example\"]", "embed.parents", "an origin"),
        ("parents = []", "parents = [\"https://a.example\", \"https://a.example\"]", "embed.parents", "twice"),
        ("idle_seconds = 120", "idle_seconds = 4", "kiosk.idle_seconds", "5 to 3600"),
        ("warning_seconds = 30", "warning_seconds = 19", "kiosk.warning_seconds", "at least 20 seconds"),
    ];
    for (from, to, key, reason) in cases {
        let error = changed(from, to).expect_err(to);
        assert!(error.file.ends_with("nanning/profile.toml"), "{error}");
        assert!(error.key.contains(key), "{to}: {error}");
        assert!(error.reason.contains(reason), "{to}: {error}");
    }
}

#[test]
fn a_missing_agreement_is_named() {
    let error = changed("id = \"privacy\"", "id = \"secrecy\"").unwrap_err();
    assert!(error.file.ends_with("agreements/secrecy.md"), "{error}");
}

#[test]
fn a_partner_is_an_exact_origin() {
    let partners = "parents = [\"https://www.partner.example\", \"http://partner.localhost:8080\"]";
    let channels = changed("parents = []", partners).unwrap();
    assert_eq!(channels.get("nanning").unwrap().profile.embed.parents.len(), 2);
}
