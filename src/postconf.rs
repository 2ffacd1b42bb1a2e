//! Postfix's configuration, as its own `postconf` reads it.

use std::collections::HashMap;

use policy_core::door::FailureMode;

use crate::program::{Failed, run, run_with};

/// The milters that `smtpd` asks.
pub const MILTERS: &str = "smtpd_milters";

/// What `smtpd` doesn't offer to clients.
pub const DISCARDED: &str = "smtpd_discard_ehlo_keywords";

/// The same for single clients; it counts before the other.
pub const DISCARDED_FOR_SOME: &str = "smtpd_discard_ehlo_keyword_address_maps";

/// The socket that postward.socket makes, as a `smtpd` inside the queue directory sees it.
pub const SOCKET: &str = "postward/milter";

/// A list in main.cf can't be taken apart.
#[derive(Debug, thiserror::Error)]
#[error("main.cf has braces that don't match, so nothing was touched: {0}")]
pub struct Unbalanced(String);

/// Postfix's own tools, for one configuration.
pub struct Postconf<'a> {
    /// The folder of main.cf, if it isn't where Postfix was built for.
    pub folder: Option<&'a str>,
}

impl Postconf<'_> {
    /// The words of a command for this configuration.
    pub fn words(&self, program: &str, rest: &[&str]) -> Vec<String> {
        let folder = self.folder.map(|folder| ["-c".to_owned(), folder.to_owned()]);
        std::iter::once(program.to_owned())
            .chain(folder.into_iter().flatten())
            .chain(rest.iter().map(|&word| word.to_owned()))
            .collect()
    }

    /// What `postconf` says.
    pub fn ask(&self, rest: &[&str]) -> Result<String, Failed> {
        Ok(run(&self.words("postconf", rest))?.trim().to_owned())
    }

    /// A setting as it counts.
    pub fn value(&self, name: &str) -> Result<String, Failed> {
        self.ask(&["-h", name])
    }

    /// The same with what it refers to: `$mydomain`.
    pub fn expanded(&self, name: &str) -> Result<String, Failed> {
        self.ask(&["-x", "-h", name])
    }

    /// What a table has for these keys (postmap(1)); nothing where it can't be read.
    pub fn look_up(&self, table: &str, keys: &[String]) -> HashMap<String, String> {
        let found =
            run_with(&self.words("postmap", &["-q", "-", table]), &keys.join("\n")).unwrap_or_default();
        let lines = found.lines().filter_map(|line| line.split_once('\t'));
        lines.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    /// The services that take mail in and to which master.cf gives such a value of a setting, by name.
    pub fn services_where(&self, setting: &str, such: impl Fn(&str) -> bool) -> Result<String, Failed> {
        let lines = self.ask(&["-P", &format!("*/*/{setting}")])?;
        let mut names: Vec<&str> = lines
            .lines()
            .filter_map(|line| {
                let (place, value) = line.split_once('=')?;
                let mut parts = place.split('/');
                let (name, kind) = (parts.next()?, parts.next()?);
                (matches!(kind, "inet" | "pass") && such(value.trim())).then_some(name)
            })
            .collect();
        names.sort_unstable();
        names.dedup();
        Ok(names.join(", "))
    }

    /// A setting as it stands in main.cf, if it does.
    pub fn written(&self, name: &str) -> Result<Option<String>, Failed> {
        let line = self.ask(&["-n", name])?;
        Ok(line.split_once('=').map(|(_, value)| value.trim().to_owned()))
    }
}

/// The elements of a list as postconf(5) has them: parted by commas or blanks, braces keep theirs together.
pub fn elements(value: &str) -> Result<Vec<String>, Unbalanced> {
    let mut found = Vec::new();
    let mut element = String::new();
    let mut depth = 0_u32;
    for char in value.chars() {
        match char {
            '{' => depth += 1,
            '}' => {
                depth = depth.checked_sub(1).ok_or_else(|| Unbalanced(value.to_owned()))?;
            }
            _ if depth == 0 && (char == ',' || char.is_whitespace()) => {
                found.push(std::mem::take(&mut element));
                continue;
            }
            _ => {}
        }
        element.push(char);
    }
    found.push(element);
    if depth > 0 {
        return Err(Unbalanced(value.to_owned()));
    }
    found.retain(|element| !element.is_empty());
    Ok(found)
}

