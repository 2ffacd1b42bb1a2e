//! A person in a real browser: signing in, and looking at a page closely.

use std::path::PathBuf;

use testbed::browser::Browser;

use super::{PASSWORD, Served};

pub const PHONE: u32 = 360;
pub const DESKTOP: u32 = 1280;

pub fn sign_in(browser: &Browser, served: &Served) {
    browser.goto(&served.url("")).unwrap();
    browser.fill("#password", PASSWORD).unwrap();
    browser.follow("main button").unwrap();
    assert!(browser.text().unwrap().contains("Block somebody"));
}

/// What is wrong with any page: sideways scrolling, and whatever the accessibility checker finds in light and in dark.
/// Pictures go to a folder, if somebody wants to look at them: `POSTWARD_PICTURES=folder`.
pub fn look(browser: &Browser, width: u32, name: &str) {
    assert!(browser.content_width().unwrap() <= width, "{name} scrolls sideways at {width} px");
    let folder = std::env::var_os("POSTWARD_PICTURES").map(PathBuf::from);
    for (dark, shade) in [(true, "dark"), (false, "light")] {
        browser.prefer_dark(dark).unwrap();
        assert_eq!(browser.violations().unwrap(), Vec::<String>::new(), "{name}, {shade}, {width} px");
        if let Some(folder) = &folder {
            browser.screenshot(&folder.join(format!("{width}-{name}-{shade}.png"))).unwrap();
        }
    }
}

pub fn says(browser: &Browser, what: &str) {
    let text = browser.text().unwrap();
    assert!(text.contains(what), "\"{what}\" isn't on the page:\n{text}");
}

pub fn block(browser: &Browser, served: &Served, value: &str) {
    browser.goto(&served.url("")).unwrap();
    browser.fill("#value", value).unwrap();
    browser.follow("form[action=block] > button").unwrap();
    browser.follow(".preview button").unwrap();
    says(browser, &format!("Blocked: {value}"));
}
