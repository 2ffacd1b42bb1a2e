//! A real Chromium, driven through ChromeDriver (W3C WebDriver), with JavaScript and images switched off as in Tor Browser
//! at its safest setting. Blocking calls: a test reads like what a person does.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::{Process, accepts, free_port, wait_for};

const CHROMEDRIVER: &str = "/usr/bin/chromedriver";
const CHROMIUM: &str = "/usr/bin/chromium";

/// The accessibility checker, which scripts/setup gets from npm.
const AXE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../npm/node_modules/axe-core/axe.min.js");

/// Gives every violation with the elements that it is about; fails where axe can't run at all.
const RUN_AXE: &str = "
const done = arguments[arguments.length - 1];
axe.run(document, { resultTypes: ['violations'] }).then(
    found => done(found.passes.length === 0 ? ['axe checked nothing'] : found.violations.map(
        violation => violation.id + ': ' + violation.help + ': '
            + violation.nodes.map(node => node.html + ' ' + node.failureSummary).join(' | '))),
    error => done(['axe failed: ' + error]));
";

/// WebDriver's name for the property that holds an element's id (W3C WebDriver section 12.2).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser with one window. Dropped, it ends with its driver.
pub struct Browser {
    http: ureq::Agent,
    session: String,
    width: u32,
    _driver: Process,
    _folder: TempDir,
}

