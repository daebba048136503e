//! 姓名.

use super::{FieldError, text};

text_newtype! {
    /// A person's name of 1 to 50 characters: Chinese with the middle dot `·`, or Latin letters with spaces as in passports
    /// and residence permits. Not both: a stray letter among Chinese characters is a slip of the input method.
    PersonName
}

impl PersonName {
    /// Reads a name.
    pub fn parse(input: &str) -> Result<Self, FieldError> {
        let name = text::words(Self::normalize(input), 1, 50)?;
        let chinese = name.chars().any(text::is_han);
        let allowed = |c: char| {
            if chinese { text::is_han(c) || c == '·' } else { c.is_ascii_alphabetic() || c == ' ' || c == '·' }
        };
        if let Some(ch) = name.chars().find(|c| !allowed(*c)) {
            return Err(FieldError::BadCharacter { ch });
        }
        // An empty part: a dot at an end, or two in a row.
        if name.split('·').any(str::is_empty) {
            return Err(FieldError::MiddleDot);
        }
        Ok(Self(name))
    }

    /// Trimmed, half-width letters, no spaces beside Chinese characters, every kind of middle dot as `·`.
    pub fn normalize(input: &str) -> String {
        let name = text::tidy(input);
        let mut out = String::with_capacity(name.len());
        let mut before = ' ';
        for c in name.chars() {
            let plain_stop = matches!(c, '.' | '．' | '。') && text::is_han(before);
            let dot = plain_stop || matches!(c, '•' | '‧' | '∙' | '⋅' | '・' | '･' | '●');
            let c = if dot { '·' } else { c };
            if c != ' ' {
                before = c;
            }
            out.push(c);
        }
        text::close_gaps(&out)
    }

    /// The first character.
    pub fn masked(&self) -> String {
        text::mask(&self.0, 1, 0)
    }
}
