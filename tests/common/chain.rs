//! A household whose chain is looked at: a real Postfix, a real Prosody, and postward with a configuration file.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result};
use testbed::daemon::{Postward, ServeOptions};
use testbed::mail::Sink;
use testbed::postfix::Postfix;
use testbed::process::{free_port, wait_for};
use testbed::prosody::{Options, Prosody};

use testbed::PATIENCE;

use super::postward;

pub(crate) const COMPONENT: &str = "postward.one.test";
pub(crate) const SECRET: &str = "of the tests alone";

/// Everything that a household has.
pub(crate) struct House {
    pub(crate) postfix: Postfix,
    pub(crate) sink: Sink,
    pub(crate) prosody: Prosody,
    pub(crate) postward: Postward,
}

pub(crate) fn hosts() -> Options {
    Options::new(&["one.test"]).rooms("rooms.one.test").module("admin_shell")
}

/// Where the milter listens.
fn place(postward: &Postward, unix: bool) -> Result<String> {
    Ok(match unix {
        true => format!("unix:{}", postward.folder().join("milter").display()),
        false => format!("inet:127.0.0.1:{}", free_port()?),
    })
}

impl House {
    pub(crate) fn new() -> Result<Self> {
        Self::with(&hosts().postward(COMPONENT, SECRET), "", false)
    }

    pub(crate) fn with(prosody: &Options, config: &str, unix: bool) -> Result<Self> {
        Self::around(prosody, config, unix, |_| {})
    }

    /// `config` stands under `[mail]`; `change` is made to Postfix's setup.
    pub(crate) fn around(
        prosody: &Options,
        config: &str,
        unix: bool,
        change: impl FnOnce(&mut testbed::postfix::Options),
    ) -> Result<Self> {
        Self::of(postward()?, prosody, config, unix, change)
    }

    /// Of this program.
    pub(crate) fn of(
        mut postward: Postward,
        prosody: &Options,
        config: &str,
        unix: bool,
        change: impl FnOnce(&mut testbed::postfix::Options),
    ) -> Result<Self> {
        let prosody = Prosody::start(prosody)?;
        let milter = place(&postward, unix)?;
        let sink = Sink::start()?;
        let mut options = testbed::postfix::Options::new(sink.port());
        options.milters = vec![format!("{{ {milter}, default_action=accept }}")];
        options.main_cf = vec!["smtpd_discard_ehlo_keywords = dsn, silent-discard".to_owned()];
        change(&mut options);
        let postfix = Postfix::start(&options)?;
        let secret = postward.folder().join("secret");
        fs::write(&secret, SECRET)?;
        fs::set_permissions(&secret, Permissions::from_mode(0o600))?;
        let config = format!(
            "[mail]\nlisten = \"{milter}\"\nserver = \"{}\"\n{config}\n[xmpp]\nserver = \"{}\"\ndomain = \"{COMPONENT}\"\n\
             secret_file = \"{}\"\n",
            postfix.address(),
            prosody.component_address(),
            secret.display()
        );
        postward.serve(&ServeOptions {
            milter: Some(milter),
            config: Some(config),
            ..ServeOptions::default()
        })?;
        Ok(Self { postfix, sink, prosody, postward })
    }

    pub(crate) fn doctor(&self, more: &[&str]) -> Result<Output> {
        doctor(&self.postward, &self.postfix.config_directory(), self.prosody.folder(), more)
    }

    /// The links by id: state, sentence and remedy in one.
    pub(crate) fn links(&self) -> Result<BTreeMap<String, String>> {
        links(&self.doctor(&["--json"])?)
    }

    /// Fails unless this link is in this state and says this.
    pub(crate) fn says(&self, id: &str, state: &str, what: &str) -> Result<()> {
        let links = self.links()?;
        let link = links.get(id).with_context(|| format!("no {id} in {links:#?}"))?;
        assert!(link.starts_with(state) && link.contains(what), "{id}: {link}");
        Ok(())
    }

    /// Waits until this link is in this state and says this: what Prosody tells us comes when it has told it.
    pub(crate) fn comes_to_say(&self, id: &str, state: &str, what: &str) -> Result<()> {
        wait_for(&format!("{id} to be {state} and to say {what:?}"), PATIENCE, || {
            let link = self.says_now(id)?;
            Ok((link.starts_with(state) && link.contains(what)).then_some(()))
        })
    }

    /// One link.
    pub(crate) fn says_now(&self, id: &str) -> Result<String> {
        Ok(self.links()?.get(id).cloned().unwrap_or_default())
    }

    pub(crate) fn postconf(&self, line: &str) -> Result<()> {
        let folder = self.postfix.config_directory();
        let status = Command::new("postconf").arg("-c").arg(folder).args(["-e", line]).status()?;
        assert!(status.success());
        Ok(())
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.postward.folder().join("postward.toml")
    }

    pub(crate) fn wait_for_chat(&self) -> Result<()> {
        self.postward.wait_for_chat()
    }
}

pub(crate) fn doctor(postward: &Postward, postfix: &Path, prosody: &Path, more: &[&str]) -> Result<Output> {
    let config = postward.folder().join("postward.toml");
    let prosody = prosody.join("prosody.cfg.lua");
    let paths = [&config, postfix, &prosody].map(|path: &Path| path.to_str().expect("a path").to_owned());
    let mut args = vec!["doctor", "--config", &paths[0], "--postfix", &paths[1], "--prosody", &paths[2]];
    args.extend(more);
    postward.run(args)
}

pub(crate) fn links(output: &Output) -> Result<BTreeMap<String, String>> {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let all: serde_json::Value = serde_json::from_str(&said)
        .with_context(|| format!("{said}{}", String::from_utf8_lossy(&output.stderr)))?;
    let both = ["/links", "/as_root/links"];
    let links = both.iter().filter_map(|path| all.pointer(path)?.as_array()).flatten();
    Ok(links
        .map(|link| {
            let text =
                |name: &str| link.get(name).and_then(|text| text.as_str()).unwrap_or_default().to_owned();
            (text("id"), format!("{}: {} {}", text("state"), text("says"), text("remedy")))
        })
        .collect())
}