/// The address that an element of `smtpd_milters` names.
pub fn named(element: &str) -> &str {
    let inside = element.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(element);
    inside.split([',', ' ', '\t']).find(|word| !word.is_empty()).unwrap_or_default()
}

/// What an element of `smtpd_milters` itself says of a setting, such as `default_action`.
pub fn of_element<'e>(element: &'e str, setting: &str) -> Option<&'e str> {
    let (_, rest) =
        element.split_once(&format!("{setting}=")).or_else(|| element.split_once(&format!("{setting} =")))?;
    rest.split([',', ' ', '\t', '}']).find(|word| !word.is_empty())
}

/// Whether what Postfix does when we don't answer loses nothing, and lets nothing pass where `failure` wants it held off.
pub fn suits(action: &str, failure: FailureMode) -> bool {
    action == "tempfail" || action == "accept" && failure == FailureMode::Deliver
}

/// Whether an element of `smtpd_milters` names the place where we listen. A `smtpd` that is locked into the queue directory
/// names sockets by their path from there.
pub fn is_at(element: &str, milter: &milter::Address, queue: &str) -> bool {
    match milter {
        milter::Address::Inet(host, port) => {
            let local = |host: &str| matches!(host, "localhost" | "127.0.0.1" | "[::1]" | "::1");
            element
                .strip_prefix("inet:")
                .and_then(|rest| rest.rsplit_once(':'))
                .is_some_and(|(h, p)| p.parse() == Ok(*port) && (h == host || local(h) && local(host)))
        }
        milter::Address::Unix(path) => element.strip_prefix("unix:").is_some_and(|named| {
            let path = path.to_string_lossy();
            named == path
                || path.strip_prefix(queue).is_some_and(|inside| inside.trim_start_matches('/') == named)
        }),
        milter::Address::Systemd => {
            element.strip_prefix("unix:").is_some_and(|named| named.ends_with(SOCKET))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_taken_apart_as_postfix_does() {
        let parts = |value: &str| elements(value).ok();
        assert_eq!(parts(""), Some(vec![]));
        let two = "inet:127.0.0.1:8891, { unix:a, default_action=accept }";
        let list = parts(two).unwrap();
        assert_eq!(list, ["inet:127.0.0.1:8891", "{ unix:a, default_action=accept }"]);
        assert_eq!(named(list[0].as_str()), "inet:127.0.0.1:8891");
        assert_eq!(named(list[1].as_str()), "unix:a");
        assert_eq!(parts("$x  ${y?{a b}:{c}}"), Some(vec!["$x".to_owned(), "${y?{a b}:{c}}".to_owned()]));
        for bad in ["{", "}", "{ a }}", "{{ a }"] {
            assert_eq!(parts(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_done_without_an_answer_is_read_from_our_own_element() {
        for (element, action) in [
            ("unix:a", None),
            ("{ unix:a }", None),
            ("{ unix:a, default_action=tempfail, command_timeout=30s }", Some("tempfail")),
            ("{ unix:a, command_timeout=30s, default_action = accept}", Some("accept")),
            ("{ unix:a, default_action=", None),
        ] {
            assert_eq!(of_element(element, "default_action"), action, "{element}");
        }
    }

    #[test]
    fn our_place_is_known_in_every_way_to_name_it() {
        let at = |element: &str, milter: &str| is_at(element, &milter.parse().unwrap(), "/var/spool/postfix");
        for (element, milter, same) in [
            ("inet:127.0.0.1:8891", "inet:127.0.0.1:8891", true),
            ("inet:localhost:8891", "inet:127.0.0.1:8891", true),
            ("inet:[::1]:8891", "inet:localhost:8891", true),
            ("inet:127.0.0.1:8892", "inet:127.0.0.1:8891", false),
            ("inet:192.0.2.1:8891", "inet:127.0.0.1:8891", false),
            ("unix:postward/milter", "unix:/var/spool/postfix/postward/milter", true),
            ("unix:/var/spool/postfix/postward/milter", "unix:/var/spool/postfix/postward/milter", true),
            ("unix:other/milter", "unix:/var/spool/postfix/postward/milter", false),
            ("unix:postward/milter", "systemd", true),
            ("inet:127.0.0.1:8891", "unix:/run/x", false),
        ] {
            assert_eq!(at(element, milter), same, "{element} and {milter}");
        }
    }
}
