//! An adversary's or a careless program's requests ── the page ── lists in memory (a stand-in for the store).

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;

use policy_core::entry::{Action, Channels, Effect};
use web::Settings;

use common::client::Client;
use common::{PASSWORD, Served};

const EVIL: &str = "\"><script>alert(1)</script><img src=x onerror=alert(2)>'";
const PAGES: [&str; 8] = ["/", "/list", "/allowed", "/persons", "/import", "/counts", "/try", "/account"];

/// Blocks without looking first, as a program may.
fn block(client: &mut Client, value: &str, note: &str) {
    let seen = format!(" {value}");
    let answer = client.submit("/block", &[("value", value), ("note", note), ("seen", &seen)]);
    assert_eq!(answer.status, 303, "{}", answer.body);
}

#[test]
fn nothing_is_shown_to_somebody_who_is_not_signed_in() {
    let served = Served::start();
    let mut owner = Client::signed_in(&served);
    block(&mut owner, "mallory@example.org", "");
    let mut stranger = Client::new(&served);
    for page in PAGES {
        let answer = stranger.get(page);
        assert_eq!(answer.status, 303, "{page}");
        assert!(answer.header("location").unwrap().starts_with("sign-in"));
    }
    for form in [
        "/block",
        "/allow",
        "/edit",
        "/remove",
        "/switch",
        "/chosen",
        "/undo",
        "/list",
        "/allowed",
        "/persons",
        "/block-person",
        "/unblock-person",
        "/remove-person",
        "/counts",
        "/import-answer",
        "/export",
        "/account",
    ] {
        let answer = stranger.post(form, &[("value", "a@example.org"), ("id", "e-00000"), ("number", "1")]);
        assert_eq!(answer.status, 401, "{form}");
        assert!(!answer.body.contains("mallory"));
    }
    assert_eq!(stranger.post("/try", &[("text", "x")]).status, 401);
    assert_eq!(stranger.post("/import", &[("text", "x")]).status, 401);
    assert_eq!(served.lists.values(), ["mallory@example.org"]);
}

#[test]
fn a_form_without_its_session_s_token_changes_nothing() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    let other = Client::signed_in(&served).get("/").hidden("csrf");
    for token in ["", "0000", &other] {
        let form = [("csrf", token), ("value", "a@example.org"), ("seen", " a@example.org")];
        assert_eq!(client.post("/block", &form).status, 403);
        assert_eq!(client.post("/sign-out", &form).status, 403);
    }
    assert!(served.lists.values().is_empty());
    assert_eq!(client.get("/").status, 200, "still signed in");
    let boundary = "--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhello\r\n--b--\r\n";
    let host = served.address.to_string();
    let headers = [("Host", host.as_str()), ("Content-Type", "multipart/form-data; boundary=b")];
    for form in ["/try", "/import"] {
        assert_eq!(client.send("POST", form, &headers, boundary.as_bytes()).status, 403);
    }
}

#[test]
fn a_form_sent_by_another_site_is_refused_even_with_the_token() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    let csrf = client.get("/").hidden("csrf");
    let body = format!("csrf={csrf}&value=a%40example.org&seen=+a%40example.org");
    let host = served.address.to_string();
    for header in [
        ("Origin", "https://evil.example"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ] {
        assert_eq!(client.send("POST", "/block", &[("Host", &host), header], body.as_bytes()).status, 403);
    }
    assert!(served.lists.values().is_empty());
    let own = format!("http://{host}");
    assert_eq!(
        client.send("POST", "/block", &[("Host", &host), ("Origin", &own)], body.as_bytes()).status,
        303
    );
}

#[test]
fn nobody_else_s_page_can_sign_a_browser_in() {
    let served = Served::start();
    let visit = Client::new(&served).get("/sign-in").hidden("visit");
    let mut victim = Client::new(&served);
    let answer = victim.post("/sign-in", &[("visit", &visit), ("password", PASSWORD)]);
    assert_eq!(answer.status, 403);
    assert_eq!(victim.get("/").status, 303, "not signed in");
}

