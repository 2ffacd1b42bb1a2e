//! A real Postfix of our own.

use std::fmt::Write as _;
use std::fs::{self, File, Permissions};
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::PATIENCE;
use crate::mail::Smtp;
use crate::process::{Process, free_port, wait_for};

const AN_HOUR: Duration = Duration::from_secs(3600);

/// How a Postfix is to be set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// `smtpd_milters`, such as `inet:127.0.0.1:8891`.
    pub milters: Vec<String>,
    /// Domains whose mail goes to the sink.
    pub domains: Vec<String>,
    /// The LMTP sink's port.
    pub sink: u16,
    /// Whether `smtpd` runs chrooted in the queue directory, as Debian has it.
    pub chroot: bool,
    /// Further lines for `main.cf`.
    pub main_cf: Vec<String>,
    /// Further services, as lines of `master.cf`.
    pub master_cf: Vec<String>,
    /// Whether `postscreen` greets clients and passes them on to `smtpd`.
    pub postscreen: bool,
    /// Whoever may log in by SASL: names with a domain, whose password is [`PASSWORD`].
    pub users: Vec<String>,
}

/// Everybody's password.
pub const PASSWORD: &str = "sesame";

impl Options {
    /// No milter; `example.org` goes to the sink at this port.
    pub fn new(sink: u16) -> Self {
        Self {
            milters: Vec::new(),
            domains: vec!["example.org".into()],
            sink,
            chroot: false,
            main_cf: Vec::new(),
            master_cf: Vec::new(),
            postscreen: false,
            users: Vec::new(),
        }
    }
}

/// A running Postfix: its queue and configuration are in a temporary folder, the system's aren't touched.
pub struct Postfix {
    _master: Process,
    folder: TempDir,
    port: u16,
}

impl Postfix {
    /// Starts it, and waits for its greeting. Must run as root: Postfix's master must.
    pub fn start(options: &Options) -> Result<Self> {
        let folder = TempDir::with_prefix("postward-postfix-")?;
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
        let port = free_port()?;
        let config = folder.path().join("etc");
        lay_out(folder.path())?;
        let main = File::create(config.join("main.cf"))?;
        (&main).write_all(main_cf(folder.path(), options).as_bytes())?;
        // Postfix reads a file that changed in the last second (or in a future that a corrected clock has made) again
        // and again until it is older: dict_load_file_xt() in its util/dict.c.
        main.set_modified(SystemTime::now() - AN_HOUR)?;
        fs::write(config.join("master.cf"), master_cf(port, options))?;
        users(folder.path(), &options.users)?;
        let mut command = Command::new("/usr/lib/postfix/sbin/master");
        // -s: master stays in the foreground, so that its id is our child's.
        command.arg("-c").arg(&config).arg("-s").env("MAIL_CONFIG", &config);
        let mut master = Process::start("Postfix", command, &folder.path().join("master.log"))?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let log = folder.path().join("mail.log");
        master
            .wait_ready(PATIENCE, || Ok(Smtp::connect(address).ok()))
            .with_context(|| fs::read_to_string(&log).unwrap_or_default())?;
        Ok(Self { _master: master, folder, port })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// A new SMTP session with it.
    pub fn connect(&self) -> Result<Smtp> {
        Smtp::connect(self.address())
    }

    /// Hands a mail to its sendmail command, as programs on the machine do.
    pub fn sendmail(&self, from: &str, to: &[&str], content: &str) -> Result<()> {
        let mut command = Command::new("/usr/sbin/sendmail");
        command.arg("-C").arg(self.config_directory()).args(["-i", "-f", from]).args(to);
        let mut child = command.stdin(Stdio::piped()).spawn()?;
        child.stdin.take().context("no input")?.write_all(content.replace("\r\n", "\n").as_bytes())?;
        if !child.wait()?.success() {
            bail!("sendmail failed");
        }
        Ok(())
    }

    /// Its queue directory: into which a chrooted `smtpd` is locked.
    pub fn queue_directory(&self) -> PathBuf {
        self.folder.path().join("queue")
    }

    /// Its configuration directory.
    pub fn config_directory(&self) -> PathBuf {
        self.folder.path().join("etc")
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("mail.log")).unwrap_or_default()
    }

