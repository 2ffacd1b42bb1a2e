//! Somebody who comes by a link ── Chromium (no JavaScript) ── the page ── accounts in memory (a stand-in for the store).

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use testbed::browser::Browser;

use common::browsing::{DESKTOP, PHONE, look, says, sign_in};
use common::{KEY, Served};

const CHOSEN: &str = "a password of her own";

fn coming_by_a_link(width: u32) {
    let served = Served::start();
    let browser = Browser::open(width).unwrap();
    let says = |what: &str| says(&browser, what);
    browser.goto(&served.url(&format!("welcome?key={KEY}"))).unwrap();
    says("It works once");
    look(&browser, width, "welcome");
    browser.follow("main button").unwrap();
    look(&browser, width, "new-password");
    browser.fill("#new", "short").unwrap();
    browser.fill("#again", "short").unwrap();
    browser.follow("main button").unwrap();
    says("Too short");
    look(&browser, width, "new-password-error");
    browser.fill("#new", CHOSEN).unwrap();
    browser.fill("#again", CHOSEN).unwrap();
    browser.follow("main button").unwrap();
    says("Write it down");
    look(&browser, width, "recovery");
    browser.follow("main a.button").unwrap();
    says("Block somebody");

    // Her addresses.
    browser.goto(&served.url("account")).unwrap();
    says("One of your addresses waits for you");
    look(&browser, width, "account-of-a-member");
    browser.follow("a[href=addresses]").unwrap();
    says("<b>bob</b> wants to share your address");
    look(&browser, width, "addresses");
    browser.fill("#code", "abcd-efgh-ijkm").unwrap();
    browser.follow("main form:has(#code) button").unwrap();
    says("Nothing was changed");
    assert_eq!(browser.value("#code").unwrap(), "abcd-efgh-ijkm", "what was typed is kept");
    look(&browser, width, "addresses-error");

    // What she shares of her reports.
    browser.goto(&served.url("account")).unwrap();
    browser.follow("a[href=reporting]").unwrap();
    assert_eq!(
        browser.count("input[value=nothing]:checked").unwrap(),
        1,
        "nothing, unless she says otherwise"
    );
    look(&browser, width, "reporting");
    browser.click("input[value=words]").unwrap();
    browser.follow("main button").unwrap();
    says("Saved.");
    assert_eq!(browser.count("input[value=words]:checked").unwrap(), 1);

    // Another who opens the link.
    let other = Browser::open(width).unwrap();
    other.goto(&served.url(&format!("welcome?key={KEY}"))).unwrap();
    other.follow("main button").unwrap();
    assert!(other.text().unwrap().contains("used already"));
    look(&other, width, "link-used");

    // The admin's page.
    other.goto(&served.url("sign-in")).unwrap();
    look(&other, width, "sign-in-with-name");
    sign_in(&other, &served);
    other.goto(&served.url("members")).unwrap();
    look(&other, width, "members");
    other.fill("#name", "bob").unwrap();
    other.fill("#mail", "bob@example.org").unwrap();
    other.follow("main form:has(#name) button").unwrap();
    look(&other, width, "members-added");

    // Whom members have reported.
    other.goto(&served.url("account")).unwrap();
    other.follow("a[href=reports]").unwrap();
    look(&other, width, "reports");
    let text = other.text().unwrap();
    assert!(text.contains("<script>alert(1)</script>") && text.contains("Reported by 2 members"), "{text}");
    other.follow("main button[name=block]").unwrap();
    assert!(other.text().unwrap().contains("Blocked: a-rather-long-name-of-mallory@chat.evil.example"));
    assert_eq!(served.lists.all()[0].source, policy_core::entry::Source::Report);
    assert!(other.text().unwrap().contains("There are none."));
}

#[test]
fn who_comes_by_a_link_needs_no_script_on_a_phone() {
    coming_by_a_link(PHONE);
}

#[test]
fn who_comes_by_a_link_needs_no_script_on_a_desktop() {
    coming_by_a_link(DESKTOP);
}

#[test]
fn coming_by_a_link_needs_no_pointer() {
    let served = Served::start();
    let browser = Browser::open(DESKTOP).unwrap();
    let go = |selector: &str| {
        browser.tab_to(selector).unwrap();
        browser.enter().unwrap();
    };
    browser.goto(&served.url(&format!("welcome?key={KEY}"))).unwrap();
    go("main button");
    // The first box has the focus.
    browser.keys(CHOSEN).unwrap();
    browser.tab_to("#again").unwrap();
    browser.keys(CHOSEN).unwrap();
    browser.enter().unwrap();
    go("main a.button");
    go("nav.tabs a[href$=account]");
    go("a[href=addresses]");
    browser.tab_to("#code").unwrap();
    browser.keys("abcd-efgh-ijkm").unwrap();
    browser.enter().unwrap();
    says(&browser, "Nothing was changed");
    go("button[name=give_up]");
    says(&browser, "takes a new code");
    go("input[name=sure] ~ button[name=give_up]");
    says(&browser, "Nothing was changed");

    let admin = Browser::open(DESKTOP).unwrap();
    sign_in(&admin, &served);
    admin.goto(&served.url("members")).unwrap();
    admin.tab_to("#name").unwrap();
    admin.keys("bob").unwrap();
    admin.tab_to("#mail").unwrap();
    admin.keys("bob@example.org").unwrap();
    admin.enter().unwrap();
    says(&admin, "Sign-in link for bob");
    admin.tab_to("button[name=link]").unwrap();
    admin.enter().unwrap();
    says(&admin, "Sign-in link for");
}
