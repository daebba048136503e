//! Mail.

use std::fmt;

use super::outcome::Answer;

/// A mail server that takes our mail.
pub trait MailGateway: Send + Sync {
    /// Hands one mail over. `Refused` carries the server's three digits (RFC 5321, 4.2.1): 4… passes, 5… does not.
    /// After `Unknown` the same mail may be handed over again under the same [`Mail::id`]: mailboxes and people can tell
    /// that it is a repetition, and no mail of ours holds a secret.
    fn send<'a>(&'a self, mail: &'a Mail) -> Answer<'a, MailReceipt>;
}

/// One mail to one address.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// Our own id of this mail; its Message-ID is made of it, the same at each try.
    pub id: String,
    /// The address.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The words, paragraphs separated by empty lines; an address alone on a line becomes a link.
    pub text: String,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("id", &self.id).field("to", &"[hidden]").finish_non_exhaustive()
    }
}

/// The server took the mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailReceipt {
    /// The Message-ID.
    pub message_id: String,
}
