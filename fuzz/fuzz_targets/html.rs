//! HTML to text: bounded, the same under any transfer encoding, and no markup inside a word hides it.
#![no_main]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use policy_core::message::{self, Limits};

/// None of these ends a word.
const MARKUP: [&str; 8] =
    ["<b></b>", "<i>", "<!-- -->", "<!-->", "</x>", "<span title=''>", "<?x?>", "<font color=red>"];

fuzz_target!(|html: &str| {
    // A lone CR or a NUL is one more reading of the message around it, not of the page.
    let html = html.replace(['\r', '\0'], "");
    let bare = shown("8bit", &html);
    let bytes: usize = bare.iter().map(String::len).sum();
    assert!(bytes <= 64 * html.len(), "far more text than markup");
    assert!(bare == shown("base64", &STANDARD.encode(&html)), "the transfer encoding changes the text");

    let text: String = html.chars().filter(|c| !c.is_control()).collect();
    // The likeliest reading; markup in a charset's name makes others.
    let plain = page(&text, "");
    // One at a time, drawn by the input: inputs a second count.
    let markup = MARKUP.get(html.len() % MARKUP.len()).copied().unwrap_or_default();
    assert!(page(&text, markup).first() == plain.first(), "{markup} inside a word hides it");
});

/// What is shown of `text` with `markup` around each of its characters.
fn page(text: &str, markup: &str) -> Vec<String> {
    let mut html = String::from("<p>");
    for c in text.chars() {
        match c {
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '&' => html.push_str("&amp;"),
            _ => html.push(c),
        }
        html.push_str(markup);
    }
    shown("8bit", &html)
}

fn shown(encoding: &str, body: &str) -> Vec<String> {
    let raw = format!(
        "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}"
    );
    let parts = message::read(raw.as_bytes(), &Limits::default());
    parts.texts.into_iter().map(|text| text.shown).collect()
}
