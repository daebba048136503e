//! A hall that burned down opens again elsewhere, on either engine, and finishes what it began.

use crate::applicant::{Browser, with};
use crate::databases::Schema;
use crate::desk::{Desk, Key};
use crate::papers;
use crate::review::paid;
use crate::world::{World, configuration};
use backend::backup::{BackupError, Place, back_up, restore};
use backend::clock::{MINUTE, TestClock};
use backend::config::Config;
use backend::entropy::SystemEntropy;
use object_store::ObjectStore;
use serde_json::json;
use shared::api::Role;
use shared::form::Field;
use shared::order::Status;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

const PASSPHRASE: &str = "清风明月石桥流水人家小巷";

/// Where a hall's data is, or is to be.
struct Somewhere {
    folder: TempDir,
    config: Config,
    papers: Arc<dyn ObjectStore>,
}

impl Somewhere {
    fn new(url: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sqlite = format!("sqlite:{}/hall.db", folder.path().display());
        let config = configuration(folder.path(), "http://127.0.0.1:1", url.unwrap_or(&sqlite), json!({}));
        let papers = backend::papers::open(&config).unwrap();
        Self { folder, config, papers }
    }

    async fn takes(&self, backup: &Path, passphrase: &str) -> Result<backend::backup::Restored, BackupError> {
        restore(&place(&self.config, &*self.papers), backup, passphrase).await
    }
}

fn place<'a>(config: &'a Config, documents: &'a dyn ObjectStore) -> Place<'a> {
    Place { config, documents, clock: Arc::new(TestClock::default()), entropy: Arc::new(SystemEntropy) }
}

/// A paid order, being reviewed while the backup is taken.
async fn backed_up(world: &World, folder: &TempDir) -> (Browser, String, Desk, std::path::PathBuf) {
    let (applicant, number) = paid(world).await;
    let desk = world.hires("reviewer", &[Role::Reviewer]).await;
    world.seals().await;
    let out = folder.path().join("backup");
    let hall = place(&world.hall.config, &*world.hall.documents);
    // Other work goes on meanwhile.
    let others = async {
        for _ in 0..3 {
            desk.looks_at(&number).await.unwrap();
            world.browser().signed_order_of_another_unit().await;
        }
    };
    let (done, ()) = tokio::join!(back_up(&hall, &world.hall.store, &out, PASSPHRASE), others);
    let done = done.unwrap();
    assert!(done.documents >= 3 && done.key_files >= 4 && done.checkpoint.is_some(), "{done:?}");
    assert_eq!((done.missing, done.left_out), (vec![], vec![]));
    (applicant, number, desk, out)
}

impl Browser {
    /// Uploads alone are enough to have papers come while they are copied.
    async fn signed_order_of_another_unit(&self) {
        let order = self.orders(&with(Field::CreditCode, "9144030071526726XG")).await;
        self.uploads(&order.number, "business_licence", papers::jpeg()).await.unwrap();
    }
}

/// The restored hall is whole, knows everybody, and the order goes on to its end.
async fn goes_on(somewhere: Somewhere, applicant: &Browser, number: &str, reviewer: &Desk) {
    let world = World::open(somewhere.folder, somewhere.config.database_url.clone()).await;
    // The same code is not taken twice.
    world.later(5 * MINUTE);
    let applicant = applicant.at(&world);
    let order = applicant.order(number).await.unwrap();
    assert_eq!(order.status, Status::AwaitingReview);
    let image = format!("/api/orders/{number}/documents/{}", order.documents[0].id);
    let image = applicant.send(applicant.request(reqwest::Method::GET, &image)).await;
    assert!(image.bytes().await.unwrap().starts_with(&[0xff, 0xd8]));
    reviewer.at(&world).await.approves(number).await.unwrap();
    let maker = world.hires("new.maker", &[Role::Maker]).await;
    let mut key = Key::blank();
    maker.makes(number, &mut key).await;
    maker.dispatches(number, "SF12345678").await.unwrap();
    world.works().await;
    assert_eq!(world.outside.newest(crate::applicant::LEGAL_REP, "pin"), Some(key.pin()));
    maker.hears_of_delivery(number).await.unwrap();
    assert_eq!(applicant.order(number).await.unwrap().status, Status::Completed);
    world.seals().await;
    let keys = backend::audit::AuditKeys::load(&world.hall.config.audit_key_file()).unwrap().public();
    let report = backend::audit::verify::check_store(&world.hall.store, keys, None).await.unwrap();
    assert_eq!((report.findings, report.unsealed), (vec![], 0));
    world.hall.store.close().await;
}

