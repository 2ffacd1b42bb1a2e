//! Reports of spam and abuse that members make with a block (XEP-0377): the household's admin learns what the member has
//! chosen, and nothing before.
//!
//! ```text
//! alice --block, report--> Prosody one (mod_blocklist, mod_postward) --> component --> what alice shares
//! root, who is the admin <--chat-- Postward --page--> root: block for everyone, or dismiss
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use anyhow::{Context, Result};
use common::come;
use common::desk::{DeskHouse, PAGE, link_in, say};
use testbed::PATIENCE;
use testbed::browser::Browser;
use testbed::process::wait_for;
use testbed::xmpp::{Client, Element, body_of};

/// The household with root as its admin, who is told things in chat.
fn house() -> Result<DeskHouse> {
    let mut house = DeskHouse::with(|options| options.module("admin_shell"))?;
    house.postward.stop()?;
    serve(&mut house)?;
    Ok(house)
}

fn serve(house: &mut DeskHouse) -> Result<()> {
    house.serve_configured(&format!(
        "[web]\nurl = \"http://{PAGE}/\"\n[admin]\njid = [\"root@one.test\", \"boss@two.test\"]\n"
    ))
}

/// Postward again, and the admin's page.
fn back(house: &mut DeskHouse) -> Result<Browser> {
    serve(house)?;
    let password = house.postward.password()?;
    common::page(&house.postward, &password)
}

fn report(client: &mut Client, jid: &str, reason: &str, words: &str) -> Result<()> {
    client.send(&format!(
        "<iq type='set' id='blocks'><block xmlns='urn:xmpp:blocking'><item jid='{jid}'><report \
         xmlns='urn:xmpp:reporting:1' reason='urn:xmpp:reporting:{reason}'><text xml:lang='en'>{words}</text></report>\
         </item></block></iq>"
    ))?;
    let done = |stanza: &Element| stanza.name() == "iq" && stanza.attr("id") == Some("blocks");
    let answer = client.wait_for("an answer", done, PATIENCE)?;
    assert_eq!(answer.attr("type"), Some("result"), "{}", String::from(&answer));
    Ok(())
}

/// Alice's page, signed in by a link that she got in chat.
fn page_of(house: &DeskHouse, alice: &mut Client) -> Result<Browser> {
    let link = link_in(&say(alice, "page")?).context("no link")?;
    let browser = Browser::open(360)?;
    come(&browser, &format!("{}welcome?key={link}", house.postward.page()), "the password of alice", "")?;
    Ok(browser)
}

fn choose(house: &DeskHouse, browser: &Browser, what: &str) -> Result<()> {
    browser.goto(&format!("{}reporting", house.postward.page()))?;
    browser.click(&format!("input[value={what}]"))?;
    browser.follow("main button")
}

/// What the admin's page says, once it says this.
fn reported(house: &DeskHouse, admin: &Browser, last: &str) -> Result<String> {
    wait_for("the report", PATIENCE, || {
        admin.goto(&format!("{}reports", house.postward.page()))?;
        Ok(Some(admin.text()?).filter(|text| text.contains(last)))
    })
}

fn hears(client: &mut Client, what: &str) -> Result<String> {
    let said = |stanza: &Element| body_of(stanza).is_some_and(|body| body.contains(what));
    Ok(body_of(&client.wait_for(what, said, PATIENCE)?).unwrap_or_default())
}

