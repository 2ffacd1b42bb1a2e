//! Shapes of hostile messages, each at any size.

/// Makes a message of about so many bytes.
pub type Shape = fn(usize) -> Vec<u8>;

/// `head`, then `unit` up to `size`.
fn filled(head: &str, unit: &str, size: usize) -> Vec<u8> {
    let mut raw = String::with_capacity(head.len() + size);
    raw += head;
    // Nothing else is in memory meanwhile.
    (0..size / unit.len()).for_each(|_| raw += unit);
    raw.into_bytes()
}

/// `head`, then what `unit` makes of each number up to `size`.
fn numbered(head: &str, unit: impl Fn(usize) -> String, size: usize) -> Vec<u8> {
    let mut raw = String::with_capacity(head.len() + size + 256);
    raw += head;
    for number in 0.. {
        if raw.len() >= size {
            break;
        }
        raw += &unit(number);
    }
    raw.into_bytes()
}

const HTML: &str = "Content-Type: text/html\r\n\r\n";
const MIXED: &str = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";

const PROSE: &str = "When the market opened on Tuesday morning, hardly anybody noticed the stall.\r\n";
const PAGE: &str = "<p style=\"margin:0\">When the market <b>opened</b> on Tuesday morning, hardly anybody\r\n\
                    <a href=\"https://market.example/\">noticed</a> the stall.</p>\r\n";
/// A line of HTML in base64, without a rest.
const PAGE_LINE: &str = "PHA+V2hlbiB0aGUgbWFya2V0IDxiPm9wZW5lZDwvYj4gb24gVHVlc2RheSBtb3JuaW5nPC9wPg0K\r\n";

/// What people send, only larger.
#[allow(dead_code, reason = "not every benchmark reads them")]
pub const ORDINARY: &[(&str, Shape)] = &[
    ("plain text", |n| filled("\r\n", PROSE, n)),
    ("plain text in Latin-1", |n| {
        let mut raw = filled("Content-Type: text/plain; charset=iso-8859-1\r\n\r\n", PROSE, n);
        raw.iter_mut().filter(|byte| **byte == b'e').for_each(|byte| *byte = 0xe9);
        raw
    }),
    ("plain text in base64", |n| {
        filled(
            "Content-Transfer-Encoding: base64\r\n\r\n",
            "V2hlbiB0aGUgbWFya2V0IG9wZW5lZCBvbiBUdWVzZGF5IG1vcm5pbmcsIGhhcmRseSBhbnkuDQoK\r\n",
            n,
        )
    }),
    ("HTML", |n| filled(HTML, PAGE, n)),
    ("HTML with a style block", |n| {
        filled(&(HTML.to_owned() + "<style>.a{color:red} div.b p{display:none}</style>"), PAGE, n)
    }),
    ("HTML in quoted-printable", |n| {
        let head =
            "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n";
        filled(
            head,
            "<p style=3D\"margin:0\">When the m=C3=A4rket <b>opened</b> on Tuesday=\r\n morning.</p>\r\n",
            n,
        )
    }),
    ("HTML in base64", |n| {
        filled(
            "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
            PAGE_LINE,
            n,
        )
    }),
    ("a picture in base64", |n| {
        filled(
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\n\
             Content-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\n",
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9\r\n",
            n,
        )
    }),
];

