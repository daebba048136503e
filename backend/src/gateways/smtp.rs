//! Mail by SMTP (RFC 5321), with STARTTLS, TLS from the first byte, or in clear to this machine.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use lettre::address::Address;
use lettre::message::{Mailbox, Message, MultiPart};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{AsyncSmtpTransport, Error};
use lettre::{AsyncTransport as _, Tokio1Executor};
use secrecy::ExposeSecret as _;

use super::config::{ConfigError, MailConfig, MailSecurity};
use super::fresh::Freshness;
use super::mail::{Mail, MailGateway, MailReceipt};
use super::outcome::{Answer, Doubt, Outcome};
use crate::fault;

/// Mail by one server.
pub struct SmtpMail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    reply_to: Option<Mailbox>,
    /// The part of Message-IDs after the `@`.
    domain: String,
    total: Duration,
    fresh: Arc<dyn Freshness>,
}

fn wrong(key: &'static str, reason: impl Into<String>) -> ConfigError {
    ConfigError::Mail { key, reason: reason.into() }
}

fn address(key: &'static str, text: &str) -> Result<Address, ConfigError> {
    text.parse().map_err(|_| wrong(key, "no mail address"))
}

impl SmtpMail {
    /// Builds the adapter; nothing is sent.
    ///
    /// # Errors
    /// An address that is none, a server in clear that is not on this machine, an authority file that can't be read.
    pub fn new(config: &MailConfig, fresh: Arc<dyn Freshness>) -> Result<Self, ConfigError> {
        let from = address("from", &config.from)?;
        let domain = from.domain().to_owned();
        let reply_to = config.reply_to.as_deref().map(|text| address("reply_to", text)).transpose()?;
        let local_name = config.local_name.clone().unwrap_or_else(|| domain.clone());
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host)
            .port(config.port)
            .tls(tls(config)?)
            .hello_name(ClientId::Domain(local_name))
            .timeout(Some(config.timeouts.total()));
        match (&config.user, &config.password) {
            (Some(user), Some(password)) => {
                let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
                builder = builder.credentials(credentials).authentication(vec![Mechanism::Plain, Mechanism::Login]);
            }
            (None, None) => {}
            (Some(_), None) => return Err(wrong("password", "user needs a password")),
            (None, Some(_)) => return Err(wrong("user", "password needs a user")),
        }
        Ok(Self {
            transport: builder.build(),
            from: Mailbox::new(config.from_name.clone(), from),
            reply_to: reply_to.map(|address| Mailbox::new(None, address)),
            domain,
            total: config.timeouts.total(),
            fresh,
        })
    }

    fn message(&self, mail: &Mail) -> Result<(Message, String), &'static str> {
        let to: Address = mail.to.parse().map_err(|_| "the address can't be read")?;
        let id = format!("<{}@{}>", mail.id, self.domain);
        let now = u64::try_from(self.fresh.now().as_second()).unwrap_or_default();
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .date(SystemTime::UNIX_EPOCH + Duration::from_secs(now))
            .message_id(Some(id.clone()))
            .subject(one_line(&mail.subject));
        if let Some(reply_to) = &self.reply_to {
            message = message.reply_to(reply_to.clone());
        }
        let body = MultiPart::alternative_plain_html(mail.text.clone(), html(&mail.text));
        Ok((message.multipart(body).map_err(|_| "the mail can't be written")?, id))
    }
}

fn tls(config: &MailConfig) -> Result<Tls, ConfigError> {
    if config.security == MailSecurity::None {
        let here = config.host.eq_ignore_ascii_case("localhost")
            || config.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        return if here { Ok(Tls::None) } else { Err(wrong("security", "none is for a server on this machine only")) };
    }
    let mut parameters = TlsParameters::builder(config.host.clone());
    if let Some(file) = &config.authority_file {
        let unreadable = |why: String| wrong("authority_file", format!("{}: {why}", file.display()));
        let pem = std::fs::read(file).map_err(|error| unreadable(error.to_string()))?;
        let certificate = Certificate::from_pem(&pem).map_err(|error| unreadable(error.to_string()))?;
        parameters = parameters.add_root_certificate(certificate);
    }
    let parameters = parameters.build_rustls().map_err(|error| ConfigError::Client(error.to_string()))?;
    Ok(match config.security {
        MailSecurity::Starttls => Tls::Required(parameters),
        MailSecurity::Tls => Tls::Wrapper(parameters),
        MailSecurity::None => Tls::None,
    })
}

