//! 制证 and 寄送: a key, its certificate, its PIN.

use crate::applicant::{LEGAL_REP, OPERATOR};
use crate::desk::{Desk, Key};
use crate::review::paid;
use crate::world::World;
use backend::store::CertificateState;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::StatusCode;
use shared::api::{ErrorCode, Role};
use shared::bridge::KeyTarget;
use shared::order::{EventKind, Status};

/// An approved order and the maker who is to make it.
async fn approved(world: &World) -> (crate::applicant::Browser, String, Desk) {
    let (applicant, number) = paid(world).await;
    world.hires("reviewer", &[Role::Reviewer]).await.approves(&number).await.unwrap();
    (applicant, number, world.hires("maker", &[Role::Maker]).await)
}

both! {
    async fn from_a_blank_key_to_the_parcel_and_the_pin(world: World) {
        let (applicant, number, desk) = approved(&world).await;
        assert_eq!(desk.queue("making").await.len(), 1);
        let mut key = Key::blank();
        let issued = desk.makes(&number, &mut key).await;
        let order = applicant.order(&number).await.unwrap();
        assert_eq!(order.status, Status::AwaitingDispatch);
        assert_eq!(order.key_serial, key.serial);
        assert_eq!(order.certificate_serial.as_deref(), Some(issued.serial.as_str()));
        assert_eq!(desk.queue("dispatch").await.len(), 1);

        let wrong = desk.dispatches(&number, "?").await.unwrap_err();
        assert_eq!(wrong.error.code, ErrorCode::BadRequest);
        desk.dispatches(&number, "sf 1234 5678").await.unwrap();
        let order = applicant.order(&number).await.unwrap();
        assert_eq!((order.status, order.waybill.as_deref()), (Status::Dispatched, Some("SF12345678")));
        world.works().await;
        assert_eq!(world.outside.newest(LEGAL_REP, "pin"), Some(key.pin()));
        assert_eq!(world.outside.newest(OPERATOR, "pin"), None);

        desk.hears_of_delivery(&number).await.unwrap();
        assert_eq!(applicant.order(&number).await.unwrap().status, Status::Completed);
        let mut reader = world.hall.store.read().await.unwrap();
        let row = reader.order_by_number(&number).await.unwrap().unwrap();
        let kept = reader.key(&key.serial.unwrap()).await.unwrap().unwrap();
        assert_eq!((kept.order_id, kept.pin_initial), (row.id.clone(), 1));
        let jobs = reader.jobs_about(&row.id).await.unwrap();
        let notice = jobs.iter().find(|job| job.kind == "notify_dispatch").unwrap();
        assert_eq!(notice.payload_sealed, None, "wiped once it was sent");
        let chain = backend::audit::Chain::Order(&row.id).name();
        assert!(reader.verify_chain(&chain).await.unwrap().is_ok());
    }
}

both! {
    async fn the_certificate_names_the_unit_and_openssl_agrees(world: World) {
        let (_, number, desk) = approved(&world).await;
        let issued = desk.makes(&number, &mut Key::blank()).await;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("unit.cer"), STANDARD.decode(&issued.certificate).unwrap()).unwrap();
        let ca = world.hall.config.data_dir.join("ca");
        let at = (world.now() / 1_000_000 + 60).to_string();
        let verified = std::process::Command::new("openssl")
            .args(["verify", "-x509_strict", "-attime", &at, "-CAfile"])
            .arg(ca.join("root.crt"))
            .arg("-untrusted")
            .arg(ca.join("issuing.crt"))
            .arg(folder.path().join("unit.cer"))
            .output()
            .unwrap();
        assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
        let told = std::process::Command::new("openssl")
            .args(["x509", "-noout", "-subject", "-nameopt", "utf8,sep_comma_plus", "-in"])
            .arg(folder.path().join("unit.cer"))
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        assert!(told.contains("O=南宁市朱槿信息技术有限公司,organizationIdentifier=NTRCN-914403001922038216"), "{told}");
    }
}