#[test]
fn the_admin_learns_of_a_report_what_the_member_has_chosen_and_nothing_before() -> Result<()> {
    let house = house()?;
    let (mut alice, mut root) = (house.client("alice")?, house.client("root")?);
    let mut eve = house.stranger("eve")?;
    alice.send(
        "<iq type='get' id='info' to='one.test'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
    )?;
    let info = alice.wait_for("the host", |stanza| stanza.attr("id") == Some("info"), PATIENCE)?;
    assert!(String::from(&info).contains("urn:xmpp:reporting:1"));

    let browser = page_of(&house, &mut alice)?;
    let password = house.postward.password()?;
    let admin = common::page(&house.postward, &password)?;
    report(&mut alice, "first@two.test", "abuse", "before anything was chosen")?;
    choose(&house, &browser, "address")?;
    let told = hears(&mut alice, "learns of your reports from now on")?;
    assert!(told.contains("If it wasn't"), "{told}");
    // Nobody whom it is about may read it; what the admin gets last shows that the others have come and gone.
    for kept_back in
        ["bob@one.test", "root@one.test", "one.test", "boss@two.test", "two.test", "r@rooms.two.test/n"]
    {
        report(&mut alice, kept_back, "abuse", "")?;
    }
    report(&mut alice, "eve@two.test", "abuse", "she follows me")?;
    let text = reported(&house, &admin, "eve@two.test")?;
    assert!(text.contains("Abuse Reported by one member Last one"), "{text}");
    for hidden in ["alice", "follows", "first@", "bob@", "root@", "boss@", "two.test\n"] {
        assert!(!text.replace("eve@two.test", "").contains(hidden), "{hidden}: {text}");
    }
    // The admin hears once that there is something, and not what.
    let _ = house.postward.run(["doctor", "--tell"])?;
    let _ = house.postward.run(["doctor", "--tell"])?;
    let told = hears(&mut root, "a member has reported somebody")?;
    assert!(!told.contains("eve@"), "{told}");
    root.sync()?;
    assert!(!root.bodies().iter().any(|body| body.contains("has reported")), "{:?}", root.bodies());

    assert_eq!(house.reach(&mut root, &mut [&mut eve], "before")?, ["eve"]);
    admin.follow("button[name=block]")?;
    assert!(admin.text()?.contains("Blocked: eve@two.test"), "{}", admin.text()?);
    assert!(admin.text()?.contains("There are none."), "{}", admin.text()?);
    assert!(house.postward.ok(["list", "--json"])?.contains("\"report\""));
    assert_eq!(house.reach(&mut root, &mut [&mut eve], "after")?, Vec::<String>::new());

    choose(&house, &browser, "words")?;
    report(&mut alice, "spammer@three.test", "spam", "sells &lt;b&gt;pills")?;
    let text = reported(&house, &admin, "spammer@three.test")?;
    assert!(text.contains("sells <b>pills") && text.contains("Spam Reported by one member"), "{text}");
    // She thinks better of it.
    choose(&house, &browser, "nothing")?;
    assert!(reported(&house, &admin, "There are none.")?.contains("There are none."));
    Ok(())
}

// Postward is away while alice reports; the admin dismisses it
#[test]
fn a_report_made_while_postward_is_away_is_told_when_it_is_back() -> Result<()> {
    let mut house = house()?;
    let mut alice = house.client("alice")?;
    let browser = page_of(&house, &mut alice)?;
    choose(&house, &browser, "address")?;
    house.postward.stop()?;
    report(&mut alice, "eve@two.test", "spam", "")?;
    let admin = back(&mut house)?;
    reported(&house, &admin, "eve@two.test")?;
    admin.follow("button[name=dismiss]")?;
    assert!(admin.text()?.contains("Dismissed: eve@two.test."), "{}", admin.text()?);
    assert!(!house.postward.ok(["list"])?.contains("eve@two.test"));
    Ok(())
}

// Postward is away while alice reports, and mod_postward is reloaded before it is back
#[test]
fn a_report_that_waits_outlives_a_reload_of_the_module() -> Result<()> {
    let mut house = house()?;
    let mut alice = house.client("alice")?;
    let browser = page_of(&house, &mut alice)?;
    choose(&house, &browser, "address")?;
    house.postward.stop()?;
    report(&mut alice, "eve@two.test", "spam", "")?;
    house.one.console(&["module", "reload", "postward"])?;
    let admin = back(&mut house)?;
    reported(&house, &admin, "eve@two.test").map(drop)
}

// Postward is away while alice reports 150 addresses, and bob one
#[test]
fn an_account_that_floods_reports_does_not_push_out_anothers() -> Result<()> {
    let mut house = house()?;
    let (mut alice, mut bob) = (house.client("alice")?, house.client("bob")?);
    for client in [&mut alice, &mut bob] {
        let browser = page_of(&house, client)?;
        choose(&house, &browser, "address")?;
    }
    house.postward.stop()?;
    for number in 0..150 {
        report(&mut alice, &format!("a{number}@two.test"), "spam", "")?;
    }
    report(&mut bob, "eve@two.test", "spam", "")?;
    let admin = back(&mut house)?;
    reported(&house, &admin, "eve@two.test")?;
    Ok(())
}

// Somebody who came by another link, made by the admin, isn't proven to be alice
#[test]
fn whoever_came_by_a_link_without_proof_cannot_open_a_members_reports_to_the_admin() -> Result<()> {
    let house = house()?;
    let mut alice = house.client("alice")?;
    let _hers = page_of(&house, &mut alice)?;
    let said = house.postward.ok(["member", "link", "alice@one.test"])?;
    let link =
        said.lines().next().context("no link")?.replace(&format!("http://{PAGE}/"), house.postward.page());
    let browser = Browser::open(360)?;
    come(&browser, &link, "an impostor's password", "")?;
    choose(&house, &browser, "words")?;
    assert!(browser.text()?.contains("only who has shown to be this member"), "{}", browser.text()?);
    browser.goto(&format!("{}reporting", house.postward.page()))?;
    assert_eq!(browser.count("input[value=nothing]:checked")?, 1);
    Ok(())
}
