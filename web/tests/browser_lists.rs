//! A person who keeps long lists ── Chromium (no JavaScript) ── the page ── lists in memory (a stand-in for the store).

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::time::Duration;

use testbed::browser::Browser;

use common::Served;
use common::browsing::{DESKTOP, PHONE, block, look, says, sign_in};

const SPACE: &str = "\u{e00d}";
const ENTER: &str = "\u{e007}";

fn keeping_lists(width: u32) {
    let served = Served::start();
    let browser = Browser::open(width).unwrap();
    let says = |what: &str| says(&browser, what);
    sign_in(&browser, &served);

    // A person, blocked with all addresses; the front page offers one's others.
    browser.goto(&served.url("persons")).unwrap();
    browser.fill("#name", "Mallory").unwrap();
    browser.fill("#identities", "mallory@example.org\nmal@chat.example.net\nnonsense").unwrap();
    browser.follow("form[action=persons] button").unwrap();
    says("Line 3:");
    look(&browser, width, "persons-error");
    browser.fill("#identities", "mallory@example.org\nmal@chat.example.net").unwrap();
    browser.follow("form[action=persons] button.quiet").unwrap();
    says("Not blocked");
    browser.goto(&served.url("")).unwrap();
    browser.fill("#value", "mallory@example.org").unwrap();
    browser.follow("form[action=block] > button").unwrap();
    says("who also has: mal@chat.example.net");
    look(&browser, width, "preview-person");
    browser.follow("button[formaction=block-person]").unwrap();
    says("All of Mallory’s addresses are blocked");
    look(&browser, width, "persons");
    assert_eq!(served.lists.values().len(), 2);

    // Import: a look, then the deed.
    browser.goto(&served.url("import")).unwrap();
    look(&browser, width, "import");
    let lines: String = (0..30).map(|number| format!("someone{number}@imported.example\n")).collect();
    browser.fill("#text", &format!("{lines}two@a.example and@b.example\n")).unwrap();
    browser.follow("form[action=import] button").unwrap();
    says("30 new entries");
    browser.click("summary").unwrap();
    says("Line 31:");
    look(&browser, width, "import-preview");
    browser.follow("button[value=import]").unwrap();
    says("30 entries are new");
    look(&browser, width, "import-done");

    // The long list: pages, filters, several at once.
    browser.goto(&served.url("list")).unwrap();
    says("32 entries");
    browser.follow(".pages a").unwrap();
    says("someone9@imported.example");
    browser.follow(".pages a").unwrap();
    browser.click(".search summary").unwrap();
    browser.click("option[value=words]").unwrap();
    browser.follow(".search details button").unwrap();
    says("0 entries found");
    browser.follow("button[name=all]").unwrap();
    browser.follow(".chosen a").unwrap();
    look(&browser, width, "list-chosen");
    browser.follow(".chosen button[value=remove]").unwrap();
    says("20 entries are removed");
    assert_eq!(served.lists.values().len(), 12);
    browser.follow(".notice button").unwrap();
    assert_eq!(served.lists.values().len(), 32);
    browser.click(".entries li:nth-child(2) .pick input").unwrap();
    browser.follow(".chosen button[value=off]").unwrap();
    says("Switched off: someone");

    // Edit.
    browser.follow(".entries li .acts a").unwrap();
    says("Edit an entry");
    look(&browser, width, "edit");
    browser.fill("#note", "asked to stop in May").unwrap();
    browser.follow("form[action=edit] > button").unwrap();
    says("Changed: someone");
    says("asked to stop in May");
    browser.follow(".entries li .acts a").unwrap();
    browser.fill("#value", "someone@else.example").unwrap();
    browser.follow("form[action=edit] > button").unwrap();
    says("This will be blocked instead");
    look(&browser, width, "edit-preview");
    browser.follow(".preview button").unwrap();
    says("Changed: someone@else.example");

    // Counts.
    browser.goto(&served.url("counts")).unwrap();
    look(&browser, width, "counts");
    browser.follow("form[action=counts] button").unwrap();
    says("Nothing is counted at present");
}

