//! `postward doctor`: every link of the chain is broken for real, and it says the right sentence.
//!
//! ```text
//! postward doctor --control socket--> postward serve <--milter-- Postfix (its configuration: postconf)
//!        |                                  `--component--> Prosody, mod_postward
//!        `--reads--> main.cf, prosody.cfg.lua, data folder
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::UnixListener;
use std::path::Path;

use anyhow::{Context, Result};
use common::chain::{COMPONENT, House, SECRET, doctor, hosts, links};
use testbed::PATIENCE;
use testbed::daemon::{Postward, ServeOptions};
use testbed::process::{free_port, wait_for};

#[test]
fn a_household_where_all_is_well_hears_so() -> Result<()> {
    let house = House::new()?;
    house.wait_for_chat()?;
    for (id, link) in house.links()? {
        assert!(link.starts_with("good"), "{id}: {link}");
    }
    let output = house.doctor(&[])?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.trim_end().ends_with("All is well."), "{said}");
    for sentence in ["one.test, rooms.one.test", "The database is whole", "mod_postward 0.1.0 is loaded"] {
        assert!(said.contains(sentence), "{sentence}: {said}");
    }
    Ok(())
}

#[test]
fn what_is_wrong_in_postfixs_configuration_is_said() -> Result<()> {
    let house = House::new()?;
    house.says("postfix-milters", "good", "lets mail through")?;
    let milters = house.postward.milter().to_owned();
    for (line, id, state, what) in [
        ("message_size_limit = 1000000", "postfix-size", "good", "1000000"),
        ("message_size_limit = 50000000", "postfix-size", "worth-knowing", "first 16 MiB"),
        ("message_size_limit = 0", "postfix-size", "worth-knowing", "mails of any size"),
        (
            "smtpd_discard_ehlo_keywords = chunking",
            "postfix-dsn",
            "worth-knowing",
            "learns that a mail was dropped",
        ),
        (&format!("smtpd_milters = {milters}"), "postfix-milters", "good", "puts senders off"),
        (
            &format!("smtpd_milters = {{ {milters}, default_action=tempfail, command_timeout=30s }}"),
            "postfix-milters",
            "good",
            "puts senders off",
        ),
        (
            &format!("smtpd_milters = {{ {milters}, default_action=quarantine }}"),
            "postfix-milters",
            "worth-knowing",
            "does \"quarantine\", and `failure` under [mail] says \"deliver\"",
        ),
        ("recipient_delimiter = +-", "postfix-delimiter", "worth-knowing", "anna-shop reaches Anna"),
        ("recipient_delimiter = +=", "postfix-delimiter", "worth-knowing", "anna=shop reaches Anna"),
        ("milter_content_timeout = 1s", "postfix-patience", "worth-knowing", "waits 1s for Postward"),
        (
            &format!("smtpd_milters = {{ {milters}, default_action=tempfail, content_timeout=2s }}"),
            "postfix-patience",
            "worth-knowing",
            "waits 2s for Postward (milter_content_timeout)",
        ),
        ("smtpd_milters = inet:127.0.0.1:1", "postfix-milters", "bad", "`postward connect postfix`"),
        ("smtpd_milters = { inet:127.0.0.1:1", "postfix-milters", "bad", "braces"),
    ] {
        house.postconf(line)?;
        house.says(id, state, what).with_context(|| line.to_owned())?;
    }
    assert_eq!(house.doctor(&[])?.status.code(), Some(2));
    // Who isn't root reads what root saw.
    let saved: Vec<String> = house.links()?.into_keys().filter(|id| id.starts_with("postfix-")).collect();
    assert_eq!(saved, ["postfix-dsn", "postfix-milters", "postfix-size"]);

    let master = house.postfix.config_directory().join("master.cf");
    let text = fs::read_to_string(&master)?;
    fs::write(&master, text.replacen("smtpd\n", "smtpd\n  -o smtpd_milters=\n", 1))?;
    house.says("postfix-services", "worth-knowing", "milters of its own")?;
    for (option, id, what) in [
        (
            "receive_override_options=no_unknown_recipient_checks,no_milters",
            "postfix-no-milters",
            "no_milters",
        ),
        ("smtpd_discard_ehlo_keywords=chunking", "postfix-dsn", "offers notices of success"),
    ] {
        house.postconf("smtpd_discard_ehlo_keywords = dsn, silent-discard")?;
        fs::write(&master, text.replacen("smtpd\n", &format!("smtpd\n  -o {option}\n"), 1))?;
        house.says(id, "worth-knowing", what)?;
    }
    fs::write(&master, &text)?;
    house.postconf("smtpd_milter_maps = inline:{ 192.0.2.66=DISABLE }")?;
    house.says("postfix-clients", "worth-knowing", "counts before smtpd_milters")?;
    house.postconf("receive_override_options = no_milters")?;
    house.says("postfix-options", "bad", "no milter about any mail")?;
    fs::remove_file(house.postfix.config_directory().join("main.cf"))?;
    house.says("postfix-config", "worth-knowing", "can't be read")
}

