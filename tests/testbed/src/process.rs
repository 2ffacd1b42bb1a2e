//! Child processes that end with their handle, free ports and addresses, waiting for readiness.

use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// A child process whose output goes to a file. Dropped, it is asked to end, and made to after 5 s; if the test is
/// failing just then, the end of its output is printed.
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `command`; standard output and error go to `log`. A program that isn't installed is an error that
    /// names `scripts/setup`, never a skipped test.
    pub fn start(name: &str, command: Command, log: &Path) -> Result<Self> {
        Self::start_with(name, command, Stdio::null(), log)
    }

    /// The same, with something else as standard input.
    pub fn start_with(name: &str, mut command: Command, input: Stdio, log: &Path) -> Result<Self> {
        let output = File::create(log).with_context(|| format!("can't create {}", log.display()))?;
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command
            .stdin(input)
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("can't start {program} for {name}: run scripts/setup"))?;
        Ok(Self { name: name.to_owned(), child, log: log.to_owned() })
    }

    /// The process's id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Everything it has printed so far.
    pub fn output(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Its exit status, if it has ended.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Sends it a signal by its name: `TERM`, `HUP`, `KILL`.
    pub fn signal(&self, signal: &str) -> Result<()> {
        let status = Command::new("kill").arg(format!("-{signal}")).arg(self.pid().to_string()).status()?;
        if !status.success() {
            bail!("can't send SIG{signal} to {}", self.name);
        }
        Ok(())
    }

    /// Waits until it has ended.
    pub fn wait(&mut self, limit: Duration) -> Result<ExitStatus> {
        wait_for(&format!("{} to end", self.name), limit, || Ok(self.child.try_wait()?))
    }

    /// Waits until `ready` gives something; fails at once, with the process's output, if it ends meanwhile.
    pub fn wait_ready<T>(
        &mut self,
        limit: Duration,
        mut ready: impl FnMut() -> Result<Option<T>>,
    ) -> Result<T> {
        let begin = Instant::now();
        loop {
            if let Some(value) = ready()? {
                return Ok(value);
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended before it was ready ({status}):\n{}", self.name, self.output());
            }
            if begin.elapsed() > limit {
                bail!("{} was not ready within {limit:?}:\n{}", self.name, self.output());
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.ended().is_none() {
            let _ = self.signal("TERM");
            if self.wait(Duration::from_secs(5)).is_err() {
                let _ = self.child.kill();
                let _ = self.child.wait();
            }
        }
        if thread::panicking() {
            let output = self.output();
            let tail: Vec<&str> = output.lines().rev().take(60).collect();
            eprintln!("--- the end of what {} printed:", self.name);
            for line in tail.into_iter().rev() {
                eprintln!("{line}");
            }
        }
    }
}

/// Asks again every 20 ms until there is an answer.
pub fn wait_for<T>(what: &str, limit: Duration, mut ask: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let begin = Instant::now();
    loop {
        if let Some(value) = ask()? {
            return Ok(value);
        }
        if begin.elapsed() > limit {
            bail!("waited {limit:?} in vain for {what}");
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// A TCP port on 127.0.0.1 that nobody uses at the moment; below those that the kernel gives to whoever doesn't choose one
/// (`ip_local_port_range`), and never the same twice, so that nobody else gets it before a server of ours listens there.
pub fn free_port() -> Result<u16> {
    static FIRST: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(()));
    static GIVEN: AtomicU64 = AtomicU64::new(0);
    for _ in 0..1000 {
        let next = FIRST.wrapping_add(GIVEN.fetch_add(1, Ordering::Relaxed));
        let port = 10_000 + (next % 22_000) as u16;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no port from 10000 to 31999 is free")
}

/// A loopback address on which nobody listens on any of `ports`, so that a server can have its standard ports and
/// tests can run side by side.
pub fn free_loopback(ports: &[u16]) -> Result<Ipv4Addr> {
    let mut seed = u64::from(std::process::id()) ^ std::time::UNIX_EPOCH.elapsed()?.as_nanos() as u64;
    for _ in 0..1000 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let [_, _, _, _, _, b, c, d] = (seed >> 16).to_be_bytes();
        let address = Ipv4Addr::new(127, b.clamp(1, 254), c, d.clamp(1, 254));
        if ports.iter().all(|&port| TcpListener::bind((address, port)).is_ok()) {
            return Ok(address);
        }
    }
    bail!("no loopback address has the ports {ports:?} free")
}

/// Whether something accepts connections there.
pub fn accepts(address: IpAddr, port: u16) -> bool {
    TcpStream::connect_timeout(&(address, port).into(), Duration::from_millis(200)).is_ok()
}