    /// How many messages wait in its queue.
    pub fn queued(&self) -> Result<usize> {
        let output = Command::new("postqueue").arg("-c").arg(self.config_directory()).arg("-j").output()?;
        if !output.status.success() {
            bail!("postqueue: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(output.stdout.iter().filter(|&&byte| byte == b'\n').count())
    }

    /// Waits until everything it took has been delivered.
    pub fn wait_until_queue_is_empty(&self) -> Result<()> {
        wait_for("an empty queue", PATIENCE, || Ok((self.queued()? == 0).then_some(())))
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- what Postfix logged:\n{}", self.log());
        }
    }
}

/// The directories with the owners and modes that Postfix's daemons insist on (its `postfix-files`).
fn lay_out(folder: &Path) -> Result<()> {
    let postfix = id("passwd", "postfix")?;
    let postdrop = id("group", "postdrop")?;
    let make = |name: &str, owner: u32, group: u32, mode: u32| -> Result<()> {
        let path = folder.join(name);
        fs::create_dir(&path)?;
        chown(&path, Some(owner), Some(group))?;
        Ok(fs::set_permissions(&path, Permissions::from_mode(mode))?)
    };
    make("etc", 0, 0, 0o755)?;
    make("data", postfix, 0, 0o700)?;
    make("queue", 0, 0, 0o755)?;
    for name in [
        "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved",
        "trace",
    ] {
        make(&format!("queue/{name}"), postfix, 0, 0o700)?;
    }
    make("queue/pid", 0, 0, 0o755)?;
    make("queue/maildrop", postfix, postdrop, 0o1730)?;
    make("queue/public", postfix, postdrop, 0o2710)
}

fn id(database: &str, name: &str) -> Result<u32> {
    let entry = Command::new("getent").args([database, name]).output()?;
    let line = String::from_utf8_lossy(&entry.stdout).into_owned();
    let id = line.split(':').nth(2).with_context(|| format!("there is no {name}: run scripts/setup"))?;
    Ok(id.trim().parse()?)
}

fn main_cf(folder: &Path, options: &Options) -> String {
    let folder = folder.display();
    let mut text = format!(
        "compatibility_level = 3.6\n\
         queue_directory = {folder}/queue\n\
         data_directory = {folder}/data\n\
         daemon_directory = /usr/lib/postfix/sbin\n\
         command_directory = /usr/sbin\n\
         mail_owner = postfix\n\
         setgid_group = postdrop\n\
         maillog_file = {folder}/mail.log\n\
         maillog_file_prefixes = {folder}\n\
         myhostname = mail.test\n\
         mydestination =\n\
         local_recipient_maps =\n\
         alias_maps =\n\
         alias_database =\n\
         inet_interfaces = 127.0.0.1\n\
         inet_protocols = ipv4\n\
         mynetworks = 127.0.0.0/8\n\
         virtual_mailbox_domains = {domains}\n\
         virtual_transport = lmtp:inet:127.0.0.1:{sink}\n\
         smtpd_milters = {milters}\n\
         milter_default_action = tempfail\n\
         service_throttle_time = 1s\n\
         smtpd_sasl_auth_enable = {login}\n\
         disable_dns_lookups = yes\n\
         smtpd_peername_lookup = no\n",
        domains = options.domains.join(", "),
        login = if options.users.is_empty() { "no" } else { "yes" },
        sink = options.sink,
        milters = options.milters.join(", "),
    );
    // The last one counts, as it does for Postfix. Of two, each of its programs would log a warning as it starts: postlogd, too,
    // to itself, and where ten of the others' wait to be read by then, it waits for itself, and everybody for it.
    for line in &options.main_cf {
        let name = |line: &str| line.split('=').next().map(|name| name.trim().to_owned());
        text = text
            .lines()
            .filter(|earlier| name(earlier) != name(line))
            .fold(String::new(), |kept, line| kept + line + "\n");
        let _ = writeln!(text, "{line}");
    }
    text
}

/// A database of users, as Cyrus SASL has it; Debian's Postfix looks for its configuration there.
fn users(folder: &Path, users: &[String]) -> Result<()> {
    let (config, database) = (folder.join("etc/sasl"), folder.join("etc/sasl/users"));
    fs::create_dir(&config)?;
    let text = format!(
        "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: {}\nmech_list: PLAIN\n",
        database.display()
    );
    fs::write(config.join("smtpd.conf"), text)?;
    for user in users {
        let (name, realm) = user.split_once('@').context("a user has a domain")?;
        let mut command = Command::new("saslpasswd2");
        command.args(["-p", "-c", "-u", realm, "-f"]).arg(&database).arg(name).stdin(Stdio::piped());
        let mut child = command.spawn().context("can't start saslpasswd2: run scripts/setup")?;
        child.stdin.take().context("no input")?.write_all(PASSWORD.as_bytes())?;
        if !child.wait()?.success() {
            bail!("saslpasswd2 failed");
        }
        chown(&database, Some(id("passwd", "postfix")?), None)?;
    }
    Ok(())
}

fn master_cf(port: u16, options: &Options) -> String {
    let chroot = if options.chroot { 'y' } else { 'n' };
    let mut text = if options.postscreen {
        format!(
            "127.0.0.1:{port} inet n - n - 1 postscreen\n\
             smtpd pass - - {chroot} - - smtpd\n\
             dnsblog unix - - n - 0 dnsblog\n\
             tlsproxy unix - - n - 0 tlsproxy\n"
        )
    } else {
        format!("127.0.0.1:{port} inet n - {chroot} - - smtpd\n")
    };
    for line in &options.master_cf {
        let _ = writeln!(text, "{line}");
    }
    text.push_str(
        "pickup unix n - n 60 1 pickup\n\
         cleanup unix n - n - 0 cleanup\n\
         qmgr unix n - n 300 1 qmgr\n\
         tlsmgr unix - - n 1000? 1 tlsmgr\n\
         rewrite unix - - n - - trivial-rewrite\n\
         bounce unix - - n - 0 bounce\n\
         defer unix - - n - 0 bounce\n\
         trace unix - - n - 0 bounce\n\
         verify unix - - n - 1 verify\n\
         flush unix n - n 1000? 0 flush\n\
         proxymap unix - - n - - proxymap\n\
         smtp unix - - n - - smtp\n\
         relay unix - - n - - smtp\n\
         showq unix n - n - - showq\n\
         error unix - - n - - error\n\
         retry unix - - n - - error\n\
         discard unix - - n - - discard\n\
         lmtp unix - - n - - lmtp\n\
         anvil unix - - n - 1 anvil\n\
         scache unix - - n - 1 scache\n\
         postlog unix-dgram n - n - 1 postlogd\n",
    );
    text
}
