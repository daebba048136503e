//! What wasm-bindgen writes for any program, cut down to what this one needs.
//!
//! Its names end in a hash of 16 digits each, which no compression gets rid of, once in the script and once in the
//! program; and libraries export classes for scripts, of which ours has none. Both cost some 6 KB of an applicant's first
//! load (docs/decisions/0002-page-weight.md).

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};

/// The header of a WebAssembly file.
const MAGIC: &[u8] = b"\0asm\x01\0\0\0";
const IMPORTS: u8 = 2;
const EXPORTS: u8 = 7;

/// Takes the exported classes out of a script: nobody constructs them. One that the program's own glue names stays.
pub fn without_classes(script: &str) -> String {
    let mut text = script.to_owned();
    let names: Vec<String> = script.lines().filter_map(class_name).map(str::to_owned).collect();
    for name in names {
        let mut kept = String::with_capacity(text.len());
        let mut lines = text.split_inclusive('\n');
        while let Some(line) = lines.next() {
            if class_name(line) == Some(&name) {
                // The class ends with a brace that is not indented.
                lines.by_ref().find(|line| line.starts_with('}'));
            } else if line.starts_with(&format!("const {name}Finalization")) {
                if !line.trim_end().ends_with(';') {
                    lines.by_ref().find(|line| line.trim_end().ends_with(';'));
                }
            } else if !line.starts_with(&format!("if (Symbol.dispose) {name}.")) {
                kept.push_str(line);
            }
        }
        if !words(&kept).any(|word| word == name) {
            text = kept;
        }
    }
    text
}

fn class_name(line: &str) -> Option<&str> {
    line.strip_prefix("export class ")?.split([' ', '{']).next()
}

/// Takes those exports out of a program that the script does not name, so that wasm-opt can take out what they export.
pub fn without_unused_exports(program: &[u8], script: &str) -> Result<Vec<u8>> {
    let used: BTreeSet<&str> = words(script).collect();
    rewrite(program, |section, body| match section {
        EXPORTS => {
            let exports: Vec<_> = exports(body)?.into_iter().filter(|export| used.contains(export.name)).collect();
            Ok(Some(write_exports(&exports)))
        }
        _ => Ok(None),
    })
}

/// Gives imports and exports short names, in the program and in its script.
pub fn shortened(program: &[u8], script: &str, module: &str) -> Result<(Vec<u8>, String)> {
    let mut short: BTreeMap<String, String> = BTreeMap::new();
    let taken: BTreeSet<&str> = words(script).collect();
    let mut fresh = (0_u32..).map(name_of).filter(|name| !taken.contains(name.as_str()));
    let small = rewrite(program, |section, body| {
        let mut rename = |name: &str| {
            // Whatever else there is (`memory`, `main`) is short, and a word of its own in the script.
            if !name.starts_with("__wb") && !name.starts_with("__wasm_bindgen") {
                return name.to_owned();
            }
            let next = short.get(name).cloned().or_else(|| fresh.next());
            short.entry(name.to_owned()).or_insert_with(|| next.unwrap_or_default()).clone()
        };
        match section {
            IMPORTS => {
                let imports = imports(body)?;
                let mut out = leb(imports.len());
                for Import { from, name, rest } in imports {
                    push_name(&mut out, if from == module { "_" } else { from });
                    push_name(&mut out, &rename(name));
                    out.extend_from_slice(rest);
                }
                Ok(Some(out))
            }
            EXPORTS => {
                let exports = exports(body)?;
                let names: Vec<String> = exports.iter().map(|export| rename(export.name)).collect();
                let renamed: Vec<_> =
                    exports.iter().zip(&names).map(|(export, name)| Export { name, rest: export.rest }).collect();
                Ok(Some(write_exports(&renamed)))
            }
            _ => Ok(None),
        }
    })?;
    let quoted = format!("\"{module}\"");
    ensure!(script.contains(&quoted), "the script does not name {quoted}");
    Ok((small, replaced(&script.replace(&quoted, "\"_\""), &short)))
}

/// `$0`, `$1` … `$z`, `$10` …
fn name_of(mut number: u32) -> String {
    const DIGITS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut name = Vec::new();
    loop {
        name.push(DIGITS[(number % 36) as usize]);
        number /= 36;
        if number == 0 {
            break;
        }
    }
    name.push(b'$');
    name.reverse();
    String::from_utf8_lossy(&name).into_owned()
}

const fn in_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_' || letter == '$'
}

/// The script's identifiers, and whatever looks like one.
fn words(script: &str) -> impl Iterator<Item = &str> {
    script.split(|letter| !in_word(letter)).filter(|word| !word.is_empty())
}

fn replaced(script: &str, short: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(script.len());
    let mut rest = script;
    while let Some(start) = rest.find(in_word) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|letter| !in_word(letter)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        out.push_str(before);
        out.push_str(short.get(word).map_or(word, String::as_str));
        rest = after;
    }
    out + rest
}

/// A program with some sections' bodies replaced.
fn rewrite(program: &[u8], mut change: impl FnMut(u8, &[u8]) -> Result<Option<Vec<u8>>>) -> Result<Vec<u8>> {
    let mut rest = program.strip_prefix(MAGIC).context("no WebAssembly file")?;
    let mut out = MAGIC.to_vec();
    while let Some((&section, after)) = rest.split_first() {
        rest = after;
        let length = read_leb(&mut rest)?;
        let body = take(&mut rest, length)?;
        let changed = change(section, body)?;
        let body = changed.as_deref().unwrap_or(body);
        out.push(section);
        out.extend(leb(body.len()));
        out.extend_from_slice(body);
    }
    Ok(out)
}

struct Import<'a> {
    from: &'a str,
    name: &'a str,
    rest: &'a [u8],
}