/// Prosody 0.12's console takes a module like ours from everywhere, whatever host it is told.
#[test]
fn a_module_that_is_unloaded_is_said_and_one_that_is_back_too() -> Result<()> {
    let house = House::new()?;
    house.wait_for_chat()?;
    house.comes_to_say("chat-hosts", "good", "one.test, rooms.one.test")?;
    for unload in [&["module", "unload", "postward"][..], &["module", "unload", "postward", "rooms.one.test"]]
    {
        let said = house.prosody.console(unload)?;
        let everywhere = said.contains("Unloaded from *");
        house.comes_to_say("chat-hosts", "worth-knowing", "rooms.one.test is not judged")?;
        if everywhere {
            house.comes_to_say("chat-module", "bad", "isn't loaded in Prosody")?;
        }
        // The console has nothing to say about a module that isn't loaded anywhere.
        let said = house.prosody.console(&["module", "info", "postward"]).unwrap_or_default();
        assert_eq!(said.contains("in global context"), !everywhere, "{said}");
        for host in ["one.test", "rooms.one.test"] {
            house.prosody.console(&["module", "load", "postward", host])?;
        }
        house.comes_to_say("chat-module", "good", "mod_postward 0.1.0 is loaded")?;
        house.comes_to_say("chat-hosts", "good", "one.test, rooms.one.test")?;
    }
    Ok(())
}

#[test]
fn a_module_of_another_version_and_a_wrong_configuration_of_it_are_said() -> Result<()> {
    let house = House::new()?;
    house.wait_for_chat()?;
    house.comes_to_say("chat-hosts", "good", "one.test, rooms.one.test")?;

    let file = house.prosody.folder().join("modules/mod_postward/mod_postward.lua");
    let text = fs::read_to_string(&file)?;
    fs::write(&file, text.replace("local version = \"", "local version = \"0.0.9 before "))?;
    house.says("prosody-module", "bad", "0.0.9 before")?;
    house.prosody.console(&["module", "reload", "postward", "one.test"])?;
    house.comes_to_say("chat-module", "bad", "Copy mod_postward 0.1.0")?;

    let config = house.prosody.folder().join("prosody.cfg.lua");
    let text = fs::read_to_string(&config)?;
    for (from, to, id, state, what) in [
        (
            "postward_component =",
            "-- postward_component =",
            "prosody-module",
            "bad",
            "postward_component is not set",
        ),
        (
            "postward_component = \"postward",
            "postward_component = \"other",
            "prosody-module",
            "bad",
            "is \"other.one.test\"",
        ),
        ("\"postward\";", "", "prosody-module", "bad", "neither postward nor postward_everywhere"),
        ("/modules\"", "/nowhere\"", "prosody-module", "bad", "in none of the folders"),
        (
            "Component \"postward",
            "Component \"other",
            "prosody-component",
            "bad",
            "has no Component \"postward.one.test\"",
        ),
        (SECRET, "another", "prosody-component", "bad", "is not the one that Postward has"),
        ("component_secret", "-- ", "prosody-component", "bad", "has no component_secret"),
        ("disco_hidden = true", "", "prosody-options", "worth-knowing", "disco_hidden = true"),
        ("{ \"s2s\" }", "{ }", "prosody-options", "worth-knowing", "modules_disabled = { \"s2s\" }"),
        ("\"kick_old\"", "\"kick_new\"", "prosody-options", "worth-knowing", "kick_old"),
    ] {
        assert!(text.contains(from), "{from} isn't in {text}");
        fs::write(&config, text.replace(from, to))?;
        house.says(id, state, what).with_context(|| from.to_owned())?;
    }
    fs::remove_file(config)?;
    house.says("prosody-config", "worth-knowing", "can't be read")
}

