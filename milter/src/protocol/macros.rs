//! What an MTA says beside its commands.

use super::command::string;

/// The user who has logged in.
const LOGIN: &[u8] = b"{auth_authen}";
/// The sender as the MTA understood it.
const SENDER: &[u8] = b"{mail_addr}";
/// The transport that a recipient's mail will take.
const MAILER: &[u8] = b"{rcpt_mailer}";
/// A recipient as the MTA understood it.
const ADDRESS: &[u8] = b"{rcpt_addr}";

/// The macros that are asked for, by the stage's number in the negotiation (`SMFIM_*`): whatever `milter_mail_macros` and
/// `milter_rcpt_macros` say.
pub(super) const WANTED: [(u32, &[u8]); 2] =
    [(2, b"{auth_authen} {mail_addr}"), (3, b"{rcpt_mailer} {rcpt_addr}")];

/// The longest value: Postfix's own longest line (`line_length_limit`). What is longer isn't kept.
const LONGEST: usize = 2 << 10;

/// The macros that matter, each for the next command of its stage alone: what is absent the next time isn't carried over
/// from a message or recipient before.
#[derive(Debug, Default)]
pub struct Macros {
    login: Option<Vec<u8>>,
    sender: Option<Vec<u8>>,
    mailer: Option<Vec<u8>>,
    address: Option<Vec<u8>>,
}

impl Macros {
    /// Takes in names and values for the stage of this command; those that don't matter are dropped.
    pub fn define(&mut self, stage: u8, definitions: &[u8]) {
        match stage {
            b'M' => {
                self.login = value(definitions, LOGIN);
                self.sender = value(definitions, SENDER);
            }
            b'R' => {
                self.mailer = value(definitions, MAILER);
                self.address = value(definitions, ADDRESS);
            }
            _ => {}
        }
    }

    /// Login and address, for the MAIL that comes now.
    pub fn take_sender(&mut self) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
        (self.login.take(), self.sender.take())
    }

    /// Transport and address, for the RCPT that comes now.
    pub fn take_recipient(&mut self) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
        (self.mailer.take(), self.address.take())
    }
}

/// The first value under this name, unless it is empty or too long.
fn value(mut definitions: &[u8], wanted: &[u8]) -> Option<Vec<u8>> {
    while let Ok((name, rest)) = string(definitions)
        && let Ok((value, rest)) = string(rest)
    {
        if name == wanted {
            return Some(value.to_vec()).filter(|value| (1..=LONGEST).contains(&value.len()));
        }
        definitions = rest;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_counts_for_one_mail_and_a_transport_for_one_recipient() {
        let mut macros = Macros::default();
        macros.define(b'M', b"i\0\0{mail_addr}\0a@example.net\0{auth_type}\0PLAIN\0{auth_authen}\0anna\0");
        macros.define(b'R', b"{rcpt_mailer}\0smtp\0{rcpt_addr}\0b@example.net\0");
        assert_eq!(macros.take_sender(), (Some(b"anna".to_vec()), Some(b"a@example.net".to_vec())));
        assert_eq!(macros.take_recipient(), (Some(b"smtp".to_vec()), Some(b"b@example.net".to_vec())));
        assert_eq!(macros.take_sender(), (None, None));
        assert_eq!(macros.take_recipient(), (None, None));
        macros.define(b'M', b"{auth_authen}\0anna\0");
        macros.define(b'M', b"");
        assert_eq!(macros.take_sender(), (None, None), "an empty packet takes the login back");
    }

    #[test]
    fn macros_that_make_no_sense_say_nothing() {
        let mut macros = Macros::default();
        let too_long = [b"{auth_authen}\0".as_slice(), &[b'a'; LONGEST + 1], b"\0"].concat();
        for definitions in [
            too_long.as_slice(),
            b"\0\0\0",
            b"{auth_authen}",
            b"{auth_authen}\0",
            b"{auth_authen}\0anna",
            b"{auth_authen}\0\0",
            b"x",
        ] {
            macros.define(b'M', definitions);
            assert_eq!(macros.take_sender(), (None, None), "{definitions:?}");
        }
    }
}
