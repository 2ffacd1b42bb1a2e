//! `postward connect` and `disconnect`: the change is shown, made, and taken back, on a real Postfix and a real Prosody.
//!
//! ```text
//! postward connect postfix --> main.cf of Postfix --milter--> postward serve;  Postfix --> sink
//! postward connect prosody --> conf.d of Prosody, postward.toml --> Prosody <--component-- postward serve
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use common::{MailHouse, subject};
use testbed::daemon::{Postward, ServeOptions};
use testbed::mail::Sink;
use testbed::postfix::{Options, Postfix};
use testbed::prosody::Prosody;
use testbed::xmpp::Client;

/// A Postfix that asks nobody, a running postward whose configuration is a file, and that file.
fn unconnected(lines: &[&str]) -> Result<(MailHouse, PathBuf)> {
    let mut postward = common::postward()?;
    postward.serve(&ServeOptions::default())?;
    let file = postward.folder().join("etc/postward.toml");
    fs::create_dir(postward.folder().join("etc"))?;
    fs::write(&file, format!("# by hand\n[mail]\nlisten = \"{}\"\n", postward.milter()))?;
    let sink = Sink::start()?;
    let mut options = Options::new(sink.port());
    options.main_cf = lines.iter().map(|&line| line.to_owned()).collect();
    let postfix = Postfix::start(&options)?;
    Ok((MailHouse { postfix, sink, postward }, file))
}

fn command(house: &MailHouse, config: &Path, verb: &str, yes: bool) -> Result<std::process::Output> {
    let folder = house.postfix.config_directory();
    let mut args = vec![verb, "postfix", "--postfix", folder.to_str().context("a path")?];
    args.extend(["--config", config.to_str().context("a path")?]);
    if yes {
        args.push("--yes");
    }
    house.postward.run(args)
}

