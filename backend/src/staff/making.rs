//! 开始制证: an operation ticket and new secrets for the key in the reader.

use super::StaffMember;
use super::bridge::refused;
use super::desk::{order_for, order_summary};
use super::secrets::{KeySecrets, making_aad};
use crate::clock::DAY;
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::store::{By, Making, NewMaking, Order, Tx};
use crate::tickets::seal_secrets;
use serde_json::json;
use shared::api::{ErrorCode, MakingTicket, Role, StartMaking};
use shared::bridge::{KeyTarget, Method, OperationTicket};
use shared::order::{EventKind, Status};

/// Interrupted makings older than this are no longer tried on a key.
const TRIED_FOR: i64 = 90 * DAY;
/// How many of them go to the bridge: each wrong one may cost the key a try of its PUK.
const TRIED_AT_MOST: i64 = 4;
/// The longest serial of a key, in characters.
const LONGEST_SERIAL: usize = 64;

/// Begins a making. One that was interrupted is given up: its certificate is superseded, and the same key gets the same
/// PUK and management key again with another PIN, so that a break at any point leaves a key that can be made.
pub async fn start_making(
    hall: &Hall,
    staff: &StaffMember,
    number: &str,
    start: &StartMaking,
) -> AppResult<MakingTicket> {
    let serial = start.key_serial.as_deref();
    let mut tx = hall.store.begin().await?;
    let order = order_for(&mut tx, staff, number, &[Role::Maker]).await?;
    if let Some(serial) = serial {
        check_serial(serial)?;
    }
    if order.status != Status::AwaitingMaking {
        return Err(AppError::new(ErrorCode::Conflict));
    }
    if order.reviewer_id.as_ref() == Some(&staff.id) {
        return Err(AppError::new(ErrorCode::FourEyes));
    }
    if let Some(serial) = serial {
        refuse_made_key(&mut tx, serial).await?;
    }
    let id = tx.new_id();
    let tried = tried_on(hall, &mut tx, serial).await?;
    let same_key = |making: &Making| match serial {
        Some(_) => making.key_serial.as_deref() == serial,
        None => making.key_serial.is_none() && making.order_id == order.id,
    };
    let secrets = match tried.iter().find(|(making, _)| same_key(making)) {
        Some((_, pending)) => pending.again(&*hall.entropy),
        None => KeySecrets::fresh(hall, serial, &id)?,
    };
    let key = hall.data_key(&mut tx, &order.data_key_id).await?;
    tx.begin_making(NewMaking {
        id: &id,
        order_id: &order.id,
        staff_id: &staff.id,
        nonce: &start.nonce,
        key_serial: serial,
        secrets_sealed: &secrets.seal(hall, &key, making_aad(&id))?,
    })
    .await?;
    let superseded = tx.supersede_certificates(&order.id).await?;
    tx.set_maker(&order.id, &staff.id).await?;
    let data = json!({ "making": id, "key": serial, "superseded": superseded });
    tx.move_order(&order, EventKind::MakingStarted, By::maker(&staff.id), &data).await?;
    // A key that we know to hold an interrupted making's certificate is named; any other must be blank.
    let ours = |(making, _): &(Making, KeySecrets)| {
        making.order_id == order.id || (serial.is_some() && making.key_serial.as_deref() == serial)
    };
    let target = match serial {
        Some(serial) if tried.iter().any(ours) => KeyTarget::Serial(serial.to_owned()),
        Some(_) | None => KeyTarget::Blank,
    };
    let pairs: Vec<_> = tried.into_iter().map(|(_, pair)| pair).collect();
    let holder = order_summary(hall, &mut tx, &order).await?.unit_name;
    let ticket = ticket(hall, &order, start, holder, target)?;
    let sealed =
        seal_secrets(&*hall.entropy, &start.hpke_key, &start.nonce, &order.number, &secrets.for_bridge(&pairs))
            .map_err(refused)?;
    let sealed = serde_json::to_string(&sealed).map_err(AppError::fault)?;
    tx.commit().await?;
    Ok(MakingTicket { ticket, sealed })
}

fn ticket(hall: &Hall, order: &Order, start: &StartMaking, holder: String, key: KeyTarget) -> AppResult<String> {
    hall.tickets
        .operation(&OperationTicket {
            nonce: start.nonce.clone(),
            origin: hall.config.public_url.clone(),
            channel: order.channel.clone(),
            order: order.number.clone(),
            holder,
            key,
            operations: vec![Method::KeyInitialize, Method::KeypairGenerate, Method::CertificateImport],
        })
        .map_err(refused)
}

/// Pairs that interrupted makings may have left on this key, newest first.
async fn tried_on(hall: &Hall, tx: &mut Tx, serial: Option<&str>) -> AppResult<Vec<(Making, KeySecrets)>> {
    let since = hall.now() - TRIED_FOR;
    let mut tried = Vec::new();
    for making in tx.unfinished_makings_of_key(serial, since, TRIED_AT_MOST).await? {
        if let Some(pair) = KeySecrets::of_making(hall, tx, &making).await? {
            tried.push((making, pair));
        }
    }
    Ok(tried)
}

/// A key that was made for an order belongs to its holder.
pub(super) async fn refuse_made_key(tx: &mut Tx, serial: &str) -> AppResult<()> {
    match tx.key(serial).await? {
        Some(_) => Err(AppError::with(ErrorCode::Conflict, "该 UKey 已为其他订单制证，请换一支空白 UKey 后重新制证")),
        None => Ok(()),
    }
}

/// A key's serial as the bridge tells it: printable ASCII.
pub(super) fn check_serial(serial: &str) -> AppResult<()> {
    let printable = serial.bytes().all(|byte| byte.is_ascii_graphic());
    if printable && (1..=LONGEST_SERIAL).contains(&serial.len()) {
        Ok(())
    } else {
        Err(AppError::new(ErrorCode::BadRequest))
    }
}
