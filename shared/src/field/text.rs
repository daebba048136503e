//! Small helpers on text that every field type shares. No tables, no regular expressions: they are part of the page.

use super::FieldError;

/// Full-width ASCII (U+FF01–U+FF5E) and the ideographic space become their half-width forms; dashes become `-`.
/// One character gives one character, so it can be applied while typing without moving the caret.
pub fn narrow(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '\u{3000}' | '\u{00A0}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        other => other,
    }
}

/// Characters that nobody sees, as they come along with numbers copied from chats and address books.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
        || (c.is_control() && !c.is_whitespace())
}

/// Half-width, upper case, nothing removed: for codes, while they are being typed.
pub fn raise(text: &str) -> String {
    text.chars().map(|c| narrow(c).to_ascii_uppercase()).collect()
}

/// Half-width without any white space: numbers, codes, addresses of mail.
pub fn compact(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !is_invisible(*c)).map(narrow).collect()
}

/// [`compact`], upper case and without hyphens: codes and numbers.
pub fn compact_code(text: &str) -> String {
    compact(text).chars().filter(|c| *c != '-').map(|c| c.to_ascii_uppercase()).collect()
}

/// Words: trimmed, white space runs become one space, full-width letters, digits and a few signs become half-width.
/// Chinese punctuation stays as it is.
pub fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        if c.is_whitespace() {
            gap = !out.is_empty();
        } else if !is_invisible(c) {
            if gap {
                out.push(' ');
                gap = false;
            }
            let half = narrow(c);
            out.push(if half.is_ascii_alphanumeric() || "&-#+/@_%".contains(half) { half } else { c });
        }
    }
    out
}

/// Drops the spaces that touch a Chinese character or a full-width sign: `张 三`, `某某 公司`.
pub fn close_gaps(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let wide = |c: char| !c.is_ascii();
        if c == ' ' && (out.chars().next_back().is_some_and(wide) || chars.peek().copied().is_some_and(wide)) {
            continue;
        }
        out.push(c);
    }
    out
}

/// A Chinese character: the unified ideographs with their extensions, compatibility ideographs and 〇.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '\u{3007}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}

/// A character that can be printed on a form and in a certificate: no pictographs, private use or damaged text.
fn is_printable(c: char) -> bool {
    !matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{FFF0}'..='\u{FFFF}' | '\u{2190}'..='\u{21FF}' | '\u{2600}'..='\u{27BF}' | '\u{1F000}'..='\u{1FAFF}' | '\u{E0000}'..='\u{10FFFF}')
}

/// Checks words of `min` to `max` characters that were normalised already.
pub(crate) fn words(text: String, min: u16, max: u16) -> Result<String, FieldError> {
    if text.is_empty() {
        return Err(FieldError::Required);
    }
    if let Some(ch) = text.chars().find(|c| !is_printable(*c)) {
        return Err(FieldError::BadCharacter { ch });
    }
    let count = text.chars().count();
    if count > usize::from(max) {
        return Err(FieldError::TooLong { max });
    }
    if count < usize::from(min) {
        return Err(FieldError::TooShort { min });
    }
    Ok(text)
}

/// Checks that text that was normalised already is `min` to `max` digits.
pub(crate) fn digits(text: &str, min: u16, max: u16) -> Result<(), FieldError> {
    if text.is_empty() {
        return Err(FieldError::Required);
    }
    if let Some(ch) = text.chars().find(|c| !c.is_ascii_digit()) {
        return Err(FieldError::BadCharacter { ch });
    }
    length(text, min, max)
}

/// Checks the number of characters of a number or code.
pub(crate) fn length(text: &str, min: u16, max: u16) -> Result<(), FieldError> {
    let actual = u16::try_from(text.chars().count()).unwrap_or(u16::MAX);
    if actual >= min && actual <= max {
        Ok(())
    } else if min == max {
        Err(FieldError::Length { expected: min, actual })
    } else {
        Err(FieldError::LengthRange { min, max, actual })
    }
}

/// Keeps `head` characters at the beginning and `tail` at the end, stars between. A text too short to hide anything
/// becomes stars altogether.
pub fn mask(text: &str, head: usize, tail: usize) -> String {
    let count = text.chars().count();
    let hides = count > head + tail;
    text.chars().enumerate().map(|(at, c)| if hides && (at < head || at >= count - tail) { c } else { '*' }).collect()
}
