//! nginx in front of several backends, as `backend/packaging/nginx.conf` sets it up, without TLS.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::program::{Program, cache};

/// A running nginx.
#[derive(Debug)]
pub struct Nginx {
    log: PathBuf,
    _server: Program,
}

impl Nginx {
    /// Starts it.
    pub async fn start(folder: &Path, listen: SocketAddr, nodes: impl Iterator<Item = SocketAddr>) -> Result<Self> {
        let home = folder.join("nginx");
        fs::create_dir_all(&home)?;
        let log = home.join("access.log");
        let servers: String = nodes.map(|node| format!("server {node} max_fails=1 fail_timeout=1s;\n")).collect();
        let here = home.display();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {here}/{kind};\n"))
            .concat();
        let text = format!(
            "daemon off;\nmaster_process off;\nworker_processes 1;\npid {here}/nginx.pid;\nerror_log {here}/error.log;\n\
             events {{ worker_connections 512; }}\n\
             http {{\n\
             log_format shares '$request $status $upstream_addr';\n\
             access_log {here}/access.log shares;\n{temporary}\
             upstream certhall {{\n{servers}keepalive 16;\nkeepalive_timeout 20s;\n}}\n\
             server {{\n\
             listen {listen};\n\
             client_max_body_size 12m;\n\
             location / {{\n\
             proxy_pass http://certhall;\nproxy_http_version 1.1;\nproxy_set_header Connection \"\";\n\
             proxy_set_header Host $http_host;\nproxy_set_header X-Forwarded-For $remote_addr;\n\
             proxy_read_timeout 200s;\nproxy_request_buffering off;\n\
             }}\n}}\n}}\n"
        );
        let file = home.join("nginx.conf");
        fs::write(&file, text)?;
        let unpacked = cache()?.join("nginx/usr/sbin/nginx");
        let program = if unpacked.is_file() { unpacked } else { PathBuf::from("nginx") };
        let mut command = Command::new(program);
        command.arg("-p").arg(&home).arg("-c").arg(&file).arg("-e").arg(home.join("error.log"));
        let mut server = Program::start("nginx", &command, &home.join("nginx.log"))
            .context("nginx does not start: `cargo xtask setup` brings it")?;
        server.listens(listen).await?;
        Ok(Self { log, _server: server })
    }

    /// One line a request: method, path, status, which backends it was sent to.
    pub fn log(&self) -> Result<String> {
        Ok(fs::read_to_string(&self.log)?)
    }
}
