//! A mail server (RFC 5321) with a log-in (RFC 4954): takes mails for anybody, keeps them in the mailboxes of
//! `/mails/{address}`, and does wrong on command.

use std::io;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufStream};
use tokio::net::{TcpListener, TcpStream};

use crate::faults::{self, Fault, Service};
use crate::mime;
use crate::server::Shared;
use crate::world::Mail;

/// Who may send.
pub const USER: &str = "hall@certhall.example";
/// The longest mail, in bytes, as told by SIZE.
const LONGEST_MAIL: usize = 1 << 20;
/// The longest line (RFC 5321, 4.5.3.1).
const LONGEST_LINE: u64 = 1_000;
/// Nobody is waited for longer.
const IDLE: Duration = Duration::from_mins(1);

/// Serves until the process ends.
pub async fn serve(listener: TcpListener, shared: Shared) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let shared = shared.clone();
                tokio::spawn(async move {
                    let mut session = Session { stream: BufStream::new(stream), shared, let_in: false };
                    if let Err(error) = tokio::time::timeout(10 * IDLE, session.run()).await.unwrap_or(Ok(())) {
                        tracing::debug!(%error, "a mail session broke");
                    }
                });
            }
            Err(error) => tracing::warn!(%error, "no mail session can begin"),
        }
    }
}

struct Session {
    stream: BufStream<TcpStream>,
    shared: Shared,
    let_in: bool,
}

/// A mail on its way.
struct Envelope {
    from: String,
    to: Vec<String>,
    fault: Option<Fault>,
}

impl Session {
    async fn say(&mut self, line: &str) -> io::Result<()> {
        self.stream.write_all(line.as_bytes()).await?;
        self.stream.write_all(b"\r\n").await?;
        self.stream.flush().await
    }