fn carried_out(house: &MailHouse, config: &Path, verb: &str) -> Result<String> {
    let output = command(house, config, verb, true)?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

fn main_cf(house: &MailHouse) -> Result<String> {
    Ok(fs::read_to_string(house.postfix.config_directory().join("main.cf"))?)
}

/// A setting as Postfix reads it.
fn setting(house: &MailHouse, name: &str) -> Result<String> {
    let output = Command::new("postconf")
        .arg("-c")
        .arg(house.postfix.config_directory())
        .args(["-h", name])
        .output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

#[test]
fn a_connected_postfix_asks_and_a_disconnected_one_is_as_before() -> Result<()> {
    let (house, config) = unconnected(&["smtpd_discard_ehlo_keywords = chunking"])?;
    house.postward.ok(["block", "mallory@evil.example"])?;
    let before = main_cf(&house)?;

    let shown = command(&house, &config, "connect", false)?;
    assert_eq!(shown.status.code(), Some(2), "without a terminal it must not go on by itself");
    assert!(String::from_utf8_lossy(&shown.stdout).contains("postconf"));
    assert_eq!(main_cf(&house)?, before, "showing changes nothing");

    carried_out(&house, &config, "connect")?;
    let expected = format!("{{ {}, default_action=accept }}", house.postward.milter());
    assert_eq!(setting(&house, "smtpd_milters")?, expected);
    assert_eq!(setting(&house, "smtpd_discard_ehlo_keywords")?, "chunking, dsn, silent-discard");
    house.send("mallory@evil.example", "Subject: blocked\r\n\r\nhello\r\n")?;
    house.send("friend@good.example", "Subject: plain\r\n\r\nhello\r\n")?;
    assert_eq!(house.delivered_subjects()?, ["plain"]);
    let greeting = house.postfix.connect()?.command("EHLO client.test")?;
    assert!(!greeting.text.contains("DSN"), "{}", greeting.text);

    assert!(carried_out(&house, &config, "connect")?.contains("Nothing needs to be changed"));

    carried_out(&house, &config, "disconnect")?;
    assert_eq!(setting(&house, "smtpd_milters")?, "");
    assert_eq!(setting(&house, "smtpd_discard_ehlo_keywords")?, "chunking");
    house.send("mallory@evil.example", "Subject: unasked\r\n\r\nhello\r\n")?;
    assert_eq!(house.delivered_subjects()?, ["plain", "unasked"]);
    assert!(carried_out(&house, &config, "disconnect")?.contains("Nothing needs to be changed"));
    Ok(())
}

#[test]
fn what_others_changed_since_stays_when_disconnecting() -> Result<()> {
    let (house, config) = unconnected(&[])?;
    carried_out(&house, &config, "connect")?;
    let folder = house.postfix.config_directory();
    let ours = setting(&house, "smtpd_milters")?;
    let changed = format!("smtpd_milters = inet:127.0.0.1:11332, {ours}");
    let status = Command::new("postconf").arg("-c").arg(&folder).args(["-e", &changed]).status()?;
    assert!(status.success());
    carried_out(&house, &config, "disconnect")?;
    assert_eq!(setting(&house, "smtpd_milters")?, "inet:127.0.0.1:11332");
    let written = Command::new("postconf")
        .arg("-c")
        .arg(&folder)
        .args(["-n", "smtpd_discard_ehlo_keywords"])
        .output()?;
    assert_eq!(String::from_utf8(written.stdout)?, "", "Postfix's default counts again");
    Ok(())
}

/// As docs/postfix.md recommends, under another name of this machine, and twice.
#[test]
fn who_named_postward_by_hand_keeps_place_and_settings() -> Result<()> {
    let (house, config) = unconnected(&[])?;
    let folder = house.postfix.config_directory();
    let milter = house.postward.milter().to_owned();
    let other_name = milter.replace("127.0.0.1", "localhost");
    let by_hand = format!("{{ {other_name}, default_action=tempfail, command_timeout=30s }}");
    for (before, after) in [
        (format!("{by_hand}, inet:127.0.0.1:1"), format!("{by_hand}, inet:127.0.0.1:1")),
        (format!("{milter}, inet:127.0.0.1:1"), format!("{milter}, inet:127.0.0.1:1")),
        (format!("inet:127.0.0.1:1, {by_hand}, {milter}"), format!("inet:127.0.0.1:1, {by_hand}")),
        (
            format!("{{ {other_name}, default_action=reject }}, inet:127.0.0.1:1"),
            format!("{{ {milter}, default_action=accept }}, inet:127.0.0.1:1"),
        ),
    ] {
        let line = format!("smtpd_milters = {before}");
        assert!(Command::new("postconf").arg("-c").arg(&folder).args(["-e", &line]).status()?.success());
        for _ in 0..2 {
            carried_out(&house, &config, "connect")?;
            assert_eq!(setting(&house, "smtpd_milters")?, after);
        }
        carried_out(&house, &config, "disconnect")?;
        assert_eq!(setting(&house, "smtpd_milters")?, before);
    }
    Ok(())
}

/// README's own way to try it out.
#[test]
fn disconnecting_says_that_a_postfix_connected_by_hand_goes_on_asking() -> Result<()> {
    let (house, config) = unconnected(&[])?;
    let folder = house.postfix.config_directory();
    for ours in ["unix:postward/milter", house.postward.milter()] {
        let line = format!("smtpd_milters = {ours}, inet:127.0.0.1:1");
        assert!(Command::new("postconf").arg("-c").arg(&folder).args(["-e", &line]).status()?.success());
        for connected in [false, true] {
            if connected {
                carried_out(&house, &config, "connect")?;
            }
            let said = carried_out(&house, &config, "disconnect")?;
            assert!(!said.contains("Nothing needs to be changed"), "{said}");
            assert!(said.contains("goes on asking"), "{said}");
            let end = said.split("To end that: ").nth(1).context(said.clone())?;
            let end = end.split(", then").next().context("a command")?;
            assert!(Command::new("sh").args(["-c", end]).status()?.success());
            assert_eq!(setting(&house, "smtpd_milters")?, "inet:127.0.0.1:1");
            assert!(carried_out(&house, &config, "disconnect")?.contains("Nothing needs to be changed"));
            assert!(Command::new("postconf").arg("-c").arg(&folder).args(["-e", &line]).status()?.success());
        }
    }
    Ok(())
}

#[test]
fn a_postfix_that_cannot_be_connected_is_left_alone_and_says_why() -> Result<()> {
    for (line, why) in [
        ("milter_protocol = 2", "milter_protocol is 2"),
        ("smtpd_milters = { inet:127.0.0.1:1, default_action=accept", "braces that don't match"),
    ] {
        let (house, config) = unconnected(&[])?;
        let file = house.postfix.config_directory().join("main.cf");
        fs::write(&file, format!("{}{line}\n", main_cf(&house)?.replace("smtpd_milters = \n", "")))?;
        let before = main_cf(&house)?;
        let output = command(&house, &config, "connect", true)?;
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(why), "{said}");
        assert_eq!(main_cf(&house)?, before);
    }
    Ok(())
}

#[test]
fn milters_of_a_single_service_are_pointed_out() -> Result<()> {
    let (house, config) = unconnected(&[])?;
    let file = house.postfix.config_directory().join("master.cf");
    let text = fs::read_to_string(&file)?;
    let text = text.replacen("smtpd\n", "smtpd\n  -o smtpd_milters=\n", 1);
    fs::write(&file, text)?;
    let shown = String::from_utf8(command(&house, &config, "connect", false)?.stdout)?;
    assert!(shown.contains("milters of its own"), "{shown}");
    Ok(())
}

/// Prosody's configuration as far as `connect` reads it, in a folder of the test's.
fn prosody_files(postward: &Postward) -> Result<(PathBuf, PathBuf)> {
    let folder = postward.folder().join("prosody");
    fs::create_dir_all(folder.join("conf.d"))?;
    let main = folder.join("prosody.cfg.lua");
    fs::write(&main, "VirtualHost \"localhost\"\nVirtualHost \"one.test\"\nInclude \"conf.d/*.cfg.lua\"\n")?;
    let group = Command::new("id").args(["-g", "prosody"]).output()?;
    chown(&main, None, Some(String::from_utf8(group.stdout)?.trim().parse()?))?;
    for path in [postward.folder().to_owned(), folder.clone(), folder.join("conf.d")] {
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    }
    let config = postward.folder().join("etc/postward.toml");
    fs::create_dir_all(config.parent().context("a folder")?)?;
    fs::write(&config, "# by hand\n[web]\nhttps = false # so far\n")?;
    Ok((main, config))
}

fn prosody_command(
    postward: &Postward,
    main: &Path,
    config: &Path,
    verb: &str,
) -> Result<std::process::Output> {
    let (main, config) = (main.to_str().context("a path")?, config.to_str().context("a path")?);
    postward.run([verb, "prosody", "--yes", "--prosody", main, "--config", config])
}

#[test]
fn one_file_connects_every_host_of_prosody_and_disconnect_removes_it() -> Result<()> {
    let mut postward = common::postward()?;
    postward.ok(["block", "mallory@one.test", "casino"])?;
    let (main, config) = prosody_files(&postward)?;
    let before = fs::read_to_string(&config)?;

    let output = prosody_command(&postward, &main, &config, "connect")?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let snippet = main.with_file_name("conf.d").join("postward.cfg.lua");
    let secret = fs::read_to_string(config.with_file_name("xmpp-secret"))?.trim().to_owned();
    assert!(!String::from_utf8_lossy(&output.stdout).contains(&secret), "the secret isn't shown");
    let written = fs::read_to_string(&config)?;
    assert!(written.starts_with(&before), "comments stay: {written}");
    assert!(written.contains("domain = \"postward.one.test\""), "{written}");

    let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("xmpp-component/prosody");
    let options = testbed::prosody::Options::new(&["one.test"])
        .rooms("rooms.one.test")
        .module("admin_shell")
        .plugin_path(&modules)
        .line(&format!("Include \"{}\"", snippet.display()));
    let prosody = Prosody::start(&options)?;
    let here = written.replace("127.0.0.1:5347", &prosody.component_address());
    postward.serve(&ServeOptions { config: Some(here), ..ServeOptions::default() })?;
    postward.wait_for_chat()?;

    let mut alice = Client::available(prosody.c2s(), "alice@one.test/home")?;
    let mut mallory = Client::available(prosody.c2s(), "mallory@one.test/home")?;
    let mut friend = Client::available(prosody.c2s(), "friend@one.test/home")?;
    mallory.send("<message to='alice@one.test'><body>blocked</body></message>")?;
    mallory.sync()?;
    friend.send("<message to='alice@one.test'><body>a casino</body></message>")?;
    friend.send("<message to='alice@one.test'><body>plain</body></message>")?;
    alice.keep_until(&["plain"])?;
    assert_eq!(alice.bodies(), ["plain"]);
    let rooms = prosody.console(&["module", "list", "rooms.one.test"])?;
    assert!(rooms.contains("postward"), "{rooms}");

    let output = prosody_command(&postward, &main, &config, "disconnect")?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!snippet.exists());
    assert!(!config.with_file_name("xmpp-secret").exists());
    assert_eq!(fs::read_to_string(&config)?, before);
    Ok(())
}