#[test]
fn only_known_names_are_answered_to() {
    let onion = "expyuzz4wqqyqhjn.onion";
    let settings = Settings { names: vec![onion.to_owned()], ..Settings::default() };
    let served = Served::with(settings);
    let mut client = Client::new(&served);
    for host in ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "", "10.0.0.1"] {
        assert_eq!(client.send("GET", "/sign-in", &[("Host", host)], b"").status, 421, "{host}");
    }
    for host in [onion, "localhost:8025", "127.0.0.1", "[::1]:8025", "LOCALHOST"] {
        assert_eq!(client.send("GET", "/sign-in", &[("Host", host)], b"").status, 200, "{host}");
    }
}

#[test]
fn every_answer_carries_the_safety_headers() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    let mut stranger = Client::new(&served);
    let mut answers: Vec<_> = PAGES.iter().map(|page| client.get(page)).collect();
    answers.extend(
        ["/sign-in", "/style.css", "/icon.svg", "/no/such/page", "/leave"].map(|path| stranger.get(path)),
    );
    answers.push(stranger.send("GET", "/", &[("Host", "evil.example")], b""));
    for answer in answers {
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("script-src"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("x-frame-options"), Some("DENY"));
    }
}

#[test]
fn cookies_are_hidden_from_scripts_and_other_sites_and_secure_under_https() {
    let served = Served::with(Settings { https: true, ..Settings::default() });
    let answer = Client::new(&served).sign_in(PASSWORD);
    let cookies: Vec<&str> =
        answer.head.lines().filter(|line| line.to_lowercase().starts_with("set-cookie: ")).collect();
    assert!(cookies.len() >= 3, "{cookies:?}");
    for cookie in cookies {
        for part in ["HttpOnly", "SameSite=Strict", "Secure"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(!cookie.contains("Path="), "the page doesn't know its path: {cookie}");
    }
}

#[test]
fn markup_typed_into_any_field_comes_back_as_text() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    let mut bodies = Vec::new();
    let fields = ["value", "kind", "channels", "action", "until", "note", "person", "confirmed", "instead"];
    for field in fields {
        bodies.push(client.submit("/block", &[("value", "a@example.org"), (field, EVIL)]).body);
    }
    bodies.push(client.submit("/allow", &[("value", EVIL), ("note", EVIL)]).body);
    block(&mut client, EVIL, EVIL);
    let id = served.lists.all()[0].id.to_string();
    bodies.push(client.get(&format!("/edit?id={id}")).body);
    bodies.push(client.get("/edit?id=%22%3E%3Cscript%3E").body);
    let edit = [("id", id.as_str()), ("value", EVIL), ("note", EVIL), ("revision", EVIL), ("seen", EVIL)];
    bodies.push(client.submit("/edit", &edit).body);
    bodies.push(client.submit("/edit", &[("id", &id), ("value", EVIL), ("seen", &format!(" {EVIL}"))]).body);
    bodies.push(client.submit("/persons", &[("name", EVIL), ("identities", EVIL)]).body);
    client.submit("/persons", &[("name", EVIL), ("identities", "\"<script>\"@example.org")]);
    let block = [("value", "x@example.org"), ("seen", " x@example.org"), ("person", EVIL)];
    assert_eq!(client.submit("/block", &block).status, 303);
    bodies.push(client.submit("/block", &[("value", "x@example.org")]).body);
    bodies.extend(PAGES.map(|page| client.get(page).body));
    client.submit("/list", &[("find", "script")]);
    bodies.push(client.get("/list").body);
    client.submit("/list", &[("find", EVIL), ("kind", EVIL), ("source", EVIL), ("order", EVIL)]);
    bodies.push(client.get("/list").body);
    bodies.push(client.submit("/remove", &[("id", EVIL), ("tab", EVIL)]).body);
    bodies.push(client.submit("/chosen", &[("chosen", EVIL), ("tab", EVIL), ("after", EVIL)]).body);
    let host = served.address.to_string();
    let headers = [("Host", host.as_str()), ("Content-Type", "multipart/form-data; boundary=b")];
    let csrf = client.get("/").hidden("csrf");
    let part = |name: &str, value: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let mail = format!("From: {EVIL} <a@example.org>\r\nSubject: {EVIL}\r\n\r\n{EVIL}\r\n");
    for text in [EVIL, &format!("{EVIL}@example.org"), &mail, &format!("regex:({EVIL}\n{EVIL}  # {EVIL}\n")] {
        let body = part("csrf", &csrf) + &part("format", EVIL) + &part("text", text) + "--b--\r\n";
        for path in ["/try", "/import"] {
            bodies.push(client.send("POST", path, &headers, body.as_bytes()).body);
            bodies.push(client.get("/import").body);
        }
    }
    for field in ["name", "mail", "jid", "login", "link", "remove", "keep"] {
        bodies.push(client.submit("/members", &[("name", EVIL), (field, EVIL)]).body);
    }
    bodies.push(client.get("/members").body);
    let mut stranger = Client::new(&served);
    bodies.push(stranger.post("/block", &[("value", EVIL), (EVIL, EVIL)]).body);
    bodies.push(stranger.post("/sign-in", &[("carried", EVIL), ("to", EVIL), ("visit", EVIL)]).body);
    bodies.push(stranger.get("/sign-in?to=%22%3E%3Cscript%3E").body);
    bodies.push(stranger.get("/%22%3E%3Cscript%3E").body);
    let shown = bodies.iter().filter(|body| body.contains("alert(1)")).count();
    assert!(shown >= 12, "the markup must have come back, as text");
    for body in bodies {
        assert!(!body.contains("<script") && !body.contains("<img"), "{body}");
    }
}

