//! The made key in the eyes of programs that share no code with ours: OpenSC reads it, OpenSSL verifies it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

use crate::pcsc::VirtualReader;

/// A certificate in a file, in PEM.
#[derive(Debug)]
pub struct Certificate {
    folder: TempDir,
}

/// The certificate in slot 9A, as OpenSC reads it.
pub fn read_certificate(reader: &VirtualReader) -> Result<Certificate> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("certificate.pem");
    let mut tool = reader.command("pkcs15-tool");
    run(tool.args(["--read-certificate", "01", "--output"]).arg(&file))?;
    Ok(Certificate { folder })
}

impl Certificate {
    /// Where it lies.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    /// As DER in base64, as it travels.
    pub fn base64(&self) -> Result<String> {
        let pem = fs::read_to_string(self.file())?;
        Ok(pem.lines().filter(|line| !line.starts_with("-----")).collect())
    }

    /// What `openssl x509` says of it with these options.
    pub fn says(&self, options: &[&str]) -> Result<String> {
        run(Command::new("openssl").args(["x509", "-noout", "-in"]).arg(self.file()).args(options))
    }

    /// OpenSSL builds the chain to the root and checks every rule of RFC 5280 that it knows.
    pub fn verify(&self, root: &Path, issuing: &Path) -> Result<()> {
        let mut openssl = Command::new("openssl");
        openssl.args(["verify", "-x509_strict", "-purpose", "any", "-CAfile"]).arg(root);
        let said = run(openssl.arg("-untrusted").arg(issuing).arg(self.file()))?;
        ensure!(said.trim_end().ends_with(": OK"), "{said}");
        Ok(())
    }

    /// The key signs with this PIN, and OpenSSL verifies the signature with the certificate's key: PIN, private key and
    /// certificate belong together.
    pub fn sign_and_verify(&self, reader: &VirtualReader, pin: &str) -> Result<()> {
        let file = |name: &str| self.folder.path().join(name);
        fs::write(file("text"), "证书大厅")?;
        let digest = run_bytes(Command::new("openssl").args(["dgst", "-sha256", "-binary"]).arg(file("text")))?;
        fs::write(file("digest"), digest)?;
        let mut crypt = reader.command("pkcs15-crypt");
        crypt.args(["--sign", "--key", "01", "--sha-256", "--signature-format", "openssl", "--raw", "--pin", pin]);
        run(crypt.arg("--input").arg(file("digest")).arg("--output").arg(file("signature")))?;
        fs::write(file("public.pem"), self.says(&["-pubkey"])?)?;
        let mut verify = Command::new("openssl");
        verify.args(["dgst", "-sha256", "-verify"]).arg(file("public.pem"));
        let said = run(verify.arg("-signature").arg(file("signature")).arg(file("text")))?;
        ensure!(said.contains("Verified OK"), "{said}");
        Ok(())
    }
}

/// Serial numbers (hex) in a revocation list (DER), as OpenSSL reads it.
pub fn revoked(list: &[u8]) -> Result<Vec<String>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("list.crl");
    fs::write(&file, list)?;
    let said = run(Command::new("openssl").args(["crl", "-inform", "DER", "-noout", "-text", "-in"]).arg(&file))?;
    Ok(said.lines().filter_map(|line| Some(line.trim().strip_prefix("Serial Number: ")?.to_owned())).collect())
}

/// Whether the key takes a PIN, asked by OpenSC.
pub fn takes_pin(reader: &VirtualReader, pin: &str) -> Result<bool> {
    let said = reader.command("pkcs15-tool").args(["--verify-pin", "--auth-id", "01", "--pin", pin]).output()?;
    Ok(said.status.success())
}

fn run(command: &mut Command) -> Result<String> {
    Ok(String::from_utf8_lossy(&run_bytes(command)?).into_owned())
}

fn run_bytes(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.output().with_context(|| format!("{} is missing", command.get_program().display()))?;
    ensure!(
        output.status.success(),
        "{}: {}{}",
        command.get_program().display(),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(output.stdout)
}
