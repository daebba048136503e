//! Root keys come and go while everything stays readable.

use crate::world::World as W;
use backend::clock::{DAY, MINUTE};
use backend::entropy::SystemEntropy;
use backend::store::{RootSealed, StoreError};
use backend::vault::rotation::{RotationError, SETTLE_TIME, finish, retire, rewrap, rotate};
use backend::vault::{Aad, RootKeys, Vault, VaultError, Wrapped};
use std::path::PathBuf;
use tempfile::TempDir;

/// A running backend's vault, and the file that it came from.
struct Keys {
    folder: TempDir,
    backend: Vault,
}

impl Keys {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let backend = Vault::of_file(&folder.path().join("root-key.toml"), &SystemEntropy).unwrap();
        Self { folder, backend }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("root-key.toml")
    }

    /// The vault of a command or of another backend, which reads the file now.
    fn fresh(&self) -> Vault {
        Vault::of_file(&self.path(), &SystemEntropy).unwrap()
    }
}

const PLACE: Aad<'static> = Aad { table: "orders", column: "form_sealed", row: "o" };

/// A data key in the database, sealed with by this vault; its id and what it sealed.
async fn data_key(world: &W, vault: &Vault) -> (String, Vec<u8>) {
    let mut tx = world.tx().await;
    let id = tx.new_id();
    let (key, wrapped) = vault.new_data_key(&SystemEntropy, &id).unwrap();
    tx.insert_data_key(&id, &wrapped.bytes, i64::from(wrapped.root_version)).await.unwrap();
    tx.commit().await.unwrap();
    (id, key.seal(&SystemEntropy, PLACE, b"personal").unwrap())
}

async fn opens(world: &W, vault: &Vault, (id, sealed): &(String, Vec<u8>)) -> u32 {
    let row = world.store.read().await.unwrap().data_key(id).await.unwrap().unwrap();
    let root_version = u32::try_from(row.root_version).unwrap();
    let key = vault.unwrap(id, &Wrapped { bytes: row.wrapped, root_version }).unwrap();
    assert_eq!(&**key.open(PLACE, sealed).unwrap(), b"personal");
    root_version
}

/// A member of staff whose TOTP secret is sealed under the root key; the name.
async fn staff(world: &W, vault: &Vault) -> String {
    let mut tx = world.tx().await;
    let (id, name) = (tx.new_id(), format!("n{}", world.next()));
    let aad = Aad { table: "staff", column: "totp_sealed", row: &id };
    let sealed = vault.seal(&SystemEntropy, aad, b"totp").unwrap();
    tx.insert_staff(&id, &name, "hash", &sealed).await.unwrap();
    tx.commit().await.unwrap();
    name
}

async fn totp(world: &W, vault: &Vault, name: &str) -> Vec<u8> {
    let staff = world.store.read().await.unwrap().staff_by_name(name).await.unwrap().unwrap();
    let aad = Aad { table: "staff", column: "totp_sealed", row: &staff.id };
    vault.open(aad, &staff.totp_sealed).unwrap().to_vec()
}

async fn under(world: &W, version: i64) -> i64 {
    world.store.read().await.unwrap().rows_under(version).await.unwrap()
}

both! {
    async fn a_rotation_wraps_everything_under_a_new_version(world: World) {
        let keys = Keys::new();
        let mut sealed = Vec::new();
        for _ in 0..250 {
            sealed.push(data_key(&world, &keys.backend).await);
        }
        let member = staff(&world, &keys.backend).await;
        let done = rotate(&world.store, &keys.fresh(), &SystemEntropy, "command").await.unwrap();
        assert_eq!((done.added, done.data_keys, done.others), (Some(2), 250, 1));
        assert_eq!((under(&world, 1).await, under(&world, 2).await), (0, 251));
        // The backend that was running all the time reads its file again when it meets the new version.
        for one in &sealed {
            assert_eq!(opens(&world, &keys.backend, one).await, 2);
        }
        assert_eq!(totp(&world, &keys.backend, &member).await, b"totp");
        assert_eq!(keys.backend.root_version(), 2);
        let mut read = world.store.read().await.unwrap();
        let kinds: Vec<_> =
            read.events(backend::audit::Chain::Hall).await.unwrap().into_iter().map(|event| event.kind).collect();
        assert_eq!(kinds, ["root_key_added", "root_key_rotated"]);
    }
}

