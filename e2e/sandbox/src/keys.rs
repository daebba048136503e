//! Both sides' keys: made at the first start, kept in the state folder, and written there as configuration for the hall.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::chance;

/// The signature registered for the merchant's messages.
pub const SIGN_NAME: &str = "北京数字认证";

/// Keys and names of one merchant and its providers.
pub struct Keys {
    /// Signs Alipay's answers and notifications.
    pub alipay: KeyPair,
    /// Signs nothing genuine: for forged notifications.
    pub stranger: KeyPair,
    /// Verifies the merchant's calls (SPKI DER).
    pub app_public: Vec<u8>,
    /// The merchant's app.
    pub app_id: String,
    /// The merchant.
    pub seller_id: String,
    /// Aliyun access key.
    pub access_id: String,
    /// Its secret.
    pub access_secret: String,
    /// The company check's authorisation code.
    pub auth_code: String,
    /// The mail server's password.
    pub mail_password: String,
}

impl Keys {
    /// Reads the keys from `dir`, makes those that are missing, and writes `backend.toml` with addresses under
    /// `base_url` and `notify_url`.
    pub fn in_dir(dir: &Path, base_url: &str, notify_url: &str, mail_port: u16) -> anyhow::Result<Self> {
        std::fs::create_dir_all(dir).with_context(|| format!("can't make {}", dir.display()))?;
        let app = key(&dir.join("app-private-key.pem"))?;
        let alipay = key(&dir.join("alipay-private-key.pem"))?;
        let stranger = KeyPair::generate(KeySize::Rsa2048)?;
        let app_public = spki(&app)?;
        let keys = Self {
            app_public,
            stranger,
            app_id: text(dir, "app-id", || Ok("2021004126112000".to_owned()))?,
            seller_id: text(dir, "seller-id", || Ok("2088102126112000".to_owned()))?,
            access_id: text(dir, "access-key-id", || Ok(format!("LTAI5t{}", chance::hex(9)?)))?,
            access_secret: text(dir, "access-key-secret", || chance::hex(15))?,
            auth_code: text(dir, "auth-code", || chance::hex(8))?,
            mail_password: text(dir, "mail-password", || chance::hex(12))?,
            alipay,
        };
        write(&dir.join("app-public-key.pem"), &pem("PUBLIC KEY", &keys.app_public))?;
        write(&dir.join("alipay-public-key.pem"), &pem("PUBLIC KEY", &spki(&keys.alipay)?))?;
        let app_private = std::fs::read_to_string(dir.join("app-private-key.pem"))?;
        write(&dir.join("backend.toml"), &keys.backend_toml(&app_private, base_url, notify_url, mail_port)?)?;
        Ok(keys)
    }

    fn backend_toml(
        &self,
        app_private: &str,
        base_url: &str,
        notify_url: &str,
        mail_port: u16,
    ) -> anyhow::Result<String> {
        let alipay_public = pem("PUBLIC KEY", &spki(&self.alipay)?);
        let Self { access_id, access_secret, auth_code, app_id, seller_id, mail_password, .. } = self;
        let mut out = format!(
            r#"# Written by certhall-sandbox at each start: how the hall reaches the stand-in outside world.
[gateways.sms]
base_url = "{base_url}"
key = {{ id = "{access_id}", secret = "{access_secret}" }}
sign_name = "{SIGN_NAME}"

[gateways.sms.templates]
"#
        );
        for template in &crate::templates::TEMPLATES {
            writeln!(out, "{} = \"{}\"", template.purpose, template.code)?;
        }
        write!(
            out,
            r#"
[gateways.elements]
company_url = "{base_url}"
person_url = "{base_url}"
key = {{ id = "{access_id}", secret = "{access_secret}" }}
auth_code = "{auth_code}"

[gateways.alipay]
gateway_url = "{base_url}/gateway.do"
app_id = "{app_id}"
seller_id = "{seller_id}"
product_code = "FACE_TO_FACE_PAYMENT"
notify_url = "{notify_url}"
app_private_key = """
{app_private}"""
alipay_public_key = """
{alipay_public}"""

[gateways.mail]
host = "127.0.0.1"
port = {mail_port}
security = "none"
user = "{user}"
password = "{mail_password}"
from = "{user}"
from_name = "数字证书服务大厅"
reply_to = "help@certhall.example"
"#,
            user = crate::smtp::USER,
        )?;
        Ok(out)
    }

    /// Did the merchant's app sign exactly these bytes?
    pub fn app_signed(&self, bytes: &[u8], signature: &str) -> bool {
        let Ok(signature) = BASE64_STANDARD.decode(signature) else {
            return false;
        };
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.app_public).verify(bytes, &signature).is_ok()
    }
}

/// Signs with RSA2, base64.
pub fn sign(key: &KeyPair, bytes: &[u8]) -> String {
    let mut signature = vec![0; key.public_modulus_len()];
    match key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), bytes, &mut signature) {
        Ok(()) => BASE64_STANDARD.encode(signature),
        // An empty signature is a wrong one: the other side refuses it.
        Err(_) => String::new(),
    }
}

fn spki(key: &KeyPair) -> anyhow::Result<Vec<u8>> {
    Ok(key.public_key().as_der()?.as_ref().to_vec())
}

fn key(path: &Path) -> anyhow::Result<KeyPair> {
    if let Ok(text) = std::fs::read_to_string(path) {
        let bare: String = text.lines().filter(|line| !line.starts_with('-')).collect();
        let der = BASE64_STANDARD.decode(bare).with_context(|| format!("{} is no PEM", path.display()))?;
        return KeyPair::from_pkcs8(&der).map_err(|error| anyhow::anyhow!("{} is no RSA key: {error}", path.display()));
    }
    let key = KeyPair::generate(KeySize::Rsa2048)?;
    write(path, &pem("PRIVATE KEY", key.as_der()?.as_ref()))?;
    Ok(key)
}

fn pem(label: &str, der: &[u8]) -> String {
    let base64 = BASE64_STANDARD.encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at_checked(64).unwrap_or((rest, ""));
        out.push_str(line);
        out.push('\n');
        rest = more;
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}

fn text(dir: &Path, name: &str, make: impl FnOnce() -> anyhow::Result<String>) -> anyhow::Result<String> {
    let path = dir.join(name);
    if let Ok(text) = std::fs::read_to_string(&path) {
        return Ok(text.trim().to_owned());
    }
    let made = make()?;
    write(&path, &made)?;
    Ok(made)
}

/// Only the owner may read what is in there.
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("can't write {}", path.display()))?;
    file.write_all(text.as_bytes())?;
    Ok(())
}
