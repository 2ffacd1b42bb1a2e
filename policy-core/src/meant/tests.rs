//! Whose message is meant, in what mail programs and hostile senders write.

use super::*;
use crate::message;

fn of(raw: &str) -> Meant {
    to(Effect::Block, raw)
}

fn to(effect: Effect, raw: &str) -> Meant {
    let household = |identity: &Identity| identity.domain().as_str() == "home.example";
    let forwarded = message::forwarded(raw.replace('\n', "\r\n").as_bytes());
    let is_reply = looks_like_reply(&forwarded, raw.contains("\nIn-Reply-To:"));
    meant(&forwarded, is_reply, effect, household)
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
        "Начало переадресованного сообщения:\n\n> От: M <m@x.example>\n> Тема: Sale",
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
        let raw = format!("Content-Type: text/plain; charset=utf-8\n\nplease block\n\n{block}\n\nbuy this\n");
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
    assert_eq!(of(&attached("From: m@x.example, n@x.example", "")), unclear(&["m@x.example", "n@x.example"]));
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
fn whoever_took_anothers_address_for_their_name_is_asked_about_before_they_are_allowed() {
    for from in [
        "\"friend@y.example\" <m@x.example>",
        "=?utf-8?q?friend=40y.example?= <m@x.example>",
        "m@x.example (friend@y.example)",
    ] {
        let raw = attached(&format!("From: {from}"), "");
        assert_eq!(to(Effect::Allow, &raw), unclear(&["m@x.example", "friend@y.example"]), "{from}");
        assert_eq!(to(Effect::Block, &raw), one("m@x.example"), "{from}");
    }
    for from in ["\"m@x.example\" <m@x.example>", "\"m@x.example\" <m+tag@x.example>", "M <m@x.example>"] {
        assert_eq!(to(Effect::Allow, &attached(&format!("From: {from}"), "")), one("m@x.example"), "{from}");
    }
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

#[test]
fn a_name_that_is_an_address_never_stands_for_the_address_behind_it() {
    let long = "a".repeat(1000);
    for block in [
        "From: friend@y.example is a long name that goes on\nand on <evil@x.example>\nDate: Mon",
        "From: friend@y.example from the office of sales and other important\nthings: <evil@x.example>\nDate: Mon",
        "From: friend@y.example, the longest name that ever anybody had in it \nTo: <evil@x.example>\nTo: a@home.example",
        "From: \t\"friend@y.example via the long long name of the sender\"\n <evil@x.example>\nTo: a@home.example",
        "Begin forwarded message:\n\n> From: \"friend@y.example (a long name)\"\n> <evil@x.example>\n> Subject: Sale",
        &format!("From: \"friend@y.example {long}\" <evil@x.example>\nDate: Mon"),
        &format!("From: \"friend@y.example\n{long}\n{long}\n<evil@x.example>\nDate: Mon"),
        "Von: friend@y.example,\n evil@x.example\nGesendet: Montag",
        "From: friend@y.example <evil@x.example>\nDate: Mon",
        "From: \"friend@y.example\" <evil@x.example>\nDate: Mon",
        "From: friend@y.example <\"ev il\"@x.example>\nDate: Mon",
        "Subject: the longest subject that ever anybody had, and it goes on and\nFrom: friend@y.example\nFrom: evil@x.example",
    ] {
        let Meant::Unclear(choices) = of(&format!("Subject: Fwd: x\n\n{block}\n\nbuy\n")) else {
            panic!("certain in {block}");
        };
        assert!(
            choices.contains(&"evil@x.example".to_owned()) || block.contains("ev il"),
            "{block}: {choices:?}"
        );
    }
}

#[test]
fn styles_that_a_message_brings_along_hide_nothing_of_what_stands_above_it() {
    let block = "<div class=\"gmail_attr\">---------- Forwarded message ---------<br>From: <b>M</b> \
                 &lt;<a href=\"mailto:evil@x.example\">evil@x.example</a>&gt;<br>Date: Mo</div>";
    for page in [
        "<style>.gmail_attr{display:none}</style><body>BLOCK<p>From: friend@y.example</p>",
        "<style>b,a,div{font-size:0}</style><body>BLOCK<p>From: friend@y.example</p>",
        "<body style='font-size:0;color:white'>BLOCK<p style='font-size:9pt;color:black'>From: friend@y.example</p>",
        "<body hidden><div>BLOCK</div><p>From: friend@y.example</p>",
    ] {
        let raw = format!(
            "Subject: Fwd: x\nContent-Type: text/html\n\n<html>{}</html>\n",
            page.replace("BLOCK", block)
        );
        assert_eq!(of(&raw), unclear(&["evil@x.example", "friend@y.example"]), "{page}");
        assert_eq!(of(&raw.replace("From: friend@y.example", "hi")), one("evil@x.example"), "{page}");
    }
}

#[test]
fn where_nobody_stands_whom_a_message_could_be_from_nobody_takes_their_place() {
    for text in [
        "From: Mallory\nSent: Monday\n\nFrom: friend@y.example\nhi",
        "Von: \nGesendet: Montag\n\nVon: friend@y.example\nhi",
        "-------- Forwarded --------\nbuy this\n\n> From: friend@y.example",
        "-------- Forwarded --------\nbuy this\n\nFrom: friend@y.example",
        "block please\n\n> From: friend@y.example",
        "block please\n\nM wrote:\n> hello\n> From: friend@y.example",
        "From: Alice <alice@home.example>\nReply-To: friend@y.example\nTo: alice@home.example\n\nbuy",
        "From: Alice <alice@home.example>\nTo: alice@home.example\n\nFrom: friend@y.example\nbuy",
        "Reply-To: friend@y.example\n\nbuy",
    ] {
        assert_eq!(of(&format!("Subject: Fwd: x\n\n{text}\n")), unclear(&["friend@y.example"]), "{text}");
    }
    for header in [
        "From: Alice <alice@home.example>\nReply-To: friend@y.example",
        "Reply-To: friend@y.example\nSubject: x",
        "From: Mallory\nReply-To: friend@y.example",
        "Sender: alice@home.example\nReply-To: friend@y.example",
    ] {
        assert_eq!(of(&attached(header, "please")), unclear(&["friend@y.example"]), "{header}");
    }
    // No mailbox, whatever readers make of it.
    assert!(matches!(of(&attached("From: Mallory friend@y.example", "")), Meant::Unclear(_)));
    assert_eq!(
        of(&attached("Sender: evil@x.example\nReply-To: friend@y.example", "")),
        unclear(&["evil@x.example", "friend@y.example"])
    );
}

#[test]
fn a_text_that_came_with_the_message_does_not_speak_for_it() {
    let raw = "Subject: Fwd: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nKutoka: Mallory\n\nbuy\n--b\n\
               Content-Disposition: attachment\n\nFrom: friend@y.example\n--b--\n";
    assert_eq!(of(raw), unclear(&["friend@y.example"]));
}

#[test]
fn a_redirected_message_is_from_whom_it_says_it_is() {
    let redirected = |text: &str| {
        format!(
            "From: evil@x.example\nSubject: Re: hello\nIn-Reply-To: <1@x>\nResent-From: a@home.example\n\n{text}\n"
        )
    };
    assert_eq!(of(&redirected("buy")), one("evil@x.example"));
    assert_eq!(of(&redirected("From: friend@y.example")), unclear(&["evil@x.example", "friend@y.example"]));
    // Some mail programs don't say so.
    assert_eq!(
        of("From: evil@x.example\nSubject: hello\n\nFrom: friend@y.example\n"),
        unclear(&["friend@y.example", "evil@x.example"])
    );
    assert_eq!(of("From: evil@x.example\nSubject: hello\n\nbuy\n"), unclear(&["evil@x.example"]));
}

/// Whoever sends mail with `Reply-To: block@` gets their own lines into an answer.
#[test]
fn what_stands_in_an_answer_is_not_certain() {
    let quoted =
        "I never ordered this.\n\nOn Monday, Shop wrote:\n> Please answer.\n> From: friend@y.example";
    let bare =
        "I never ordered this.\n\nFrom: Shop <friend@y.example>\nSent: Monday\nTo: alice\nSubject: Parcel";
    for header in [
        "Subject: Re: Parcel\nIn-Reply-To: <1@x>",
        "Subject: RE: Fwd: Parcel\nIn-Reply-To: <1@x>",
        "Subject: AW: Parcel",
        "Subject: Re[2]: Parcel",
        "Subject: =?utf-8?Q?R=C3=A9p=3A_Parcel?=",
        "Subject: \u{56de}\u{590d}\u{ff1a}Parcel",
        "Subject: Parcel\nIn-Reply-To: <1@x>",
        "Subject: Kujibu: Parcel\nIn-Reply-To: <1@x>",
    ] {
        for text in [quoted, bare] {
            assert_eq!(
                of(&format!("{header}\n\n{text}\n")),
                unclear(&["friend@y.example"]),
                "{header}\n{text}"
            );
        }
    }
}

#[test]
fn mail_programs_that_name_the_message_they_forward_are_understood() {
    for header in [
        "Subject: Fwd: Re: Parcel",
        "Subject: FW: Parcel",
        "Subject: WG: Parcel",
        "Subject: TR\u{a0}: Parcel",
        "Subject: RV: Parcel",
        "Subject: \u{8f6c}\u{53d1}: Parcel",
    ] {
        let raw = format!(
            "{header}\nIn-Reply-To: <1@x>\n\nFrom: M <m@x.example>\nSent: Monday\nTo: alice\n\nbuy\n"
        );
        assert_eq!(of(&raw), one("m@x.example"), "{header}");
    }
    let intro = "Begin forwarded message:\n\n> From: M <m@x.example>\n> Subject: Parcel\n\n> buy";
    assert_eq!(of(&format!("Subject: Parcel\nIn-Reply-To: <1@x>\n\n{intro}\n")), one("m@x.example"));
    assert_eq!(of(&format!("In-Reply-To: <1@x>\n{}", attached("From: m@x.example", ""))), one("m@x.example"));
}

#[test]
fn long_header_lines_and_other_recipients_leave_no_doubt() {
    for block in [
        "Subject: \tSale\nFrom: \tThe newsletter of a shop with a long name <news@x.example>\nTo: \ta@home.example",
        "From: News <news@x.example>\nSent: Monday\nTo: a@home.example; b@y.example\nCc: c@y.example\nSubject: Sale",
        "-------- Original message --------\nFrom: M <news@x.example> \nDate: 1/1/26  10:00  (GMT+01:00) \nTo: b@y.example",
        "----- Forwarded message from M <news@x.example> -----\n\nDate: Mon\nFrom: M <news@x.example>\nTo: a@home.example",
        "From: M <news@x.example>\nTo: b@y.example\n\nhello\nFrom: a@home.example\nFrom: Berlin\n> From: nobody",
    ] {
        assert_eq!(of(&format!("Subject: Fwd: x\n\n{block}\n\nbuy\n")), one("news@x.example"), "{block}");
    }
}

/// SRS and BATV: the wrapped address can be anybody's.
#[test]
fn whether_a_wrapped_address_or_its_wrapping_is_meant_is_asked() {
    for (from, choices) in [
        (
            "SRS0=ab=cd=y.example=friend@x.example",
            vec!["friend@y.example", "\"srs0=ab=cd=y.example=friend\"@x.example"],
        ),
        (
            "SRS0+ab=cd=y.example=friend@x.example",
            vec!["friend@y.example", "\"srs0+ab=cd=y.example=friend\"@x.example"],
        ),
        (
            "prvs=1234567890=friend@y.example",
            vec!["friend@y.example", "\"prvs=1234567890=friend\"@y.example"],
        ),
        ("SRS0=ab=cd=home.example=bob@x.example", vec!["\"srs0=ab=cd=home.example=bob\"@x.example"]),
    ] {
        for raw in
            [attached(&format!("From: Shop <{from}>"), ""), format!("Subject: Fwd:\n\nFrom: Shop <{from}>\n")]
        {
            assert_eq!(of(&raw), unclear(&choices), "{raw}");
        }
        let typed = choices.last().unwrap();
        let pattern = crate::pattern::understand(typed, None, false).unwrap().pattern;
        assert_eq!(pattern.key, Identity::parse_mail(from).unwrap().key());
    }
}

#[test]
fn a_sender_line_in_the_message_itself_is_not_certain_below_labels_that_nobody_knows() {
    for header in [
        "Xyz: Mallory\nAbc: x\nDef: Alice <a@home.example>\nGhi: Sale",
        "---------- Xyz abc ---------\nXyz: Mallory\nDate: x\nSubject: Sale",
        "Xyz: evil@[192.0.2.1]\nAbc: x",
        "Xyz: evil @ x.example\nAbc: x",
    ] {
        for between in ["\n", "\n\n"] {
            let raw = format!("Subject: Fwd: x\n\n{header}{between}From: friend@y.example\n\nhi\n");
            assert!(matches!(of(&raw), Meant::Unclear(_)), "{raw}: {:?}", of(&raw));
        }
    }
    // A subject that is so long that its end is taken for the sender.
    let wrapped = "Subject: Fwd: x\n\n-------- Forwarded Message --------\nSubject: long\nFrom: friend@y.example\nDate: x\n\
                   Xyz: M <evil@x.example>\nTo: a@home.example\n\nhi\n";
    assert_eq!(of(wrapped), unclear(&["friend@y.example", "evil@x.example"]));
}

#[test]
fn forwards_in_more_languages_name_their_sender() {
    for block in [
        "Nuo: M <m@x.example>\nIšsiųsta: x\nKam: A <a@home.example>\nTema: Sale",
        "จาก: M <m@x.example>\nส่ง: x\nถึง: A <a@home.example>\nเรื่อง: Sale",
        "Từ: M <m@x.example>\nĐã gửi: x\nĐến: A <a@home.example>\nChủ đề: Sale",
        "از: M <m@x.example>\nتاریخ: x\nبه: A <a@home.example>\nموضوع: Sale",
        "Šalje: M <m@x.example>\nPoslano: x\nPrima: A <a@home.example>\nPredmet: Sale",
        "-------- Forwarded Message --------\nSubject: Sale\nDate: Mon, 1 Jan 2026 10:00:00 +0100\nFrom: M <m@x.example>\n\
         Reply-To: m@x.example\nOrganization: X\nTo: a@home.example, b@other.example\nCC: c@other.example",
    ] {
        let raw = format!("Content-Type: text/plain; charset=utf-8\n\n{block}\n\nbuy this\n");
        assert_eq!(of(&raw), one("m@x.example"), "{block}");
    }
}
