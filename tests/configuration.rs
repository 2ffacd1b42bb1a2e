//! A configuration that can't be meant is refused at start with file, line and remedy, and on reload the old one stays in
//! force. The program is the real one; nothing else is needed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs;

use anyhow::Result;
use testbed::daemon::ServeOptions;

/// The text of a file, the line at fault, and the whole message behind it. `FOLDER` stands for the test's folder.
const BAD: &[(&str, usize, &str)] = &[
    (
        "[web]\nlistne = \"127.0.0.1:0\"\n",
        2,
        "\"listne\" is no setting here. Those that are: \"listen\", \"url\", \"names\", \"https\". Correct it, or take the line out",
    ),
    (
        "[web]\nlisten = \"127.0.0.1:0\"\n[mali]\n",
        3,
        "\"mali\" is no setting here. Those that are: \"data\", \"mail\", \"web\", \"xmpp\", \"forwarding\", \"admin\". Correct it, \
         or take the line out",
    ),
    (
        "[web]\nhttps = \"yes\"\n",
        2,
        "this is string \"yes\", and should be a boolean. postward.toml(5) shows how to write it",
    ),
    (
        "[mail]\nlisten = 8891\n",
        2,
        "this is integer \"8891\", and should be a string. postward.toml(5) shows how to write it",
    ),
    (
        "[mail]\nfailure = \"reject\"\n",
        2,
        "\"reject\" is not possible here: write \"deliver\" or \"hold-off\"",
    ),
    (
        "[mail]\nserver = \"25\"\n",
        2,
        "mail.server: \"25\" is not where Postfix takes mail: write HOST:PORT, such as 127.0.0.1:25, or \"none\" if there is no \
         Postfix",
    ),
    (
        "[admin]\nmail = [\"anna\"]\n",
        2,
        "admin.mail: \"anna\" is no mail address: write it like anna@example.org",
    ),
    (
        "[admin]\njid = [\"one.test\"]\n",
        2,
        "admin.jid: \"one.test\" is no account: write it like anna@example.org",
    ),
    // Paths that can't be used.
    ("data = \"lists\"\n", 1, "data: lists is no whole path: begin it with /"),
    (
        "\ndata = \"FOLDER/a-file\"\n",
        2,
        "data: FOLDER/a-file is a file: name a folder; Postward makes it if it isn't there",
    ),
    (
        "[mail]\nlisten = \"unix:FOLDER/nowhere/milter\"\n",
        2,
        "mail.listen: there is no folder FOLDER/nowhere: make it, or choose another place",
    ),
    (
        "[xmpp]\nserver = \"127.0.0.1:5347\"\ndomain = \"x.test\"\nsecret_file = \"FOLDER/nowhere\"\n",
        4,
        "xmpp.secret_file: can't read the component's secret FOLDER/nowhere: No such file or directory (os error 2). Its first \
         line is what component_secret says in Prosody",
    ),
    // Two that can't both be meant.
    (
        "[web]\nlisten = \"127.0.0.1:8892\"\n[forwarding]\ndomains = [\"one.test\"]\n",
        3,
        "forwarding.listen: web.listen is at 127.0.0.1:8892, too. Two can't listen at one place: choose another port for one \
         of them",
    ),
    (
        "[mail]\nlisten = \"inet:127.0.0.1:25\"\n",
        1,
        "mail.server: at 127.0.0.1:25 Postward itself listens (mail.listen). Write where the other server is",
    ),
    (
        "[forwarding]\ndomains = [\"one.test\"]\nreplies = \"localhost:8892\"\n",
        3,
        "forwarding.replies: at 127.0.0.1:8892 Postward itself listens (forwarding.listen). Write where the other server is",
    ),
    (
        "[mail]\nserver = \"none\"\n[forwarding]\ndomains = [\"one.test\"]\n",
        3,
        "forwarding: mail.server is \"none\", and forwarding needs Postfix: name it, or take this out",
    ),
    (
        "[mail]\nserver = \"none\"\n[admin]\nmail = [\"anna@one.test\"]\n",
        4,
        "admin.mail: mail.server is \"none\", so nobody can be told by mail: name it, or take this out",
    ),
    (
        "[admin]\njid = [\"anna@one.test\"]\n",
        2,
        "admin.jid: without the table [xmpp] nobody can be told by chat: add it, or take this out",
    ),
];

#[test]
fn what_cannot_be_meant_is_refused_at_start_with_its_line_and_what_to_do() -> Result<()> {
    let postward = common::postward()?;
    let folder = postward.folder().display().to_string();
    fs::write(postward.folder().join("a-file"), "")?;
    let file = postward.folder().join("postward.toml");
    for (text, line, message) in BAD {
        fs::write(&file, text.replace("FOLDER", &folder))?;
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_postward"))
            .args(["serve", "--config"])
            .arg(&file)
            .env_remove("STATE_DIRECTORY")
            .env("XDG_DATA_HOME", postward.folder())
            .output()?;
        let expected =
            format!("postward: {}:{line}: {}\n", file.display(), message.replace("FOLDER", &folder));
        assert_eq!(String::from_utf8_lossy(&output.stderr), expected);
        assert_eq!(output.status.code(), Some(2), "{text}");
    }
    Ok(())
}

#[test]
fn on_reload_the_old_one_stays_in_force_and_the_message_is_the_same() -> Result<()> {
    let mut postward = common::postward()?;
    postward.serve(&ServeOptions { config: Some(String::new()), ..ServeOptions::default() })?;
    let folder = postward.folder().display().to_string();
    fs::write(postward.folder().join("a-file"), "")?;
    let file = postward.folder().join("postward.toml");
    // What the command line says counts more, so that some can't be wrong here.
    let here = |text: &str| !text.contains("data =") && !text.contains("listen =");
    for (text, line, message) in BAD.iter().filter(|(text, ..)| here(text)) {
        fs::write(&file, text.replace("FOLDER", &folder))?;
        postward.process()?.signal("HUP")?;
        let expected = format!(
            "postward: the configuration is bad, the old one stays in force: {}:{line}: {}\n",
            file.display(),
            message.replace("FOLDER", &folder)
        );
        testbed::process::wait_for(&expected, testbed::PATIENCE, || {
            Ok(postward.log().contains(&expected).then_some(()))
        })?;
        postward.ok(["status"])?;
    }
    Ok(())
}
