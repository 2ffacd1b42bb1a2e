//! A real DNS server of our own (dnsmasq) that says what it is told to and nothing else.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::Command;

use anyhow::Result;
use tempfile::TempDir;

use crate::PATIENCE;
use crate::process::{Process, free_port};

/// A DNS server on 127.0.0.1, for all of `.example`; of the rest it refuses to speak.
pub struct Dns {
    _process: Process,
    folder: TempDir,
    port: u16,
}

impl Dns {
    /// Starts it with these TXT records, each a name and a text of any length.
    pub fn start(records: &[(&str, &str)]) -> Result<Self> {
        Self::start_beside(records, &[])
    }

    /// The same, where other servers are to be asked about some domains.
    pub fn start_beside(records: &[(&str, &str)], others: &[(&str, SocketAddr)]) -> Result<Self> {
        let folder = TempDir::with_prefix("postward-dns-")?;
        let port = free_port()?;
        let mut config = format!(
            "no-resolv\nno-hosts\nbind-interfaces\nlisten-address=127.0.0.1\nport={port}\nlocal=/example/\n\
             local-ttl=600\nlog-queries\nlog-facility={}\nuser=root\npid-file=\n",
            folder.path().join("queries").display()
        );
        for (domain, server) in others {
            let _ = writeln!(config, "server=/{domain}/{}#{}", server.ip(), server.port());
        }
        for (name, text) in records {
            let _ = write!(config, "txt-record={name}");
            // A string of a TXT record has at most 255 bytes (RFC 1035 section 3.3.14).
            for piece in text.as_bytes().chunks(250) {
                let _ = write!(config, ",\"{}\"", String::from_utf8_lossy(piece));
            }
            config.push('\n');
        }
        let file = folder.path().join("dnsmasq.conf");
        std::fs::write(&file, config)?;
        let mut command = Command::new("/usr/sbin/dnsmasq");
        command.arg("--keep-in-foreground").arg(format!("--conf-file={}", file.display()));
        let mut process = Process::start("dnsmasq", command, &folder.path().join("output"))?;
        process.wait_ready(PATIENCE, || Ok(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()))?;
        Ok(Self { _process: process, folder, port })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// The questions that it was asked: each its type and name, such as `TXT good.example`.
    pub fn questions(&self) -> Vec<String> {
        let log = std::fs::read_to_string(self.folder.path().join("queries")).unwrap_or_default();
        let questions = log.lines().filter_map(|line| {
            let (kind, rest) = line.split_once("query[")?.1.split_once("] ")?;
            Some(format!("{kind} {}", rest.split(' ').next()?))
        });
        questions.collect()
    }
}
