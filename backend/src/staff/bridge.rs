//! The bridge in front of a maker asks whether this page is ours.

use super::StaffMember;
use crate::hall::Hall;
use crate::http::{AppError, AppResult};
use crate::tickets::TicketError;
use shared::api::{BridgeChallenge, BridgeTicket, ErrorCode, Role};
use shared::bridge::SessionTicket;

/// Signs the bridge's challenge for a maker of the channel.
pub fn bridge_session(hall: &Hall, staff: &StaffMember, challenge: &BridgeChallenge) -> AppResult<BridgeTicket> {
    staff.must(&challenge.channel, &[Role::Maker])?;
    let channel = hall.channel(&challenge.channel)?;
    let ticket = hall
        .tickets
        .session(&SessionTicket {
            nonce: challenge.nonce.clone(),
            hpke_key: challenge.hpke_key.clone(),
            origin: hall.config.public_url.clone(),
            channel: challenge.channel.clone(),
            channel_name: channel.profile.title.clone(),
        })
        .map_err(refused)?;
    Ok(BridgeTicket { ticket })
}

/// A malformed challenge is the page's fault, anything else ours.
pub(super) fn refused(error: TicketError) -> AppError {
    match error {
        TicketError::Challenge => AppError::new(ErrorCode::BadRequest),
        TicketError::File(_) | TicketError::Key | TicketError::Make => AppError::fault(error),
    }
}