#[test]
fn a_prosody_without_the_module_and_one_with_another_secret_are_told_apart() -> Result<()> {
    let house = House::with(&hosts().component(COMPONENT, SECRET), "", false)?;
    house.comes_to_say("chat-component", "good", "connected to Prosody")?;
    house.comes_to_say("chat-module", "bad", "isn't loaded in Prosody")?;

    let house = House::with(&hosts().postward(COMPONENT, "another"), "", false)?;
    wait_for("the refusal", PATIENCE, || {
        Ok(house.says_now("chat-component")?.contains("secret").then_some(()))
    })?;
    house.says("chat-component", "bad", "does not accept the component's secret")?;
    house.says("prosody-component", "bad", "is not the one that Postward has")
}

#[test]
fn a_socket_that_is_gone_closed_or_replaced_is_said() -> Result<()> {
    let house = House::with(&hosts().postward(COMPONENT, SECRET), "", true)?;
    let socket = house.postward.folder().join("milter");
    house.says("mail-socket", "good", "Postfix can ask at unix:")?;
    fs::set_permissions(&socket, Permissions::from_mode(0o600))?;
    house.says("mail-socket", "bad", "group postfix and mode 0660")?;
    fs::remove_file(&socket)?;
    house.says("mail-socket", "bad", "the socket is gone")?;
    fs::write(&socket, "")?;
    house.says("mail-socket", "bad", "a file that isn't a socket")?;
    let status = house.postward.run(["status"])?;
    assert_eq!(status.status.code(), Some(1));
    let said = String::from_utf8(status.stdout)?;
    assert!(
        said.contains("Mail: Nobody can ask at unix:") && said.contains("a file that isn't a socket"),
        "{said}"
    );
    Ok(())
}

