//! Members and links ── the page over real HTTP ── accounts and lists in memory (a stand-in for the store).

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::sync::atomic::Ordering;

use common::client::{Answer, Client};
use common::{KEY, PASSWORD, Served};

const CHOSEN: &str = "a password of her own";

fn use_link(client: &mut Client) -> Answer {
    let visit = client.get(&format!("/welcome?key={KEY}")).hidden("visit");
    client.post("/welcome", &[("visit", &visit), ("key", KEY)])
}

/// Comes by the link and chooses a password.
fn arrive(client: &mut Client) -> Answer {
    assert_eq!(use_link(client).status, 303);
    let csrf = client.get("/new-password").hidden("csrf");
    client.post("/new-password", &[("csrf", &csrf), ("new", CHOSEN), ("again", CHOSEN)])
}

fn sign_in(client: &mut Client, name: &str, password: &str) -> Answer {
    let visit = client.get("/sign-in").hidden("visit");
    client.post("/sign-in", &[("visit", &visit), ("name", name), ("password", password)])
}

#[test]
fn a_preview_uses_no_link_up_and_a_link_works_once() {
    let served = Served::start();
    for _ in 0..3 {
        assert_eq!(Client::new(&served).get(&format!("/welcome?key={KEY}")).status, 200);
    }
    let mut alice = Client::new(&served);
    let answer = arrive(&mut alice);
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("id=\"recovery-code\""));
    assert_eq!(alice.get("/").status, 200, "signed in");
    assert_eq!(use_link(&mut Client::new(&served)).status, 403);
    assert_eq!(sign_in(&mut Client::new(&served), "alice", CHOSEN).status, 303);
}

/// A double click, or a link that is opened once more before the password is chosen.
#[test]
fn whoever_uses_a_link_twice_in_one_browser_goes_on() {
    let served = Served::start();
    let mut alice = Client::new(&served);
    let visit = alice.get(&format!("/welcome?key={KEY}")).hidden("visit");
    for _ in 0..2 {
        let answer = alice.post("/welcome", &[("visit", &visit), ("key", KEY)]);
        assert_eq!((answer.status, answer.header("location")), (303, Some("new-password")));
    }
    assert_eq!(use_link(&mut alice).header("location"), Some("new-password"));
    let other = alice.post("/welcome", &[("visit", &visit), ("key", "another link's")]);
    assert_eq!(other.status, 403);
    assert_eq!(use_link(&mut Client::new(&served)).status, 403, "in another browser");
}

#[test]
fn whoever_came_by_a_link_and_is_gone_since_chooses_no_password() {
    let served = Served::start();
    let mut alice = Client::new(&served);
    use_link(&mut alice);
    let csrf = alice.get("/new-password").hidden("csrf");
    served.member_is_gone.store(true, Ordering::Relaxed);
    let answer = alice.post("/new-password", &[("csrf", &csrf), ("new", CHOSEN), ("again", CHOSEN)]);
    assert_eq!((answer.status, answer.header("location")), (303, Some("sign-in")));
}

#[test]
fn a_member_is_not_sent_to_pages_and_commands_that_they_dont_have() {
    let served = Served::start();
    let mut admin = Client::signed_in(&served);
    admin.submit("/chain", &[]);
    assert!(admin.get("/").body.contains("postward doctor"));
    let mut alice = Client::new(&served);
    arrive(&mut alice);
    let front = alice.get("/").body;
    assert!(front.contains("something was wrong") && !front.contains("postward doctor"), "{front}");
}

#[test]
fn a_member_who_is_gone_is_signed_out_and_sees_nothing_of_the_households_list() {
    let served = Served::start();
    let mut alice = Client::new(&served);
    arrive(&mut alice);
    let csrf = alice.get("/").hidden("csrf");
    served.member_is_gone.store(true, Ordering::Relaxed);
    for path in ["/list", "/try", "/import", "/account", "/"] {
        let answer = alice.get(path);
        assert_eq!(answer.status, 303, "{path}");
        assert!(answer.header("location").unwrap().starts_with("sign-in"), "{path}");
    }
    assert!(alice.get("/sign-in").body.contains("the account is gone"));
    for path in ["/export", "/block", "/account"] {
        let answer = alice.post(path, &[("csrf", &csrf)]);
        assert!(answer.status == 401 || answer.status == 303, "{path}: {}", answer.status);
    }
    // Nor would they be back by an account that comes again.
    served.member_is_gone.store(false, Ordering::Relaxed);
    assert_eq!(alice.get("/list").status, 303);
}

#[test]
fn another_site_can_neither_use_a_link_up_nor_choose_the_password() {
    let served = Served::start();
    let foreign = Client::new(&served).get("/sign-in").hidden("visit");
    let mut alice = Client::new(&served);
    assert_eq!(alice.post("/welcome", &[("visit", &foreign), ("key", KEY)]).status, 403);
    assert_eq!(use_link(&mut alice).status, 303, "still unused");
    for csrf in ["", "0000"] {
        let form = [("csrf", csrf), ("new", CHOSEN), ("again", CHOSEN)];
        assert_eq!(alice.post("/new-password", &form).status, 403);
    }
    let mut stranger = Client::new(&served);
    let answer = stranger.post("/new-password", &[("new", CHOSEN), ("again", CHOSEN)]);
    assert_eq!((answer.status, answer.header("location")), (303, Some("sign-in")));
}