#[test]
fn long_lists_can_be_kept_on_a_phone_without_scripts() {
    keeping_lists(PHONE);
}

#[test]
fn long_lists_can_be_kept_on_a_desktop_without_scripts() {
    keeping_lists(DESKTOP);
}

#[test]
fn lists_need_no_pointer() {
    let served = Served::start();
    let browser = Browser::open(DESKTOP).unwrap();
    let says = |what: &str| says(&browser, what);
    let go = |selector: &str| {
        browser.tab_to(selector).unwrap();
        browser.enter().unwrap();
    };
    sign_in(&browser, &served);

    // Choices are unfolded, taken and saved.
    browser.keys("mallory@example.org").unwrap();
    browser.tab_to("summary").unwrap();
    browser.press(SPACE).unwrap();
    browser.tab_to("#note").unwrap();
    browser.keys("by hand").unwrap();
    go("form[action=block] details button");
    says("This will be blocked");
    go(".preview button");
    says("Blocked: mallory@example.org");

    // Import.
    go("nav.tabs a[href$=list]");
    go("nav.lists a[href=import]");
    browser.tab_to("#text").unwrap();
    browser.keys("one@example.net\ntwo@example.net").unwrap();
    go("form[action=import] button");
    says("2 new entries");
    go("button[value=import]");
    says("2 entries are new");

    // The list: search, tick, remove, undo.
    go("nav.lists a[href=list]");
    browser.tab_to("#find").unwrap();
    browser.keys("example.net").unwrap();
    browser.enter().unwrap();
    says("2 entries found");
    browser.tab_to(".entries li:nth-child(2) .pick input").unwrap();
    browser.press(SPACE).unwrap();
    go(".chosen button[value=remove]");
    says("Removed: one@example.net");
    go(".notice button");
    says("Undone");
    assert_eq!(served.lists.values().len(), 3);

    // Edit and switch off.
    go(".entries li .acts a");
    browser.tab_to("#note").unwrap();
    browser.keys("edited").unwrap();
    go("form[action=edit] details button");
    says("Changed: one@example.net");
    go(".entries li button[name=switch]");
    says("Switched off: one@example.net");

    // A person; try it; out.
    go("nav.lists a[href=persons]");
    browser.tab_to("#name").unwrap();
    browser.keys("Mallory").unwrap();
    browser.tab_to("#identities").unwrap();
    browser.keys("mallory@example.org").unwrap();
    go("form[action=persons] button.quiet");
    says("All addresses are blocked");
    go("nav.tabs a[href$=try]");
    browser.tab_to("#text").unwrap();
    browser.keys("mallory@example.org").unwrap();
    go("form[action=try] > button");
    says("Taken as a sender’s address");
    browser.tab_to("a.leave").unwrap();
    browser.press(ENTER).unwrap();
}

#[test]
fn enter_on_a_tick_box_switches_nothing_off() {
    let served = Served::start();
    let browser = Browser::open(DESKTOP).unwrap();
    sign_in(&browser, &served);
    for value in ["one@example.org", "two@example.org"] {
        block(&browser, &served, value);
    }
    browser.goto(&served.url("list")).unwrap();
    browser.tab_to(".entries li:nth-child(2) .pick input").unwrap();
    browser.press(SPACE).unwrap();
    browser.press(ENTER).unwrap();
    std::thread::sleep(Duration::from_millis(500));
    assert!(served.lists.all().iter().all(|entry| entry.enabled), "the first entry was switched off");
    assert_eq!(browser.count(".pick :checked").unwrap(), 1, "what was ticked is ticked still");
    browser.tab_to(".chosen button[value=off]").unwrap();
    browser.enter().unwrap();
    says(&browser, "Switched off: one@example.org");
}
