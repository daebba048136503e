//! The image code (验证码) and its accessible alternative, a proof of work: one of them is asked before each text message
//! and at the end of the form.

use serde::{Deserialize, Serialize};

/// Header that carries a [`Proof`]. Asked for by `POST …/check`, `POST …/signature/code`, `POST /api/query` and
/// `POST …/corrections/…/code`; without a good one the answer is [`super::ErrorCode::ProofNeeded`].
pub const PROOF_HEADER: &str = "x-certhall-proof";

/// `POST /api/challenges`: a new challenge. It works once and belongs to the session that asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Challenge {
    /// Its id.
    pub id: String,
    /// The image: SVG with four digits, to be shown as an `img` of a `data:` address.
    pub image: String,
    /// The alternative.
    pub work: Work,
    /// Seconds until it is worthless.
    pub expires_s: u32,
}

/// A proof of work: find a number whose SHA-256 of `salt` followed by the number in decimal begins with `bits` zero bits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Work {
    /// Random text (ASCII) that the number is appended to.
    pub salt: String,
    /// Leading zero bits asked for.
    pub bits: u8,
}

/// An answered challenge, as the header carries it: `image:{id}:{digits}` or `work:{id}:{number}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// What was read in the image.
    Image {
        /// [`Challenge::id`].
        id: String,
        /// As typed; spaces and full-width digits are forgiven.
        answer: String,
    },
    /// The number that was found.
    Work {
        /// [`Challenge::id`].
        id: String,
        /// The number.
        number: u64,
    },
}

impl Proof {
    /// The header's value. Characters that a header can't carry are left out of a typed answer.
    pub fn header(&self) -> String {
        match self {
            Self::Image { id, answer } => {
                let digits: String = answer.chars().filter_map(digit).collect();
                ["image:", id, ":", &digits].concat()
            }
            Self::Work { id, number } => ["work:", id, ":", &number.to_string()].concat(),
        }
    }

    /// Reads [`Proof::header`] back. `None`: not a proof.
    pub fn parse(header: &str) -> Option<Self> {
        let mut parts = header.splitn(3, ':');
        let (kind, id, answer) = (parts.next()?, parts.next()?.to_owned(), parts.next()?);
        match kind {
            "image" => Some(Self::Image { id, answer: answer.to_owned() }),
            "work" => Some(Self::Work { id, number: answer.parse().ok()? }),
            _ => None,
        }
    }
}

/// A digit, half-width.
fn digit(typed: char) -> Option<char> {
    let narrow = match typed {
        '０'..='９' => char::from_u32(typed as u32 - '０' as u32 + '0' as u32)?,
        other => other,
    };
    narrow.is_ascii_digit().then_some(narrow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_reads_back() {
        let work = Proof::Work { id: "a-1".into(), number: 77 };
        assert_eq!(Proof::parse(&work.header()), Some(work));
        let image = Proof::Image { id: "a-1".into(), answer: "１2 3 4".into() };
        assert_eq!(Proof::parse(&image.header()), Some(Proof::Image { id: "a-1".into(), answer: "1234".into() }));
    }

    #[test]
    fn anything_else_is_no_proof() {
        for bad in ["", "image", "image:1", "work:1:x", "work:1:-1", "other:1:2"] {
            assert_eq!(Proof::parse(bad), None, "{bad}");
        }
    }
}