/// doctor --> postward serve as nobody, whose socket is root's and Postfix's alone, and was handed over (systemd)
#[test]
fn a_socket_that_its_own_account_may_not_ask_is_not_taken_for_closed() -> Result<()> {
    let data = common::postward()?;
    let folder = data.folder();
    fs::set_permissions(folder, Permissions::from_mode(0o755))?;
    let (program, place) = (folder.join("program"), folder.join("place"));
    fs::create_dir(&place)?;
    let socket = place.join("milter");
    fs::copy(env!("CARGO_BIN_EXE_postward"), &program)?;
    let as_nobody = folder.join("as-nobody");
    let setpriv = "exec setpriv --reuid=65534 --regid=65534 --clear-groups";
    fs::write(&as_nobody, format!("#!/bin/sh\n{setpriv} {} \"$@\"\n", program.display()))?;
    fs::set_permissions(&as_nobody, Permissions::from_mode(0o755))?;

    let mut postward = Postward::new(&as_nobody)?;
    fs::set_permissions(postward.folder(), Permissions::from_mode(0o755))?;
    fs::create_dir(postward.data())?;
    chown(postward.data(), Some(65534), Some(65534))?;
    let listener = UnixListener::bind(&socket)?;
    let postfix = fs::read_to_string("/etc/group")?;
    let postfix = postfix.lines().find_map(|line| line.strip_prefix("postfix:x:")).context("no Postfix")?;
    chown(&socket, Some(0), Some(postfix.split(':').next().context("a number")?.parse()?))?;
    fs::set_permissions(&socket, Permissions::from_mode(0o660))?;
    postward.serve(&ServeOptions {
        config: Some("[mail]\nlisten = \"systemd\"\nserver = \"none\"\n".to_owned()),
        socket: Some(listener.into()),
        ..ServeOptions::default()
    })?;
    let nowhere = folder.join("nowhere");
    let look = || -> Result<String> {
        let links = links(&doctor(&postward, &nowhere, &nowhere, &["--json"])?)?;
        Ok(links["mail-socket"].clone())
    };
    let said = look()?;
    assert!(said.starts_with("worth-knowing") && said.contains("`SocketUser=postward`"), "{said}");
    // As the package's unit has it, and with what keeps Postfix out.
    chown(&socket, Some(65534), None)?;
    assert!(look()?.starts_with("good"), "{}", look()?);
    fs::set_permissions(&socket, Permissions::from_mode(0o600))?;
    assert!(look()?.contains("group postfix and mode 0660"), "{}", look()?);
    // A folder that it can't look into.
    fs::set_permissions(&place, Permissions::from_mode(0o700))?;
    assert!(look()?.starts_with("worth-knowing"), "{}", look()?);
    assert!(String::from_utf8(postward.run(["status"])?.stdout)?.contains("Mail: open"));
    Ok(())
}

#[test]
fn open_files_are_closed_and_a_bad_configuration_is_named_by_its_line() -> Result<()> {
    let house = House::new()?;
    let (data, secret) = (house.postward.data(), house.postward.folder().join("secret"));
    for path in [data.clone(), data.join("postward.sqlite"), secret.clone()] {
        fs::set_permissions(path, Permissions::from_mode(0o755))?;
    }
    house.says("files", "worth-knowing", "postward.sqlite")?;
    house.says("files", "good", "by Postward's account alone")?;
    let mode = |path: &Path| Ok::<_, anyhow::Error>(fs::metadata(path)?.permissions().mode() & 0o7777);
    assert_eq!([mode(&data)?, mode(&data.join("postward.sqlite"))?, mode(&secret)?], [0o700, 0o600, 0o750]);

    let text = fs::read_to_string(house.config())?;
    fs::write(house.config(), format!("{text}surprise = 1\n"))?;
    house.says("configuration", "bad", "postward.toml:9: ")?;
    house.says("daemon", "good", "is running")
}

#[test]
fn postfix_is_not_looked_at_where_the_configuration_says_there_is_none() -> Result<()> {
    let house = House::new()?;
    let of_postfix = || -> Result<Vec<String>> {
        Ok(house.links()?.into_keys().filter(|id| id.starts_with("postfix-")).collect())
    };
    assert!(!of_postfix()?.is_empty());
    let text = fs::read_to_string(house.config())?;
    let named = format!("server = \"{}\"", house.postfix.address());
    assert!(text.contains(&named), "{text}");
    fs::write(house.config(), text.replacen(&named, "server = \"none\"", 1))?;
    assert_eq!(of_postfix()?, Vec::<String>::new());
    house.says("prosody-component", "good", "")
}

#[test]
fn dns_is_looked_at_only_where_it_is_needed() -> Result<()> {
    let nobody = free_port()?;
    let house = House::with(&hosts(), &format!("resolver = \"127.0.0.1:{nobody}\""), false)?;
    house.says("dns", "good", "DNS isn't needed")?;
    house.postward.ok(["allow", "friend@example.net"])?;
    house.says("dns", "bad", "DNS doesn't answer")
}