    /// The next line without its end; `None`: the other side has gone.
    async fn line(&mut self) -> io::Result<Option<String>> {
        let mut bytes = Vec::new();
        let mut limited = (&mut self.stream).take(LONGEST_LINE + 2);
        let read = tokio::time::timeout(IDLE, limited.read_until(b'\n', &mut bytes)).await;
        let read = read.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        if read == 0 {
            return Ok(None);
        }
        if !bytes.ends_with(b"\r\n") {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a line that does not end"));
        }
        bytes.truncate(bytes.len() - 2);
        String::from_utf8(bytes).map(Some).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "not UTF-8"))
    }

    async fn run(&mut self) -> io::Result<()> {
        self.say("220 mail.certhall.example ESMTP sandbox").await?;
        let (mut greeted, mut envelope) = (false, None::<Envelope>);
        while let Some(line) = self.line().await? {
            let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
            match verb.to_ascii_uppercase().as_str() {
                "EHLO" if !rest.is_empty() => {
                    (greeted, envelope) = (true, None);
                    let size = format!("250-SIZE {LONGEST_MAIL}");
                    for line in ["250-mail.certhall.example", &size, "250-8BITMIME", "250 AUTH PLAIN LOGIN"] {
                        self.say(line).await?;
                    }
                }
                "AUTH" if greeted && !self.let_in => self.let_in(rest).await?,
                "MAIL" if !self.let_in => self.say("530 5.7.0 Authentication required").await?,
                "MAIL" if envelope.is_none() => match path(rest, "FROM:") {
                    Some(from) => match self.fault().await? {
                        Begun::Go(fault) => {
                            envelope = Some(Envelope { from, to: Vec::new(), fault });
                            self.say("250 2.1.0 Ok").await?;
                        }
                        Begun::Said => {}
                        Begun::Gone => return Ok(()),
                    },
                    None => self.say("501 5.1.7 Bad sender address syntax").await?,
                },
                "RCPT" => match (&mut envelope, path(rest, "TO:")) {
                    (Some(envelope), Some(to)) if !to.is_empty() => {
                        let refused = match &envelope.fault {
                            Some(Fault::Refuse { code }) if code.starts_with('5') => {
                                Some(format!("{code} 5.1.1 refused"))
                            }
                            _ => None,
                        };
                        if refused.is_none() {
                            envelope.to.push(to);
                        }
                        self.say(refused.as_deref().unwrap_or("250 2.1.5 Ok")).await?;
                    }
                    (Some(_), _) => self.say("501 5.1.3 Bad recipient address syntax").await?,
                    (None, _) => self.say("503 5.5.1 Error: need MAIL command").await?,
                },
                "DATA" => match envelope.take() {
                    Some(envelope) if !envelope.to.is_empty() => {
                        if !self.data(envelope).await? {
                            return Ok(());
                        }
                    }
                    Some(_) | None => self.say("503 5.5.1 Error: need RCPT command").await?,
                },
                "RSET" => {
                    envelope = None;
                    self.say("250 2.0.0 Ok").await?;
                }
                "NOOP" => self.say("250 2.0.0 Ok").await?,
                "QUIT" => return self.say("221 2.0.0 Bye").await,
                _ => self.say("502 5.5.2 Error: command not recognized").await?,
            }
        }
        Ok(())
    }

    /// AUTH PLAIN (RFC 4616) and LOGIN.
    async fn let_in(&mut self, words: &str) -> io::Result<()> {
        let (mechanism, initial) = words.split_once(' ').unwrap_or((words, ""));
        let (user, password) = match mechanism.to_ascii_uppercase().as_str() {
            "PLAIN" => {
                let text = if initial.is_empty() { self.asked("").await? } else { decode(initial) };
                let mut fields = text.split('\0').skip(1).map(str::to_owned);
                (fields.next().unwrap_or_default(), fields.next().unwrap_or_default())
            }
            "LOGIN" => (self.asked("Username:").await?, self.asked("Password:").await?),
            _ => return self.say("504 5.5.4 Unrecognized authentication type").await,
        };
        self.let_in = user == USER && password == self.shared.keys.mail_password;
        self.say(if self.let_in { "235 2.7.0 Authentication successful" } else { "535 5.7.8 Authentication failed" })
            .await
    }

    async fn asked(&mut self, question: &str) -> io::Result<String> {
        self.say(&format!("334 {}", BASE64_STANDARD.encode(question))).await?;
        Ok(decode(&self.line().await?.unwrap_or_default()))
    }

    /// What goes wrong with the mail that begins.
    async fn fault(&mut self) -> io::Result<Begun> {
        let fault = self.shared.memory.change(|world| {
            *world.calls.entry("mail".to_owned()).or_default() += 1;
            faults::take(&mut world.faults, Service::Mail)
        });
        match fault {
            Some(Fault::Refuse { code }) if code.starts_with('4') => {
                self.say(&format!("{code} 4.3.0 try again later")).await?;
                Ok(Begun::Said)
            }
            Some(Fault::Status { status }) => {
                self.say(&format!("{status} 4.3.2 closing")).await?;
                Ok(Begun::Gone)
            }
            Some(Fault::Hang) => {
                tokio::time::sleep(IDLE).await;
                Ok(Begun::Gone)
            }
            Some(Fault::Garbage) => {
                self.say("<html><body>Please log in to the network</body></html>").await?;
                Ok(Begun::Gone)
            }
            other => Ok(Begun::Go(other)),
        }
    }

    /// Takes the mail itself; `false`: the session is over.
    async fn data(&mut self, envelope: Envelope) -> io::Result<bool> {
        self.say("354 End data with <CR><LF>.<CR><LF>").await?;
        let mut raw = String::new();
        loop {
            let Some(line) = self.line().await? else { return Ok(false) };
            if line == "." {
                break;
            }
            // A line that begins with a dot comes with one more (RFC 5321, 4.5.2).
            if raw.len() <= LONGEST_MAIL {
                raw.push_str(line.strip_prefix('.').unwrap_or(&line));
                raw.push_str("\r\n");
            }
        }
        if raw.len() > LONGEST_MAIL {
            self.say("552 5.3.4 Message size exceeds fixed limit").await?;
            return Ok(true);
        }
        self.keep(&envelope, &raw);
        match envelope.fault {
            // It is kept, but the sender never hears of it.
            Some(Fault::Lost) => Ok(false),
            Some(Fault::Slow { ms }) => {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                self.say("250 2.0.0 Ok: queued").await.map(|()| true)
            }
            _ => self.say("250 2.0.0 Ok: queued").await.map(|()| true),
        }
    }

    fn keep(&self, envelope: &Envelope, raw: &str) {
        let parts = mime::read(raw);
        self.shared.memory.change(|world| {
            let received_at = world.now();
            for to in &envelope.to {
                world.mails.push(Mail {
                    to: to.clone(),
                    from: envelope.from.clone(),
                    message_id: parts.header("message-id").to_owned(),
                    from_header: parts.header("from").to_owned(),
                    reply_to: parts.header("reply-to").to_owned(),
                    subject: parts.header("subject").to_owned(),
                    text: parts.text.clone(),
                    html: parts.html.clone(),
                    received_at,
                });
            }
        });
    }
}

/// How a mail began.
enum Begun {
    Go(Option<Fault>),
    Said,
    Gone,
}

fn decode(text: &str) -> String {
    BASE64_STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

/// The address in `FROM:<a@b> SIZE=1`.
fn path(words: &str, keyword: &str) -> Option<String> {
    let (head, rest) = words.split_at_checked(keyword.len())?;
    let inner = rest.trim_start().strip_prefix('<')?;
    let (address, _) = inner.split_once('>')?;
    head.eq_ignore_ascii_case(keyword).then(|| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        assert_eq!(path("FROM:<a@b.c> SIZE=1 BODY=8BITMIME", "FROM:"), Some("a@b.c".to_owned()));
        assert_eq!(path("to:<a@b.c>", "TO:"), Some("a@b.c".to_owned()));
        assert_eq!(path("FROM:<>", "FROM:"), Some(String::new()));
        assert_eq!(path("FROM:a@b.c", "FROM:"), None);
        assert_eq!(path("F", "FROM:"), None);
    }
}