fn imports(mut body: &[u8]) -> Result<Vec<Import<'_>>> {
    let count = read_leb(&mut body)?;
    let mut imports = Vec::with_capacity(count);
    for _ in 0..count {
        let (from, name) = (read_name(&mut body)?, read_name(&mut body)?);
        let start = body;
        match take(&mut body, 1)?[0] {
            0 => drop(read_leb(&mut body)?),
            kind @ (1 | 2) => {
                // A table has its type first; then both have limits, with an upper one if the flag says so.
                take(&mut body, usize::from(kind == 1))?;
                let bounded = take(&mut body, 1)?[0] & 1 == 1;
                read_leb(&mut body)?;
                if bounded {
                    read_leb(&mut body)?;
                }
            }
            3 => drop(take(&mut body, 2)?),
            kind => anyhow::bail!("an import of kind {kind}"),
        }
        imports.push(Import { from, name, rest: &start[..start.len() - body.len()] });
    }
    Ok(imports)
}

struct Export<'a> {
    name: &'a str,
    rest: &'a [u8],
}

fn exports(mut body: &[u8]) -> Result<Vec<Export<'_>>> {
    let count = read_leb(&mut body)?;
    let mut exports = Vec::with_capacity(count);
    for _ in 0..count {
        let name = read_name(&mut body)?;
        let start = body;
        take(&mut body, 1)?;
        read_leb(&mut body)?;
        exports.push(Export { name, rest: &start[..start.len() - body.len()] });
    }
    Ok(exports)
}

fn write_exports(exports: &[Export<'_>]) -> Vec<u8> {
    let mut out = leb(exports.len());
    for Export { name, rest } in exports {
        push_name(&mut out, name);
        out.extend_from_slice(rest);
    }
    out
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(length).context("the file ends early")?;
    *rest = after;
    Ok(taken)
}

fn read_name<'a>(rest: &mut &'a [u8]) -> Result<&'a str> {
    let length = read_leb(rest)?;
    Ok(std::str::from_utf8(take(rest, length)?)?)
}

fn push_name(out: &mut Vec<u8>, name: &str) {
    out.extend(leb(name.len()));
    out.extend_from_slice(name.as_bytes());
}

/// An unsigned number of at most 32 bits in LEB128.
fn read_leb(rest: &mut &[u8]) -> Result<usize> {
    let (mut value, mut shift) = (0_usize, 0);
    loop {
        let byte = take(rest, 1)?[0];
        ensure!(shift < 35, "a number is too long");
        value |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
        shift += 7;
    }
}

fn leb(mut value: usize) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let byte = u8::try_from(value & 0x7f).unwrap_or_default();
        value >>= 7;
        if value == 0 {
            out.push(byte);
            return out;
        }
        out.push(byte | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "export class Unused {\n    free() {\n        wasm.__wbg_unused_free(1);\n    }\n}\n\
        if (Symbol.dispose) Unused.prototype[Symbol.dispose] = Unused.prototype.free;\n\
        const UnusedFinalization = (typeof F === 'undefined')\n    ? {}\n    : new F(ptr => wasm.__wbg_unused_free(ptr, 1));\n\
        const import0 = {\n    __wbg_body_e549239eaff082e1: function(a) { return a.body; },\n};\n\
        return { \"./hall_bg.js\": import0 };\nwasm.__wbindgen_start(); wasm.memory;\n";

    fn program() -> Vec<u8> {
        let mut imports = leb(1);
        push_name(&mut imports, "./hall_bg.js");
        push_name(&mut imports, "__wbg_body_e549239eaff082e1");
        imports.extend([0, 3]);
        let names = ["memory", "__wbg_unused_free", "__wbindgen_start"];
        let exports = write_exports(&names.map(|name| Export { name, rest: &[0, 1] }));
        let mut out = MAGIC.to_vec();
        for (section, body) in [(IMPORTS, imports), (EXPORTS, exports)] {
            out.push(section);
            out.extend(leb(body.len()));
            out.extend(body);
        }
        out
    }

    #[test]
    fn classes_that_nobody_constructs_go_with_what_they_export() {
        let script = without_classes(SCRIPT);
        assert!(!script.contains("Unused"), "{script}");
        assert!(script.starts_with("const import0"), "{script}");
        let small = without_unused_exports(&program(), &script).unwrap();
        let text = String::from_utf8_lossy(&small).into_owned();
        assert!(!text.contains("unused") && text.contains("__wbindgen_start") && text.contains("memory"), "{text}");
    }

    #[test]
    fn a_class_that_the_glue_names_stays() {
        let script = format!("{SCRIPT}\nreturn Unused.__wrap(ret);\n");
        assert_eq!(without_classes(&script), script);
    }

    #[test]
    fn program_and_script_agree_on_the_short_names() {
        let (small, script) = shortened(&program(), SCRIPT, "./hall_bg.js").unwrap();
        assert!(script.contains("$0: function(a)") && script.contains("\"_\": import0"), "{script}");
        assert!(script.contains("wasm.$2()") && script.contains("wasm.memory"), "{script}");
        let text = String::from_utf8_lossy(&small).into_owned();
        assert!(
            text.contains("$0") && text.contains("$2") && text.contains("memory") && !text.contains("__wb"),
            "{text}"
        );
    }

    #[test]
    fn a_file_that_ends_early_is_refused() {
        let whole = program();
        assert!(without_unused_exports(&whole[..whole.len() - 3], SCRIPT).is_err());
        assert!(without_unused_exports(b"no", SCRIPT).is_err());
    }

    #[test]
    fn numbers_read_back() {
        for value in [0, 1, 127, 128, 16_383, 16_384, 366_365] {
            assert_eq!(read_leb(&mut leb(value).as_slice()).unwrap(), value);
        }
    }
}
