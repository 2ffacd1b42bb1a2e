//! A member asks the page for what is somebody else's, by its id or number: it is not there, and nothing changes.
//!
//! ```text
//! alice, bob, the admin: an HTTP client each --> postward serve
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use testbed::daemon::{Postward, ServeOptions};

/// An HTTP client that keeps cookies and follows nothing.
struct Client {
    agent: ureq::Agent,
    page: String,
    cookies: BTreeMap<String, String>,
}

struct Answer {
    status: u16,
    body: String,
}

impl Answer {
    fn hidden(&self, name: &str) -> Result<String> {
        let (_, after) =
            self.body.split_once(&format!("name=\"{name}\" value=\"")).context("no such field")?;
        Ok(after.split('"').next().unwrap_or_default().to_owned())
    }
}

impl Client {
    fn new(postward: &Postward) -> Self {
        let config = ureq::Agent::config_builder().max_redirects(0).http_status_as_error(false).build();
        Self { agent: config.into(), page: postward.page().to_owned(), cookies: BTreeMap::new() }
    }

    fn cookie(&self) -> String {
        let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        cookies.collect::<Vec<_>>().join("; ")
    }

    fn get(&mut self, path: &str) -> Result<Answer> {
        let answer = self.agent.get(format!("{}{path}", self.page)).header("Cookie", self.cookie()).call()?;
        self.take(answer)
    }

    fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Result<Answer> {
        let request = self.agent.post(format!("{}{path}", self.page)).header("Cookie", self.cookie());
        let answer = request.send_form(form.iter().copied())?;
        self.take(answer)
    }

