//! The demo's two members of staff; one person may not both review and make the same order.

use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::{folder, totp};
use crate::place::Place;
use crate::stand::Stand;
use crate::step;

/// Log-in names, each with the role of the same name.
const MEMBERS: [&str; 2] = ["reviewer", "maker"];

/// Who may log in.
#[derive(Debug)]
pub struct Staff(Vec<Member>);

/// What a person knows and what the authenticator app knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Member {
    name: String,
    password: String,
    secret: String,
}

impl Staff {
    /// Reads who was added at the first start, or adds them with the backend's own command.
    pub fn open(stand: &Stand) -> Result<Self> {
        let file = stand.path("staff.json");
        if file.exists() {
            return read(&file);
        }
        let members = MEMBERS.into_iter().map(|name| add(stand, name)).collect::<Result<Vec<_>>>()?;
        fs::write(&file, serde_json::to_vec_pretty(&members)?)?;
        Ok(Self(members))
    }

    /// Prints names, passwords and the codes of this half minute.
    pub fn print(&self) -> Result<()> {
        let now = step::seconds_since_1970()?;
        println!("    staff      password            code (for another {} s)", totp::STEP - now % totp::STEP);
        for Member { name, password, secret } in &self.0 {
            println!("    {name:10} {password:19} {}", totp::code(secret, now)?);
        }
        Ok(())
    }
}

/// Prints one person's code: `cargo xtask totp NAME`.
pub fn print_code(place: &Place, name: &str) -> Result<()> {
    let staff = read(&folder(place).join("staff.json")).context("start `cargo xtask demo` first")?;
    let Some(member) = staff.0.iter().find(|member| member.name == name) else {
        bail!("the demo's staff are {}", MEMBERS.join(" and "));
    };
    println!("{}", totp::code(&member.secret, step::seconds_since_1970()?)?);
    Ok(())
}

fn read(file: &PathBuf) -> Result<Staff> {
    let text = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(Staff(serde_json::from_slice(&text).with_context(|| format!("{} is damaged", file.display()))?))
}

fn add(stand: &Stand, name: &str) -> Result<Member> {
    let mut random = [0; 8];
    fs::File::open("/dev/urandom")?.read_exact(&mut random)?;
    let password = hex::encode(random);
    let mut command = stand.backend(&["staff", "add", "--name", name, "--channel", "nanning", "--role", name])?;
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    child.stdin.take().context("a pipe")?.write_all(format!("{password}\n").as_bytes())?;
    let answer = child.wait_with_output()?;
    if !answer.status.success() {
        bail!("cannot add the staff member {name}: {}", String::from_utf8_lossy(&answer.stderr));
    }
    let said = String::from_utf8_lossy(&answer.stdout);
    let secret = said.split_whitespace().find_map(totp::secret_of).context("`staff add` prints an otpauth address")?;
    Ok(Member { name: name.to_owned(), password, secret: secret.to_owned() })
}
