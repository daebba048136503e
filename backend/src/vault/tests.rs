#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use crate::entropy::SeededEntropy;

fn phone(row: &str) -> Aad<'_> {
    Aad { table: "signatures", column: "phone_sealed", row }
}

fn vault(entropy: &SeededEntropy) -> Vault {
    Vault::new(RootKeys::generate(entropy))
}

#[test]
fn what_was_sealed_opens_in_its_own_place_only() {
    let entropy = SeededEntropy::new(1);
    let (key, _) = vault(&entropy).new_data_key(&entropy, "k1").unwrap();
    let sealed = key.seal(&entropy, phone("a"), b"13812345678").unwrap();
    assert_eq!(&**key.open(phone("a"), &sealed).unwrap(), b"13812345678");
    assert!(key.open(phone("b"), &sealed).is_err());
    assert!(key.open(Aad { column: "ip_sealed", ..phone("a") }, &sealed).is_err());
    assert!(key.open(Aad { table: "orders", ..phone("a") }, &sealed).is_err());
    let (other, _) = vault(&entropy).new_data_key(&entropy, "k2").unwrap();
    assert!(other.open(phone("a"), &sealed).is_err());
}

#[test]
fn a_flipped_bit_or_a_cut_is_refused() {
    let entropy = SeededEntropy::new(2);
    let (key, _) = vault(&entropy).new_data_key(&entropy, "k1").unwrap();
    let sealed = key.seal(&entropy, phone("a"), b"x").unwrap();
    for at in 0..sealed.len() {
        let mut broken = sealed.clone();
        broken[at] ^= 1;
        assert!(key.open(phone("a"), &broken).is_err(), "byte {at}");
        assert!(key.open(phone("a"), &sealed[..at]).is_err(), "cut at {at}");
    }
}

#[test]
fn a_data_key_unwraps_in_its_own_row_only() {
    let entropy = SeededEntropy::new(3);
    let vault = vault(&entropy);
    let (key, wrapped) = vault.new_data_key(&entropy, "k1").unwrap();
    let sealed = key.seal(&entropy, phone("a"), b"x").unwrap();
    let again = vault.unwrap("k1", &wrapped).unwrap();
    assert_eq!(&**again.open(phone("a"), &sealed).unwrap(), b"x");
    assert!(vault.unwrap("k2", &wrapped).is_err());
    let unknown = Wrapped { root_version: 9, ..wrapped };
    assert!(matches!(vault.unwrap("k1", &unknown), Err(VaultError::UnknownRoot(9))));
}

#[test]
fn a_newer_root_seals_and_the_older_still_opens() {
    let entropy = SeededEntropy::new(4);
    let hex = |digit: &str| digit.repeat(64);
    let head = format!("lookup = \"{}\"\nkeys = \"{}\"\n", hex("a"), hex("b"));
    let one = format!("{head}[root]\n1 = \"{}\"\n", hex("1"));
    let two = format!("{one}2 = \"{}\"\n", hex("2"));
    let old = Vault::new(RootKeys::parse(&one).unwrap());
    let new = Vault::new(RootKeys::parse(&two).unwrap());
    let sealed = old.seal(&entropy, phone("a"), b"x").unwrap();
    assert_eq!(&**new.open(phone("a"), &sealed).unwrap(), b"x");
    let newer = new.seal(&entropy, phone("a"), b"x").unwrap();
    assert!(old.open(phone("a"), &newer).is_err());
    assert_eq!(new.root_version(), 2);
    assert_eq!(old.blind(BlindColumn::Phone, "1"), new.blind(BlindColumn::Phone, "1"));
}

#[test]
fn a_blind_index_finds_its_value_in_its_column_only() {
    let entropy = SeededEntropy::new(5);
    let vault = vault(&entropy);
    let all: std::collections::BTreeSet<_> =
        BlindColumn::ALL.into_iter().map(|column| vault.blind(column, "914403001922038216")).collect();
    assert_eq!(all.len(), BlindColumn::ALL.len());
    assert_eq!(vault.blind(BlindColumn::Holder, "a"), vault.blind(BlindColumn::Holder, "a"));
    assert_ne!(vault.blind(BlindColumn::Holder, "a"), vault.blind(BlindColumn::Holder, "b"));
}

#[test]
fn nothing_prints_a_secret() {
    let entropy = SeededEntropy::new(6);
    let vault = vault(&entropy);
    let (key, _) = vault.new_data_key(&entropy, "k1").unwrap();
    assert_eq!(format!("{key:?}"), "DataKey([hidden])");
    assert_eq!(format!("{vault:?}"), "Vault([hidden])");
    assert_eq!(format!("{:?} {0}", Sensitive::new("13812345678")), "[hidden] [hidden]");
}

#[test]
fn the_root_key_file_is_made_once_and_guarded() {
    let entropy = SeededEntropy::new(7);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys/root.toml");
    let first = Vault::new(RootKeys::load(&path, &entropy).unwrap());
    let second = Vault::new(RootKeys::load(&path, &entropy).unwrap());
    let sealed = first.seal(&entropy, phone("a"), b"x").unwrap();
    assert_eq!(&**second.open(phone("a"), &sealed).unwrap(), b"x");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let error = RootKeys::load(&path, &entropy).unwrap_err();
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }
}

#[test]
fn a_damaged_root_key_file_is_named_without_its_keys() {
    for bad in ["", "lookup = \"ab\"", "lookup=\"zz\"\nkeys=\"00\"\n[root]\n"] {
        let error = RootKeys::parse(bad).unwrap_err().to_string();
        assert!(!error.contains("zz"), "{error}");
    }
}
