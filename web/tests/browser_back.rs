//! A person ── Chromium (no JavaScript, no images), its Back button ── the page ── lists in memory (a stand-in for the
//! store).
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use policy_core::lists::{Actor, Lists, NewEntry};
use policy_core::pattern::{PatternKind, understand};
use testbed::browser::Browser;

use common::Served;
use common::browsing::{DESKTOP, PHONE, block, look, says, sign_in};

#[test]
fn back_leads_to_what_was_looked_at_and_pressing_again_does_nothing_twice() {
    for width in [PHONE, DESKTOP] {
        let served = Served::start();
        let browser = Browser::open(width).unwrap();
        sign_in(&browser, &served);
        block(&browser, &served, "mallory@example.org");
        let id = served.lists.all()[0].id;

        // As it was, or as it is now: browsers differ in whether they keep a page that they shall not store.
        browser.back().unwrap();
        says(&browser, "This will be blocked");
        assert_eq!(browser.value("#value").unwrap(), "mallory@example.org");
        assert!(!browser.url().unwrap().contains("mallory"), "no address stands in a URL");
        browser.follow(".preview button").unwrap();
        says(&browser, "mallory@example.org was blocked already");
        browser.back().unwrap();
        browser.reload().unwrap();
        says(&browser, "This is on your list already");
        look(&browser, width, "back");
        browser.follow(".preview button").unwrap();
        says(&browser, "mallory@example.org was blocked already");
        assert_eq!(served.lists.all().iter().map(|entry| entry.id).collect::<Vec<_>>(), [id]);

        // Back beyond it, to the front page as it is now.
        browser.back().unwrap();
        browser.back().unwrap();
        says(&browser, "Block somebody");
        browser.reload().unwrap();
        says(&browser, "One entry is on the list");
    }
}

#[test]
fn back_leads_to_what_was_wrong_with_what_was_typed() {
    let served = Served::start();
    let browser = Browser::open(PHONE).unwrap();
    sign_in(&browser, &served);
    browser.fill("#value", "/(/").unwrap();
    browser.click("summary").unwrap();
    browser.fill("#note", "two\nlines").unwrap();
    browser.follow("form[action=block] > button").unwrap();
    says(&browser, "These words can’t be used");
    browser.follow(".tabs a[href$=list]").unwrap();
    browser.back().unwrap();
    says(&browser, "These words can’t be used");
    assert_eq!(browser.value("#value").unwrap(), "/(/");
    assert_eq!(browser.value("#note").unwrap(), "two\nlines");
}

#[test]
fn back_after_an_edit_shows_it_and_saving_again_changes_nothing() {
    let served = Served::start();
    let browser = Browser::open(PHONE).unwrap();
    sign_in(&browser, &served);
    block(&browser, &served, "mallory@example.org");
    browser.goto(&served.url("list")).unwrap();
    browser.follow(".entries li .acts a").unwrap();
    browser.fill("#value", "mallory@example.net").unwrap();
    browser.fill("#note", "two\nlines").unwrap();
    browser.follow("form[action=edit] > button").unwrap();
    browser.follow(".preview button").unwrap();
    says(&browser, "Changed: mallory@example.net");
    assert_eq!(served.lists.all()[0].note, "two\nlines");
    let before = served.lists.all();
    browser.back().unwrap();
    says(&browser, "This will be blocked instead");
    browser.follow(".preview button").unwrap();
    says(&browser, "Changed: mallory@example.net");
    assert_eq!(served.lists.all(), before);
    // The page that it began with shows what is there now.
    browser.back().unwrap();
    browser.back().unwrap();
    assert_eq!(browser.value("#value").unwrap(), "mallory@example.net");
    assert_eq!(browser.value("#note").unwrap(), "two\nlines");
    browser.follow("form[action=edit] > button").unwrap();
    assert_eq!(served.lists.all(), before, "an edit of nothing changes nothing");
}

/// An entry as an import or the command line makes it, whose value and note have line breaks.
#[test]
fn line_breaks_of_an_entry_outlive_an_edit() {
    let served = Served::start();
    let understood = understand("see\nyou  soon", Some(PatternKind::Words), false).unwrap();
    let entry = NewEntry { note: "one\n\n two".to_owned(), ..NewEntry::block(understood.pattern) };
    served.lists.add(Actor::Admin, vec![entry]).unwrap();
    let before = served.lists.all();
    let browser = Browser::open(PHONE).unwrap();
    sign_in(&browser, &served);
    browser.goto(&served.url("list")).unwrap();
    browser.follow(".entries li .acts a").unwrap();
    browser.follow("form[action=edit] > button").unwrap();
    says(&browser, "Changed: see");
    assert_eq!(served.lists.all(), before);
    look(&browser, PHONE, "list-lines");
}

