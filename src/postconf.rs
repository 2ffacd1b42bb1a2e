//! Postfix's configuration, as its own `postconf` reads it.

use crate::program::{Failed, run};

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
}
