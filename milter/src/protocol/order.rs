//! The order of commands. What can't come now ends the connection: whoever sends it isn't an MTA, or we have lost track of
//! one another, and a wrong guess would judge one message by another's recipients.

use super::{Command, Malformed};

/// How far a connection has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Nothing is negotiated yet.
    #[default]
    Fresh,
    /// Between messages.
    Idle,
    /// Sender and recipients come.
    Envelope,
    /// The client sends its message to the MTA: nothing may come for hours.
    Data,
    /// Header fields come.
    Headers,
    /// The body comes.
    Body,
}

impl Order {
    /// Where this command leads.
    pub fn after(self, command: &Command<'_>) -> Result<Self, Malformed> {
        use Order::{Body, Data, Envelope, Fresh, Headers, Idle};
        match (self, command) {
            // Postfix sends an empty packet of macros before the first command.
            (order, Command::Macros { .. } | Command::Quit) => Ok(order),
            (Fresh, Command::Negotiate(_)) => Ok(Idle),
            (Fresh, _) | (_, Command::Negotiate(_)) => Err(Malformed),
            // These begin anew, whatever was going on.
            (_, Command::Connect(_) | Command::Helo(_) | Command::Abort | Command::NextConnection) => {
                Ok(Idle)
            }
            (_, Command::Mail(_)) => Ok(Envelope),
            (Idle | Envelope, Command::Unknown) => Ok(self),
            (Envelope, Command::Rcpt(_)) => Ok(Envelope),
            (Envelope, Command::Data) => Ok(Data),
            (Envelope | Data | Headers, Command::Header { .. }) => Ok(Headers),
            (Envelope | Data | Headers, Command::EndOfHeaders) => Ok(Body),
            (Envelope | Data | Headers | Body, Command::Body { .. }) => Ok(Body),
            (Envelope | Data | Headers | Body, Command::EndOfMessage(_)) => Ok(Idle),
            _ => Err(Malformed),
        }
    }

    /// Whether a message's content is on its way, which the MTA has whole and sends without delay.
    pub fn in_content(self) -> bool {
        matches!(self, Self::Headers | Self::Body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{ClientAddress, Offer};

    fn after(letters: &str) -> Result<Order, Malformed> {
        letters.chars().try_fold(Order::Fresh, |order, letter| {
            order.after(&match letter {
                'O' => Command::Negotiate(Offer { version: 6, actions: 0, steps: 0 }),
                'D' => Command::Macros { stage: b'M', definitions: b"" },
                'C' => Command::Connect(ClientAddress::None),
                'H' => Command::Helo(b"x"),
                'M' => Command::Mail(b"x"),
                'R' => Command::Rcpt(b"x"),
                'L' => Command::Header { name: b"x", value: b"y" },
                'B' => Command::Body { piece: b"", last: true },
                other => Command::parse(u8::try_from(other).unwrap(), b"").unwrap(),
            })
        })
    }

    #[test]
    fn everything_that_postfix_does_is_in_order() {
        for order in [
            "DODCDHDMDRDRDTLLBBDE",
            "OCHMRTLNBEA",
            "OCHHMRA",
            "OCHMARA".get(..4).unwrap_or_default(),
            "OCHMRTLBEMRTLE",
            "OCHMRTLBEACHMRTLE",
            "OCHUMURUTLE",
            "OCHMRTLBM",
            "OKCHQ",
            "OQ",
            "Q",
        ] {
            assert!(after(order).is_ok(), "{order}");
        }
    }

    #[test]
    fn everything_else_is_not() {
        for order in [
            "C", "M", "E", "OO", "OR", "OT", "OL", "OB", "OE", "ON", "OMTR", "OMRTT", "OMRBL", "OMREE",
            "OMRBR", "OMAE",
        ] {
            assert_eq!(after(order), Err(Malformed), "{order}");
        }
    }
}
