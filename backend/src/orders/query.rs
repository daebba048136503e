//! 订单查询: credit code or order number, SMS code to the operator on record, then the session may see the orders and
//! drafts that are theirs.

use super::codes::{self, Ask};
use super::repeated::{self, Came};
use crate::gate::{Act, ProofHeader, prove};
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::store::{CodePurpose, Conn, DraftRow, Order};
use crate::vault::BlindColumn;
use shared::api::{CodeSent, ErrorCode, OrderList, QueryCode, QueryFor};
use shared::field::{CreditCode, FieldError, Mobile};
use shared::form::{Field, FormErrors};
use shared::order::Status;
use std::net::IpAddr;

/// Sends a code to the operator of the order with this number; of a holder to that of the newest signed order, else of
/// the newest order or checked draft. What nobody knows gets the same answer, with a phone that looks like one and is the
/// same each time.
///
/// Nothing before the answer tells the two apart: the same statements run, as much is opened, and the message is handed to
/// the provider afterwards (`codes.rs`).
pub async fn ask(
    hall: &Hall,
    session: &str,
    address: IpAddr,
    request: &QueryFor,
    proof: &ProofHeader,
) -> AppResult<CodeSent> {
    let channel = hall.channel(&request.channel)?;
    let subject = Subject::parse(&request.subject)
        .map_err(|error| AppError::new(ErrorCode::Form).fields(FormErrors::at(&[Field::CreditCode], error)))?;
    let subject_index = subject.index(hall);
    let act = Act::Query { channel: &channel.profile.slug, subject: &subject_index };
    let proven = prove(hall, session, proof, act).await?;
    let mut reader = hall.store.read().await?;
    let known = subject.find(hall, &mut reader, &channel.profile.slug).await?;
    if known.is_none() {
        hall.decoy()?.open(hall, &mut reader).await?;
    }
    drop(reader);
    let phone = known.as_ref().map(|known| &known.phone);
    let masked = phone.map_or_else(|| nobody(&subject_index), Mobile::masked);
    let ask = Ask {
        purpose: CodePurpose::Query,
        channel: &channel.profile.slug,
        session,
        address,
        order_id: None,
        holder_index: Some(subject_index),
        content_hash: known.as_ref().map(|known| known.holder_index.clone()),
        phone,
        template: &hall.config.gateways.sms.templates.query,
        params: Vec::new(),
    };
    codes::send_proven(hall, ask, masked, &proven).await
}

/// Lets the session see every order and checked draft of the holder whose operator has the phone that got the code: an
/// order that somebody else began for the same holder stays theirs. Told twice, the answer is the same.
pub async fn confirm(hall: &Hall, session: &str, request: &QueryCode) -> AppResult<OrderList> {
    let channel = match open(hall, session, request).await {
        Ok(channel) => channel,
        Err(refusal) => {
            let came = Came { purpose: CodePurpose::Query, ticket: &request.ticket, typed: &request.code };
            let used = repeated::done_before(hall, &refusal, session, None, &[came]).await?;
            used.and_then(|codes| codes.into_iter().next()).ok_or(refusal)?.channel
        }
    };
    super::access::list_of(hall, session, &channel).await
}

/// Uses the code up; answers the channel that it was asked in.
async fn open(hall: &Hall, session: &str, request: &QueryCode) -> AppResult<String> {
    let right = codes::try_code(hall, (CodePurpose::Query, None), session, &request.ticket, &request.code).await?;
    let code = right.row();
    let mut tx = hall.store.begin().await?;
    tx.use_code(&right).await?;
    if let Some(holder_index) = &code.content_hash {
        tx.grant_operator((&code.channel, holder_index, &code.phone_index), session).await?;
        for draft in tx.drafts_of_holder(&code.channel, holder_index).await? {
            if draft.operator_index.as_ref() == Some(&code.phone_index) {
                tx.grant_draft(&draft.id, session, &code.phone_index).await?;
            }
        }
    }
    tx.commit().await?;
    Ok(code.channel.clone())
}

