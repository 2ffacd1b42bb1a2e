//! A person ── Chromium (no JavaScript) ── the page ── lists in memory (a stand-in for the store; the tests at the
//! workspace's root use the real one).

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use testbed::browser::Browser;

use common::browsing::{DESKTOP, PHONE, look, sign_in};
use common::{PASSWORD, Served};

fn every_task(width: u32) {
    let served = Served::start();
    let browser = Browser::open(width).unwrap();
    let says = |what: &str| {
        let text = browser.text().unwrap();
        assert!(text.contains(what), "\"{what}\" isn't on the page:\n{text}");
    };

    browser.goto(&served.url("")).unwrap();
    look(&browser, width, "sign-in");
    browser.fill("#password", "wrong").unwrap();
    browser.follow("main button").unwrap();
    says("That password is not right");
    look(&browser, width, "sign-in-wrong");
    sign_in(&browser, &served);
    look(&browser, width, "front");

    // Block: what it does is shown first; nothing is saved yet.
    browser.fill("#value", "mallory@example.org").unwrap();
    browser.follow("form[action=block] > button").unwrap();
    says("Every message from mallory@example.org is stopped");
    says("can’t be got back");
    assert!(served.lists.values().is_empty());
    look(&browser, width, "preview");
    browser.follow(".preview button").unwrap();
    says("Blocked: mallory@example.org");
    assert_eq!(served.lists.values(), ["mallory@example.org"]);
    look(&browser, width, "blocked");

    // Undo, and block with choices.
    browser.follow(".notice button").unwrap();
    says("Undone");
    assert!(served.lists.values().is_empty());
    browser.fill("#value", "a rather long phrase that somebody keeps writing").unwrap();
    browser.click("summary").unwrap();
    browser.click("input[value=mail]").unwrap();
    browser.click("option[value=words]").unwrap();
    browser.fill("#note", "since the summer").unwrap();
    look(&browser, width, "choices");
    browser.follow("form[action=block] > button").unwrap();
    look(&browser, width, "preview-words");
    browser.follow(".preview button").unwrap();
    says("Blocked: a rather long phrase");

    // The list: search, switch off and on, remove.
    for value in
        ["mallory@example.org", "example.net", "very-long-name.of-somebody.who-writes@subdomain.example.com"]
    {
        browser.goto(&served.url("")).unwrap();
        browser.fill("#value", value).unwrap();
        browser.follow("form[action=block] > button").unwrap();
        browser.follow(".preview button").unwrap();
    }
    browser.goto(&served.url("list")).unwrap();
    says("4 entries");
    browser.fill("#find", "SUMMER").unwrap();
    browser.follow(".search button").unwrap();
    says("One entry found");
    assert!(!browser.url().unwrap().to_lowercase().contains("summer"), "a search must not stand in a URL");
    browser.follow(".search button[name=all]").unwrap();
    browser.follow("button[name=switch]").unwrap();
    says("Switched off: very-long-name");
    look(&browser, width, "list");
    browser.follow(".acts button[name=switch]").unwrap();
    says("Switched on: very-long-name");
    browser.follow(".acts button[name=id]").unwrap();
    says("Removed: very-long-name");
    assert_eq!(served.lists.values().len(), 3);
    browser.follow(".notice button").unwrap();
    assert_eq!(served.lists.values().len(), 4);

    // Allowed people.
    browser.follow(".lists a[href=allowed]").unwrap();
    browser.fill("#value", "friend@example.net").unwrap();
    browser.follow("form[action=allow] > button").unwrap();
    says("get through");
    browser.follow(".preview button").unwrap();
    says("Allowed: friend@example.net");
    look(&browser, width, "allowed");

    // Try it.
    browser.goto(&served.url("try")).unwrap();
    browser.fill("#text", "somebody@example.com").unwrap();
    browser.follow("form[action=try] > button").unwrap();
    says("Taken as a sender’s address");
    says("Mail: gets through");
    assert_eq!(browser.value("#text").unwrap(), "somebody@example.com");
    look(&browser, width, "try");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("message.eml");
    std::fs::write(&file, "From: a@example.org\r\nSubject: hi\r\n\r\nHello\r\n").unwrap();
    browser.upload("#file", &file).unwrap();
    browser.follow("form[action=try] > button").unwrap();
    says("Taken as the source of a mail");

    // Check the chain.
    browser.goto(&served.url("chain")).unwrap();
    says("on 2026-11-20");
    browser.follow("form[action=chain] button").unwrap();
    says("The chain does NOT hold");
    says("Postfix doesn't ask Postward about what it takes at");
    says("<b>anybody</b>");
    says("What to do: Run `postward connect postfix` as root");
    look(&browser, width, "chain");

    // Another password; then out.
    browser.goto(&served.url("account")).unwrap();
    look(&browser, width, "account");
    browser.fill("#current", PASSWORD).unwrap();
    browser.fill("#new", "another long password").unwrap();
    browser.fill("#again", "another long password").unwrap();
    browser.follow("form[action=account] button").unwrap();
    says("The password is changed");
    browser.follow("form[action=sign-out] button").unwrap();
    says("Sign in");
    browser.fill("#password", "another long password").unwrap();
    browser.follow("main button").unwrap();
    says("Block somebody");
}