/// Every shape that once was, or might be, slow or large.
pub const SHAPES: &[(&str, Shape)] = &[
    ("one long line", |n| filled("\r\n", "word ", n)),
    ("one long word", |n| filled("\r\n", "a", n)),
    ("empty lines", |n| filled("\r\n", "\r\n", n)),
    ("lone CRs", |n| filled("\r\n", "a\r", n)),
    ("NULs", |n| filled("\r\n", "a\0", n)),
    ("parts", |n| filled(MIXED, "--b\r\n\r\nx\r\n", n)),
    ("empty parts", |n| filled(MIXED, "--b\r\n", n)),
    ("boundary-like lines", |n| filled(MIXED, "--bb\r\n", n)),
    ("boundaries closed", |n| filled(MIXED, "--b--\r\n", n)),
    ("boundary lines", |n| numbered("Content-Type: multipart/mixed\r\n\r\n", |i| format!("--b{i}\r\n"), n)),
    ("boundary list", |n| {
        [
            numbered("Content-Type: multipart/mixed", |i| format!("; boundary=b{i}"), n / 2),
            filled("\r\n\r\n", "--b1\r\n", n / 2),
        ]
        .concat()
    }),
    ("nested multiparts", |n| {
        numbered("", |i| format!("Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n"), n)
    }),
    ("nested multiparts of one boundary", |n| {
        filled("", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", n)
    }),
    ("ambiguous nesting", |n| {
        filled(
            "",
            "Content-Type: multipart/mixed; boundary=b; boundary=c\r\nContent-Type: text/html\r\n\
             Content-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: 7bit\r\n\r\n--b\r\n--c\r\n",
            n,
        )
    }),
    ("attached messages nested", |n| filled("", "Content-Type: message/rfc822\r\n\r\n", n)),
    ("attached messages", |n| {
        filled(MIXED, "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ny\r\n", n)
    }),
    ("Content-Type fields", |n| {
        [filled("", "Content-Type: text/html; charset=x\r\n", n), b"\r\n<p>x".to_vec()].concat()
    }),
    ("Content-Type fields over a body", |n| {
        [
            filled("", "Content-Type: text/html; charset=koi8-r\r\nContent-Type: text/calendar\r\n", n / 2),
            filled("\r\n", "<p>\u{e4}", n / 2),
        ]
        .concat()
    }),
    ("encoding fields", |n| {
        [
            filled("", "Content-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: 8bit\r\n", n / 2),
            filled("\r\n", "abcd", n / 2),
        ]
        .concat()
    }),
    ("header fields", |n| filled("", "X: y\r\n", n)),
    ("lines that are no fields", |n| filled("", "no field\r\n", n)),
    ("blank lines in a header", |n| filled("Subject: x\r\n", " \r\n", n)),
    ("From fields", |n| numbered("", |i| format!("From: a@b{i}.example\r\n"), n)),
    ("Subject fields", |n| numbered("", |i| format!("Subject: =?utf-8?q?{i}?=\r\n"), n)),
    ("folding", |n| filled("Subject: x", "\r\n y", n)),
    ("addresses", |n| numbered("From: ", |i| format!("a{i}@b.example, "), n)),
    ("addresses in names", |n| numbered("From: ", |i| format!("\"a{i}@b.example\" <c@d.example>, "), n)),
    ("broken addresses", |n| numbered("From: ((", |i| format!("a{i}@b.example<"), n)),
    ("open comments", |n| filled("From: ", "(", n)),
    ("comments", |n| filled("From: a@b.example ", "()", n)),
    ("open angles", |n| filled("From: ", "<", n)),
    ("angles", |n| filled("From: ", "<a@b>", n)),
    ("at signs", |n| filled("From: ", "a@", n)),
    ("groups", |n| filled("From: ", "g:a@b;", n)),
    ("quotes", |n| filled("From: ", "\"", n)),
    ("quoted pairs", |n| filled("From: \"", "\\\"", n)),
    ("literals", |n| filled("From: a@", "[", n)),
    ("source routes", |n| filled("From: <", "@a.example,", n)),
    ("a local part without end", |n| filled("From: ", "a.", n)),
    ("international domains", |n| numbered("From: ", |i| format!("a@\u{fc}{i}.example, "), n)),
    ("encoded words", |n| filled("Subject: ", "=?utf-8?q?=C3?= =?utf-8?b?pA==?= ", n)),
    ("encoded words in From", |n| filled("From: ", "=?utf-8?q?=C3?= ", n)),
    ("encoded words without end", |n| filled("Subject: ", "=?utf-8?q?", n)),
    ("encoded words begun", |n| filled("Subject: ", "=?", n)),
    ("encoded words of many charsets", |n| filled("Subject: ", "=?koi8-r?q?=C3?= =?big5?q?=C3?= ", n)),
    ("parameters", |n| filled("Content-Type: text/plain", "; charset=x", n)),
    ("continuations", |n| {
        [numbered("Content-Type: text/plain", |i| format!("; name*{i}*=%41"), n), b"\r\n\r\nx".to_vec()]
            .concat()
    }),
    ("continuations beyond any number", |n| filled("Content-Type: text/plain", "; name*99999999999=a", n)),
    ("parameters without semicolons", |n| numbered("Content-Type: text/plain ", |i| format!("a{i}=b "), n)),
    ("backslashes in a parameter", |n| filled("Content-Type: text/plain; name=\"", "\\", n)),
    ("file names", |n| {
        filled(MIXED, "--b\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nx\r\n", n)
    }),
    ("uuencode beginnings", |n| filled("\r\n", "begin 644 x\r\n", n)),
    ("uuencoded files", |n| filled("\r\n", "begin 644 x\r\n#86%A\r\nend\r\n", n)),
    ("charset switches", |n| {
        filled("Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n", "\x1b$B4A\x1b(B", n)
    }),
    ("UTF-7 switches", |n| filled("Content-Type: text/plain; charset=utf-7\r\n\r\n", "+AGE-", n)),
    ("HZ switches", |n| filled("Content-Type: text/plain; charset=hz-gb-2312\r\n\r\n", "~{", n)),
    ("unlabelled bytes", |n| [b"\r\n".to_vec(), b"\xe4\xd0 ".repeat(n / 3)].concat()),
    ("quoted-printable", |n| filled("Content-Transfer-Encoding: quoted-printable\r\n\r\n", "=41=\r\n", n)),
    ("quoted-printable of blanks", |n| {
        filled("Content-Transfer-Encoding: quoted-printable\r\n\r\n", " =", n)
    }),
    ("base64 in many pieces", |n| filled("Content-Transfer-Encoding: base64\r\n\r\n", "YQ==\r\n", n)),
    ("base64 and text by turns", |n| filled("Content-Transfer-Encoding: base64\r\n\r\n", "YQ==\r\n!\r\n", n)),
    ("quote marks", |n| filled("\r\n", "> ", n)),
    ("flowed lines", |n| filled("Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\n", "a \r\n", n)),
    ("calendar folding", |n| filled("Content-Type: text/calendar\r\n\r\nSUMMARY:x", "\r\n y", n)),
    ("calendar properties", |n| filled("Content-Type: text/calendar\r\n\r\n", "A;CN=x:y\r\n", n)),
    ("calendar with HTML", |n| {
        filled("Content-Type: text/calendar\r\n\r\n", "A;FMTTYPE=text/html:<p>y\r\n", n)
    }),
    ("overrides", |n| filled("\r\n", "\u{202e}ab", n)),
    ("open elements", |n| filled(HTML, "<div>", n)),
    ("open elements of many names", |n| numbered(HTML, |i| format!("<x{i}>"), n)),
    ("elements", |n| filled(HTML, "<div></div>", n)),
    ("end tags", |n| filled(HTML, "</div>", n)),
    ("open cells", |n| filled(HTML, "<table><tr><td>", n)),
    ("paragraphs", |n| filled(HTML, "<p>a", n)),
    ("list items", |n| filled(HTML, "<ul><li>a", n)),
    ("tag beginnings", |n| filled(HTML, "<", n)),
    ("open tags", |n| filled(HTML, "<a ", n)),
    ("attributes", |n| numbered(&(HTML.to_owned() + "<a"), |i| format!(" a{i}"), n)),
    ("a value without end", |n| filled(HTML, "<a b=\"", n)),
    ("open comments in HTML", |n| filled(HTML, "<!--", n)),
    ("comments in HTML", |n| filled(HTML, "<!---->", n)),
    ("conditional comments", |n| filled(HTML, "<!--[if mso]>a<![endif]-->", n)),
    ("nested conditional comments", |n| filled(HTML, "<!--[if mso]>", n)),
    ("declarations", |n| filled(HTML, "<!", n)),
    ("processing instructions", |n| filled(HTML, "<?", n)),
    ("CDATA", |n| filled(HTML, "<![CDATA[", n)),
    ("entities", |n| filled(HTML, "&amp;", n)),
    ("open entities", |n| filled(HTML, "&am", n)),
    ("numeric entities", |n| filled(HTML, "&#97;", n)),
    ("digits in an entity", |n| filled(&(HTML.to_owned() + "&#"), "9", n)),
    ("scripts", |n| filled(HTML, "<script>", n)),
    ("escaped scripts", |n| filled(HTML, "<script><!--", n)),
    ("styles", |n| filled(HTML, "<style>a{}</style>", n)),
    ("open styles", |n| filled(HTML, "<style>", n)),
    ("style rules", |n| numbered(&(HTML.to_owned() + "<style>"), |i| format!(".a{i}{{display:none}}"), n)),
    ("style selectors", |n| numbered(&(HTML.to_owned() + "<style>"), |i| format!(".a{i},"), n)),
    ("style braces", |n| filled(&(HTML.to_owned() + "<style>"), "a{", n)),
    ("style comments", |n| filled(&(HTML.to_owned() + "<style>"), "/*", n)),
    ("style media", |n| filled(&(HTML.to_owned() + "<style>"), "@media all{", n)),
    ("classes", |n| {
        let mut raw = numbered(&(HTML.to_owned() + "<style>"), |i| format!(".a{i}{{display:none}}"), n / 2);
        raw.extend(numbered("</style>", |i| format!("<p class=\"a{i} b c d e f g h\">x"), n / 2));
        raw
    }),
    ("classes of one element", |n| {
        numbered(&(HTML.to_owned() + "<style>.a{color:red}</style><p class=\""), |i| format!("a{i} "), n)
    }),
    ("inline styles", |n| filled(HTML, "<p style=\"color:red;display:block\">a", n)),
    ("declarations of one style", |n| filled(&(HTML.to_owned() + "<p style=\""), "color:red;", n)),
    ("overridden directions", |n| filled(HTML, "<bdo dir=rtl>ab", n)),
    ("frames", |n| filled(HTML, "<iframe srcdoc=x>", n)),
    ("frames within frames", |n| filled(HTML, "<iframe/srcdoc=", n)),
    ("documents in URIs", |n| filled(HTML, "<img src=data:text/html,x>", n)),
    ("one document in a URI", |n| filled(&(HTML.to_owned() + "<object data='data:text/html,"), "%3Cp%3E", n)),
    ("pictures' texts", |n| filled(HTML, "<img alt=abc>", n)),
    ("pictures' texts within words", |n| filled(HTML, "a<img alt=abc>b", n)),
    ("cells side by side", |n| filled(&(HTML.to_owned() + "<table cellspacing=0>"), "<td>ab", n)),
    ("boxes side by side", |n| filled(&(HTML.to_owned() + "<p style=display:flex>"), "<b>a</b>", n)),
    ("selectors of many elements", |n| {
        let rules = "*[x]>*+*~* *{display:none} b b b b:not(.x){display:none} b:nth-child(2n){display:none}";
        filled(&format!("{HTML}<style>{rules}</style>"), "<b class='a b c d'>", n)
    }),
    ("many selectors", |n| {
        let mut raw =
            numbered(&(HTML.to_owned() + "<style>"), |i| format!(".b{i} .a{{display:none}}"), n / 2);
        raw.extend(numbered("</style>", |i| format!("<p class=\"a b{i}\">x"), n / 2));
        raw
    }),
    ("generated text", |n| {
        let rule = "<style>i:before{content:attr(title) attr(title) attr(title)}</style>";
        filled(&(HTML.to_owned() + rule), "<i title=ab>", n)
    }),
    ("reckoned lengths", |n| filled(&(HTML.to_owned() + "<p style=\"width:calc("), "0*", n)),
    ("reckoned lengths within others", |n| {
        let mut raw = filled(&(HTML.to_owned() + "<p style=\"width:"), "calc(", n / 6 * 5);
        raw.extend(filled("", ")", n / 6));
        raw
    }),
    ("attributes of winmail.dat", |n| {
        let head = "Content-Type: application/ms-tnef\r\n\r\n\u{78}";
        let mut raw = head.as_bytes().to_vec();
        raw.extend(b"\x9f\x3e\x22\x01\x00");
        while raw.len() < n {
            raw.extend(b"\x01\x0c\x80\x02\x00\x04\x00\x00\x00text\x00\x00");
        }
        raw
    }),
    ("XML", |n| filled("Content-Type: text/xml\r\n\r\n", "<a>b</a>", n)),
    ("names written out", |n| filled("From: \"", "a (at) b (dot) c ", n)),
    ("capitals in a file's name", |n| filled("Content-Type: a/b; name=\"", "aB", n)),
];