impl Browser {
    /// Opens a browser whose page is `width` CSS pixels wide; below 600 it is a phone with a touch screen. Proves
    /// that scripts don't run and no image is shown. Without Debian's `chromium` and `chromium-driver` it fails.
    pub fn open(width: u32) -> Result<Self> {
        for program in [CHROMEDRIVER, CHROMIUM] {
            ensure!(Path::new(program).exists(), "there is no {program}: run scripts/setup");
        }
        let folder = tempfile::tempdir()?;
        let port = free_port()?;
        let mut command = Command::new(CHROMEDRIVER);
        command.arg(format!("--port={port}")).env("HOME", folder.path()).env_remove("DISPLAY");
        let mut driver = Process::start("chromedriver", command, &folder.path().join("chromedriver.log"))?;
        driver.wait_ready(crate::PATIENCE, || {
            Ok(accepts(IpAddr::V4(Ipv4Addr::LOCALHOST), port).then_some(()))
        })?;
        let http = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(120)))
            .proxy(None)
            .build()
            .into();
        let mut browser = Self {
            http,
            session: format!("http://127.0.0.1:{port}/session"),
            width,
            _driver: driver,
            _folder: folder,
        };
        let profile = browser._folder.path().join("profile");
        let started = browser.post("", &capabilities(&profile))?;
        let id = started["sessionId"].as_str().context("ChromeDriver gave no session id")?;
        browser.session = format!("{}/{id}", browser.session);
        browser.post("/timeouts", &json!({ "implicit": 5000, "pageLoad": 60_000 }))?;
        browser.resize(800)?;
        browser.scripts(false)?;
        browser.prove_that_scripts_are_off()?;
        browser.prove_that_images_are_off()?;
        Ok(browser)
    }

    fn scripts(&self, on: bool) -> Result<()> {
        self.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": !on })).map(drop)
    }

    fn prove_that_scripts_are_off(&self) -> Result<()> {
        self.goto("data:text/html,<title>off</title><script>document.title='on'</script>")?;
        let title = self.get("/title")?;
        ensure!(title == "off", "the browser runs scripts although they are switched off: title {title}");
        Ok(())
    }

    fn prove_that_images_are_off(&self) -> Result<()> {
        self.goto("data:text/html,<img src='data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7'>")?;
        let image = self.find("img")?;
        let width = self.get(&format!("/element/{image}/property/naturalWidth"))?;
        ensure!(width == 0, "the browser shows images although they are switched off: {width}");
        Ok(())
    }

    /// Loads a page.
    pub fn goto(&self, url: &str) -> Result<()> {
        self.post("/url", &json!({ "url": url })).map(drop)
    }

    /// The address of the page that is shown.
    pub fn url(&self) -> Result<String> {
        text_of(self.get("/url")?)
    }

    /// Empties a text field, then types into it.
    pub fn fill(&self, selector: &str, text: &str) -> Result<()> {
        let element = self.find(selector)?;
        self.post(&format!("/element/{element}/clear"), &json!({}))?;
        self.post(&format!("/element/{element}/value"), &json!({ "text": text })).map(drop)
    }

    /// Chooses a file in a file field.
    pub fn upload(&self, selector: &str, file: &Path) -> Result<()> {
        let element = self.find(selector)?;
        self.post(&format!("/element/{element}/value"), &json!({ "text": file })).map(drop)
    }

    /// Types keys wherever the focus is, for work without a pointer. Tab is U+E004, Space U+E00D (W3C WebDriver
    /// section 17.4.2). Waits for something to have the focus: a page that asks for it gets it only once it is drawn.
    pub fn keys(&self, keys: &str) -> Result<()> {
        let element = wait_for("something to have the focus", crate::PATIENCE, || {
            let Some(element) = self.focused() else { return Ok(None) };
            let name = text_of(self.get(&format!("/element/{element}/name"))?)?;
            Ok((name != "body").then_some(element))
        })?;
        self.post(&format!("/element/{element}/value"), &json!({ "text": keys })).map(drop)
    }

    /// Moves the focus by the Tab key to the first element that matches, as somebody without a pointer would.
    pub fn tab_to(&self, selector: &str) -> Result<()> {
        let wanted = self.find(selector)?;
        for _ in 0..200 {
            if self.focused().is_some_and(|element| element == wanted) {
                return Ok(());
            }
            self.press("\u{e004}")?;
        }
        bail!("the Tab key doesn't lead to {selector}")
    }

    /// Presses one key, whatever has the focus.
    pub fn press(&self, key: &str) -> Result<()> {
        let strokes = json!([{ "type": "keyDown", "value": key }, { "type": "keyUp", "value": key }]);
        let actions = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": strokes }] });
        self.post("/actions", &actions).map(drop)
    }

    fn focused(&self) -> Option<String> {
        let active = self.get("/element/active").ok()?;
        active[ELEMENT].as_str().map(str::to_owned)
    }

    /// What axe-core finds against the page, each as a sentence; contrast at AA, and whatever else it knows of WCAG 2.2
    /// and good practice. Scripts are on while the checker runs, and for it alone: the page was loaded without.
    pub fn violations(&self) -> Result<Vec<String>> {
        let axe =
            std::fs::read_to_string(AXE).with_context(|| format!("there is no {AXE}: run scripts/setup"))?;
        self.post("/timeouts", &json!({ "script": 60_000 }))?;
        self.scripts(true)?;
        let found = self
            .post("/execute/sync", &json!({ "script": axe, "args": [] }))
            .and_then(|_| self.post("/execute/async", &json!({ "script": RUN_AXE, "args": [] })));
        self.scripts(false)?;
        let found = found?;
        let found = found.as_array().context("axe gave no list")?;
        found.iter().map(|violation| text_of(violation.clone())).collect()
    }

    /// Presses Enter wherever the focus is, and waits for the page that this leads to.
    pub fn enter(&self) -> Result<()> {
        self.and_wait_for_the_next_page(|| self.keys("\u{e007}"))
    }

    /// Clicks the first element that matches, a link or a form's button, and waits for the page that it leads to.
    pub fn follow(&self, selector: &str) -> Result<()> {
        self.and_wait_for_the_next_page(|| self.click(selector))
    }

    /// Goes back in the history, and waits for the page before.
    pub fn back(&self) -> Result<()> {
        self.and_wait_for_the_next_page(|| self.post("/back", &json!({})).map(drop))
    }

    /// Loads the page anew.
    pub fn reload(&self) -> Result<()> {
        self.and_wait_for_the_next_page(|| self.post("/refresh", &json!({})).map(drop))
    }

    fn and_wait_for_the_next_page(&self, act: impl FnOnce() -> Result<()>) -> Result<()> {
        // Ids of elements are never used again, so another page has another root.
        let before = self.find("html")?;
        act()?;
        wait_for("the next page", crate::PATIENCE, || {
            Ok(self.find("html").ok().filter(|root| *root != before))
        })
        .map(drop)
    }

    /// Clicks the first element that matches, which stays on the page.
    pub fn click(&self, selector: &str) -> Result<()> {
        let element = self.find(selector)?;
        // Options of a list have no place of their own to scroll to.
        let _ = self.uncover(selector);
        self.post(&format!("/element/{element}/click"), &json!({})).map(drop)
    }

    /// Scrolls as a person would whose button is hidden below the page's sticky bar.
    fn uncover(&self, selector: &str) -> Result<()> {
        let document = self.devtools("DOM.getDocument", json!({ "depth": 0 }))?;
        let query = json!({ "nodeId": document["root"]["nodeId"], "selector": selector });
        let node = self.devtools("DOM.querySelector", query)?;
        let with_room_above = json!({ "x": 0, "y": -120, "width": 1, "height": 140 });
        let place = json!({ "nodeId": node["nodeId"], "rect": with_room_above });
        self.devtools("DOM.scrollIntoViewIfNeeded", place).map(drop)
    }

    /// The page's text as a reader sees it, without the invisible marks around inserted names (bidi isolates).
    pub fn text(&self) -> Result<String> {
        self.text_in("body")
    }

    /// The text in the first element that matches.
    pub fn text_in(&self, selector: &str) -> Result<String> {
        let element = self.find(selector)?;
        let text = text_of(self.get(&format!("/element/{element}/text"))?)?;
        Ok(text.replace(|c| ('\u{2066}'..='\u{2069}').contains(&c), ""))
    }

    /// The value that a field holds.
    pub fn value(&self, selector: &str) -> Result<String> {
        let element = self.find(selector)?;
        text_of(self.get(&format!("/element/{element}/property/value"))?)
    }

    /// How many elements match; doesn't wait for any.
    pub fn count(&self, selector: &str) -> Result<usize> {
        self.post("/timeouts", &json!({ "implicit": 0 }))?;
        let found = self.post("/elements", &json!({ "using": "css selector", "value": selector }));
        self.post("/timeouts", &json!({ "implicit": 5000 }))?;
        Ok(found?.as_array().map_or(0, Vec::len))
    }

    /// The page's HTML as the browser understood it.
    pub fn source(&self) -> Result<String> {
        text_of(self.get("/source")?)
    }

    /// The width of what stands on the page, in CSS pixels: more than the window's means sideways scrolling.
    pub fn content_width(&self) -> Result<u32> {
        let metrics = self.devtools("Page.getLayoutMetrics", json!({}))?;
        let width = metrics["cssContentSize"]["width"].as_f64().context("no content width")?;
        Ok(width.ceil() as u32)
    }

    /// Makes the text that pages go by as large as somebody may have set it, in pixels; usually it has 16.
    pub fn enlarge_text(&self, pixels: u32) -> Result<()> {
        self.devtools("Page.setFontSizes", json!({ "fontSizes": { "standard": pixels } })).map(drop)
    }

    /// Whether the first element that matches is seen as a whole without scrolling.
    pub fn is_in_view(&self, selector: &str) -> Result<bool> {
        let element = self.find(selector)?;
        let rect = self.get(&format!("/element/{element}/rect"))?;
        let metrics = self.devtools("Page.getLayoutMetrics", json!({}))?;
        let seen = &metrics["cssVisualViewport"];
        let number = |value: &Value| value.as_f64().context("no number");
        let within = |at: &str, size: &str, from: &str, length: &str| -> Result<bool> {
            let begin = number(&seen[from])?;
            let (at, end) = (number(&rect[at])?, number(&rect[at])? + number(&rect[size])?);
            Ok(at >= begin - 1.0 && end <= begin + number(&seen[length])? + 1.0)
        };
        Ok(within("x", "width", "pageX", "clientWidth")? && within("y", "height", "pageY", "clientHeight")?)
    }

    /// Lets the page see a person's wish for dark or for light colours.
    pub fn prefer_dark(&self, dark: bool) -> Result<()> {
        let value = if dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.devtools("Emulation.setEmulatedMedia", features).map(drop)
    }

    /// Saves a picture (PNG) of the whole page.
    pub fn screenshot(&self, path: &Path) -> Result<()> {
        let whole = json!({ "format": "png", "captureBeyondViewport": true });
        let metrics = self.devtools("Page.getLayoutMetrics", json!({}))?;
        let height = metrics["cssContentSize"]["height"].as_f64().unwrap_or(800.0);
        self.resize((height.ceil() as u32).max(600))?;
        let picture = self.devtools("Page.captureScreenshot", whole);
        self.resize(800)?;
        let encoded = text_of(picture?["data"].clone())?;
        std::fs::write(path, BASE64_STANDARD.decode(encoded)?)
            .with_context(|| format!("can't write {}", path.display()))
    }

    // A headless window can't be made as narrow as a phone; the page inside it can.
    fn resize(&self, height: u32) -> Result<()> {
        let phone = self.width < 600;
        let metrics = json!({
            "width": self.width, "height": height, "deviceScaleFactor": if phone { 2 } else { 1 }, "mobile": phone,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).map(drop)
    }

    fn devtools(&self, command: &str, parameters: Value) -> Result<Value> {
        self.post("/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    fn find(&self, selector: &str) -> Result<String> {
        let found = self
            .post("/element", &json!({ "using": "css selector", "value": selector }))
            .with_context(|| format!("looking for {selector}"))?;
        text_of(found[ELEMENT].clone())
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let url = format!("{}{path}", self.session);
        let mut response = self.http.post(&url).send_json(body)?;
        answer(response.status().as_u16(), response.body_mut().with_config().limit(256 << 20).read_json()?)
    }

    fn get(&self, path: &str) -> Result<Value> {
        let mut response = self.http.get(&format!("{}{path}", self.session)).call()?;
        answer(response.status().as_u16(), response.body_mut().read_json()?)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends Chromium; the driver follows with its own handle.
        let _ = self.http.delete(&self.session).call();
    }
}

fn capabilities(profile: &Path) -> Value {
    let arguments = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--blink-settings=imagesEnabled=false",
    ]
    .map(str::to_owned)
    .into_iter()
    .chain([format!("--user-data-dir={}", profile.display())])
    .collect::<Vec<_>>();
    json!({ "capabilities": { "alwaysMatch": {
        "browserName": "chrome",
        "goog:chromeOptions": {
            "binary": CHROMIUM,
            "args": arguments,
            "prefs": {
                "credentials_enable_service": false,
            },
        },
    } } })
}

fn answer(status: u16, mut body: Value) -> Result<Value> {
    let value = body["value"].take();
    if status != 200 {
        let message = value["message"].as_str().unwrap_or("no message");
        bail!(
            "{}: {}",
            value["error"].as_str().unwrap_or("an error"),
            message.lines().next().unwrap_or_default()
        );
    }
    Ok(value)
}

fn text_of(value: Value) -> Result<String> {
    match value {
        Value::String(text) => Ok(text),
        other => bail!("expected a text, got {other}"),
    }
}
