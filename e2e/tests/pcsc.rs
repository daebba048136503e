//! The virtual reader behaves like a reader with a real key, in the eyes of OpenSC.
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![allow(clippy::disallowed_methods)] // thread::sleep: no runtime here

use std::{
    fs,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use e2e::pcsc::VirtualReader;
use tempfile::NamedTempFile;

/// Factory management key of a blank card, as OpenSC's piv-tool reads it.
const MANAGEMENT_KEY: &str = "01:02:03:04:05:06:07:08:01:02:03:04:05:06:07:08:01:02:03:04:05:06:07:08";

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{command:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

/// Makes a P-256 key in slot 9A (piv-tool's own --genkey of OpenSC 0.23 fails on elliptic curves).
const GENERATE: &str = "00:47:00:9A:05:AC:03:80:01:11:00";

/// The card's own identity: the GUID in its CHUID.
fn guid(reader: &VirtualReader) -> String {
    output(reader.command("piv-tool").arg("--serial"))
}

fn management_key() -> NamedTempFile {
    let key = NamedTempFile::new().unwrap();
    fs::write(key.path(), MANAGEMENT_KEY).unwrap();
    key
}

fn generate(reader: &VirtualReader) -> String {
    output(reader.command("piv-tool").env("PIV_EXT_AUTH_KEY", management_key().path()).args([
        "--admin",
        "M:9B:03",
        "--send-apdu",
        GENERATE,
    ]))
}

#[test]
fn opensc_recognises_a_piv_card() {
    let reader = VirtualReader::start().unwrap();
    let name = output(reader.command("opensc-tool").arg("--name"));
    assert_eq!(name.trim(), "Personal Identity Verification Card");
    let pins = output(reader.command("pkcs15-tool").arg("--list-pins"));
    assert!(pins.contains("PIN [PIN]") && pins.contains("PIN [PIV PUK]"), "{pins}");
}

#[test]
fn a_key_put_back_is_the_same_and_another_is_not() {
    let reader = VirtualReader::start().unwrap();
    let first = (guid(&reader), reader.slot().unwrap().serial);
    assert!(generate(&reader).contains("SW1=0x90"));

    reader.remove().unwrap();
    reader.wait_for(false).unwrap();
    reader.insert().unwrap();
    reader.wait_for(true).unwrap();
    assert_eq!((guid(&reader), reader.slot().unwrap().serial), first);

    let slot = reader.swap().unwrap();
    reader.wait_for(true).unwrap();
    assert_ne!(slot.key, "key-1");
    assert_ne!(slot.serial, first.1);
    assert_ne!(guid(&reader), first.0);

    reader.remove().unwrap();
    reader.wait_for(false).unwrap();
    reader.insert_key("key-1").unwrap();
    reader.wait_for(true).unwrap();
    assert_eq!(guid(&reader), first.0);
}

#[test]
fn a_removed_key_forgets_the_pin_but_not_the_wrong_tries() {
    let reader = VirtualReader::start().unwrap();
    let tries = |apdus: &[&str]| {
        let select = "00:A4:04:00:09:A0:00:00:03:08:00:00:10:00";
        let mut tool = reader.command("opensc-tool");
        for apdu in [&[select], apdus].concat() {
            tool.args(["--send-apdu", apdu]);
        }
        output(&mut tool)
    };
    let (wrong, right, ask) =
        ("00:20:00:80:08:39:39:39:39:39:39:FF:FF", "00:20:00:80:08:31:32:33:34:35:36:FF:FF", "00:20:00:80");
    assert!(tries(&[wrong]).contains("SW1=0x63, SW2=0xC2"));
    reader.remove().unwrap();
    reader.wait_for(false).unwrap();
    reader.insert().unwrap();
    reader.wait_for(true).unwrap();
    assert!(tries(&[ask]).contains("SW1=0x63, SW2=0xC2"));
    assert!(!tries(&[right, ask]).contains("SW1=0x63"));
    reader.remove().unwrap();
    reader.wait_for(false).unwrap();
    reader.insert().unwrap();
    reader.wait_for(true).unwrap();
    assert!(tries(&[ask]).contains("SW1=0x63, SW2=0xC3"));
}

#[test]
fn a_key_pulled_out_at_work_fails_the_work_and_lives_on() {
    let reader = VirtualReader::start().unwrap();
    let before = guid(&reader);
    let key = management_key();
    let mut work = reader.command("piv-tool");
    work.env("PIV_EXT_AUTH_KEY", key.path()).args(["--admin", "M:9B:03"]).stdout(Stdio::null()).stderr(Stdio::null());
    for _ in 0..5000 {
        work.args(["--send-apdu", GENERATE]);
    }
    let mut work = work.spawn().unwrap();
    thread::sleep(Duration::from_millis(300));
    assert!(work.try_wait().unwrap().is_none(), "the work ended too early");
    reader.remove().unwrap();
    assert!(!work.wait().unwrap().success());
    reader.wait_for(false).unwrap();

    reader.insert().unwrap();
    reader.wait_for(true).unwrap();
    assert_eq!(guid(&reader), before);
    assert!(generate(&reader).contains("SW1=0x90"));
}

#[test]
fn two_readers_run_side_by_side_with_different_keys() {
    let (left, right) = (VirtualReader::start().unwrap(), VirtualReader::start().unwrap());
    assert_ne!(guid(&left), guid(&right));
    assert_ne!(generate(&left), generate(&right));
    left.remove().unwrap();
    left.wait_for(false).unwrap();
    assert!(right.shows_key().unwrap());
}

#[test]
fn a_reader_started_again_finds_its_keys() {
    let folder = tempfile::tempdir().unwrap();
    let before = guid(&VirtualReader::start_in(folder.path()).unwrap());
    let after = guid(&VirtualReader::start_in(folder.path()).unwrap());
    assert_eq!(before, after);
}
