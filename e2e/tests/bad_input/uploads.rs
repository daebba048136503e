//! The papers.

use super::refused;
use e2e::papers;
use e2e::stack::Stack;
use shared::api::ErrorCode;
use shared::channel::DocumentKind;
use shared::order::Status;

#[tokio::test]
async fn files_that_are_no_papers_are_refused_and_the_others_stay() {
    let stack = Stack::start().await.unwrap();
    let unit = stack.unit(0).unwrap();
    let applicant = stack.applicant().unwrap();
    let number = applicant.applies(&unit).await.unwrap().number;
    let good = papers::scans(&unit, &stack.outside).await.unwrap();
    let front = good.into_iter().find(|paper| paper.kind == DocumentKind::OperatorIdPortrait).unwrap();
    let before = applicant.uploads(&number, front.kind, front.bytes).await.unwrap();

    for (name, code) in [
        ("too-large.png", ErrorCode::FileTooLarge),
        ("not-a-picture.jpg", ErrorCode::FileType),
        ("truncated.jpg", ErrorCode::ImageDamaged),
        ("bomb.png", ErrorCode::ImageTooManyPixels),
        ("seventeen-megapixels.jpg", ErrorCode::ImageTooManyPixels),
        ("empty.png", ErrorCode::FileType),
    ] {
        let bytes = stack.outside.paper(name).await.unwrap();
        for kind in [DocumentKind::BusinessLicence, DocumentKind::OperatorIdPortrait] {
            let told = applicant.uploads(&number, kind, bytes.clone()).await.err();
            let told = told.unwrap_or_else(|| panic!("{name} was taken"));
            assert_eq!(told.code(), code, "{name}: {told}");
            assert!(!told.message().is_ascii(), "{name}: {told}");
        }
    }
    // Far beyond what is read at all.
    let huge = vec![0_u8; 20 * 1024 * 1024];
    let told = applicant.uploads(&number, DocumentKind::BusinessLicence, huge).await.unwrap_err();
    assert!(told.status == 0 || told.code() == ErrorCode::FileTooLarge, "{told}");

    let after = applicant.order(&number).await.unwrap();
    assert_eq!(after.documents, before.documents);
    let told = refused(applicant.submits(&number).await, ErrorCode::DocumentsMissing);
    assert!(told.message().contains("工商营业执照副本"), "{told}");
    assert_eq!(applicant.order(&number).await.unwrap().status, Status::AwaitingDocuments);
}

#[tokio::test]
async fn what_is_stored_is_our_own_picture_without_the_phones_traces() {
    let stack = Stack::start().await.unwrap();
    let unit = stack.unit(0).unwrap();
    let applicant = stack.applicant().unwrap();
    let number = applicant.applies(&unit).await.unwrap().number;
    let photo = stack.outside.paper("licence-0.jpg").await.unwrap();
    assert!(photo.windows(4).any(|bytes| bytes == b"Exif"));
    // As a page without a canvas would send it: small enough, but still turned by EXIF.
    let order =
        applicant.uploads(&number, DocumentKind::BusinessLicence, papers::scaled(&photo).unwrap()).await.unwrap();
    let path = format!("/api/orders/{number}/documents/{}", order.documents[0].id);
    let stored = applicant.client.bytes(reqwest::Method::GET, &path, None).await.unwrap();
    assert_eq!(stored.get(..3), Some(&[0xff, 0xd8, 0xff][..]), "a JPEG");
    assert!(!stored.windows(4).any(|bytes| bytes == b"Exif"));
    let stranger = stack.applicant().unwrap();
    stranger.saves(&unit.draft()).await.unwrap();
    assert_eq!(stranger.client.bytes(reqwest::Method::GET, &path, None).await.unwrap_err().status, 404);
}
