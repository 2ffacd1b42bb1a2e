//! Members log in with a password at a submission service, as mail programs do; Postfix itself says so to the milter.
//!
//! ```text
//! member --AUTH--> smtpd, submission --+                          +--> listener of postward serve
//!                                      +--> queue, transport map --+--LMTP--> Sink: members' mailboxes
//! anybody -------> smtpd, port 25 -----+                          |
//!                     ^   both ask the milter of postward serve   |
//!                     +-------------- answer ---------------------+
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::net::SocketAddr;

use anyhow::Result;
use common::forwarding::{House, as_attachment, crlf, reply_to, said};
use testbed::PATIENCE;
use testbed::mail::{Delivery, Smtp};
use testbed::postfix::PASSWORD;
use testbed::process::{free_port, wait_for};

struct Submission {
    house: House,
    submission: SocketAddr,
}

impl Submission {
    /// Cyrus SASL checks passwords; on port 25 nobody can log in, and nobody may say who has (XCLIENT).
    fn new() -> Result<Self> {
        let port = free_port()?;
        let house = House::with(|options| {
            options.users = vec!["alice@mail.test".into(), "bob@mail.test".into(), "carol@mail.test".into()];
            options.main_cf.push("smtpd_authorized_xclient_hosts =".to_owned());
            // docs/forwarding.md: what keeps strangers out keeps no member out.
            options.main_cf.push(
                "smtpd_recipient_restrictions = permit_sasl_authenticated, check_recipient_access inline:{ \
                 { block@home.example = 550 5.1.1 User unknown in virtual mailbox table } }"
                    .to_owned(),
            );
            options.master_cf.push(format!(
                "127.0.0.1:{port} inet n - n - - smtpd -o smtpd_sasl_auth_enable=yes \
                 -o smtpd_relay_restrictions=permit_sasl_authenticated,reject \
                 -o milter_macro_daemon_name=ORIGINATING"
            ));
        })?;
        Ok(Self { house, submission: ([127, 0, 0, 1], port).into() })
    }

    fn logged_in(&self, name: &str) -> Result<Smtp> {
        let mut smtp = Smtp::connect(self.submission)?;
        smtp.log_in(&format!("{name}@mail.test"), PASSWORD)?;
        Ok(smtp)
    }

    /// A member's mail to block@, which must be taken, and the answer to it.
    fn answered(&self, name: &str, content: &str) -> Result<Delivery> {
        let before = self.house.answers().len();
        let from = format!("{name}@home.example");
        let replies = self.logged_in(name)?.mail(&from, &["block@home.example"], crlf(content).as_bytes())?;
        let last = replies.last().unwrap();
        assert_eq!(last.code, 250, "{}", last.text);
        let answer = wait_for("an answer", PATIENCE, || Ok(self.house.answers().into_iter().nth(before)))?;
        assert_eq!((answer.from.as_str(), answer.to.as_str()), ("", from.as_str()));
        Ok(answer)
    }
}

#[test]
fn a_member_who_has_logged_in_blocks_by_forwarding_and_takes_it_back() -> Result<()> {
    let case = Submission::new()?;
    let answer = case.answered("alice", &as_attachment("mallory@x.example"))?;
    assert!(said(&answer).contains("mallory@x.example is blocked"), "{}", said(&answer));
    assert_eq!(case.house.reached("mallory@x.example", "blocked")?, ["bob@home.example"]);

    let bobs = case.answered("bob", &reply_to(&answer, "undo"))?;
    assert!(said(&bobs).contains("isn’t on your list"), "{}", said(&bobs));
    assert_eq!(case.house.reached("mallory@x.example", "still")?, ["bob@home.example"]);

    let undone = case.answered("alice", &reply_to(&answer, "undo"))?;
    assert!(said(&undone).contains("no longer blocked"), "{}", said(&undone));
    assert_eq!(case.house.reached("mallory@x.example", "undone")?.len(), 2);
    Ok(())
}

/// somebody without a password --> Postfix, with every way to pretend to be Alice.
#[test]
fn whoever_only_says_that_they_are_a_member_changes_nothing() -> Result<()> {
    let case = Submission::new()?;
    let forwarded = crlf(&as_attachment("friend@y.example"));
    let refused = |smtp: &mut Smtp, mail: &str| -> Result<()> {
        smtp.command(mail)?;
        let reply = smtp.command("RCPT TO:<block@home.example>")?;
        assert!((500..600).contains(&reply.code), "{mail}: {}", reply.text);
        assert!(!reply.text.to_lowercase().contains("postward"), "{}", reply.text);
        smtp.command("RSET")?;
        Ok(())
    };
    for address in [case.submission, case.house.postfix.address()] {
        let mut smtp = Smtp::connect(address)?;
        refused(&mut smtp, "MAIL FROM:<alice@home.example>")?;
        // RFC 4954 section 5: says who wrote it, and proves nothing.
        refused(&mut smtp, "MAIL FROM:<alice@home.example> AUTH=alice@mail.test")?;
        refused(&mut smtp, "MAIL FROM:<alice@home.example> AUTH=<>")?;
        assert!(smtp.log_in("alice@mail.test", "wrong").is_err());
        refused(&mut smtp, "MAIL FROM:<alice@home.example>")?;
        let reply = smtp.command("XCLIENT LOGIN=alice@mail.test")?;
        assert!(reply.code >= 500, "{}", reply.text);
        refused(&mut smtp, "MAIL FROM:<alice@home.example>")?;
    }
    // Carol has a password and is no member: to her, the address doesn't exist.
    let mut carol = case.logged_in("carol")?;
    refused(&mut carol, "MAIL FROM:<alice@home.example>")?;
    // What Alice was allowed ends with her session.
    let mut alice = case.logged_in("alice")?;
    assert_eq!(alice.command("MAIL FROM:<alice@home.example>")?.code, 250);
    assert_eq!(alice.command("RCPT TO:<block@home.example>")?.code, 250);
    drop(alice);
    let replies = case.house.outsider("alice@home.example", &["block@home.example"], &forwarded)?;
    assert!(replies.iter().any(|reply| reply.code == 550));
    assert_eq!(case.house.reached("friend@y.example", "not blocked")?.len(), 2);
    assert!(case.house.answers().is_empty());
    Ok(())
}
