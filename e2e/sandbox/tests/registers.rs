//! Element checks: each of the register's answers.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod world;

use backend::gateways::{CompanyFour, CompanyVerdict, Outcome, PersonThree, PersonVerdict};
use sandbox::people::{COMPANIES, PERSONS};
use serde_json::json;
use world::World;

fn four(company: usize, legal: usize) -> CompanyFour {
    CompanyFour {
        name: COMPANIES[company].name.into(),
        credit_code: COMPANIES[company].credit_code.into(),
        legal_name: PERSONS[legal].name.into(),
        legal_id: PERSONS[legal].id_number.into(),
    }
}

#[tokio::test]
async fn a_unit_and_its_legal_representative() {
    let world = World::start().await;
    let check = async |request: CompanyFour| world.gateways.elements.company_four(&request).await;
    for (at, company) in COMPANIES.iter().enumerate() {
        let legal = PERSONS.iter().position(|person| person.id_number == company.legal_id).unwrap();
        let expected = if company.abnormal { CompanyVerdict::MatchesAbnormal } else { CompanyVerdict::Matches };
        assert_eq!(check(four(at, legal)).await, Outcome::Ok(expected), "{}", company.name);
    }
    assert_eq!(check(four(0, 1)).await, Outcome::Ok(CompanyVerdict::LegalPersonDiffers));
    let renamed = CompanyFour { name: COMPANIES[1].name.into(), ..four(0, 0) };
    assert_eq!(check(renamed).await, Outcome::Ok(CompanyVerdict::Differs));
    let unknown = CompanyFour { credit_code: "91450100MA5NX10Q2R".into(), ..four(0, 0) };
    assert_eq!(check(unknown).await, Outcome::Ok(CompanyVerdict::CompanyNotFound));
    let nobody = CompanyFour { legal_id: "450199199009090260".into(), ..four(0, 0) };
    assert_eq!(check(nobody).await, Outcome::Ok(CompanyVerdict::PersonNotFound));
}

#[tokio::test]
async fn a_person_and_a_phone() {
    let world = World::start().await;
    let check = async |name: &str, id: &str, phone: &str| {
        let request = PersonThree { name: name.into(), id_number: id.into(), phone: phone.into() };
        world.gateways.elements.person_three(&request).await
    };
    for person in PERSONS {
        let Some(phone) = person.phone else { continue };
        let verdict = check(person.name, person.id_number, phone).await;
        assert_eq!(verdict, Outcome::Ok(PersonVerdict::Matches), "{}", person.name);
    }
    let (lee, nong) = (&PERSONS[6], &PERSONS[7]);
    let others = check(lee.name, lee.id_number, nong.phone.unwrap()).await;
    assert_eq!(others, Outcome::Ok(PersonVerdict::Differs));
    let nobodys = check(lee.name, lee.id_number, "13600000000").await;
    assert_eq!(nobodys, Outcome::Ok(PersonVerdict::NoRecord));
    let nobody = check("王五", "450199199009090260", "13977120001").await;
    assert_eq!(nobody, Outcome::Ok(PersonVerdict::NoRecord));
}

#[tokio::test]
async fn a_silent_register_is_unknown_and_a_wrong_authorisation_refused() {
    let world = World::start().await;
    world.fault("company4", json!({"kind": "hang"})).await;
    let silent = world.gateways.elements.company_four(&four(0, 0)).await;
    assert!(matches!(silent, Outcome::Unknown { .. }));
    let mut config = world.config.clone();
    config.elements.auth_code = "wrong".to_owned().into();
    let stranger = backend::gateways::aliyun::AliyunElements::new(&config.elements, world.fresh.clone()).unwrap();
    let refused = backend::gateways::ElementCheck::company_four(&stranger, &four(0, 0)).await;
    assert!(matches!(refused, Outcome::Refused { .. }));
}