both! {
    async fn who_reviewed_does_not_make(world: World) {
        let (_, number) = paid(&world).await;
        let desk = world.hires("both", &[Role::Reviewer, Role::Maker]).await;
        desk.approves(&number).await.unwrap();
        let refused = desk.starts_making(&number, &mut Key::blank()).await.unwrap_err();
        assert_eq!((refused.status, refused.error.code), (StatusCode::FORBIDDEN, ErrorCode::FourEyes));
    }
}

both! {
    async fn an_interrupted_making_starts_again_with_a_new_pin(world: World) {
        let (applicant, number, desk) = approved(&world).await;
        let mut key = Key::blank();
        let ticket = desk.starts_making(&number, &mut key).await.unwrap();
        assert_eq!(ticket.key, KeyTarget::Blank);
        let first = (key.pin(), key.secrets.clone().unwrap().management_key);
        let lost = desk.asks_certificate(&number, &key.generates(&number)).await.unwrap();
        // Pulled out here. The key has a serial and perhaps a certificate now, so it is named.
        world.later(1_000_000);
        let ticket = desk.starts_making(&number, &mut key).await.unwrap();
        assert_eq!(ticket.key, KeyTarget::Serial(key.serial.clone().unwrap()));
        assert_ne!(key.pin(), first.0);
        // Once more, now the same key by its serial: the same pair, another PIN.
        let second = (key.pin(), key.secrets.clone().unwrap().management_key);
        world.later(1_000_000);
        desk.starts_making(&number, &mut key).await.unwrap();
        assert_eq!(key.secrets.clone().unwrap().management_key, second.1);
        assert_ne!(key.pin(), second.0);
        let stale = desk.tells_made(&number, &key, &lost.certificate).await.unwrap_err();
        assert_eq!(stale.error.code, ErrorCode::CertificateMismatch);
        let issued = desk.asks_certificate(&number, &key.generates(&number)).await.unwrap();
        desk.tells_made(&number, &key, &issued.certificate).await.unwrap();
        assert_eq!(applicant.order(&number).await.unwrap().certificate_serial.as_deref(), Some(issued.serial.as_str()));
        let mut reader = world.hall.store.read().await.unwrap();
        let superseded = reader.certificate(&lost.serial).await.unwrap().unwrap();
        assert_eq!(superseded.state, CertificateState::Superseded);
        drop(reader);
        let files = tempfile::tempdir().unwrap();
        let ca = world.hall.config.data_dir.join("ca");
        for (name, expected) in [
            ("root.cer", Some(world.hall.ca.root_certificate())),
            ("issuing.cer", Some(world.hall.ca.issuing_certificate())),
            ("issuing.crl", None),
        ] {
            let answer = applicant.send(applicant.request(reqwest::Method::GET, &format!("/ca/{name}"))).await;
            assert_eq!(answer.status(), StatusCode::OK);
            let bytes = answer.bytes().await.unwrap();
            assert!(expected.is_none_or(|expected| expected == bytes), "{name}");
            std::fs::write(files.path().join(name), bytes).unwrap();
        }
        for (certificate, good) in [(&issued.certificate, true), (&lost.certificate, false)] {
            std::fs::write(files.path().join("unit.cer"), STANDARD.decode(certificate).unwrap()).unwrap();
            let verified = std::process::Command::new("openssl")
                .args(["verify", "-crl_check", "-attime", &(world.now() / 1_000_000 + 60).to_string()])
                .arg("-CAfile").arg(ca.join("root.crt")).arg("-untrusted").arg(ca.join("issuing.crt"))
                .args(["-CRLfile", "issuing.crl", "unit.cer"])
                .current_dir(files.path())
                .output()
                .unwrap();
            assert_eq!(verified.status.success(), good, "{}", String::from_utf8_lossy(&verified.stderr));
        }
    }
}