#[test]
fn every_page_is_small_and_needs_nothing_from_elsewhere() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    for number in 0..40 {
        let value = format!("{number} {}", "<&\">'".repeat(60));
        block(&mut client, &value, &"\"<wide & hostile>'".repeat(25));
        let name = format!("{number} {}", "<&\">'".repeat(19));
        let line = |name: &str| format!("\"{}{name}{number}\"@example.org\n", "<&>'".repeat(40));
        let person =
            [("name", name.as_str()), ("identities", &(line("a") + &line("b") + &line("c") + &line("d")))];
        assert_eq!(client.submit("/persons", &person).status, 303);
    }
    let style = client.get("/style.css").body;
    assert!(!style.contains("url(") && !style.contains("@import"));
    let extra = style.len() + client.get("/icon.svg").body.len();
    for page in PAGES {
        let body = client.get(page).body;
        assert!(body.len() + extra < 50_000, "{page} is {} bytes", body.len() + extra);
        assert!(!body.contains("<script") && !body.contains("style=\""), "{page}");
        let scripted = |word: &str| word.starts_with("on") && word.contains("=\"");
        assert!(!body.split_whitespace().any(scripted), "{page}");
        for link in ["src=\"", "href=\""] {
            for target in body.split(link).skip(1) {
                let target = target.split('"').next().unwrap();
                assert!(!target.contains(':') && !target.starts_with('/'), "{page}: {target}");
            }
        }
    }
}

#[test]
fn the_list_comes_in_pages() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    for number in 0..25 {
        block(&mut client, &format!("someone{number}@example.org"), "");
    }
    let first = client.get("/list").body;
    assert!(first.contains("someone24@") && !first.contains("someone4@"));
    let next = first.split("href=\"list?after=").nth(1).unwrap().split('"').next().unwrap();
    let second = client.get(&format!("/list?after={next}")).body;
    // Above them stands the last change.
    let second = second.split("class=\"entries\"").nth(1).unwrap();
    assert!(second.contains("someone4@") && !second.contains("someone24@"));
}

