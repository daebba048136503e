//! 修改经办人手机号 of a paid order: the new phone is the operator's own by the register, and the legal representative and the
//! new phone both prove it by a code.

use super::codes::{self, Ask};
use super::elements::{self, Answer, Asked};
use super::repeated::{self, Came};
use super::{access, corrections};
use crate::gate::{Act, ProofHeader, Proven, Whence, prove};
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::store::{CodePurpose, Order, RightCode, VerificationKind};
use sha2::{Digest, Sha256};
use shared::api::{CorrectPhone, ErrorCode, NewPhone, OrderView, PhoneCodesSent, TypedCode};
use shared::field::{FieldError, Mobile};
use shared::form::{Field, FormErrors, UnitForm};
use shared::order::EventKind;
use std::net::IpAddr;

/// Verifies the new phone, then sends both codes.
pub async fn send_codes(
    hall: &Hall,
    session: &str,
    address: IpAddr,
    number: &str,
    (new, proof): (&NewPhone, &ProofHeader),
) -> AppResult<PhoneCodesSent> {
    let phone = parse(&new.phone)?;
    let mut reader = hall.store.read().await?;
    let order = access::own(&mut reader, session, number).await?;
    corrections::allowed(&order, EventKind::OperatorPhoneCorrected)?;
    let form = hall.open_form(&mut reader, &order).await?;
    drop(reader);
    if form.operator().mobile == phone {
        return Err(AppError::with(ErrorCode::BadRequest, "该手机号就是登记的经办人手机号，请填写新的手机号"));
    }
    let proven = prove(hall, session, proof, Act::CorrectPhone { number, phone: phone.as_str() }).await?;
    let whence = Whence::of(&hall.vault, address);
    verify(hall, &order, &form, &phone, (&whence, &proven)).await?;
    let ask = |purpose, to| Ask {
        purpose,
        channel: &order.channel,
        session,
        address,
        order_id: Some(&order.id),
        holder_index: None,
        content_hash: Some(agreed(hall, &order, &phone)),
        phone: Some(to),
        template: &hall.config.gateways.sms.templates.correct_phone,
        params: vec![("order".to_owned(), order.number.clone()), ("phone".to_owned(), phone.masked())],
    };
    let legal_rep = &form.legal_rep().mobile;
    let (allow, prove) = (ask(CodePurpose::AllowPhone, legal_rep), ask(CodePurpose::CorrectPhone, &phone));
    Ok(PhoneCodesSent {
        legal_rep: codes::send_proven(hall, allow, legal_rep.masked(), &proven).await?,
        operator: codes::send_proven(hall, prove, phone.masked(), &proven).await?,
    })
}

/// Corrects the phone; both codes are used in the same transaction. Who got access by a code to the old phone loses it; the
/// browser that made the order, and this one, keep it. Told twice, nothing happens the second time.
pub async fn correct(hall: &Hall, session: &str, number: &str, request: &CorrectPhone) -> AppResult<OrderView> {
    if let Err(refusal) = correct_once(hall, session, number, request).await {
        let (allowed, proven) = (&request.legal_rep, &request.operator);
        let came = [
            Came { purpose: CodePurpose::AllowPhone, ticket: &allowed.ticket, typed: &allowed.code },
            Came { purpose: CodePurpose::CorrectPhone, ticket: &proven.ticket, typed: &proven.code },
        ];
        if repeated::done_before(hall, &refusal, session, Some(number), &came).await?.is_none() {
            return Err(refusal);
        }
    }
    access::view(hall, session, number).await
}

