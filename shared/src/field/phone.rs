//! 单位电话.

use super::mobile::is_mobile;
use super::{FieldError, text};

text_newtype! {
    /// A phone that a person answers: fixed with area code and perhaps an extension (`0771-5851234-801`), 400 or 800
    /// (`400-700-1900`), or a mobile (small units have no other; our decision). Nothing is verified by it.
    Phone
}

impl Phone {
    /// Reads a number in any usual spelling: `(0771)5851234`, `010 58515511 转 801`, `4007001900`, `+86 771 5851234`.
    pub fn parse(input: &str) -> Result<Self, FieldError> {
        let spelled = squeeze(input);
        if spelled.is_empty() {
            return Err(FieldError::Required);
        }
        let (abroad, spelled) = match spelled.strip_prefix("+86").or_else(|| spelled.strip_prefix("0086")) {
            Some(rest) => (true, rest.trim_start_matches('-')),
            None => (false, spelled.as_str()),
        };
        if let Some(ch) = spelled.chars().find(|c| !c.is_ascii_digit() && *c != '-') {
            return Err(FieldError::BadCharacter { ch });
        }
        let groups: Vec<&str> = spelled.split('-').filter(|group| !group.is_empty()).collect();
        let all = groups.concat();
        if is_mobile(&all) {
            return Ok(Self(all));
        }
        if all.starts_with("400") || all.starts_with("800") {
            return toll_free(&all);
        }
        if all.starts_with('0') {
            return fixed(&groups);
        }
        // Written for callers from abroad, the area code has lost its 0.
        if abroad && let Some((first, rest)) = groups.split_first() {
            let first = ["0", first].concat();
            let groups: Vec<&str> = core::iter::once(first.as_str()).chain(rest.iter().copied()).collect();
            return fixed(&groups);
        }
        Err(if matches!(groups.first(), Some(first) if (7..=8).contains(&first.len())) {
            FieldError::AreaCode
        } else {
            FieldError::Format
        })
    }

    /// The usual spelling with hyphens when it is a phone, else half-width without spaces.
    pub fn normalize(input: &str) -> String {
        Self::parse(input).map_or_else(|_| squeeze(input), |phone| phone.0)
    }

    /// The first three and the last two characters.
    pub fn masked(&self) -> String {
        text::mask(&self.0, 3, 2)
    }
}

/// Half-width, and all that separates groups as one hyphen.
fn squeeze(input: &str) -> String {
    let spelled = text::compact(input);
    let spelled = spelled.trim_start_matches(['(', '（']);
    let mut out = String::with_capacity(spelled.len());
    for c in spelled.chars() {
        let c = if matches!(c, '(' | ')' | '转' | '分' | '机' | '#' | '*' | ',' | '.' | '/') { '-' } else { c };
        if c != '-' || (!out.is_empty() && !out.ends_with('-')) {
            out.push(c);
        }
    }
    while out.ends_with('-') {
        out.pop();
    }
    out
}

fn toll_free(all: &str) -> Result<Phone, FieldError> {
    text::length(all, 10, 10)?;
    let mut number = String::with_capacity(12);
    for (at, digit) in all.chars().enumerate() {
        if at == 3 || at == 6 {
            number.push('-');
        }
        number.push(digit);
    }
    Ok(Phone(number))
}

/// Area code (three digits for 010 and 02x, else four), local number of seven or eight digits, extension of up to six.
fn fixed(groups: &[&str]) -> Result<Phone, FieldError> {
    let first = groups.first().copied().unwrap_or_default();
    let area_len = if matches!(first.as_bytes().get(1), Some(b'1' | b'2')) { 3 } else { 4 };
    let (Some(area), Some(joined)) = (first.get(..area_len), first.get(area_len..)) else {
        return Err(FieldError::Format);
    };
    let (local, rest) = if joined.is_empty() {
        (groups.get(1).copied().unwrap_or_default(), groups.get(2..).unwrap_or_default())
    } else {
        (joined, groups.get(1..).unwrap_or_default())
    };
    let extension = rest.first().copied().unwrap_or_default();
    let plausible = (7..=8).contains(&local.len())
        && !local.starts_with(['0', '1'])
        && area.as_bytes().get(1) != Some(&b'0')
        && rest.len() <= 1
        && extension.len() <= 6;
    if !plausible {
        return Err(FieldError::Format);
    }
    let mut number = [area, "-", local].concat();
    if !extension.is_empty() {
        number.push('-');
        number.push_str(extension);
    }
    Ok(Phone(number))
}