#[test]
fn back_leads_to_the_page_of_a_form_that_was_answered() {
    let served = Served::start();
    let browser = Browser::open(PHONE).unwrap();
    sign_in(&browser, &served);
    for (path, fields, button, answer) in [
        (
            "persons",
            &[("#name", "x"), ("#identities", "*@x.example")][..],
            "form[action=persons] button",
            "Line 1",
        ),
        ("try", &[("#text", "some words")], "form[action=try] > button", "Taken as the text"),
        (
            "account",
            &[("#current", "x"), ("#new", "short"), ("#again", "short")],
            "form[action=account] button",
            "Too short",
        ),
        ("chain", &[], "form[action=chain] button", "The chain does NOT hold"),
    ] {
        browser.goto(&served.url(path)).unwrap();
        fields.iter().for_each(|(field, value)| browser.fill(field, value).unwrap());
        browser.follow(button).unwrap();
        says(&browser, answer);
        browser.goto(&served.url("list")).unwrap();
        browser.back().unwrap();
        assert_eq!(browser.count("a.leave").unwrap(), 1, "{path}: {}", browser.text().unwrap());
        assert_ne!(browser.count(button).unwrap(), 0, "{path}: {}", browser.text().unwrap());
        browser.reload().unwrap();
        assert_ne!(browser.count(button).unwrap(), 0, "{path}: {}", browser.text().unwrap());
    }
}

#[test]
fn back_after_any_button_leads_to_a_page_of_ours() {
    let served = Served::start();
    let browser = Browser::open(PHONE).unwrap();
    sign_in(&browser, &served);
    for value in ["one@example.org", "two@example.org"] {
        block(&browser, &served, value);
    }
    for (path, button, done) in [
        ("list", ".search button", "entries"),
        ("list", "button[name=switch]", "Switched off"),
        ("list", ".acts button[name=id]", "Removed"),
        ("counts", "form[action=counts] button", "Nothing is counted"),
        ("members", "button[name=link]", "Sign-in link for alice"),
    ] {
        browser.goto(&served.url(path)).unwrap();
        browser.follow(button).unwrap();
        says(&browser, done);
        browser.reload().unwrap();
        browser.goto(&served.url("account")).unwrap();
        browser.back().unwrap();
        assert_eq!(browser.count("a.leave").unwrap(), 1, "{path}: {}", browser.text().unwrap());
    }
}

/// What was done on another page, or before this one was loaded anew, can be taken back there, too.
#[test]
fn the_last_change_can_be_taken_back_after_the_next_click_and_after_back_and_reload() {
    for width in [PHONE, DESKTOP] {
        let served = Served::start();
        let browser = Browser::open(width).unwrap();
        let offered = || {
            says(&browser, "Last change:");
            assert_eq!(browser.count(".last button").unwrap(), 1);
        };
        sign_in(&browser, &served);
        block(&browser, &served, "mallory@example.org");
        assert_eq!(browser.count("form[action=undo]").unwrap(), 1, "it is offered once, not twice");
        browser.reload().unwrap();
        offered();
        says(&browser, "Last change: Blocked: mallory@example.org");
        look(&browser, width, "last-change-front");
        browser.follow(".tabs a[href$=list]").unwrap();
        offered();

        // An import: looked at, then left and come back to.
        browser.goto(&served.url("import")).unwrap();
        browser.fill("#text", "one@example.net\ntwo@example.net").unwrap();
        browser.follow("form[action=import] button").unwrap();
        browser.follow("button[value=import]").unwrap();
        says(&browser, "2 entries are new");
        browser.follow("nav.lists a[href=list]").unwrap();
        says(&browser, "Last change: 2 entries were added or changed by an import");
        look(&browser, width, "last-change-list");
        browser.back().unwrap();
        browser.reload().unwrap();
        offered();
        browser.follow(".last button").unwrap();
        says(&browser, "Undone");
        assert_eq!(browser.count("form[action=undo]").unwrap(), 0);
        assert_eq!(served.lists.values(), ["mallory@example.org"]);

        // A removal, taken back from the front page.
        browser.goto(&served.url("list")).unwrap();
        browser.follow(".entries li .acts button[name=id]").unwrap();
        says(&browser, "Removed: mallory@example.org");
        browser.follow(".tabs a").unwrap();
        says(&browser, "Last change: Removed: mallory@example.org");
        browser.follow(".last button").unwrap();
        says(&browser, "Undone");
        assert_eq!(served.lists.values(), ["mallory@example.org"]);
    }
}
