//! Keys over PC/SC: a watcher that knows what is plugged in, and leases that hold one key.
//! The calls block, so each runs on a thread of its own, never on the server's.

mod hub;
mod lease;
mod watch;

pub use hub::{Hub, Removal, Reservation};
pub use lease::{Lease, detail};

use pcsc::{Card, Disposition, Error, Transaction};
use zeroize::Zeroizing;

use crate::token::piv::Wire;
use crate::token::{Result, TokenError};

/// A transaction as the drivers see it.
struct Held<'a>(&'a Transaction<'a>);

impl Wire for Held<'_> {
    fn transmit(&mut self, command: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let mut buffer = Zeroizing::new([0; pcsc::MAX_BUFFER_SIZE]);
        let answer = self.0.transmit(command, &mut buffer[..]).map_err(failed)?;
        if answer.len() < 2 {
            // What some readers give when the card goes in the middle of a command.
            return Err(TokenError::Removed);
        }
        Ok(Zeroizing::new(answer.to_vec()))
    }
}

/// What a failed PC/SC call on a held key means. Any of them ends the lease, and to the user they
/// look the same: the key is not there as it was.
#[allow(clippy::needless_pass_by_value)]
fn failed(error: Error) -> TokenError {
    tracing::info!(%error, "the key does not answer");
    TokenError::Removed
}

/// Lets a card go. The reset wipes what it remembers: PIN verified, management key proved.
fn let_go(card: Card) {
    if let Err((card, error)) = card.disconnect(Disposition::ResetCard) {
        tracing::debug!(%error, "disconnect");
        drop(card);
    }
}
