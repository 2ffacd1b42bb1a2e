//! Whose message was forwarded. Where more than one address is possible, all of them: it is asked, never guessed.

use crate::identity::Identity;
use crate::message::{self, Forwarded};

/// How mail programs call the sender above a message that they forward, in many languages.
const FROM: [&str; 44] = [
    "from",
    "von",
    "de",
    "da",
    "van",
    "från",
    "fra",
    "od",
    "от",
    "від",
    "lähettäjä",
    "feladó",
    "kimden",
    "gönderen",
    "από",
    "de la",
    "差出人",
    "送信者",
    "发件人",
    "寄件者",
    "寄件人",
    "보낸 사람",
    "보낸사람",
    "מאת",
    "من",
    "expéditeur",
    "remitente",
    "mittente",
    "absender",
    "afzender",
    "avsändare",
    "afsender",
    "avsender",
    "nadawca",
    "odesílatel",
    "odosielateľ",
    "pošiljatelj",
    "отправитель",
    "відправник",
    "expeditor",
    "remetente",
    "remitent",
    "người gửi",
    "dari",
];

/// How they call the address for answers.
const REPLY_TO: [&str; 14] = [
    "reply-to",
    "reply to",
    "antwort an",
    "antworten an",
    "répondre à",
    "responder a",
    "rispondi a",
    "antwoord aan",
    "svar till",
    "svar til",
    "odpowiedz do",
    "odpověď na",
    "返信先",
    "回复",
];

/// How much of a text is looked at.
const LINES: usize = 2000;

/// A line longer than this is no header line.
const LINE_BYTES: usize = 1000;

/// The most addresses that a question offers.
const CHOICES: usize = 9;

/// Whose message it was.
#[derive(Debug, PartialEq, Eq)]
pub enum Meant {
    /// One address is possible.
    One(String),
    /// These are, or one that isn't certain.
    Unclear(Vec<String>),
    /// None but the household's own.
    OnlyHousehold,
    /// There is no address.
    Nobody,
}

/// Reads it out of what is forwarded. `household` tells our own addresses, which are never meant.
pub fn meant(forwarded: &Forwarded, household: impl Fn(&Identity) -> bool) -> Meant {
    let mut found = Found { household, certain: Vec::new(), possible: Vec::new(), own: false };
    for attached in &forwarded.attached {
        attached.from.iter().chain(&attached.reply_to).for_each(|identity| found.certain(identity));
    }
    for text in &forwarded.texts {
        found.text(text);
    }
    found.outcome()
}

struct Found<H> {
    household: H,
    /// Addresses that stand where a sender stands.
    certain: Vec<String>,
    /// Addresses that may be the sender's, in a language or a program that we don't know.
    possible: Vec<String>,
    own: bool,
}

impl<H: Fn(&Identity) -> bool> Found<H> {
    fn certain(&mut self, identity: &Identity) {
        if let Some(address) = self.address(identity)
            && !self.certain.contains(&address)
        {
            self.certain.push(address);
        }
    }

    fn possible(&mut self, line: &str) {
        for identity in addresses(line) {
            if let Some(address) = self.address(&identity)
                && !self.possible.contains(&address)
            {
                self.possible.push(address);
            }
        }
    }

    /// The address without its tag, unless it is our own.
    fn address(&mut self, identity: &Identity) -> Option<String> {
        identity.local()?;
        if (self.household)(identity) {
            self.own = true;
            return None;
        }
        let untagged = identity.untagged();
        let bare = untagged.and_then(|local| Identity::from_mail(local, identity.domain().as_str()).ok());
        Some(bare.as_ref().unwrap_or(identity).typed())
    }

    /// Reads the sender lines of a text. What stands before the first may hide one that we don't know, and so may all
    /// of a text that has none.
    fn text(&mut self, lines: &[String]) {
        let mut known = false;
        let lines = || lines.iter().take(LINES).map(|line| line.get(..LINE_BYTES).unwrap_or(line));
        for (line, next) in lines().zip(lines().skip(1).chain([""])) {
            match labelled(line) {
                Some((Label::From, value)) => {
                    // A long name pushes the address to the next line.
                    let value =
                        if value.contains('@') { value.to_owned() } else { format!("{value} {next}") };
                    let senders = addresses(&value);
                    known |= !senders.is_empty();
                    senders.iter().for_each(|identity| self.certain(identity));
                }
                Some((Label::ReplyTo, value)) => {
                    addresses(value).iter().for_each(|identity| self.certain(identity));
                }
                None if !known => self.possible(line),
                None => {}
            }
        }
    }

