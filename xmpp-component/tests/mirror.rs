//! What accounts block by their clients' button, as the module tells it, on the real server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail loudly")]

mod common;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use common::{COMPONENT, SECRET, filtered};
use testbed::PATIENCE;
use testbed::prosody::Prosody;
use testbed::xmpp::{Client, Element};

const CHECK: &str = "urn:postward:check:1";

/// Blocks somebody by an account's client.
fn block(one: &Prosody, account: &str, jid: &str) {
    let mut client = Client::available(one.c2s(), &format!("{account}/x")).unwrap();
    client
        .send(&format!(
            "<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='{jid}'/></block></iq>"
        ))
        .unwrap();
    client.wait_for("an answer", |stanza| stanza.attr("id") == Some("b"), PATIENCE).unwrap();
}

/// Hears lists, answers them, and says how often each account's was told, until `enough` says so or nothing more comes.
fn hear(
    postward: &mut Client,
    quiet: Duration,
    answer: impl Fn(&str) -> &'static str,
    enough: impl Fn(&HashMap<String, usize>) -> bool,
) -> HashMap<String, usize> {
    let mut told = HashMap::new();
    let deadline = Instant::now() + PATIENCE;
    let is_list = |stanza: &Element| stanza.get_child("blocked", CHECK).is_some();
    while !enough(&told) && Instant::now() < deadline {
        let Ok(list) = postward.wait_for("a list", is_list, quiet) else { break };
        let account = list.get_child("blocked", CHECK).unwrap().attr("account").unwrap().to_owned();
        let kind = answer(&account);
        let error = match kind {
            "result" => String::new(),
            kind => format!(
                "<error type='{kind}'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
            ),
        };
        let r#type = if error.is_empty() { "result" } else { "error" };
        postward
            .send(&format!(
                "<iq type='{type}' id='{}' from='{COMPONENT}' to='{}'>{error}</iq>",
                list.attr("id").unwrap(),
                list.attr("from").unwrap(),
            ))
            .unwrap();
        *told.entry(account).or_default() += 1;
    }
    told
}

// dora and seven others --block--> one.test [mod_postward <-> the test, which plays the component and fails dora and others]
#[test]
fn an_account_whose_list_fails_holds_up_no_other_accounts() {
    let one = Prosody::start(&filtered()).unwrap();
    let failing = ["carl@one.test", "dora@one.test", "ed@one.test", "flo@one.test", "gil@one.test"];
    let others = ["alice@one.test", "bob@one.test", "hal@one.test"];
    for account in failing.iter().chain(&others) {
        block(&one, account, "mallory@two.test");
    }
    let mut postward = Client::component(one.components(), COMPONENT, SECRET).unwrap();
    let answer = |account: &str| if failing.contains(&account) { "wait" } else { "result" };
    let told = hear(&mut postward, PATIENCE, answer, |told| others.iter().all(|one| told.contains_key(*one)));
    assert!(others.iter().all(|one| told.contains_key(*one)), "{told:?}");
    assert!(told.values().all(|times| *times <= 2), "the others come first: {told:?}");
    // What failed is told again, less and less often.
    let again =
        hear(&mut postward, PATIENCE, |_| "result", |told| failing.iter().all(|one| told.contains_key(*one)));
    assert_eq!(again.len(), failing.len(), "{again:?}");
}

// dora --block--> one.test [mod_postward <-> the test, which plays the component and refuses]
#[test]
fn a_list_that_is_refused_is_told_again_only_when_it_has_changed() {
    let one = Prosody::start(&filtered()).unwrap();
    block(&one, "dora@one.test", "mallory@two.test");
    let mut postward = Client::component(one.components(), COMPONENT, SECRET).unwrap();
    let quiet = Duration::from_secs(4);
    let told = hear(&mut postward, quiet, |_| "cancel", |told| told.values().any(|times| *times > 1));
    assert_eq!(told.values().sum::<usize>(), 1, "{told:?}");
    block(&one, "dora@one.test", "eve@two.test");
    let told = hear(&mut postward, PATIENCE, |_| "result", |told| !told.is_empty());
    assert_eq!(told.get("dora@one.test"), Some(&1));
}
