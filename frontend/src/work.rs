//! The proof of work, searched a little at a time so that the page stays alive.
//!
//! SHA-256 is written out here: the browser's own is asynchronous and far too slow for short texts, a library weighs
//! several times as much, and nothing secret depends on it.

/// How far a search has come.
pub struct Search {
    salt: Vec<u8>,
    bits: u32,
    next: u64,
}

impl Search {
    /// Looks for a number whose SHA-256 of `salt` followed by the number in decimal begins with `bits` zero bits.
    pub fn new(salt: &str, bits: u8) -> Self {
        Self { salt: salt.as_bytes().to_vec(), bits: u32::from(bits), next: 0 }
    }

    /// Tries so many numbers; the one that fits, if it was among them.
    pub fn step(&mut self, tries: u64) -> Option<u64> {
        let (from, to) = (self.next, self.next + tries);
        self.next = to;
        let mut text = self.salt.clone();
        (from..to).find(|number| {
            text.truncate(self.salt.len());
            push_decimal(&mut text, *number);
            leading_zeros(&sha256(&text)) >= self.bits
        })
    }

    /// How much of the work is likely done, in percent, never all of it.
    #[expect(clippy::cast_possible_truncation)]
    pub fn percent(&self) -> u32 {
        let usual = 1_u64 << self.bits.min(40);
        (self.next * 100 / (self.next + usual / 2)) as u32
    }
}

fn push_decimal(text: &mut Vec<u8>, mut number: u64) {
    let start = text.len();
    loop {
        text.push(b'0' + (number % 10) as u8);
        number /= 10;
        if number == 0 {
            break;
        }
    }
    text[start..].reverse();
}

fn leading_zeros(digest: &[u32; 8]) -> u32 {
    let mut zeros = 0;
    for word in digest {
        zeros += word.leading_zeros();
        if *word != 0 {
            break;
        }
    }
    zeros
}

/// The first 32 bits of the fractions of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2).
const ROUND: [u32; 64] = [
    0x428a_2f98,
    0x7137_4491,
    0xb5c0_fbcf,
    0xe9b5_dba5,
    0x3956_c25b,
    0x59f1_11f1,
    0x923f_82a4,
    0xab1c_5ed5,
    0xd807_aa98,
    0x1283_5b01,
    0x2431_85be,
    0x550c_7dc3,
    0x72be_5d74,
    0x80de_b1fe,
    0x9bdc_06a7,
    0xc19b_f174,
    0xe49b_69c1,
    0xefbe_4786,
    0x0fc1_9dc6,
    0x240c_a1cc,
    0x2de9_2c6f,
    0x4a74_84aa,
    0x5cb0_a9dc,
    0x76f9_88da,
    0x983e_5152,
    0xa831_c66d,
    0xb003_27c8,
    0xbf59_7fc7,
    0xc6e0_0bf3,
    0xd5a7_9147,
    0x06ca_6351,
    0x1429_2967,
    0x27b7_0a85,
    0x2e1b_2138,
    0x4d2c_6dfc,
    0x5338_0d13,
    0x650a_7354,
    0x766a_0abb,
    0x81c2_c92e,
    0x9272_2c85,
    0xa2bf_e8a1,
    0xa81a_664b,
    0xc24b_8b70,
    0xc76c_51a3,
    0xd192_e819,
    0xd699_0624,
    0xf40e_3585,
    0x106a_a070,
    0x19a4_c116,
    0x1e37_6c08,
    0x2748_774c,
    0x34b0_bcb5,
    0x391c_0cb3,
    0x4ed8_aa4a,
    0x5b9c_ca4f,
    0x682e_6ff3,
    0x748f_82ee,
    0x78a5_636f,
    0x84c8_7814,
    0x8cc7_0208,
    0x90be_fffa,
    0xa450_6ceb,
    0xbef9_a3f7,
    0xc671_78f2,
];

/// The same of the square roots of the first eight primes (FIPS 180-4, 5.3.3).
const START: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// SHA-256 (FIPS 180-4) as eight words.
fn sha256(text: &[u8]) -> [u32; 8] {
    let mut padded = text.to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend((text.len() as u64 * 8).to_be_bytes());
    let mut state = START;
    for block in padded.chunks_exact(64) {
        compress(&mut state, block);
    }
    state
}

fn compress(state: &mut [u32; 8], block: &[u8]) {
    let mut words = [0_u32; 64];
    for (word, bytes) in words.iter_mut().zip(block.chunks_exact(4)) {
        *word = bytes.iter().fold(0, |word, byte| (word << 8) | u32::from(*byte));
    }
    for at in 16..64 {
        let (a, b) = (words[at - 15], words[at - 2]);
        let small = a.rotate_right(7) ^ a.rotate_right(18) ^ (a >> 3);
        let large = b.rotate_right(17) ^ b.rotate_right(19) ^ (b >> 10);
        words[at] = words[at - 16].wrapping_add(small).wrapping_add(words[at - 7]).wrapping_add(large);
    }
    // 0 to 7 are the standard's a to h.
    let mut turned = *state;
    for (word, round) in words.iter().zip(ROUND) {
        let was = turned;
        let sum = was[4].rotate_right(6) ^ was[4].rotate_right(11) ^ was[4].rotate_right(25);
        let choice = (was[4] & was[5]) ^ (!was[4] & was[6]);
        let first = was[7].wrapping_add(sum).wrapping_add(choice).wrapping_add(round).wrapping_add(*word);
        let sum = was[0].rotate_right(2) ^ was[0].rotate_right(13) ^ was[0].rotate_right(22);
        let second = sum.wrapping_add((was[0] & was[1]) ^ (was[0] & was[2]) ^ (was[1] & was[2]));
        turned =
            [first.wrapping_add(second), was[0], was[1], was[2], was[3].wrapping_add(first), was[4], was[5], was[6]];
    }
    for (old, new) in state.iter_mut().zip(turned) {
        *old = old.wrapping_add(new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(digest: [u32; 8]) -> String {
        digest.map(|word| format!("{word:08x}")).concat()
    }

    /// FIPS 180-4's own examples, and the lengths around a block's end (from Python's hashlib).
    #[test]
    fn hashes_are_those_of_the_standard() {
        let known = [
            (String::new(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc".into(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".into(),
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            ),
            ("a".repeat(55), "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"),
            ("a".repeat(64), "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
        ];
        for (text, digest) in known {
            assert_eq!(hex(sha256(text.as_bytes())), digest, "{text}");
        }
    }

    #[test]
    fn the_first_number_that_fits_is_found_in_steps_of_any_size() {
        let whole = Search::new("salt-", 12).step(1 << 20).unwrap();
        assert!(leading_zeros(&sha256(format!("salt-{whole}").as_bytes())) >= 12);
        let mut search = Search::new("salt-", 12);
        let found = std::iter::repeat_with(|| search.step(77)).find_map(|found| found).unwrap();
        assert_eq!(found, whole);
        assert!((1..100).contains(&search.percent()));
    }
}