both! {
    async fn the_same_request_gets_the_same_certificate_and_another_none(world: World) {
        let (applicant, number, desk) = approved(&world).await;
        let mut key = Key::blank();
        desk.starts_making(&number, &mut key).await.unwrap();
        let csr = key.generates(&number);
        let (one, two) = tokio::join!(desk.asks_certificate(&number, &csr), desk.asks_certificate(&number, &csr));
        let three = desk.asks_certificate(&number, &csr).await.unwrap();
        for answer in [one, two].into_iter().flatten() {
            assert_eq!(answer.certificate, three.certificate);
        }
        let other = desk.asks_certificate(&number, &key.generates(&number)).await.unwrap_err();
        assert_eq!(other.error.code, ErrorCode::CsrRefused);
        let timeline = desk.looks_at(&number).await.unwrap().order.timeline;
        assert_eq!(timeline.iter().filter(|entry| entry.event == EventKind::CertificateIssued).count(), 1);
        let told = applicant.order(&number).await.unwrap().timeline;
        assert!(told.iter().all(|entry| entry.event.is_for_applicant()), "the desk's own steps are not the applicant's");
    }
}

both! {
    async fn a_prepared_certificate_is_signed_after_a_crash(world: World) {
        let (_, number, desk) = approved(&world).await;
        let mut key = Key::blank();
        desk.starts_making(&number, &mut key).await.unwrap();
        let csr = key.generates(&number);
        let issued = desk.asks_certificate(&number, &csr).await.unwrap();
        // As if the process had died after the to-be-signed bytes were committed.
        let mut tx = world.hall.store.begin().await.unwrap();
        let sql = "UPDATE certificates SET state = 'prepared', der = NULL, issued_at = NULL";
        match tx.link() {
            backend::store::Link::Sqlite(link) => drop(sqlx::query(sql).execute(&mut **link).await.unwrap()),
            backend::store::Link::Postgres(link) => drop(sqlx::query(sql).execute(&mut **link).await.unwrap()),
        }
        tx.commit().await.unwrap();
        let again = desk.asks_certificate(&number, &csr).await.unwrap();
        assert_eq!(again.serial, issued.serial);
        let mut reader = world.hall.store.read().await.unwrap();
        let row = reader.order_by_number(&number).await.unwrap().unwrap();
        assert_eq!(reader.certificates(&row.id).await.unwrap().len(), 1);
        desk.tells_made(&number, &key, &again.certificate).await.unwrap();
    }
}

both! {
    async fn requests_that_prove_nothing_are_refused(world: World) {
        let (_, number, desk) = approved(&world).await;
        let mut key = Key::blank();
        desk.starts_making(&number, &mut key).await.unwrap();
        let mut flipped = key.generates(&number);
        let last = flipped.len() - 1;
        flipped[last] ^= 1;
        for csr in [flipped, key.requests("20261120A999999"), b"junk".to_vec(), Vec::new()] {
            let refused = desk.asks_certificate(&number, &csr).await.unwrap_err();
            assert_eq!((refused.status, refused.error.code), (StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::CsrRefused));
        }
        desk.asks_certificate(&number, &key.requests(&number)).await.unwrap();
    }
}

both! {
    async fn what_was_read_back_must_be_what_was_issued(world: World) {
        let (applicant, number, desk) = approved(&world).await;
        let mut key = Key::with_serial("AB");
        desk.starts_making(&number, &mut key).await.unwrap();
        let issued = desk.asks_certificate(&number, &key.generates(&number)).await.unwrap();
        let mut bytes = STANDARD.decode(&issued.certificate).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        for wrong in [STANDARD.encode(&bytes), String::new(), "%".into()] {
            let refused = desk.tells_made(&number, &key, &wrong).await.unwrap_err();
            assert_eq!(refused.error.code, ErrorCode::CertificateMismatch);
        }
        let swapped = desk.tells_made(&number, &Key::with_serial("CD"), &issued.certificate).await.unwrap_err();
        assert_eq!(swapped.error.code, ErrorCode::CertificateMismatch);
        assert_eq!(applicant.order(&number).await.unwrap().status, Status::AwaitingMaking);
        desk.tells_made(&number, &key, &issued.certificate).await.unwrap();
        desk.tells_made(&number, &key, &issued.certificate).await.unwrap();
        assert_eq!(applicant.order(&number).await.unwrap().status, Status::AwaitingDispatch);
    }
}