#[test]
fn a_session_is_new_after_each_sign_in_and_gone_after_leaving() {
    let served = Served::start();
    let mut client = Client::new(&served);
    let planted = "0".repeat(64);
    client.cookies.insert("postward-session".to_owned(), planted.clone());
    assert_eq!(client.sign_in(PASSWORD).status, 303);
    let session = client.cookies["postward-session"].clone();
    assert_ne!(session, planted);
    let answer = client.get("/leave");
    assert_eq!(answer.header("location"), Some("https://www.wikipedia.org/"));
    client.cookies.insert("postward-session".to_owned(), session);
    assert_eq!(client.get("/").status, 303, "the old cookie opens nothing");
}

#[test]
fn what_was_typed_survives_a_session_that_ends_in_the_middle_and_is_looked_at_before_it_is_saved() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    let csrf = client.get("/").hidden("csrf");
    client.get("/leave");
    let form = [
        ("csrf", csrf.as_str()),
        ("value", "mallory@example.org"),
        ("note", "kept"),
        ("seen", " mallory@example.org"),
    ];
    let answer = client.post("/block", &form);
    let (visit, to) = (answer.hidden("visit"), answer.hidden("to"));
    let carried = answer.hidden("carried").replace("&#38;", "&");
    let form = [("visit", visit.as_str()), ("to", &to), ("carried", &carried), ("password", PASSWORD)];
    let answer = client.post("/sign-in", &form);
    assert_eq!(answer.status, 200);
    assert!(
        answer.body.contains("value=\"mallory@example.org\"") && answer.body.contains(">\nkept</textarea>")
    );
    assert!(served.lists.values().is_empty());
}

#[test]
fn only_what_was_shown_is_saved() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    let answer = client.submit("/block", &[("value", "example.net"), ("seen", " example.org")]);
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("name=\"seen\" value=\" example.net\""));
    let form = [("value", "co.uk"), ("seen", " github.io"), ("confirmed", "yes")];
    assert!(
        !client.submit("/block", &form).body.contains("value=\"yes\" checked"),
        "a tick counts for one suffix"
    );
    assert!(served.lists.values().is_empty());
}

#[test]
fn errors_stand_beside_their_field_and_what_was_typed_is_kept() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    for until in ["yesterday", "2026-11-22", "2026-13-01"] {
        let form = [("value", "a@example.org"), ("until", until), ("note", "my note"), ("channels", "mail")];
        let answer = client.submit("/block", &form);
        assert_eq!(answer.status, 422);
        assert!(answer.body.contains("id=\"until-error\""));
        for kept in ["a@example.org", until] {
            assert!(answer.body.contains(&format!("value=\"{kept}\"")), "{kept}");
        }
        assert!(answer.body.contains(">\nmy note</textarea>"));
        assert!(answer.body.contains("value=\"mail\" checked"));
    }
    assert_eq!(client.submit("/block", &[("value", "  ")]).status, 422);
    let answer = client.submit("/block", &[("value", "a@example.org"), ("note", &"x".repeat(501))]);
    assert!(answer.body.contains("id=\"note-error\""));
    assert!(served.lists.values().is_empty());
}

#[test]
fn choices_reach_the_entry() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    let form = [
        ("value", "mallory@example.org"),
        ("seen", " mallory@example.org"),
        ("channels", "xmpp"),
        ("action", "refuse"),
        ("until", "2026-12-24"),
        ("note", " a note "),
    ];
    assert_eq!(client.submit("/block", &form).status, 303);
    let entry = served.lists.all().remove(0);
    assert_eq!((entry.effect, entry.channels, entry.action), (Effect::Block, Channels::Xmpp, Action::Refuse));
    assert_eq!(entry.note, "a note");
    assert_eq!(entry.until.unwrap().to_string(), "2026-12-24");
}