/// As the package installs it: each example belongs to the table that it stands under.
#[test]
fn the_packages_configuration_can_be_filled_in_after_connecting_prosody() -> Result<()> {
    let postward = common::postward()?;
    let (main, config) = prosody_files(&postward)?;
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/postward.toml");
    let shipped = fs::read_to_string(shipped)?;
    for round in 0..2 {
        if round == 0 {
            fs::write(&config, &shipped)?;
        }
        assert!(prosody_command(&postward, &main, &config, "connect")?.status.success());
        let connected = fs::read_to_string(&config)?;
        assert_eq!(connected.lines().count(), shipped.lines().count(), "{connected}");
        let without_hash: Vec<&str> = connected
            .lines()
            .map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line))
            .collect();
        let all: toml::Table = without_hash.join("\n").parse()?;
        let set = |table: &str, name: &str| {
            all.get(table)
                .and_then(|table| table.get(name))
                .with_context(|| format!("{table}.{name}: {connected}"))
        };
        for name in ["listen", "url", "names", "https"] {
            set("web", name)?;
        }
        for name in ["secret_file", "failure", "encrypted_from_strangers"] {
            set("xmpp", name)?;
        }
        assert_eq!(set("xmpp", "domain")?.as_str(), Some("postward.one.test"));
        let filled_in = connected.replace("#url = ", "url = ");
        fs::write(&config, &filled_in)?;
        let path = config.to_str().context("a path")?;
        let said = String::from_utf8(postward.run(["doctor", "--json", "--config", path])?.stdout)?;
        assert!(said.contains("configuration can be used"), "{said}");

        fs::write(&config, connected)?;
        assert!(prosody_command(&postward, &main, &config, "disconnect")?.status.success());
        let disconnected = fs::read_to_string(&config)?.replace("postward.one.test", "postward.example.org");
        let secret = config.with_file_name("xmpp-secret").display().to_string();
        assert_eq!(disconnected.replace(&secret, "/etc/postward/xmpp-secret"), shipped);
    }
    Ok(())
}