impl MailGateway for SmtpMail {
    fn send<'a>(&'a self, mail: &'a Mail) -> Answer<'a, MailReceipt> {
        Box::pin(async move {
            let (message, message_id) = match self.message(mail) {
                Ok(made) => made,
                Err(why) => return Outcome::refused("local.mail", why),
            };
            fault::point("mail", "before");
            let sent = tokio::time::timeout(self.total, self.transport.send(message)).await;
            fault::point("mail", "after");
            match sent {
                Ok(Ok(_)) => Outcome::Ok(MailReceipt { message_id }),
                Ok(Err(error)) => judge(&error),
                Err(_) => Outcome::unknown(Doubt::Timeout),
            }
        })
    }
}

/// The server's own words are left out: they may repeat the address.
fn judge(error: &Error) -> Outcome<MailReceipt> {
    if let Some(code) = error.status() {
        return Outcome::refused(code.to_string(), "refused by the mail server");
    }
    if error.is_timeout() {
        Outcome::unknown(Doubt::Timeout)
    } else if error.is_response() {
        Outcome::unknown(Doubt::Unreadable("SMTP reply"))
    } else if error.is_client() {
        // No STARTTLS, no mechanism to log in with: nothing was sent, and the next try will find the same.
        Outcome::refused("local.client", "the mail server does not offer what the configuration asks for")
    } else {
        Outcome::unknown(Doubt::Connection)
    }
}

/// A header's words: a line break would begin another header.
fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// The same words for programs that show HTML.
fn html(text: &str) -> String {
    let mut body = String::from("<!doctype html><html lang=\"zh-CN\"><body>");
    for paragraph in text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
        let lines: Vec<String> = paragraph.lines().map(line).collect();
        body.push_str(&format!("<p>{}</p>", lines.join("<br>")));
    }
    body.push_str("</body></html>");
    body
}

fn line(text: &str) -> String {
    let safe = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let is_link = (text.starts_with("https://") || text.starts_with("http://")) && !text.contains(char::is_whitespace);
    if is_link { format!("<a href=\"{safe}\">{safe}</a>") } else { safe }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::gateways::fresh::Fixed;

    fn config(more: &str) -> MailConfig {
        toml::from_str(&format!("port = 25\nfrom = \"hall@hall.example\"\n{more}")).unwrap()
    }

    fn fresh() -> Arc<dyn Freshness> {
        Arc::new(Fixed { now: "2026-11-20T05:00:00Z".parse().unwrap(), nonce: String::new() })
    }

    fn refusal(more: &str) -> String {
        SmtpMail::new(&config(more), fresh()).err().unwrap().to_string()
    }

    #[test]
    fn in_clear_goes_to_this_machine_only() {
        for host in ["127.0.0.1", "::1", "localhost"] {
            assert!(
                SmtpMail::new(&config(&format!("host = \"{host}\"\nsecurity = \"none\"")), fresh()).is_ok(),
                "{host}"
            );
        }
        assert!(refusal("host = \"mail.example\"\nsecurity = \"none\"").contains("security"));
    }

    #[test]
    fn a_wrong_value_is_named() {
        assert!(refusal("host = \"m\"\nreply_to = \"nobody\"").contains("mail.reply_to"));
        assert!(refusal("host = \"m\"\nuser = \"u\"").contains("mail.password"));
        assert!(refusal("host = \"m\"\nauthority_file = \"/nowhere\"").contains("mail.authority_file"));
    }

    #[test]
    fn headers_are_encoded_and_can_not_be_added() {
        let smtp = SmtpMail::new(
            &config(
                "host = \"127.0.0.1\"\nsecurity = \"none\"\nfrom_name = \"证书大厅\"\nreply_to = \"help@hall.example\"",
            ),
            fresh(),
        )
        .unwrap();
        let mail = Mail {
            id: "0198".into(),
            to: "li@example.com".into(),
            subject: "审核通过\r\nBcc: evil@example.com".into(),
            text: "第一段 <b>\n\nhttps://hall.example/nanning/query".into(),
        };
        let (message, id) = smtp.message(&mail).unwrap();
        let text = String::from_utf8(message.formatted()).unwrap();
        assert_eq!(id, "<0198@hall.example>");
        assert!(text.contains("Message-ID: <0198@hall.example>\r\n"), "{text}");
        assert!(
            text.contains("Reply-To: help@hall.example\r\n") && text.contains("Fri, 20 Nov 2026 05:00:00"),
            "{text}"
        );
        assert!(text.is_ascii() && !text.contains("\r\nBcc:"), "{text}");
        assert!(message.envelope().to().len() == 1);
    }

    #[test]
    fn html_says_the_same_and_is_escaped() {
        let shown = html("甲 <b> & \"\n乙\n\nhttps://h.example/q?a=1&b=2\n\n");
        assert_eq!(
            shown,
            "<!doctype html><html lang=\"zh-CN\"><body><p>甲 &lt;b&gt; &amp; &quot;<br>乙</p>\
             <p><a href=\"https://h.example/q?a=1&amp;b=2\">https://h.example/q?a=1&amp;b=2</a></p></body></html>"
        );
    }
}