#[test]
fn an_address_with_a_name_is_shown_as_the_address_alone() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    let preview = client.submit("/block", &[("value", "Mallory M. <mallory@example.org>")]).body;
    let (_, understood) = preview.split_once("class=\"understood\">").unwrap();
    let understood = understood.split("</p>").next().unwrap();
    assert!(understood.contains("<bdi class=\"value\">mallory@example.org</bdi>"), "{understood}");
    assert!(!preview.contains("from \u{2068}Mallory"), "{preview}");
    assert!(preview.contains("Taken as the address"), "{preview}");
}

#[test]
fn a_domain_s_preview_names_the_allowed_people_there() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    for friend in ["friend@example.org", "other@notexample.org"] {
        client.submit("/allow", &[("value", friend), ("seen", &format!(" {friend}"))]);
    }
    let preview = client.submit("/block", &[("value", "example.org")]).body;
    assert!(preview.contains("One that you allow is there") && preview.contains("friend@example.org"));
    assert!(!preview.contains("other@"));
}

#[test]
fn undo_of_an_older_change_does_nothing() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    block(&mut client, "first@example.org", "");
    block(&mut client, "second@example.org", "");
    client.submit("/undo", &[("number", "1")]);
    assert_eq!(served.lists.values().len(), 2);
    client.submit("/undo", &[("number", "2")]);
    assert_eq!(served.lists.values(), ["first@example.org"]);
}

#[test]
fn too_much_is_refused_and_ten_megabytes_can_be_tried() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    let value = "x".repeat(100_000);
    let csrf = client.get("/").hidden("csrf");
    assert_eq!(client.post("/block", &[("csrf", &csrf), ("value", &value)]).status, 413);
    let host = served.address.to_string();
    let headers = [("Host", host.as_str()), ("Content-Type", "multipart/form-data; boundary=b")];
    let part = |name: &str, value: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    for (size, status) in [(9 << 20, 200), (11 << 20, 413)] {
        let body = part("csrf", &csrf) + &part("text", &"x ".repeat(size / 2)) + "--b--\r\n";
        assert_eq!(client.send("POST", "/try", &headers, body.as_bytes()).status, status);
    }
}

#[test]
fn a_page_works_under_any_path_because_no_link_or_redirect_is_absolute() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    for page in PAGES {
        let body = client.get(page).body;
        assert!(!body.contains("=\"/") && !body.contains(&served.address.to_string()), "{page}");
    }
    block(&mut client, "a@example.org", "");
    let csrf = client.get("/").hidden("csrf");
    for (form, fields) in
        [("/undo", [("number", "9")]), ("/list", [("find", "x")]), ("/sign-out", [("x", "")])]
    {
        let answer = client.post(form, &[("csrf", csrf.as_str()), fields[0]]);
        let location = answer.header("location").unwrap();
        assert!(!location.starts_with('/') && !location.contains(':'), "{form}: {location}");
    }
    assert!(client.get("/a/b/c").body.contains("href=\"../../style.css\""));
}

#[test]
fn nonsense_on_the_wire_does_not_stop_the_page() {
    let served = Served::start();
    for nonsense in [
        &b"\0\xff\xfe\r\n\r\n"[..],
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /%ff%00%2e%2e HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nConnection: close\r\n\r\n\xff%z",
        b"GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\nCookie: \xff=; =;;;\r\nConnection: close\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(served.address).unwrap();
        stream.write_all(nonsense).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
    }
    assert_eq!(Client::new(&served).get("/sign-in").status, 200);
}

#[test]
fn silent_and_slow_connections_lock_nobody_out() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    let head =
        format!("POST /sign-in HTTP/1.1\r\nHost: {}\r\nContent-Length: 1000\r\n\r\nslow", served.address);
    let held: Vec<TcpStream> = (0..200)
        .map(|number| {
            let mut stream = TcpStream::connect(served.address).unwrap();
            let _ = stream.write_all(if number % 3 == 0 { b"GET" } else { head.as_bytes() });
            stream
        })
        .collect();
    // Far less time than a slow one has.
    let answer = std::thread::scope(|scope| {
        let (sender, receiver) = std::sync::mpsc::channel();
        scope.spawn(move || sender.send(client.get("/list").status));
        receiver.recv_timeout(std::time::Duration::from_secs(60))
    });
    assert_eq!(answer, Ok(200));
    drop(held);
}