    fn take(&mut self, mut answer: ureq::http::Response<ureq::Body>) -> Result<Answer> {
        for cookie in answer.headers().get_all("set-cookie") {
            let (name, value) = cookie.to_str()?.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let status = answer.status().as_u16();
        Ok(Answer { status, body: answer.body_mut().read_to_string()? })
    }

    /// Posts with this session's token.
    fn submit(&mut self, path: &str, form: &[(&str, &str)]) -> Result<Answer> {
        let csrf = self.get("")?.hidden("csrf")?;
        let form: Vec<_> = [("csrf", csrf.as_str())].into_iter().chain(form.iter().copied()).collect();
        self.post(path, &form)
    }

    /// A member who comes by a link.
    fn member(postward: &Postward, name: &str) -> Result<Self> {
        postward.ok(["member", "add", name])?;
        let said = postward.ok(["member", "link", name])?;
        let key = said.lines().next().and_then(|line| line.split_once("key=")).context("no link")?.1;
        let mut client = Self::new(postward);
        let visit = client.get(&format!("welcome?key={key}"))?.hidden("visit")?;
        client.post("welcome", &[("visit", &visit), ("key", key)])?;
        let csrf = client.get("new-password")?.hidden("csrf")?;
        let chosen = ("a password of their own", "a password of their own");
        client.post("new-password", &[("csrf", &csrf), ("new", chosen.0), ("again", chosen.1)])?;
        assert_eq!(client.get("")?.status, 200);
        Ok(client)
    }

    fn admin(postward: &Postward) -> Result<Self> {
        let password = postward.password()?;
        let mut client = Self::new(postward);
        let visit = client.get("sign-in")?.hidden("visit")?;
        client.post("sign-in", &[("visit", &visit), ("name", ""), ("password", &password)])?;
        assert_eq!(client.get("")?.status, 200);
        Ok(client)
    }

    /// An entry and a person of this account, with the entry's id and the person's number.
    fn list(&mut self, value: &str) -> Result<(String, String)> {
        let entry = [("value", value), ("seen", &format!(" {value}")), ("note", "a private note")];
        assert_eq!(self.submit("block", &entry)?.status, 303);
        let address = format!("person@{value}");
        assert_eq!(self.submit("persons", &[("name", value), ("identities", &address)])?.status, 303);
        let list = self.get("list")?.body;
        let id = list.split_once("edit?id=").context("no entry")?.1.split('"').next().unwrap().to_owned();
        let persons = self.get("persons")?.body;
        let person = persons.split_once("persons?id=").context("no person")?.1;
        Ok((id, person.split('"').next().unwrap().to_owned()))
    }

    /// All that the account has.
    fn all(&mut self) -> Result<String> {
        let exported = self.submit("export", &[("format", "json")])?.body;
        let persons = self.get("persons")?.body;
        let names = persons.lines().filter(|line| line.contains("<bdi")).collect::<Vec<_>>().join("\n");
        Ok(exported + &names)
    }
}

#[test]
fn what_is_somebody_elses_is_not_there_whoever_asks_for_it_by_its_id() -> Result<()> {
    let mut postward = common::postward()?;
    postward.serve(&ServeOptions::default())?;
    let (mut alice, mut bob) = (Client::member(&postward, "alice")?, Client::member(&postward, "bob")?);
    let mut admin = Client::admin(&postward)?;
    let (entry, person) = alice.list("hers.example")?;
    let before = alice.all()?;
    assert!(before.contains("hers.example") && before.contains("a private note"), "{before}");
    let nowhere = "e-00000";
    for stranger in [&mut bob, &mut admin] {
        // The same answer as for an id that nobody has, but for the id itself.
        let mut same = |path: &str, form: &dyn Fn(&str) -> Vec<(String, String)>| -> Result<()> {
            let mut ask = |id: &str| -> Result<Answer> {
                let form = form(id);
                let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                if form.is_empty() {
                    stranger.get(&format!("{path}{id}"))
                } else {
                    stranger.submit(path, &form)
                }
            };
            let (theirs, none) = (ask(&entry)?, ask(nowhere)?);
            assert_eq!(theirs.status, none.status, "{path}");
            assert!(!theirs.body.contains("hers.example") && !theirs.body.contains("private"), "{path}");
            let without_id = |answer: &Answer, id: &str| answer.body.replace(id, "");
            assert_eq!(without_id(&theirs, &entry), without_id(&none, nowhere), "{path}");
            Ok(())
        };
        let field = |name: &str, value: String| (name.to_owned(), value);
        same("edit?id=", &|_| Vec::new())?;
        same("remove", &|id| vec![field("id", id.to_owned()), field("tab", "list".to_owned())])?;
        same("switch", &|id| vec![field("switch", format!("off {id}"))])?;
        for deed in ["remove", "off", "on"] {
            same("chosen", &|id| vec![field("chosen", id.to_owned()), field("do", deed.to_owned())])?;
        }
        same("edit", &|id| {
            let value = "changed.example";
            vec![
                field("id", id.to_owned()),
                field("value", value.to_owned()),
                field("seen", format!(" {value}")),
                field("revision", "1".to_owned()),
            ]
        })?;
        for path in ["block-person", "unblock-person", "remove-person"] {
            assert_eq!(stranger.submit(path, &[("id", &person)])?.status, 409, "{path}");
        }
        let shown = stranger.get(&format!("persons?id={person}"))?;
        assert!(shown.status == 409 && !shown.body.contains("hers.example"));
        let renamed = [("id", person.as_str()), ("name", "mine"), ("identities", "me@mine.example")];
        assert_eq!(stranger.submit("persons", &renamed)?.status, 422);
        // Undo is numbered by session: alice's last number takes nothing of hers back.
        for number in 1..4 {
            stranger.submit("undo", &[("number", &i32::to_string(&number))])?;
        }
        stranger.submit("list", &[("find", &entry)])?;
        assert!(!stranger.get("list")?.body.contains("hers.example"));
        // Another's session is known by its cookie alone; ending others ends one's own account's.
        assert_eq!(stranger.submit("end-others", &[])?.status, 303);
        let csrf = alice.get("")?.hidden("csrf")?;
        let with_hers = stranger.post("block", &[("csrf", &csrf), ("value", "x.example")])?;
        assert_eq!(with_hers.status, 403, "her form's token is hers");
        assert_eq!(alice.all()?, before);
    }
    assert_eq!(alice.get("members")?.status, 404);
    assert_eq!(alice.submit("members", &[("link", "2")])?.status, 404);
    assert_eq!(alice.submit("addresses", &[("share", "2 bob@example.org")])?.status, 422);
    Ok(())
}
