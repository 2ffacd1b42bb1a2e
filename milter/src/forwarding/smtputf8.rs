//! SMTPUTF8 (RFC 6531), which `mailin` doesn't know. Messages may hold any bytes for us, and addresses be in UTF-8, so that all
//! it takes is to offer it and to leave out the parameter that says so.

const KEYWORD: &str = "SMTPUTF8";

/// The answer to a command, with the extension in it where that is EHLO.
pub(super) fn offered(command: &[u8], mut answer: Vec<u8>) -> Vec<u8> {
    let first = answer.iter().position(|byte| *byte == b'\n');
    if is(command, "EHLO")
        && let Some(end) = first.filter(|_| answer.starts_with(b"250-"))
    {
        answer.splice(end + 1..end + 1, format!("250-{KEYWORD}\r\n").into_bytes());
    }
    answer
}

/// A command, without the parameter where that is MAIL.
pub(super) fn without_parameter(command: Vec<u8>) -> Vec<u8> {
    let path = command.iter().rposition(|byte| *byte == b'>');
    let Some((path, parameters)) =
        path.filter(|_| is(&command, "MAIL")).and_then(|end| command.split_at_checked(end + 1))
    else {
        return command;
    };
    let parameters = parameters.split(u8::is_ascii_whitespace);
    let kept = parameters.filter(|word| !word.is_empty() && !word.eq_ignore_ascii_case(KEYWORD.as_bytes()));
    let mut without = path.to_vec();
    kept.for_each(|word| without.extend([b" ", word].concat()));
    without.extend(b"\r\n");
    without
}

fn is(command: &[u8], verb: &str) -> bool {
    command
        .split(u8::is_ascii_whitespace)
        .next()
        .is_some_and(|word| word.eq_ignore_ascii_case(verb.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_is_offered_to_who_asks_and_its_parameter_taken() {
        let answer = b"250-postward offers extensions:\r\n250 8BITMIME\r\n".to_vec();
        let offering = b"250-postward offers extensions:\r\n250-SMTPUTF8\r\n250 8BITMIME\r\n";
        assert_eq!(offered(b"ehlo x\r\n", answer.clone()), offering);
        assert_eq!(offered(b"EHLO x\r\n", b"550 Bad HELO\r\n".to_vec()), b"550 Bad HELO\r\n");
        assert_eq!(offered(b"HELO x\r\n", b"250 OK\r\n".to_vec()), b"250 OK\r\n");
        for (command, without) in [
            ("MAIL FROM:<ä@x> BODY=8BITMIME SMTPUTF8\r\n", "MAIL FROM:<ä@x> BODY=8BITMIME\r\n"),
            ("mail from:<ä@x> smtputf8 BODY=7BIT\r\n", "mail from:<ä@x> BODY=7BIT\r\n"),
            ("MAIL FROM:<SMTPUTF8@x>\r\n", "MAIL FROM:<SMTPUTF8@x>\r\n"),
            ("RCPT TO:<a@x> SMTPUTF8\r\n", "RCPT TO:<a@x> SMTPUTF8\r\n"),
            ("MAIL SMTPUTF8\r\n", "MAIL SMTPUTF8\r\n"),
        ] {
            assert_eq!(without_parameter(command.as_bytes().to_vec()), without.as_bytes(), "{command}");
        }
    }
}