#[test]
fn a_prosody_that_was_connected_by_hand_is_left_alone() -> Result<()> {
    let postward = common::postward()?;
    let (main, config) = prosody_files(&postward)?;
    let secret = config.with_file_name("my-secret");
    fs::write(&secret, "secret\n")?;
    let by_hand = format!(
        "[xmpp]\nserver = \"[::1]:1\"\ndomain = \"x.test\"\nsecret_file = \"{}\"\n",
        secret.display()
    );
    fs::write(&config, &by_hand)?;
    let output = prosody_command(&postward, &main, &config, "connect")?;
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("by hand"));
    let output = prosody_command(&postward, &main, &config, "disconnect")?;
    assert!(output.status.success());
    assert_eq!(fs::read_to_string(&config)?, by_hand);
    Ok(())
}

#[test]
fn mail_held_back_on_failure_is_held_back_by_postfix_too() -> Result<()> {
    let (house, config) = unconnected(&[])?;
    let text = fs::read_to_string(&config)?;
    fs::write(&config, format!("{text}failure = \"hold-off\"\n"))?;
    carried_out(&house, &config, "connect")?;
    assert!(setting(&house, "smtpd_milters")?.contains("default_action=tempfail"));
    house.send("friend@good.example", "Subject: plain\r\n\r\nhello\r\n")?;
    assert_eq!(house.delivered()?.iter().map(subject).collect::<Vec<_>>(), ["plain"]);
    Ok(())
}
