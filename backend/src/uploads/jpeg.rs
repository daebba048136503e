//! Whether a JPEG is whole. The decoder fills a cut-off picture with grey and says nothing.

/// The file has a scan, and an end-of-image marker after it. (A thumbnail in the metadata has one of its own: segments
/// before the scan are stepped over, not searched.) Source: ITU T.81 annex B.
pub fn is_complete(file: &[u8]) -> bool {
    let Some(mut rest) = file.strip_prefix(&[0xff, 0xd8]) else { return false };
    loop {
        let [0xff, marker, tail @ ..] = rest else { return false };
        match marker {
            0xff => rest = &rest[1..],
            0xda => return tail.windows(2).any(|pair| pair == [0xff, 0xd9]),
            _ => {
                let [high, low, ..] = tail else { return false };
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                let Some(next) = tail.get(length..).filter(|_| length >= 2) else { return false };
                rest = next;
            }
        }
    }
}