async fn correct_once(hall: &Hall, session: &str, number: &str, request: &CorrectPhone) -> AppResult<()> {
    let phone = parse(&request.phone)?;
    let mut reader = hall.store.read().await?;
    let order = access::own(&mut reader, session, number).await?;
    drop(reader);
    corrections::allowed(&order, EventKind::OperatorPhoneCorrected)?;
    let allowed = try_one(hall, (CodePurpose::AllowPhone, &order), session, &request.legal_rep, "法定代表人").await?;
    let proven = try_one(hall, (CodePurpose::CorrectPhone, &order), session, &request.operator, "新手机号").await?;
    let mut tx = hall.store.begin().await?;
    let order = access::own(&mut tx, session, number).await?;
    corrections::allowed(&order, EventKind::OperatorPhoneCorrected)?;
    let agreed = Some(agreed(hall, &order, &phone));
    if allowed.row().content_hash != agreed || proven.row().content_hash != agreed {
        // Another phone than the one the codes were asked for, or the order was corrected meanwhile.
        return Err(AppError::new(ErrorCode::SmsCodeUsedUp));
    }
    tx.use_code(&allowed).await?;
    tx.use_code(&proven).await?;
    let form = hall.open_form(&mut tx, &order).await?.with_operator_mobile(&phone);
    let codes = [allowed.row().id.as_str(), proven.row().id.as_str()];
    corrections::write(hall, &mut tx, &order, &form, (EventKind::OperatorPhoneCorrected, session, &codes)).await?;
    // Codes on their way to the old phone are worthless.
    tx.end_codes(&order.id).await?;
    tx.end_access(&order.id).await?;
    if order.session_id != session {
        tx.grant_order(&order.id, session).await?;
    }
    Ok(tx.commit().await?)
}

fn parse(typed: &str) -> AppResult<Mobile> {
    Mobile::parse(typed)
        .map_err(|error| AppError::new(ErrorCode::Form).fields(FormErrors::at(&[Field::OperatorMobile], error)))
}

/// 经办人三要素 of the new phone with the name and ID on record; limits are those of the form.
async fn verify(
    hall: &Hall,
    order: &Order,
    form: &UnitForm,
    phone: &Mobile,
    (whence, proof): (&Whence, &Proven),
) -> AppResult<()> {
    let operator = form.operator();
    let limits = &hall.channel(&order.channel)?.profile.verification;
    let asked = Asked {
        draft_id: &order.draft_id,
        order_id: Some(&order.id),
        kind: VerificationKind::OperatorThree,
        question: elements::question_about_person(&operator.name, &operator.id, phone),
        unit: form.unit().credit_code.as_str(),
        person: operator.id.as_str(),
        request: elements::person(&operator.name, &operator.id, phone),
        tries: (limits.unit_tries_a_day, limits.operator_tries_a_day),
        whence,
        proof,
    };
    match elements::ask(hall, asked).await? {
        Answer::Passes => Ok(()),
        Answer::Differs => {
            let errors = FormErrors::at(&[Field::OperatorMobile], FieldError::NotVerified);
            Err(AppError::new(ErrorCode::OperatorMismatch).fields(errors))
        }
        Answer::Silence => Err(AppError::with(
            ErrorCode::ServiceUnavailable,
            "实名核验服务暂时没有回应，订单没有改动，请稍后重新获取验证码",
        )),
    }
}

/// What both codes agree to: this phone for this order as it stands. Hex.
fn agreed(hall: &Hall, order: &Order, phone: &Mobile) -> String {
    let phone = super::indexes::of_phone(hall, phone);
    let text = format!("certhall.operator-phone.1\n{}\n{}\n{phone}", order.id, order.content_hash);
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// A refusal says whose code it is about.
async fn try_one(
    hall: &Hall,
    (purpose, order): (CodePurpose, &Order),
    session: &str,
    code: &TypedCode,
    whose: &str,
) -> AppResult<RightCode> {
    codes::try_code(hall, (purpose, Some(&order.id)), session, &code.ticket, &code.code).await.map_err(|refusal| {
        let code = refusal.code();
        if code == ErrorCode::SmsCodeWrong {
            refusal.words(format!("{whose}收到的验证码不正确，请核对短信后重新输入"))
        } else if code == ErrorCode::SmsCodeExpired {
            refusal.words(format!("{whose}收到的验证码已过期，请重新获取"))
        } else if code == ErrorCode::SmsCodeUsedUp {
            refusal.words(format!("{whose}收到的验证码已失效，请重新获取"))
        } else {
            refusal
        }
    })
}