both! {
    async fn a_rotation_that_was_killed_goes_on_where_it_stopped(world: World) {
        let keys = Keys::new();
        let sealed = [data_key(&world, &keys.backend).await, data_key(&world, &keys.backend).await];
        let member = staff(&world, &keys.backend).await;
        // Killed after the file was written …
        let mut file = RootKeys::reload(&keys.path()).unwrap();
        assert_eq!(file.add_version(&keys.path(), &SystemEntropy).unwrap(), 2);
        // … and after one key was wrapped anew.
        let (command, mut tx) = (keys.fresh(), world.tx().await);
        let row = tx.data_key(&sealed[0].0).await.unwrap().unwrap();
        let fresh = command.rewrap(&SystemEntropy, &row.id, &Wrapped { bytes: row.wrapped, root_version: 1 }).unwrap();
        tx.rewrap_data_key(&row.id, 1, &fresh.bytes, 2).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((under(&world, 1).await, under(&world, 2).await), (2, 1));

        let done = rotate(&world.store, &keys.fresh(), &SystemEntropy, "again").await.unwrap();
        assert_eq!((done.added, done.data_keys, done.others), (None, 1, 1), "no third version");
        for one in &sealed {
            assert_eq!(opens(&world, &keys.backend, one).await, 2);
        }
        assert_eq!(totp(&world, &keys.backend, &member).await, b"totp");
        assert_eq!(rotate(&world.store, &keys.fresh(), &SystemEntropy, "next").await.unwrap().added, Some(3));
    }
}

both! {
    async fn a_backend_works_through_a_rotation(world: World) {
        let keys = Keys::new();
        let before = data_key(&world, &keys.backend).await;
        let (store, vault) = (world.store.clone(), keys.fresh());
        let rotation = tokio::spawn(async move { rotate(&store, &vault, &SystemEntropy, "command").await.unwrap() });
        let mut during = Vec::new();
        for _ in 0..50 {
            during.push(data_key(&world, &keys.backend).await);
        }
        rotation.await.unwrap();
        for one in during.iter().chain([&before]) {
            opens(&world, &keys.backend, one).await;
        }
        // What was sealed under the old version meanwhile is wrapped by the daily job.
        finish(&world.store, &keys.backend, &SystemEntropy, "tidy").await.unwrap();
        assert_eq!(under(&world, 1).await, 0);
        for one in during.iter().chain([&before]) {
            assert_eq!(opens(&world, &keys.backend, one).await, 2);
        }
    }
}

both! {
    async fn an_old_version_goes_only_when_nothing_needs_it(world: World) {
        let keys = Keys::new();
        let first = data_key(&world, &keys.backend).await;
        let command = keys.fresh();
        assert_eq!(retire(&world.store, &command, "c").await.unwrap(), [0u32; 0]);
        rotate(&world.store, &command, &SystemEntropy, "c").await.unwrap();
        let young = retire(&world.store, &command, "c").await;
        assert!(matches!(young, Err(RotationError::TooYoung(_))), "{young:?}");
        world.clock.advance(SETTLE_TIME);
        // A backend that has not read the file again.
        let slow = data_key(&world, &keys.backend).await;
        let used = retire(&world.store, &command, "c").await;
        assert!(matches!(used, Err(RotationError::InUse { version: 1, rows: 1 })), "{used:?}");
        rewrap(&world.store, &command, &SystemEntropy, "c").await.unwrap();
        assert_eq!(retire(&world.store, &command, "c").await.unwrap(), [1]);
        assert_eq!(retire(&world.store, &command, "c").await.unwrap(), [0u32; 0]);
        assert_eq!(keys.fresh().root_versions(), [2]);
        assert_eq!(opens(&world, &keys.fresh(), &first).await, 2);
        assert_eq!(opens(&world, &keys.fresh(), &slow).await, 2);
    }
}

