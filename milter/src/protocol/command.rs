//! Packets to commands.

use std::net::IpAddr;

use super::Malformed;

/// What an MTA says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command<'p> {
    /// `O`: what it can do.
    Negotiate(Offer),
    /// `D`: macros for the next command of this stage, named by its letter.
    Macros {
        /// The command that they come before.
        stage: u8,
        /// Names and values in turn, each ended by NUL.
        definitions: &'p [u8],
    },
    /// `C`: who speaks to it.
    Connect(ClientAddress),
    /// `H`: how they call themselves.
    Helo(&'p [u8]),
    /// `M`: the argument of MAIL, without its parameters.
    Mail(&'p [u8]),
    /// `R`: the argument of RCPT, without its parameters.
    Rcpt(&'p [u8]),
    /// `T`: DATA.
    Data,
    /// `L`: a header field; where it was negotiated, the value starts with the blank behind the colon.
    Header {
        /// Its name, as written.
        name: &'p [u8],
        /// Its value; lines end with LF.
        value: &'p [u8],
    },
    /// `N`: the end of the headers.
    EndOfHeaders,
    /// `B`: a piece of the body, cut anywhere.
    Body {
        /// A part of the packet: what of it has come.
        piece: &'p [u8],
        /// Whether it is the packet's last.
        last: bool,
    },
    /// `E`: the end of the message, and what is left of the body.
    EndOfMessage(&'p [u8]),
    /// `A`: forget the message.
    Abort,
    /// `U`: an SMTP command that the MTA doesn't know.
    Unknown,
    /// `K`: forget everything but the negotiation; another client comes.
    NextConnection,
    /// `Q`: the end.
    Quit,
}

/// What an MTA offers in the negotiation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The protocol's version.
    pub version: u32,
    /// What may be done to a message (`SMFIF_*`).
    pub actions: u32,
    /// Which commands and replies may be left out (`SMFIP_*`).
    pub steps: u32,
}

/// Where an SMTP client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAddress {
    /// On the network.
    Ip(IpAddr),
    /// On the machine itself, or not known.
    None,
}

impl<'p> Command<'p> {
    /// Reads a command's payload.
    pub fn parse(command: u8, payload: &'p [u8]) -> Result<Self, Malformed> {
        Ok(match command {
            b'O' => Self::Negotiate(Offer::parse(payload)?),
            b'D' => {
                let (&stage, definitions) = payload.split_first().ok_or(Malformed)?;
                Self::Macros { stage, definitions }
            }
            b'C' => Self::Connect(ClientAddress::parse(payload)?),
            b'H' => Self::Helo(string(payload)?.0),
            b'M' => Self::Mail(string(payload)?.0),
            b'R' => Self::Rcpt(string(payload)?.0),
            b'T' => Self::Data,
            b'L' => {
                let (name, rest) = string(payload)?;
                // What a NUL would cut off is looked at, too.
                let value = rest.strip_suffix(b"\0").ok_or(Malformed)?;
                Self::Header { name, value }
            }
            b'N' => Self::EndOfHeaders,
            b'B' => Self::Body { piece: payload, last: true },
            b'E' => Self::EndOfMessage(payload),
            b'A' => Self::Abort,
            b'U' => Self::Unknown,
            b'K' => Self::NextConnection,
            b'Q' => Self::Quit,
            _ => return Err(Malformed),
        })
    }
}

impl Offer {
    fn parse(payload: &[u8]) -> Result<Self, Malformed> {
        let (numbers, _) = payload.split_first_chunk::<12>().ok_or(Malformed)?;
        let &[a, b, c, d, e, f, g, h, i, j, k, l] = numbers;
        Ok(Self {
            version: u32::from_be_bytes([a, b, c, d]),
            actions: u32::from_be_bytes([e, f, g, h]),
            steps: u32::from_be_bytes([i, j, k, l]),
        })
    }
}

impl ClientAddress {
    /// The host's name, the family, and for all families but `U` (unknown) a port and the address.
    fn parse(payload: &[u8]) -> Result<Self, Malformed> {
        let (_, rest) = string(payload)?;
        let (family, rest) = rest.split_first().ok_or(Malformed)?;
        match family {
            b'4' | b'6' => {
                let (address, _) = string(rest.get(2..).ok_or(Malformed)?)?;
                let text = std::str::from_utf8(address).map_err(|_| Malformed)?;
                // Sendmail writes "IPv6:" before those of IPv6.
                let text = text.strip_prefix("IPv6:").unwrap_or(text);
                text.parse().map(Self::Ip).map_err(|_| Malformed)
            }
            b'L' | b'U' => Ok(Self::None),
            _ => Err(Malformed),
        }
    }
}

/// A string up to its NUL, and what comes behind that.
pub(super) fn string(bytes: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let end = bytes.iter().position(|byte| *byte == 0).ok_or(Malformed)?;
    let (string, rest) = bytes.split_at_checked(end).ok_or(Malformed)?;
    Ok((string, rest.get(1..).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_of_every_family_are_told_apart() {
        let ip = |payload: &'static [u8]| Command::parse(b'C', payload);
        let known = |address: &str| Ok(Command::Connect(ClientAddress::Ip(address.parse().unwrap())));
        assert_eq!(ip(b"host\x004\0\x19192.0.2.1\0"), known("192.0.2.1"));
        assert_eq!(ip(b"host\x006\0\x192001:db8::1\0"), known("2001:db8::1"));
        assert_eq!(ip(b"host\x006\0\x19IPv6:2001:db8::1\0"), known("2001:db8::1"));
        assert_eq!(ip(b"host\0L\0\0/path\0"), Ok(Command::Connect(ClientAddress::None)));
        assert_eq!(ip(b"unknown\0U"), Ok(Command::Connect(ClientAddress::None)));
        for bad in
            [&b""[..], b"host", b"host\0", b"host\x004", b"host\x004\0\x19", b"host\x004\0\x19x\0", b"h\0Z"]
        {
            assert_eq!(ip(bad), Err(Malformed), "{bad:?}");
        }
    }

    #[test]
    fn what_a_nul_would_cut_off_a_header_is_kept() {
        let header = |payload: &'static [u8]| Command::parse(b'L', payload);
        assert_eq!(header(b"A\0 b\0"), Ok(Command::Header { name: b"A", value: b" b" }));
        assert_eq!(header(b"A\0 b\0c\0"), Ok(Command::Header { name: b"A", value: b" b\0c" }));
        assert_eq!(header(b"A\0\0"), Ok(Command::Header { name: b"A", value: b"" }));
        assert_eq!(header(b"A\0"), Err(Malformed));
        assert_eq!(header(b"A"), Err(Malformed));
    }
}
