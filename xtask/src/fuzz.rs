//! `cargo xtask fuzz`: the fuzz targets of `backend/fuzz` with address sanitizer. The pinned stable compiler does it when told
//! that it may (`RUSTC_BOOTSTRAP`); instrumented files have a folder of their own in the cache.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::place::Place;
use crate::step::{self, Stopwatch, say};

/// How long a short run takes, all targets together.
pub const SECONDS: u64 = 10;

/// Every target of `backend/fuzz/parsers.rs`.
const TARGETS: [&str; 11] =
    ["fields", "forms", "notices", "bills", "images", "profiles", "links", "proofs", "subjects", "headers", "requests"];

/// The longest input in bytes, and what a new corpus begins with.
fn seeds(place: &Place, target: &str) -> Result<(u32, Vec<Vec<u8>>)> {
    let text = |texts: &[&str]| texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    Ok(match target {
        "fields" => (
            200,
            text(&[
                "914403001922038216",
                "11010519491231002X",
                "13800138000",
                "0771-5851234-1",
                "li@example.com",
                "韦青山",
                "南宁市（朱槿）信息技术有限公司",
                "6222021234567890128",
                "２０２６",
            ]),
        ),
        "forms" => (4_096, text(&["{\"unit_name\":\"南宁市朱槿信息技术有限公司\",\"credit_code\":\"914403001922038216\"}", "{}"])),
        "notices" => (
            2_048,
            text(&["app_id=1&seller_id=2&sign_type=RSA2&sign=AA%3D%3D&trade_no=3&out_trade_no=4&trade_status=TRADE_SUCCESS&total_amount=250.00&notify_id=5"]),
        ),
        "bills" => (4_096, text(&["#a\n", "PK\x03\x04"])),
        "images" => (
            16_384,
            vec![
                b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9".to_vec(),
                b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00".to_vec(),
                b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;".to_vec(),
            ],
        ),
        "profiles" => {
            let folder = place.root.join("backend/channels");
            let mut profiles = Vec::new();
            for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
                let file = entry?.path().join("profile.toml");
                if file.is_file() {
                    profiles.push(fs::read(&file)?);
                }
            }
            (16_384, profiles)
        }
        "links" => (128, text(&["PT1BTjVNek0%3D", "PT1RTnlnak13QVRN"])),
        "proofs" => (128, text(&["image:0192-a:1234", "work:0192-a:77"])),
        "subjects" => (128, text(&["20261120A000112", "914403001922038216"])),
        "headers" => (512, text(&["certhall_applicant=abc; certhall_staff=def", "https://hall.example:8443"])),
        "requests" => (2_048, vec![b"0\x82\x01\x00".to_vec()]),
        other => bail!("no fuzz target {other}"),
    })
}

/// Builds the targets and runs each for its share of `seconds`.
pub fn run(place: &Place, seconds: u64) -> Result<()> {
    let watch = Stopwatch::start();
    let target = place.cache.join("fuzz");
    let log = place.log("fuzz-build")?;
    say("building the fuzz targets", || {
        let mut cargo = place.command("cargo");
        cargo.args(["fuzz", "build", "--dev", "--fuzz-dir", "backend/fuzz", "parsers"]).env("RUSTC_BOOTSTRAP", "1");
        step::run(cargo.env("CARGO_TARGET_DIR", &target), &log)
    })?;
    let program = target.join(triple(place)?).join("debug/parsers");
    let share = (seconds / TARGETS.len() as u64).max(1);
    let mut failed = Vec::new();
    for name in TARGETS {
        let (longest, seeds) = seeds(place, name)?;
        let corpus = target.join("corpus").join(name);
        fs::create_dir_all(&corpus)?;
        for (number, seed) in seeds.iter().enumerate() {
            fs::write(corpus.join(format!("seed-{number}")), seed)?;
        }
        let found = target.join("found").join(name);
        fs::create_dir_all(&found)?;
        let log = place.log(&format!("fuzz-{name}"))?;
        fs::write(&log, "")?;
        let mut fuzzer: Command = place.command(&program);
        fuzzer.arg(&corpus).arg(format!("-max_len={longest}")).arg(format!("-max_total_time={share}"));
        fuzzer.args(["-rss_limit_mb=2048", "-timeout=10", "-print_final_stats=1"]);
        fuzzer.arg(format!("-artifact_prefix={}/", found.display())).env("CERTHALL_FUZZ", name);
        fuzzer.current_dir(place.root.join("backend/fuzz"));
        let ended = step::run(&mut fuzzer, &log);
        let told = fs::read_to_string(&log).unwrap_or_default();
        let runs = told.lines().rev().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
        println!("    {name:10} {:>12} inputs", runs.map_or("?", str::trim));
        if ended.is_err() {
            failed.push(format!(
                "{name}: see {} and {}; again with CERTHALL_FUZZ={name} {} FILE",
                log.display(),
                found.display(),
                program.display()
            ));
        }
    }
    println!("==> fuzzed for {:.0} s", watch.elapsed().as_secs_f64());
    if failed.is_empty() { Ok(()) } else { bail!("a parser failed:\n  {}", failed.join("\n  ")) }
}

/// The machine's own target.
fn triple(place: &Place) -> Result<PathBuf> {
    let told = step::output(place.command("rustc").arg("-vV"))?;
    let host = told.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    Ok(PathBuf::from(host))
}