both! {
    async fn a_backend_with_a_retired_key_loses_nothing(world: World) {
        let keys = Keys::new();
        let stale = Vault::new(RootKeys::parse(&std::fs::read_to_string(keys.path()).unwrap()).unwrap());
        rotate(&world.store, &keys.fresh(), &SystemEntropy, "c").await.unwrap();
        world.clock.advance(SETTLE_TIME);
        retire(&world.store, &keys.fresh(), "c").await.unwrap();
        let mut tx = world.tx().await;
        let id = tx.new_id();
        let (_, wrapped) = stale.new_data_key(&SystemEntropy, &id).unwrap();
        let refused = tx.insert_data_key(&id, &wrapped.bytes, i64::from(wrapped.root_version)).await;
        assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{refused:?}");
    }
}

both! {
    async fn two_rotations_do_not_meet(world: World) {
        let keys = Keys::new();
        data_key(&world, &keys.backend).await;
        let mut tx = world.tx().await;
        assert!(tx.take_lease("vault", "another", world.now() + MINUTE).await.unwrap());
        tx.commit().await.unwrap();
        let busy = rotate(&world.store, &keys.fresh(), &SystemEntropy, "c").await;
        assert!(matches!(busy, Err(RotationError::Busy)), "{busy:?}");
        world.clock.advance(MINUTE);
        rotate(&world.store, &keys.fresh(), &SystemEntropy, "c").await.unwrap();
    }
}

both! {
    async fn keys_from_the_environment_are_rotated_there(world: World) {
        let keys = Keys::new();
        let one = data_key(&world, &keys.backend).await;
        let text = std::fs::read_to_string(keys.path()).unwrap();
        let fixed = Vault::new(RootKeys::parse(&text).unwrap());
        let refused = rotate(&world.store, &fixed, &SystemEntropy, "c").await;
        assert!(matches!(refused, Err(RotationError::Environment)), "{refused:?}");
        world.clock.advance(DAY);
        let added = Vault::new(RootKeys::parse(&format!("{text}2 = \"{}\"\n", "7".repeat(64))).unwrap());
        let done = rotate(&world.store, &added, &SystemEntropy, "c").await.unwrap();
        assert_eq!((done.added, done.data_keys), (None, 1));
        assert_eq!(opens(&world, &added, &one).await, 2);
    }
}

#[test]
fn a_file_with_another_lookup_key_is_refused() {
    let (keys, others) = (Keys::new(), Keys::new());
    std::fs::copy(others.path(), keys.path()).unwrap();
    assert!(matches!(keys.backend.reread(), Err(VaultError::RootKeys(_))));
    assert_eq!(keys.backend.root_version(), 1);
}

/// A rotation knows every column that the root key seals. A column that is added is either here, sealed under an order's
/// data key, or it belongs into [`RootSealed`].
#[test]
fn every_sealed_column_is_known() {
    const UNDER_A_DATA_KEY: [&str; 12] = [
        "orders.form_sealed",
        "orders.summary_sealed",
        "orders.refusal_sealed",
        "signatures.phone_sealed",
        "signatures.ip_sealed",
        "outbox.payload_sealed",
        "makings.secrets_sealed",
        "keys.secrets_sealed",
        "refunds_owed.note_sealed",
        "drafts.sealed",
        "keys.pin_sealed",
        "orders.return_sealed",
    ];
    let root: Vec<_> = RootSealed::ALL.iter().map(|kind| format!("{}.{}", kind.table(), kind.column())).collect();
    let folder = std::env::var("CARGO_MANIFEST_DIR").unwrap() + "/src/store/schema";
    let mut found = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let mut table = String::new();
        for line in text.lines().map(str::trim).filter(|line| !line.starts_with("--")) {
            let words: Vec<&str> = line.split([' ', '(']).collect();
            let column = match words.as_slice() {
                ["CREATE", "TABLE", name, ..] => {
                    (*name).clone_into(&mut table);
                    continue;
                }
                ["ALTER", "TABLE", name, "ADD", "COLUMN", column, ..] => {
                    (*name).clone_into(&mut table);
                    *column
                }
                [column, ..] => column,
                [] => continue,
            };
            if column == "sealed" || column.ends_with("_sealed") {
                let name = format!("{table}.{column}");
                assert!(root.contains(&name) || UNDER_A_DATA_KEY.contains(&name.as_str()), "{name}: under which key?");
                found += 1;
            }
        }
    }
    assert!(found >= 12, "the schema was not read");
}