#[test]
fn a_session_or_arrival_that_somebody_else_planted_is_worth_nothing() {
    let served = Served::start();
    let mut alice = Client::new(&served);
    for cookie in ["postward-session", "postward-arrival"] {
        alice.cookies.insert(cookie.to_owned(), "f".repeat(64));
    }
    assert_eq!(arrive(&mut alice).status, 200);
    assert!(alice.cookies["postward-session"] != "f".repeat(64));
    let mut thief = Client::new(&served);
    for cookie in ["postward-session", "postward-arrival"] {
        thief.cookies.insert(cookie.to_owned(), "f".repeat(64));
    }
    assert_eq!(thief.get("/").status, 303);
    assert_eq!(thief.get("/new-password").status, 303);
}

#[test]
fn whoever_has_only_come_by_a_link_is_not_signed_in_yet() {
    let served = Served::start();
    let mut alice = Client::new(&served);
    use_link(&mut alice);
    for page in ["/", "/list", "/account", "/members"] {
        assert_eq!(alice.get(page).status, 303, "{page}");
    }
    let csrf = alice.get("/new-password").hidden("csrf");
    let short = alice.post("/new-password", &[("csrf", &csrf), ("new", "short"), ("again", "short")]);
    assert_eq!(short.status, 422);
    assert!(short.body.contains("id=\"new-error\""));
}

#[test]
fn what_one_account_typed_before_its_session_ended_is_not_shown_to_another() {
    let served = Served::start();
    let mut browser = Client::new(&served);
    arrive(&mut browser);
    let typed = |csrf: &str| {
        [("csrf", csrf.to_owned()), ("value", "secret@x.example".to_owned()), ("note", "hers".to_owned())]
    };
    let csrf = browser.get("/").hidden("csrf");
    let form = typed(&csrf);
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.get("/leave");
    let interrupted = browser.post("/block", &form);
    let visit = interrupted.hidden("visit");
    let carried = interrupted.hidden("carried").replace("&#38;", "&");
    let go_on = |client: &mut Client, name: &str, password: &str| {
        let carried = [("visit", visit.as_str()), ("to", "block"), ("carried", &carried)];
        let form: Vec<_> = carried.into_iter().chain([("name", name), ("password", password)]).collect();
        client.post("/sign-in", &form)
    };
    let cookies = browser.cookies.clone();
    let admins = go_on(&mut browser, "", PASSWORD);
    assert!(!admins.body.contains("secret@x.example"), "{}", admins.body);
    assert!(!browser.get("/").body.contains("secret@x.example"));
    let posted = browser.post("/block", &form);
    assert!(!posted.body.contains("secret@x.example"), "{}", posted.body);
    browser.cookies = cookies;
    let hers = go_on(&mut browser, "alice", CHOSEN);
    assert!(hers.body.contains("secret@x.example"), "{}", hers.body);
}

#[test]
fn a_name_that_nobody_has_is_answered_like_a_wrong_password() {
    let served = Served::start();
    arrive(&mut Client::new(&served));
    let mut client = Client::new(&served);
    for (name, password) in [("nobody", PASSWORD), ("alice", PASSWORD), ("", CHOSEN)] {
        let answer = sign_in(&mut client, name, password);
        assert_eq!(answer.status, 401, "{name}");
        assert!(answer.body.contains("id=\"password-error\""));
    }
}

#[test]
fn a_member_gets_no_page_of_the_admins() {
    let served = Served::start();
    let mut alice = Client::new(&served);
    arrive(&mut alice);
    assert_eq!(alice.get("/members").status, 404);
    assert_eq!(alice.submit("/members", &[("name", "eve"), ("link", "1")]).status, 404);
    assert!(!alice.get("/").body.contains("href=\"./members\""));
    assert_eq!(Client::signed_in(&served).get("/members").status, 200);
}

#[test]
fn a_member_reads_on_their_page_who_can_read_their_list() {
    let served = Served::start();
    let mut alice = Client::new(&served);
    arrive(&mut alice);
    let account = alice.get("/account").body;
    assert!(account.contains("Whoever has root’s password on the server can read the file"), "{account}");
}

#[test]
fn browsers_that_are_signed_in_are_shown_and_the_others_can_be_ended() {
    let served = Served::start();
    let (mut one, mut other) = (Client::signed_in(&served), Client::signed_in(&served));
    let mut alice = Client::new(&served);
    arrive(&mut alice);
    assert!(one.get("/account").body.contains("Another browser"));
    assert!(!alice.get("/account").body.contains("Another browser"), "not another account's");
    assert_eq!(one.submit("/end-others", &[]).status, 303);
    assert_eq!(other.get("/").status, 303);
    assert_eq!(one.get("/").status, 200);
    assert_eq!(alice.get("/").status, 200);
}
