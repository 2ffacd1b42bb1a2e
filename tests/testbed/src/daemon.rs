//! The postward program under test.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::PATIENCE;
use crate::process::Process;

/// A postward program and a data folder; the daemon, once started, ends with it.
pub struct Postward {
    program: PathBuf,
    dir: TempDir,
    serving: Option<Serving>,
}

struct Serving {
    process: Process,
    milter: String,
    page: String,
}

/// What `postward serve` shall do besides its defaults on free ports.
#[derive(Default)]
pub struct ServeOptions {
    /// `HOST:PORT` of a Prosody, the component's name and its secret.
    pub xmpp: Option<(String, String, String)>,
    /// Where the milter listens, instead of a free TCP port.
    pub milter: Option<String>,
    /// The text of a configuration file.
    pub config: Option<String>,
    /// A listening socket that is handed over as systemd does (sd_listen_fds(3)), under the name `milter`.
    pub socket: Option<OwnedFd>,
}

/// Does what systemd does: a socket as file descriptor 3, and variables that say so.
const HAND_OVER: &str =
    "exec 3<&0 </dev/null; export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=milter; exec \"$0\" \"$@\"";

impl Postward {
    /// A fresh data folder for this program.
    pub fn new(program: impl Into<PathBuf>) -> Result<Self> {
        let dir = tempfile::Builder::new().prefix("postward-").tempdir()?;
        Ok(Self { program: program.into(), dir, serving: None })
    }

    /// The folder that holds the data folder, the logs and whatever else a test puts there.
    pub fn folder(&self) -> &Path {
        self.dir.path()
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// Runs a command on this data folder.
    pub fn run<S: AsRef<std::ffi::OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Result<Output> {
        Command::new(&self.program)
            .arg("--data")
            .arg(self.data())
            .args(args)
            .env_remove("STATE_DIRECTORY")
            .output()
            .with_context(|| format!("can't run {}", self.program.display()))
    }

    /// Runs a command that must succeed, and returns what it printed.
    pub fn ok<S: AsRef<std::ffi::OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Result<String> {
        let output = self.run(args)?;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            bail!("{}\n{printed}{}", output.status, String::from_utf8_lossy(&output.stderr));
        }
        Ok(printed)
    }

    /// Starts the daemon and waits until its doors are open.
    pub fn serve(&mut self, options: &ServeOptions) -> Result<()> {
        let (mut command, input, milter) = match &options.socket {
            Some(socket) => {
                let mut command = Command::new("bash");
                command.args(["-c", HAND_OVER]).arg(&self.program);
                (command, Stdio::from(socket.try_clone()?), "systemd")
            }
            None => (Command::new(&self.program), Stdio::null(), "inet:127.0.0.1:0"),
        };
        command.arg("serve").arg("--data").arg(self.data());
        let milter = options.milter.as_deref().unwrap_or(milter);
        command.args(["--milter", milter, "--web", "127.0.0.1:0"]);
        if let Some((server, domain, secret)) = &options.xmpp {
            let file = self.dir.path().join("xmpp-secret");
            std::fs::write(&file, secret)?;
            command.args(["--xmpp", server, "--xmpp-domain", domain, "--xmpp-secret-file"]).arg(file);
        }
        if let Some(config) = &options.config {
            let file = self.dir.path().join("postward.toml");
            std::fs::write(&file, config)?;
            command.arg("--config").arg(file);
        }
        command.env_remove("STATE_DIRECTORY");
        let mut process =
            Process::start_with("postward", command, input, &self.dir.path().join("postward.log"))?;
        let log = self.dir.path().join("postward.log");
        let line = process.wait_ready(PATIENCE, || {
            let output = std::fs::read_to_string(&log)?;
            Ok(output.lines().find(|line| line.starts_with("postward: ready: ")).map(str::to_owned))
        })?;
        let after = |word: &str| {
            let rest = line.split_once(word).map(|(_, rest)| rest).unwrap_or_default();
            rest.split([',', ' ']).next().unwrap_or_default().to_owned()
        };
        self.serving = Some(Serving { process, milter: after("mail at "), page: after("page at ") });
        Ok(())
    }

    /// Where the milter listens, as Postfix's `smtpd_milters` wants it.
    pub fn milter(&self) -> &str {
        self.serving.as_ref().map_or("", |serving| &serving.milter)
    }

    /// The page's address.
    pub fn page(&self) -> &str {
        self.serving.as_ref().map_or("", |serving| &serving.page)
    }

    /// The running daemon.
    pub fn process(&mut self) -> Result<&mut Process> {
        self.serving.as_mut().map(|serving| &mut serving.process).context("postward serve is not running")
    }

    /// Everything the daemon has printed.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("postward.log")).unwrap_or_default()
    }

    /// Ends the daemon by SIGTERM and waits for it.
    pub fn stop(&mut self) -> Result<()> {
        if let Some(mut serving) = self.serving.take() {
            serving.process.signal("TERM")?;
            let status = serving.process.wait(crate::PATIENCE)?;
            if !status.success() {
                bail!("postward serve ended with {status}:\n{}", serving.process.output());
            }
        }
        Ok(())
    }

    /// Ends the daemon by SIGKILL, as a power cut does.
    pub fn kill(&mut self) -> Result<()> {
        if let Some(mut serving) = self.serving.take() {
            serving.process.signal("KILL")?;
            serving.process.wait(crate::PATIENCE)?;
        }
        Ok(())
    }

    /// Makes a password for the page and returns it.
    pub fn password(&self) -> Result<String> {
        let printed = self.ok(["password"])?;
        printed.trim().rsplit(' ').next().map(str::to_owned).context("no password was printed")
    }

    /// Waits until the chat door is connected.
    pub fn wait_for_chat(&self) -> Result<()> {
        crate::process::wait_for("the component to be connected and asked", PATIENCE, || {
            let status = String::from_utf8_lossy(&self.run(["status"])?.stdout).into_owned();
            let open = status.lines().any(|line| line.starts_with("Chat: open"));
            Ok((open && !status.contains("has not been heard from")).then_some(()))
        })
    }
}