#[test]
fn a_request_under_way_outlives_silent_connections_and_a_session_s_the_slow_ones_of_strangers() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    let csrf = client.get("/").hidden("csrf");
    let cookies: Vec<String> = client.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let begin = |path: &str, cookies: &str, body: &str| {
        let mut stream = TcpStream::connect(served.address).unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nCookie: {cookies}\r\nContent-Length: {}\r\n\r\n",
            served.address,
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(300));
        stream
    };
    let end = |mut stream: TcpStream, body: &str| {
        let _ = stream.write_all(body.as_bytes());
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        answer.split("\r\n").next().unwrap_or_default().to_owned()
    };
    let held = |bytes: &[u8]| -> Vec<TcpStream> {
        let connections = (0..200).map(|_| {
            let mut stream = TcpStream::connect(served.address).unwrap();
            let _ = stream.write_all(bytes);
            std::thread::sleep(std::time::Duration::from_millis(1));
            stream
        });
        connections.collect()
    };
    let guess = "password=x&visit=y";
    let own = format!("csrf={csrf}&name=somebody&identities=a@example.org");
    let stranger = begin("/sign-in", "x=y", guess);
    let session = begin("/persons", &cookies.join("; "), &own);
    let silent = held(b"GET");
    assert_eq!(end(stranger, guess), "HTTP/1.1 403 Forbidden");
    let slow = held(
        format!("POST /sign-in HTTP/1.1\r\nHost: {}\r\nContent-Length: 9\r\n\r\n", served.address).as_bytes(),
    );
    assert_eq!(end(session, &own), "HTTP/1.1 303 See Other");
    drop((silent, slow));
}

#[test]
fn no_form_and_no_path_sends_a_browser_elsewhere() {
    let served = Served::start();
    let mut client = Client::signed_in(&served);
    block(&mut client, "a@example.org", "");
    let id = served.lists.all()[0].id.to_string();
    for elsewhere in
        ["//evil.example", "https://evil.example", "\\\\evil.example", "/\\evil.example", "list?x=\r\nX: y"]
    {
        let fields =
            [("tab", elsewhere), ("to", elsewhere), ("after", "x"), ("id", "e-00000"), ("do", elsewhere)];
        for form in ["/chosen", "/counts", "/import-answer"] {
            let answer = client.submit(form, &fields);
            assert!(
                !answer.head.contains("evil") && !answer.head.contains("X: y"),
                "{form}: {}",
                answer.head
            );
        }
        let switch = [("switch", format!("off {id}")), ("tab", elsewhere.to_owned())];
        let switch: Vec<(&str, &str)> = switch.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = client.submit("/switch", &switch);
        assert_eq!((answer.status, answer.header("location")), (303, Some("./")));
    }
    for path in [
        "//evil.example",
        "/list/",
        "/list/..",
        "/./list",
        "/..%2flist",
        "/%2e%2e/list",
        "/LIST",
        "/list%00",
        "/list;x",
    ] {
        let answer = client.get(path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.body.contains("a@example.org"));
    }
    for path in ["/edit?id=../../x", "/edit?id=e-00000", "/edit", "/persons?id=4294967295"] {
        assert!([404, 409].contains(&client.get(path).status), "{path}");
    }
    for path in ["/persons?id=-1", "/list?after=x", "/list?after=99999999999999999999", "/persons?from=x"] {
        assert_eq!(client.get(path).status, 400, "{path}");
    }
    assert_eq!(client.get("/persons?from=18446744073709551615").status, 200);
}
