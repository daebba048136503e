//! Papers over HTTP: what is refused, and how it is told.

use crate::applicant::application;
use crate::papers;
use shared::api::ErrorCode;
use shared::order::Status;

both! {
    async fn a_paper_is_kept_sealed_and_shown_to_its_owner(world: World) {
        let browser = world.browser();
        let number = browser.orders(&application()).await.number;
        let paper = browser.uploads(&number, "business_licence", papers::png()).await.unwrap();
        assert_eq!((paper.width, paper.height), (120, 80));
        let path = format!("/api/orders/{number}/documents/{}", paper.id);
        let response = browser.send(browser.request(reqwest::Method::GET, &path)).await;
        assert_eq!(response.headers()["content-type"], "image/jpeg");
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        assert_eq!(response.headers()["cache-control"], "no-store");
        let image = response.bytes().await.unwrap();
        assert_eq!(&image[..2], [0xff, 0xd8]);
        let stranger = world.browser();
        stranger.saves(&application()).await.unwrap();
        let response = stranger.send(stranger.request(reqwest::Method::GET, &path)).await;
        assert_eq!(response.status(), 404);
    }
}

both! {
    async fn bad_files_are_refused_with_the_reason(world: World) {
        let browser = world.browser();
        let number = browser.orders(&application()).await.number;
        let large = [papers::jpeg(), vec![0; 1_572_864]].concat();
        let cut = papers::jpeg()[..2000].to_vec();
        for (file, code) in [
            (large, ErrorCode::FileTooLarge),
            (vec![0x20; 12 * 1024 * 1024], ErrorCode::FileTooLarge),
            (b"%PDF-1.7".to_vec(), ErrorCode::FileType),
            (Vec::new(), ErrorCode::FileType),
            (cut, ErrorCode::ImageDamaged),
        ] {
            let refused = browser.uploads(&number, "business_licence", file).await.unwrap_err();
            assert_eq!(refused.error.code, code, "{}", refused.error.message);
        }
        let refused = browser.uploads(&number, "birth_certificate", papers::jpeg()).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::NotFound);
        assert!(browser.order(&number).await.unwrap().documents.is_empty());
    }
}

both! {
    async fn missing_papers_are_named(world: World) {
        let browser = world.browser();
        let number = browser.orders(&application()).await.number;
        browser.uploads(&number, "business_licence", papers::jpeg()).await.unwrap();
        let refused = browser.submits(&number).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::DocumentsMissing);
        assert_eq!(refused.error.message, "请上传：经办人身份证(头像面)、经办人身份证(国徽面)");
    }
}

both! {
    async fn a_new_upload_takes_the_place_of_the_old_one(world: World) {
        let browser = world.browser();
        let number = browser.orders(&application()).await.number;
        let old = browser.uploads(&number, "business_licence", papers::jpeg()).await.unwrap();
        let new = browser.uploads(&number, "business_licence", papers::png()).await.unwrap();
        let documents = browser.order(&number).await.unwrap().documents;
        assert_eq!(documents, [new]);
        let path = format!("/api/orders/{number}/documents/{}", old.id);
        assert_eq!(browser.send(browser.request(reqwest::Method::GET, &path)).await.status(), 404);
    }
}

both! {
    async fn papers_of_a_submitted_order_stay_as_they_are(world: World) {
        let browser = world.browser();
        let number = browser.orders(&application()).await.number;
        let submitted = browser.submits_papers(&number).await;
        assert_eq!(submitted.status, Status::AwaitingSignature);
        let refused = browser.uploads(&number, "business_licence", papers::jpeg()).await.unwrap_err();
        assert_eq!(refused.error.code, ErrorCode::Conflict);
        // Pressed twice, or after Back: no error.
        assert_eq!(browser.submits(&number).await.unwrap().status, Status::AwaitingSignature);
    }
}

both! {
    async fn papers_of_a_cancelled_order_are_not_asked_for(world: World) {
        let browser = world.browser();
        let number = browser.orders(&application()).await.number;
        browser.cancels(&number).await.unwrap();
        assert_eq!(browser.submits(&number).await.unwrap_err().error.code, ErrorCode::Conflict);
    }
}

both! {
    async fn a_deleted_paper_is_gone_and_deleting_it_twice_is_no_error(world: World) {
        let browser = world.browser();
        let number = browser.orders(&application()).await.number;
        browser.uploads(&number, "business_licence", papers::jpeg()).await.unwrap();
        for _ in 0..2 {
            assert!(browser.deletes(&number, "business_licence").await.unwrap().documents.is_empty());
        }
    }
}