#[test]
fn a_damaged_database_is_said_without_a_daemon_and_so_is_its_absence() -> Result<()> {
    let postward = common::postward()?;
    let names: Vec<String> = (0..2000).map(|number| format!("mallory{number}@evil.example")).collect();
    let list = postward.folder().join("list");
    fs::write(&list, names.join("\n"))?;
    postward.ok(["import", list.to_str().context("a path")?])?;
    fs::write(postward.folder().join("postward.toml"), "")?;
    let nowhere = postward.folder().join("nowhere");
    let look = || doctor(&postward, &nowhere, &nowhere, &["--json"]);
    let before = links(&look()?)?;
    assert!(before["daemon"].starts_with("bad: Postward isn't running"), "{before:#?}");
    assert!(before["database"].starts_with("good"), "{before:#?}");

    let file = postward.data().join("postward.sqlite");
    let mut bytes = fs::read(&file)?;
    // Everything but the schema.
    bytes[4096..].fill(0x5a);
    fs::write(&file, &bytes)?;
    let output = look()?;
    let after = links(&output)?;
    assert!(after["database"].starts_with("bad: The database is damaged"), "{after:#?}");
    assert!(!String::from_utf8_lossy(&output.stdout).contains("mallory"), "values stay inside");
    assert_eq!(output.status.code(), Some(2));
    bytes[..100].fill(0);
    fs::write(&file, &bytes)?;
    assert!(
        links(&look()?)?["database"].starts_with("bad: The database can't be read"),
        "no database at all"
    );
    Ok(())
}

/// As right after the installation.
#[test]
fn before_the_first_start_no_list_is_said_to_be_broken() -> Result<()> {
    let house = House::new()?;
    let fresh = common::postward()?;
    fs::write(fresh.folder().join("postward.toml"), "[mail]\nlisten = \"systemd\"\n")?;
    let nowhere = fresh.folder().join("nowhere");
    let found = links(&doctor(&fresh, &house.postfix.config_directory(), &nowhere, &["--json"])?)?;
    assert!(found["daemon"].starts_with("bad: Postward isn't running"), "{found:#?}");
    assert!(found["database"].starts_with("worth-knowing: There is no list yet"), "{found:#?}");
    assert!(found["postfix-milters"].contains("doesn't name unix:postward/milter"), "{found:#?}");
    // One that was there and is gone is something else.
    fresh.ok(["block", "mallory@evil.example"])?;
    for file in ["postward.sqlite", "postward.sqlite-wal", "postward.sqlite-shm"] {
        let _ = fs::remove_file(fresh.data().join(file));
    }
    let found = links(&doctor(&fresh, &nowhere, &nowhere, &["--json"])?)?;
    assert!(found["database"].starts_with("bad"), "{found:#?}");
    Ok(())
}

/// admin --commands--> control socket of a daemon that is stopped as a whole: the kernel takes connections in, nobody answers.
#[test]
fn a_daemon_that_hangs_is_said_by_every_command_instead_of_waiting_for_it() -> Result<()> {
    let mut postward = common::postward()?;
    let config = "[mail]\nserver = \"none\"\n".to_owned();
    postward.serve(&ServeOptions { config: Some(config), ..ServeOptions::default() })?;
    postward.ok(["block", "mallory@evil.example"])?;
    postward.process()?.signal("STOP")?;
    let (asked, nowhere) = (&postward, postward.folder().join("nowhere"));
    let (outputs, examined) = std::thread::scope(|scope| {
        let commands: [&[&str]; 3] = [&["status"], &["list"], &["block", "eve@evil.example"]];
        let commands = commands.map(|args| scope.spawn(move || asked.run(args)));
        let examined = doctor(asked, &nowhere, &nowhere, &["--json"]);
        (commands.map(|command| command.join().unwrap()), examined)
    });
    for output in outputs {
        let output = output?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains("has not answered within 10 s"), "{output:?}");
        assert!(said.contains("`systemctl restart postward`"), "{said}");
    }
    let examined = links(&examined?)?;
    assert!(examined["daemon"].starts_with("bad: Postward is there and has not answered"), "{examined:#?}");
    assert!(examined["database"].starts_with("good"), "{examined:#?}");
    postward.process()?.signal("CONT")?;
    assert_eq!(postward.ok(["export"])?, "mallory@evil.example\n");
    Ok(())
}