both! {
    async fn a_backup_opens_elsewhere_and_the_order_is_finished(world: World) {
        let folder = tempfile::tempdir().unwrap();
        let (applicant, number, reviewer, backup) = backed_up(&world, &folder).await;
        let sqlite = Somewhere::new(None);
        let restored = sqlite.takes(&backup, PASSPHRASE).await.unwrap();
        assert_eq!(restored.audit.findings, []);
        assert!(restored.audit.newest.is_some());
        goes_on(sqlite, &applicant, &number, &reviewer).await;

        let schema = Schema::create().await;
        let url = schema.url().to_owned();
        let ended = tokio::spawn(async move {
            let postgres = Somewhere::new(Some(&url));
            let restored = postgres.takes(&backup, PASSPHRASE).await.unwrap();
            assert_eq!(restored.audit.findings, []);
            goes_on(postgres, &applicant, &number, &reviewer).await;
        })
        .await;
        schema.drop().await;
        ended.unwrap();
    }
}

both! {
    async fn a_damaged_backup_is_refused_in_clear_words(world: World) {
        let folder = tempfile::tempdir().unwrap();
        let (_, _, _, backup) = backed_up(&world, &folder).await;
        let paper = std::fs::read_to_string(backup.join("documents.jsonl")).unwrap();
        let paper: serde_json::Value = serde_json::from_str(paper.lines().next().unwrap()).unwrap();
        let paper = format!("documents/{}", paper["key"].as_str().unwrap());
        let files = ["database.jsonl", "documents.jsonl", "manifest.json", "keys.sealed", paper.as_str()];
        for file in files {
            let path = backup.join(file);
            let whole = std::fs::read(&path).unwrap();
            let mut flipped = whole.clone();
            *flipped.last_mut().unwrap() ^= 1;
            let middle = flipped.len() / 2;
            let mut elsewhere = whole.clone();
            elsewhere[middle] ^= 1;
            for damaged in [whole[..whole.len() - 1].to_vec(), flipped, elsewhere, Vec::new()] {
                std::fs::write(&path, &damaged).unwrap();
                let target = Somewhere::new(None);
                let refused = target.takes(&backup, PASSPHRASE).await.expect_err(file).to_string();
                assert!(refused.contains(file.split('/').next().unwrap()), "{file}: {refused}");
                assert!(!target.folder.path().join("hall.db").exists(), "{file}: nothing is written");
                assert!(!target.config.root_key_file().exists(), "{file}: nothing is written");
            }
            std::fs::write(&path, &whole).unwrap();
        }
        std::fs::rename(backup.join(&paper), backup.join("gone")).unwrap();
        let refused = Somewhere::new(None).takes(&backup, PASSPHRASE).await.unwrap_err();
        assert!(matches!(refused, BackupError::Damaged(_)), "{refused}");
        std::fs::rename(backup.join("gone"), backup.join(&paper)).unwrap();
        let refused = Somewhere::new(None).takes(&backup, "another passphrase").await.unwrap_err();
        assert!(refused.to_string().contains("the passphrase is wrong"), "{refused}");
        Somewhere::new(None).takes(&backup, PASSPHRASE).await.unwrap();
    }
}

both! {
    async fn nothing_is_ever_restored_over_something(world: World) {
        let folder = tempfile::tempdir().unwrap();
        let (_, _, _, backup) = backed_up(&world, &folder).await;
        let hall = place(&world.hall.config, &*world.hall.documents);
        let refused = restore(&hall, &backup, PASSPHRASE).await.unwrap_err();
        assert!(matches!(refused, BackupError::NotEmpty(_)), "{refused}");
        let refused = back_up(&hall, &world.hall.store, &backup, PASSPHRASE).await.unwrap_err();
        assert!(matches!(refused, BackupError::OutExists(_)), "{refused}");
        let refused = back_up(&hall, &world.hall.store, &folder.path().join("b"), "short").await.unwrap_err();
        assert!(matches!(refused, BackupError::ShortPassphrase), "{refused}");
        // A database with tables, a folder with a key, a store with a paper.
        let used = Somewhere::new(Some(&world.hall.config.database_url));
        let refused = used.takes(&backup, PASSPHRASE).await.unwrap_err();
        assert!(refused.to_string().contains("the database is not empty"), "{refused}");
        let used = Somewhere::new(None);
        std::fs::write(used.config.data_dir.join("bridge-signing.pem"), "k").unwrap();
        let refused = used.takes(&backup, PASSPHRASE).await.unwrap_err();
        assert!(refused.to_string().contains("bridge-signing.pem"), "{refused}");
        let used = Somewhere::new(None);
        let paper = object_store::path::Path::from("a/b");
        object_store::ObjectStoreExt::put(&used.papers, &paper, "x".into()).await.unwrap();
        let refused = used.takes(&backup, PASSPHRASE).await.unwrap_err();
        assert!(refused.to_string().contains("a/b"), "{refused}");
    }
}