both! {
    async fn another_maker_takes_over_and_the_first_one_is_told(world: World) {
        let (_, number, first) = approved(&world).await;
        let second = world.hires("second", &[Role::Maker]).await;
        let mut key = Key::blank();
        first.starts_making(&number, &mut key).await.unwrap();
        world.later(1_000_000);
        let mut other = Key::with_serial("AB");
        second.starts_making(&number, &mut other).await.unwrap();
        let late = first.asks_certificate(&number, &key.generates(&number)).await.unwrap_err();
        assert_eq!(late.error.code, ErrorCode::Conflict);
        let issued = second.asks_certificate(&number, &other.generates(&number)).await.unwrap();
        second.tells_made(&number, &other, &issued.certificate).await.unwrap();
    }
}

both! {
    async fn of_two_makers_at_once_one_makes(world: World) {
        let (_, number, first) = approved(&world).await;
        let second = world.hires("second", &[Role::Maker]).await;
        let (mut one, mut two) = (Key::with_serial("AB"), Key::with_serial("CD"));
        let started = tokio::join!(first.starts_making(&number, &mut one), second.starts_making(&number, &mut two));
        for refused in [started.0.err(), started.1.err()].into_iter().flatten() {
            assert_eq!(refused.error.code, ErrorCode::Conflict);
        }
        let mut reader = world.hall.store.read().await.unwrap();
        let row = reader.order_by_number(&number).await.unwrap().unwrap();
        let live = reader.live_making(&row.id).await.unwrap().unwrap();
        assert_eq!(row.maker_id, Some(live.staff_id));
        assert!(reader.verify_chain(&backend::audit::Chain::Order(&row.id).name()).await.unwrap().is_ok());
    }
}

both! {
    async fn a_key_that_was_made_is_not_made_again(world: World) {
        let (_, number, desk) = approved(&world).await;
        let mut key = Key::with_serial("AB");
        desk.makes(&number, &mut key).await;
        let browser = world.browser();
        let draft = crate::applicant::with(shared::form::Field::CreditCode, "91330100799655058B");
        let second = browser.orders(&draft).await.number;
        browser.submits_papers(&second).await;
        world.later(10 * 60 * 1_000_000);
        browser.signs_with_phone(&second).await.unwrap();
        browser.opens_payment(&second).await.unwrap();
        world.outside.pays(&format!("{second}_1"), 25_000);
        world.notice(&format!("{second}_1")).await;
        world.works().await;
        let reviewer = world.hires("reviewer2", &[Role::Reviewer]).await;
        reviewer.approves(&second).await.unwrap();
        let refused = desk.starts_making(&second, &mut key).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::Conflict);
        // A key pair that has a certificate gets no second one, whatever key claims it.
        let mut fresh = Key::with_serial("CD");
        desk.starts_making(&second, &mut fresh).await.unwrap();
        let reused = desk.asks_certificate(&second, &key.requests(&second)).await.unwrap_err();
        assert_eq!(reused.error.code, ErrorCode::CsrRefused);
    }
}

both! {
    async fn nothing_of_a_key_is_readable_in_the_database(world: World) {
        let (_, number, desk) = approved(&world).await;
        let mut key = Key::blank();
        desk.makes(&number, &mut key).await;
        let mut reader = world.hall.store.read().await.unwrap();
        let row = reader.order_by_number(&number).await.unwrap().unwrap();
        let kept = reader.key(key.serial.as_deref().unwrap()).await.unwrap().unwrap().secrets_sealed;
        for making in reader.makings(&row.id).await.unwrap() {
            assert_eq!(making.secrets_sealed, None, "moved to the key");
        }
        let secrets = key.secrets.unwrap();
        for secret in [&secrets.pin, &secrets.puk, &secrets.management_key] {
            assert!(!kept.windows(secret.len()).any(|window| window == secret.as_bytes()));
        }
        for link in reader.events(backend::audit::Chain::Order(&row.id)).await.unwrap() {
            assert!(!link.data.contains(&secrets.pin) && !link.data.contains(&secrets.puk), "{}", link.data);
        }
    }
}
