//! A partner's web site, and a stranger's: two names of one small server on this machine. Both are other sites than the
//! hall's, which is at 127.0.0.1.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Result;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::front::Front;

/// A running site; dropping it ends it.
#[derive(Debug)]
pub struct Partner {
    address: SocketAddr,
    front: Option<Front>,
    task: Option<JoinHandle<()>>,
    listener: Option<TcpListener>,
}

impl Partner {
    /// Takes a free port; `folder` holds its certificate when it speaks TLS. Answers after [`Partner::embed`].
    pub async fn start(folder: &Path, tls: bool) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let front = if tls { Some(Front::start(folder, address).await?) } else { None };
        Ok(Self { address, front, task: None, listener: Some(listener) })
    }

    /// From now on its pages show this hall.
    pub fn embed(&mut self, portal: &str) {
        let Some(listener) = self.listener.take() else { return };
        let portal = portal.to_owned();
        self.task = Some(tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let portal = portal.clone();
                tokio::spawn(async move { answer(stream, &portal).await });
            }
        }));
    }

    /// The origin that the hall's profile allows.
    pub fn origin(&self) -> String {
        self.named("partner")
    }

    /// An origin that it does not allow.
    pub fn stranger(&self) -> String {
        self.named("stranger")
    }

    fn named(&self, name: &str) -> String {
        match &self.front {
            Some(front) => format!("https://{name}.localhost:{}", front.address().port()),
            None => format!("http://{name}.localhost:{}", self.address.port()),
        }
    }
}

impl Drop for Partner {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// One request a connection.
async fn answer(stream: TcpStream, portal: &str) -> Result<()> {
    let mut stream = BufReader::new(stream);
    let mut first = String::new();
    stream.read_line(&mut first).await?;
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 2 {
        line.clear();
    }
    let body = match first.split(' ').nth(1) {
        Some("/") => page(&format!("<script src=\"{portal}/embed.js\" data-channel=\"nanning\" async></script>")),
        // A frame without our snippet, which does not say where it stands: only the browser can refuse it.
        Some("/silent") => page(&format!(
            "<iframe title=\"大厅\" referrerpolicy=\"no-referrer\" src=\"{portal}/nanning/embed/\"></iframe>"
        )),
        // The hall's ordinary page may be framed by nobody.
        Some("/ordinary") => page(&format!("<iframe title=\"大厅\" src=\"{portal}/nanning/\"></iframe>")),
        Some("/before") => page("<p><a href=\"/\">办理数字证书</a></p>"),
        _ => String::new(),
    };
    let status = if body.is_empty() { "404 Not Found" } else { "200 OK" };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await?;
    Ok(())
}

fn page(content: &str) -> String {
    format!(
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>南宁公积金服务网</title>\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <style>body{{margin:0;font:16px/1.6 sans-serif;color:#222}}header{{background:#8a1f11;color:#fff;padding:28px}}\
         main,footer{{padding:16px}}footer{{background:#eee}}</style></head>\
         <body><header><h1>南宁公积金服务网</h1><p>合作单位的网站</p></header>\
         <main><p>单位办理网上业务需要数字证书，请在下面申请。</p>{content}</main>\
         <footer>合作单位页脚</footer></body></html>"
    )
}