#[test]
fn whom_the_filter_does_not_serve_and_links_that_lead_nowhere_are_said() -> Result<()> {
    let trusted = "trusted_clients = [\"127.0.0.0/8\", \"192.168.0.0/16\", \"192.0.2.7\"]";
    let postward = common::postward()?;
    // Before it runs, so that her code isn't mailed.
    common::add_member(&postward, "anna", &["anna@home.example"])?;
    let trusted = format!("{trusted}\n[web]\nnames = [\"postward.example\"]");
    let house = House::of(postward, &hosts().postward(COMPONENT, SECRET), &trusted, false, |_| {})?;
    house.says("page-url", "worth-knowing", "as postward.example, and yet")?;
    house.says("mail-trusted", "worth-knowing", "trusted_clients names 127.0.0.0/8: ")?;
    house.says("mail-trusted", "worth-knowing", "Mail from 192.168.0.0/16 isn't judged")?;

    // Anna's mailbox isn't local, then it is, by a name that nobody has told Postward.
    assert_eq!(house.says_now("postfix-domains")?, "");
    house.postconf("mydestination = $mydomain, home.example, mail.home.example")?;
    house.says("postfix-domains", "worth-knowing", "anna@mail.home.example")?;
    house.postconf("mydestination = home.example")?;
    house.says("postfix-domains", "good", "by every address")?;
    Ok(())
}

#[test]
fn a_domain_of_ones_own_that_mail_passes_through_unjudged_is_named() -> Result<()> {
    let postward = common::postward()?;
    common::add_member(&postward, "anna", &["anna@one.example"])?;
    let house = House::of(postward, &hosts().postward(COMPONENT, SECRET), "", false, |options| {
        options.domains = vec!["one.example".into(), "two.example".into()];
    })?;
    let is_named = |lines: &[&str]| -> Result<String> {
        lines.iter().try_for_each(|line| house.postconf(line))?;
        house.says_now("postfix-passed-on")
    };
    assert_eq!(is_named(&[])?, "", "lmtp");
    let said = is_named(&["virtual_transport = smtp:[127.0.0.1]:1"])?;
    assert!(said.starts_with("worth-knowing: Mail to one.example, two.example comes in here"), "{said}");
    assert!(said.contains("`relay:` or `lmtp:` instead of `smtp:`"), "{said}");
    // A table counts before; block@ in it is an address of its own.
    let said = is_named(&[
        "transport_maps = inline:{ block@two.example=smtp:[127.0.0.1]:1 }, inline:{ one.example=relay:[127.0.0.1] }",
    ])?;
    assert!(said.contains("Mail to two.example comes"), "{said}");
    let said = is_named(&["transport_maps = inline:{ { * = lmtp:inet:127.0.0.1:1 } }"])?;
    assert_eq!(said, "");
    let said = is_named(&[
        "transport_maps = regexp:{ { /@two/ smtp:[127.0.0.1] } }",
        "virtual_transport = lmtp:inet:127.0.0.1:1",
        "relay_domains = $myhostname.example",
        "relay_transport = smtp",
        "virtual_alias_domains = three.example",
    ])?;
    assert!(said.contains("Mail to mail.test.example, two.example comes"), "{said}");
    let said = is_named(&["relay_transport = relay", "transport_maps ="])?;
    assert_eq!(said, "");
    // What is a member's as a whole is judged.
    house.postconf("virtual_transport = smtp:[127.0.0.1]:1")?;
    house.postward.ok(["member", "add", "bob", "--mail", "@two.example"])?;
    let said = is_named(&[])?;
    assert!(said.contains("Mail to one.example comes"), "{said}");
    Ok(())
}
