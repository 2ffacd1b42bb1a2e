//! The page where people find it.
//!
//! ```text
//! Chromium --HTTP--> nginx (packaging/nginx/postward.conf, under /postward/) --HTTP--> the page
//! Tor's daemon (stood in for by a client that sends the onion service's Host) --HTTP--> the page
//! ```

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use testbed::browser::Browser;
use testbed::process::{Process, accepts, free_port};
use web::Settings;

use common::browsing::{PHONE, says};
use common::client::Client;
use common::{PASSWORD, Served};

/// An nginx with the snippet that is shipped, on a port of its own.
struct Nginx {
    folder: TempDir,
    port: u16,
    _process: Process,
}

impl Nginx {
    fn before(served: &Served) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port().unwrap();
        let snippet = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/nginx/postward.conf");
        let snippet = std::fs::read_to_string(snippet).unwrap();
        assert!(snippet.contains("127.0.0.1:8025"));
        let snippet = snippet.replace("127.0.0.1:8025", &served.address.to_string());
        std::fs::write(folder.path().join("postward.conf"), snippet).unwrap();
        let at = folder.path().display();
        let folders: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {at}/{name};\n"))
            .concat();
        let config = format!(
            "daemon off; master_process off; pid {at}/pid; error_log {at}/error.log info;\n\
             events {{}}\n\
             http {{ access_log {at}/access.log; {folders}\n\
             server {{ listen 127.0.0.1:{port}; include {at}/postward.conf; }} }}\n"
        );
        std::fs::write(folder.path().join("nginx.conf"), config).unwrap();
        let mut command = Command::new("/usr/sbin/nginx");
        command.arg("-e").arg(folder.path().join("start.log")).arg("-p").arg(folder.path());
        command.arg("-c").arg(folder.path().join("nginx.conf"));
        let mut process = Process::start("nginx", command, &folder.path().join("output")).unwrap();
        let address = served.address.ip();
        process.wait_ready(testbed::PATIENCE, || Ok(accepts(address, port).then_some(()))).unwrap();
        Self { folder, port, _process: process }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    fn log(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }
}

#[test]
fn behind_nginx_under_a_path_everything_works_and_nothing_is_logged() {
    let served = Served::start();
    let nginx = Nginx::before(&served);
    let browser = Browser::open(PHONE).unwrap();
    let says = |what: &str| says(&browser, what);
    browser.goto(&nginx.url("elsewhere")).unwrap();
    browser.goto(&nginx.url("postward")).unwrap();
    assert_eq!(browser.url().unwrap(), nginx.url("postward/sign-in"));
    browser.fill("#password", PASSWORD).unwrap();
    browser.follow("main button").unwrap();
    assert_eq!(browser.url().unwrap(), nginx.url("postward/"));
    browser.fill("#value", "mallory@example.org").unwrap();
    browser.follow("form[action=block] > button").unwrap();
    browser.follow(".preview button").unwrap();
    says("Blocked: mallory@example.org");
    browser.follow("nav.tabs a[href$=list]").unwrap();
    browser.fill("#find", "mallory").unwrap();
    browser.follow(".search button").unwrap();
    says("One entry found");
    browser.follow(".entries .acts a").unwrap();
    says("Edit an entry");
    browser.goto(&nginx.url("postward/import")).unwrap();
    let file = nginx.folder.path().join("list.txt");
    let lines: String = (0..20_000).map(|number| format!("someone{number}@imported.example\n")).collect();
    std::fs::write(&file, lines).unwrap();
    browser.upload("#file", &file).unwrap();
    browser.follow("form[action=import] button").unwrap();
    // Whether it took long enough for a page of its own depends on the machine.
    if browser.count(".progress").unwrap() > 0 {
        browser.follow(".progress .button").unwrap();
    }
    says("new entries");
    browser.goto(&nginx.url("postward/no/such/page")).unwrap();
    says("No such page");
    browser.follow("main .button").unwrap();
    assert_eq!(browser.url().unwrap(), nginx.url("postward/"));

    // nginx did log what wasn't the page's, so the log is looked for in the right place.
    let access = nginx.log("access.log");
    assert!(access.contains("elsewhere") && !access.contains("postward"), "{access}");
    assert!(!nginx.log("error.log").contains("mallory"));
    let uploads = ["client_body", "proxy"].map(|name| nginx.folder.path().join(name));
    for folder in uploads {
        let kept = walk(&folder);
        assert!(kept.is_empty(), "nginx kept {kept:?}");
    }
}

/// The files in a folder and below.
fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[test]
fn as_an_onion_service_everything_works() {
    let onion = "p53lf57qovyuvwsc6xnrppyply3vtqm7l6pcobkmyqsiofyeznfu5uqd.onion";
    let served = Served::with(Settings { names: vec![onion.to_owned()], ..Settings::default() });
    let mut client = Client::as_host(&served, onion);
    assert_eq!(client.sign_in(PASSWORD).status, 303);
    // What Tor Browser says of a form on an onion service.
    let origin = format!("http://{onion}");
    let csrf = client.get("/").hidden("csrf");
    let body = format!("csrf={csrf}&value=mallory%40example.org&seen=+mallory%40example.org");
    for origin in [origin.as_str(), "null"] {
        let headers = [("Host", onion), ("Origin", origin), ("Sec-Fetch-Site", "same-origin")];
        assert_eq!(client.send("POST", "/block", &headers, body.as_bytes()).status, 303, "{origin}");
    }
    assert_eq!(served.lists.values(), ["mallory@example.org"]);
    for page in ["/", "/list", "/allowed", "/persons", "/import", "/counts", "/try", "/account"] {
        let answer = client.get(page);
        assert_eq!(answer.status, 200, "{page}");
        assert!(!answer.body.contains("https:") && !answer.body.contains(".onion"), "{page} leads elsewhere");
    }
    let cookies: Vec<&str> = client.cookies.keys().map(String::as_str).collect();
    assert!(cookies.contains(&"postward-session"), "a cookie marked Secure would be lost here: {cookies:?}");
    let mut other = Client::as_host(&served, "other.onion");
    assert_eq!(other.get("/").status, 421, "another's onion service that leads here");
}
