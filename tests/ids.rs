//! A member asks the page for what is somebody else's, by its id or number: it is not there, and nothing changes.
//!
//! ```text
//! alice, bob, the admin: an HTTP client each --> postward serve
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use anyhow::Result;
use common::http::{Answer, Client};
use testbed::daemon::ServeOptions;

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
