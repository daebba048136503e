//! The Merkle tree over sealed heads, hashed as RFC 6962, section 2.1, does it, with SHA-256:
//!
//! ```text
//! leaf      = SHA-256( 0x00 ‖ "certhall.head.v1" ‖ text(chain) ‖ int(seq) ‖ hash of the link (32 bytes) )
//! node      = SHA-256( 0x01 ‖ left ‖ right )
//! empty     = SHA-256( "" )
//! text, int : as in `chain`
//! ```
//! The tree only grows to the right. A [`Frontier`] holds the roots of its complete subtrees: enough to add leaves and to
//! tell the root, whatever the size.

use sha2::{Digest, Sha256};

/// A hash of the tree.
pub type Hash = [u8; 32];

const LEAF_DOMAIN: &[u8] = b"certhall.head.v1";

/// The leaf for a chain's end.
pub fn leaf(chain: &str, seq: i64, link: &[u8]) -> Hash {
    let mut hash = Sha256::new();
    hash.update([0]);
    hash.update(LEAF_DOMAIN);
    hash.update((chain.len() as u64).to_be_bytes());
    hash.update(chain.as_bytes());
    hash.update(seq.to_be_bytes());
    hash.update(link);
    hash.finalize().into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    let mut hash = Sha256::new();
    hash.update([1]);
    hash.update(left);
    hash.update(right);
    hash.finalize().into()
}

/// The right edge of a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// One for each bit that is set in `size`, largest subtree first.
    peaks: Vec<Hash>,
}

impl Frontier {
    /// Leaves in the tree.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut right = leaf;
        let mut trailing = self.size.trailing_ones();
        while trailing > 0 {
            let Some(left) = self.peaks.pop() else { break };
            right = node(&left, &right);
            trailing -= 1;
        }
        self.peaks.push(right);
        self.size += 1;
    }

    /// The root of the whole tree.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        match peaks.next() {
            None => Sha256::digest(b"").into(),
            Some(smallest) => peaks.fold(*smallest, |right, left| node(left, &right)),
        }
    }

    /// As the database keeps it.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.peaks.concat()
    }

    /// Reads [`Frontier::to_bytes`]; `None` when it is not the edge of a tree of this size.
    pub fn from_bytes(size: i64, bytes: &[u8]) -> Option<Self> {
        let size = u64::try_from(size).ok()?;
        let (peaks, rest) = bytes.as_chunks::<32>();
        (rest.is_empty() && peaks.len() as u64 == u64::from(size.count_ones()))
            .then(|| Self { size, peaks: peaks.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// RFC 6962's own definition, by recursion.
    fn root_by_definition(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest(b"").into(),
            [one] => *one,
            many => {
                let split = many.len().next_power_of_two() / 2;
                node(&root_by_definition(&many[..split]), &root_by_definition(&many[split..]))
            }
        }
    }

    #[test]
    fn the_frontier_tells_the_root_of_rfc_6962_at_every_size() {
        let leaves: Vec<Hash> = (0..130).map(|n| leaf("order:x", n, &[7; 32])).collect();
        let mut frontier = Frontier::default();
        assert_eq!(frontier.root(), root_by_definition(&[]));
        for (n, one) in leaves.iter().enumerate() {
            frontier.push(*one);
            assert_eq!(frontier.root(), root_by_definition(&leaves[..=n]), "{n}");
            let size = i64::try_from(frontier.size()).unwrap();
            assert_eq!(Frontier::from_bytes(size, &frontier.to_bytes()), Some(frontier.clone()));
            assert_eq!(
                Frontier::from_bytes(size + 1, &frontier.to_bytes()).is_some(),
                (size + 1).count_ones() == size.count_ones()
            );
        }
    }

    #[test]
    fn nodes_and_the_empty_tree_are_hashed_as_the_standard_says() {
        assert_eq!(
            hex::encode(Frontier::default().root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        // Worked out with another program from the layout above.
        assert_eq!(hex::encode(leaf("order:1", 1, &[0; 32])), LEAF_BY_HAND);
        assert_eq!(hex::encode(node(&[0; 32], &[1; 32])), NODE_BY_HAND);
    }

    const LEAF_BY_HAND: &str = "1ec86e4b16883ef37b2a767aa4b6405bd25a974d08d20be0ac03ecfa8cad3ee8";
    const NODE_BY_HAND: &str = "2ad82c3a51e8ed6418cb5bf267c5f9e521b99f7ab4fce657f460a8f1a3e87b2e";

    #[test]
    fn a_leaf_is_its_own_chain_place_and_link() {
        let one = leaf("order:1", 1, &[0; 32]);
        assert_ne!(one, leaf("order:1", 2, &[0; 32]));
        assert_ne!(one, leaf("order:2", 1, &[0; 32]));
        assert_ne!(one, leaf("order:1", 1, &[1; 32]));
    }
}