    fn outcome(self) -> Meant {
        let Self { mut certain, possible, own, .. } = self;
        let unclear = possible.iter().any(|address| !certain.contains(address));
        if certain.len() == 1 && !unclear {
            return certain.pop().map_or(Meant::Nobody, Meant::One);
        }
        for address in possible {
            if !certain.contains(&address) {
                certain.push(address);
            }
        }
        certain.truncate(CHOICES);
        match (certain.is_empty(), own) {
            (false, _) => Meant::Unclear(certain),
            (true, true) => Meant::OnlyHousehold,
            (true, false) => Meant::Nobody,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Label {
    From,
    ReplyTo,
}

/// A line that begins with one of the labels, quoting and emphasis undone, and what follows the colon.
fn labelled(line: &str) -> Option<(Label, &str)> {
    let dressing =
        |char: char| char.is_whitespace() || matches!(char, '>' | '|' | '*' | '_' | '\u{200e}' | '\u{200f}');
    let line = line.trim_start_matches(dressing);
    let (label, value) = line.split_once([':', '\u{ff1a}'])?;
    let label = label.trim_matches(dressing).to_lowercase();
    let value = value.trim_matches(dressing);
    if FROM.contains(&label.as_str()) {
        Some((Label::From, value))
    } else if REPLY_TO.contains(&label.as_str()) {
        Some((Label::ReplyTo, value))
    } else {
        None
    }
}

/// The addresses in what stands behind a label: the one of a well-formed From field, else every word that is an address.
/// (Our reader of mail finds more where it doesn't understand a field, for a filter must; here it would be guessing.)
fn addresses(value: &str) -> Vec<Identity> {
    if !value.contains(['@', '\u{ff20}']) {
        return Vec::new();
    }
    let field = format!("From: {value}\r\n\r\n");
    if let Some(author) = message::senders(field.as_bytes()).author {
        return vec![author];
    }
    let between = |char: char| char.is_whitespace() || "<>[](){},;:\"*|".contains(char);
    let words = value.split(between).filter(|word| word.contains(['@', '\u{ff20}']));
    let words = words.map(|word| word.trim_matches(|char: char| ".'!?".contains(char)));
    words.filter_map(|word| Identity::parse_mail(word).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(raw: &str) -> Meant {
        let household = |identity: &Identity| identity.domain().as_str() == "home.example";
        meant(&message::forwarded(raw.replace('\n', "\r\n").as_bytes()), household)
    }

    fn one(address: &str) -> Meant {
        Meant::One(address.to_owned())
    }

    fn unclear(addresses: &[&str]) -> Meant {
        Meant::Unclear(addresses.iter().map(|&address| address.to_owned()).collect())
    }

    #[test]
    fn inline_forwards_of_common_mail_programs_name_their_sender() {
        for block in [
            // Thunderbird
            "-------- Forwarded Message --------\nSubject: \tSale\nDate: \tMon, 1 Jan 2026\nFrom: \tM <m@x.example>\nTo: \ta@home.example",
            "-------- Weitergeleitete Nachricht --------\nBetreff: \tSale\nVon: \tM <m@x.example>\nAn: \ta@home.example",
            // Gmail
            "---------- Forwarded message ---------\nFrom: *M* <m@x.example>\nDate: Mon\nSubject: Sale\nTo: <a@home.example>",
            "---------- Forwarded message ---------\nVon: M <m@x.example>\nDate: Mo.",
            "---------- Forwarded message ---------\nFrom: A very long name that goes on\n<m@x.example>\nDate: Mon",
            // Outlook
            "________________________________\nFrom: M <m@x.example>\nSent: Monday\nTo: a@home.example",
            "-----Original Message-----\nFrom: M [mailto:m@x.example]\nSent: Monday",
            "-----Ursprüngliche Nachricht-----\nVon: m@x.example <mailto:m@x.example>\nGesendet: Montag",
            "De : M <m@x.example>\nEnvoyé : lundi",
            // Apple Mail
            "Begin forwarded message:\n\n> From: \"M\" <m@x.example>\n> Subject: Sale\n> To: a@home.example",
            "Anfang der weitergeleiteten Nachricht:\n\n> Von: M <m@x.example>\n> Betreff: Sale",
            // K-9
            "-------- Original Message --------\nFrom: M <m+tag@x.example>\nSent: 1 January",
            // others
            "差出人： M <m@x.example>\n件名： Sale",
            "发件人: M <m@x.example>\n主题: Sale",
            "Från: M <m@x.example>",
            "Fra: M <m@x.example>",
            "Od: M <m@x.example>",
            "От: M <m@x.example>",
            "Da: M <m@x.example>",
            "Van: M <m@x.example>",
            "De: M <m@x.example>",
        ] {
            let raw =
                format!("Content-Type: text/plain; charset=utf-8\n\nplease block\n\n{block}\n\nbuy this\n");
            assert_eq!(of(&raw), one("m@x.example"), "{block}");
        }
    }

    #[test]
    fn html_alone_and_html_beside_text_name_their_sender() {
        let html =
            "<div>Von: <b>M</b> &lt;<a href=\"mailto:m@x.example\">m@x.example</a>&gt;<br>Gesendet: x</div>";
        assert_eq!(of(&format!("Content-Type: text/html\n\n{html}\n")), one("m@x.example"));
        let both = format!(
            "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nVon: M <m@x.example>\n--b\n\
             Content-Type: text/html\n\n{html}\n--b--\n"
        );
        assert_eq!(of(&both), one("m@x.example"));
    }

    fn attached(header: &str, text: &str) -> String {
        format!(
            "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n{text}\n--b\nContent-Type: message/rfc822\n\n{header}\n\nhi\n--b--\n"
        )
    }

    #[test]
    fn an_attached_message_is_certain() {
        assert_eq!(
            of(&attached("From: M <m@x.example>", "please block, m@x.example is a nuisance")),
            one("m@x.example")
        );
        assert_eq!(of(&attached("From: M <m@x.example>\nReply-To: m@x.example", "")), one("m@x.example"));
    }

    #[test]
    fn whatever_leaves_a_doubt_is_asked() {
        assert_eq!(
            of(&attached("From: m@x.example\nReply-To: n@x.example", "")),
            unclear(&["m@x.example", "n@x.example"])
        );
        assert_eq!(
            of(&attached("From: m@x.example, n@x.example", "")),
            unclear(&["m@x.example", "n@x.example"])
        );
        // An attachment of the forwarded message, chosen by whoever sent it.
        assert_eq!(
            of(&attached("From: friend@y.example", "From: m@x.example")),
            unclear(&["friend@y.example", "m@x.example"])
        );
        // The same, forwarded in a language that we don't know.
        assert_eq!(
            of(&attached("From: friend@y.example", "Kutoka: m@x.example")),
            unclear(&["friend@y.example", "m@x.example"])
        );
        // A language that we don't know, and a line that the sender wrote.
        assert_eq!(
            of("Subject: x\n\nKutoka: m@x.example\n\nFrom: friend@y.example\n"),
            unclear(&["friend@y.example", "m@x.example"])
        );
        assert_eq!(of("Subject: x\n\nKutoka: m@x.example\n"), unclear(&["m@x.example"]));
        assert_eq!(
            of("Subject: x\n\nFrom: m@x.example\n\nhello\nFrom: friend@y.example\n"),
            unclear(&["m@x.example", "friend@y.example"])
        );
    }

    #[test]
    fn a_sender_called_like_a_wildcard_is_that_address_alone() {
        let typed = one("\"*\"@x.example");
        assert_eq!(of(&attached("From: *@x.example", "")), typed);
        let pattern = crate::pattern::understand("\"*\"@x.example", None, false).unwrap().pattern;
        let (_, listed) = pattern.key.split_once('@').unwrap();
        assert!(crate::pattern::glob_matches(listed, "*") && !crate::pattern::glob_matches(listed, "friend"));
    }

    #[test]
    fn our_own_addresses_are_never_meant() {
        assert_eq!(of("Subject: x\n\nFrom: a@home.example\nTo: b@home.example\n"), Meant::OnlyHousehold);
        assert_eq!(of("Subject: x\n\nFrom: m@x.example\n\nFrom: a@home.example\n"), one("m@x.example"));
        assert_eq!(of("Subject: x\n\nplease block them\n"), Meant::Nobody);
        assert_eq!(of(""), Meant::Nobody);
    }
}