#[test]
fn every_task_can_be_done_on_a_phone_without_scripts() {
    every_task(PHONE);
}

#[test]
fn every_task_can_be_done_on_a_desktop_without_scripts() {
    every_task(DESKTOP);
}

/// A browser hears an answer only when it has sent everything: else it shows an error of its own.
#[test]
fn a_file_that_is_too_large_is_refused_in_words() {
    let served = Served::start();
    let browser = Browser::open(PHONE).unwrap();
    sign_in(&browser, &served);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("list.txt");
    std::fs::write(&file, "somebody@example.org\n".repeat(1_500_000)).unwrap();
    for path in ["import", "try"] {
        browser.goto(&served.url(path)).unwrap();
        browser.upload("#file", &file).unwrap();
        browser.follow(&format!("form[action={path}] > button")).unwrap();
        let text = browser.text().unwrap();
        assert!(text.contains("too large") && text.contains("Nothing was done"), "{path}: {text}");
    }
}

#[test]
fn blocking_needs_no_pointer() {
    let served = Served::start();
    let browser = Browser::open(DESKTOP).unwrap();
    browser.goto(&served.url("")).unwrap();
    browser.keys(PASSWORD).unwrap();
    browser.enter().unwrap();
    browser.keys("mallory@example.org").unwrap();
    browser.enter().unwrap();
    assert!(browser.text().unwrap().contains("This will be blocked"));
    // What will be blocked has the focus, and the button is next: Enter twice must block nobody unseen.
    browser.press("\u{e007}").unwrap();
    assert!(served.lists.values().is_empty());
    browser.press("\u{e004}").unwrap();
    browser.enter().unwrap();
    assert!(browser.text().unwrap().contains("Blocked: mallory@example.org"));
}

#[test]
fn what_will_be_blocked_is_in_view_before_it_is() {
    let served = Served::start();
    let browser = Browser::open(PHONE).unwrap();
    browser.enlarge_text(24).unwrap();
    sign_in(&browser, &served);
    for typed in ["mallory@gmial.example", "a phrase that somebody keeps writing"] {
        browser.goto(&served.url("")).unwrap();
        browser.fill("#value", typed).unwrap();
        browser.follow("form[action=block] > button").unwrap();
        // The focus comes once the page is drawn.
        browser.keys("").unwrap();
        assert!(browser.is_in_view("#understood").unwrap(), "{typed}");
    }
}

/// WCAG 2.2, 1.4.4: text can be twice as large.
#[test]
fn text_that_is_twice_as_large_scrolls_no_page_sideways() {
    let served = Served::start();
    let browser = Browser::open(PHONE).unwrap();
    browser.enlarge_text(32).unwrap();
    let fits = |name: &str| {
        let width = browser.content_width().unwrap();
        assert!(width <= PHONE, "{name} is {width} px wide");
        assert!(browser.is_in_view(".leave").unwrap(), "{name}");
    };
    browser.goto(&served.url("")).unwrap();
    fits("sign-in");
    sign_in(&browser, &served);
    fits("front");
    browser.fill("#value", "mallory@very-long-name.example.org").unwrap();
    browser.follow("form[action=block] > button").unwrap();
    fits("preview");
    browser.follow(".preview button").unwrap();
    for page in ["", "list", "allowed", "persons", "import", "try", "chain", "account", "members"] {
        browser.goto(&served.url(page)).unwrap();
        fits(page);
    }
}

#[test]
fn the_accessibility_checker_finds_what_is_wrong() {
    let browser = Browser::open(DESKTOP).unwrap();
    browser
        .goto("data:text/html,<p style='color:%23ccc;background:%23fff'>faint</p><input><img src='data:,x'>")
        .unwrap();
    let found = browser.violations().unwrap().join("\n");
    for rule in ["color-contrast", "label", "image-alt", "html-has-lang"] {
        assert!(found.contains(&format!("{rule}: ")), "{rule} isn't in {found}");
    }
}
