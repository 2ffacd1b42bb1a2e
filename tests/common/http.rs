//! The page by HTTP, as a browser that keeps cookies and fetches the page that answers a form, and else follows nothing.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use testbed::daemon::Postward;

/// An HTTP client that keeps cookies and follows nothing but to the page that answers a form.
pub(crate) struct Client {
    agent: ureq::Agent,
    page: String,
    cookies: BTreeMap<String, String>,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn hidden(&self, name: &str) -> Result<String> {
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

    pub(crate) fn get(&mut self, path: &str) -> Result<Answer> {
        let answer = self.agent.get(format!("{}{path}", self.page)).header("Cookie", self.cookie()).call()?;
        self.take(answer)
    }

    pub(crate) fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Result<Answer> {
        let request = self.agent.post(format!("{}{path}", self.page)).header("Cookie", self.cookie());
        let answer = request.send_form(form.iter().copied())?;
        self.take(answer)
    }

    fn take(&mut self, mut answer: ureq::http::Response<ureq::Body>) -> Result<Answer> {
        for cookie in answer.headers().get_all("set-cookie") {
            let (name, value) = cookie.to_str()?.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let location = answer.headers().get("location").and_then(|to| to.to_str().ok());
        if let Some(page) = location.filter(|to| to.starts_with("draft?") || to.ends_with("?answer")) {
            return self.get(page);
        }
        let status = answer.status().as_u16();
        Ok(Answer { status, body: answer.body_mut().read_to_string()? })
    }

    /// Posts with this session's token.
    pub(crate) fn submit(&mut self, path: &str, form: &[(&str, &str)]) -> Result<Answer> {
        let csrf = self.get("")?.hidden("csrf")?;
        let form: Vec<_> = [("csrf", csrf.as_str())].into_iter().chain(form.iter().copied()).collect();
        self.post(path, &form)
    }

    /// What the page says would happen to this.
    pub(crate) fn try_out(&mut self, text: &str) -> Result<Answer> {
        let csrf = self.get("")?.hidden("csrf")?;
        let part = |name: &str, value: &str| {
            format!("--part\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let form = part("csrf", &csrf) + &part("text", text) + "--part--\r\n";
        let request = self.agent.post(format!("{}try", self.page)).header("Cookie", self.cookie());
        let answer = request.header("Content-Type", "multipart/form-data; boundary=part").send(form)?;
        self.take(answer)
    }

    /// A member who is added and comes by a link.
    pub(crate) fn member(postward: &Postward, name: &str) -> Result<Self> {
        postward.ok(["member", "add", name])?;
        Self::arrive(postward, name)
    }

    /// A member who is there, and comes by a link.
    pub(crate) fn arrive(postward: &Postward, name: &str) -> Result<Self> {
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

    pub(crate) fn admin(postward: &Postward) -> Result<Self> {
        let mut client = Self::with_password(postward, &postward.password()?)?;
        assert_eq!(client.get("")?.status, 200);
        Ok(client)
    }

    /// The admin, who has just signed in and seen nothing yet.
    pub(crate) fn with_password(postward: &Postward, password: &str) -> Result<Self> {
        let mut client = Self::new(postward);
        let visit = client.get("sign-in")?.hidden("visit")?;
        client.post("sign-in", &[("visit", &visit), ("name", ""), ("password", password)])?;
        Ok(client)
    }

    /// An entry and a person of this account, with the entry's id and the person's number.
    pub(crate) fn list(&mut self, value: &str) -> Result<(String, String)> {
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
    pub(crate) fn all(&mut self) -> Result<String> {
        let exported = self.submit("export", &[("format", "json")])?.body;
        let persons = self.get("persons")?.body;
        let names = persons.lines().filter(|line| line.contains("<bdi")).collect::<Vec<_>>().join("\n");
        Ok(exported + &names)
    }
}