/// What is asked about.
enum Subject {
    /// 统一社会信用代码.
    Holder(CreditCode),
    /// 订单号.
    Number(String),
}

/// For the fuzz targets: what passes is normal.
#[cfg(fuzzing)]
pub fn fuzz(typed: &str) {
    if let Ok(Subject::Number(number)) = Subject::parse(typed) {
        assert!(is_number(&number) && number.is_ascii());
    }
}

/// Who gets the code, and whose orders it opens.
struct Known {
    phone: Mobile,
    holder_index: String,
}

impl Subject {
    /// Reads what was typed; whatever does not look like an order number is taken for a credit code.
    fn parse(typed: &str) -> Result<Self, FieldError> {
        let text = CreditCode::normalize(typed);
        if is_number(&text) { Ok(Self::Number(text)) } else { CreditCode::parse(&text).map(Self::Holder) }
    }

    /// What limits count by. An order's number has an index of its own: it must not tell whose order it is.
    fn index(&self, hall: &Hall) -> String {
        match self {
            Self::Holder(code) => hall.vault.blind(BlindColumn::Holder, code.as_str()),
            Self::Number(number) => hall.vault.blind(BlindColumn::Holder, &format!("number:{number}")),
        }
    }

    async fn find(&self, hall: &Hall, conn: &mut Conn, channel: &str) -> AppResult<Option<Known>> {
        match self {
            Self::Number(number) => match conn.order_by_number(number).await? {
                Some(order) if order.channel == channel => Ok(Some(of_order(hall, conn, &order).await?)),
                Some(_) | None => Ok(None),
            },
            Self::Holder(_) => {
                let holder_index = self.index(hall);
                let orders = conn.orders_of_holder(channel, &holder_index).await?;
                let drafts = conn.drafts_of_holder(channel, &holder_index).await?;
                let (order, draft) = (orders.first(), drafts.first());
                let newer = |draft: &&DraftRow| order.is_none_or(|order| draft.saved_at > order.created_at);
                match (orders.iter().find(|order| was_signed(order)), draft.filter(newer), order) {
                    (Some(order), _, _) | (None, None, Some(order)) => Ok(Some(of_order(hall, conn, order).await?)),
                    (None, Some(draft), _) => of_draft(hall, conn, draft, holder_index).await,
                    (None, None, None) => Ok(None),
                }
            }
        }
    }
}

async fn of_order(hall: &Hall, conn: &mut Conn, order: &Order) -> AppResult<Known> {
    let phone = hall.open_form(conn, order).await?.operator().mobile.clone();
    Ok(Known { phone, holder_index: order.holder_index.clone() })
}

async fn of_draft(hall: &Hall, conn: &mut Conn, draft: &DraftRow, holder_index: String) -> AppResult<Option<Known>> {
    let typed = super::drafts::open(hall, conn, draft).await?;
    let phone = Mobile::parse(typed.get(Field::OperatorMobile)).ok();
    Ok(phone.map(|phone| Known { phone, holder_index }))
}

/// `YYYYMMDD`, a capital letter, six digits.
fn is_number(text: &str) -> bool {
    let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    let bytes = text.as_bytes();
    bytes.len() == 15 && digits(&bytes[..8]) && bytes[8].is_ascii_uppercase() && digits(&bytes[9..])
}

/// Signed once, whatever came afterwards. (A cancelled order may never have been signed, so it does not count.)
fn was_signed(order: &Order) -> bool {
    order.status.blocks_another() || order.status == Status::Completed
}

/// A masked phone for a number that nobody knows: drawn from its keyed hash, so that asking twice tells nothing.
fn nobody(holder_index: &str) -> String {
    let digest = holder_index.bytes().fold(7u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    let second = char::from_digit(3 + digest % 7, 10).unwrap_or('8');
    format!("1{second}{}****{:04}", digest / 7 % 10, digest / 100 % 10_000)
}
