//! Where the mail door listens, as written in the configuration and, without change, in Postfix's `smtpd_milters`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// A place for the milter to listen at, written `inet:HOST:PORT`, `unix:PATH` or `systemd`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A TCP port; port 0 lets the system choose one.
    Inet(String, u16),
    /// A unix socket.
    Unix(PathBuf),
    /// The socket that systemd holds under the name `milter`, and keeps open while we restart.
    Systemd,
}

/// The text names no place to listen at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Neither `inet:` nor `unix:` nor `systemd`.
    #[error("write inet:127.0.0.1:8891, or unix: and the path of a socket, or systemd")]
    Kind,
    /// There is no host, or no port after it.
    #[error("write the host and the port, such as inet:127.0.0.1:8891")]
    HostPort,
    /// An IPv6 address without brackets.
    #[error("write an IPv6 address in brackets, such as inet:[::1]:8891")]
    Brackets,
    /// Not a port.
    #[error("the port is a number from 0 to 65535, such as in inet:127.0.0.1:8891")]
    Port,
    /// A relative path or none.
    #[error("write the socket's whole path, such as unix:/var/spool/postfix/postward/milter.sock")]
    Path,
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "systemd" {
            return Ok(Self::Systemd);
        }
        if let Some(path) = text.strip_prefix("unix:") {
            let path = PathBuf::from(path);
            return if path.is_absolute() { Ok(Self::Unix(path)) } else { Err(AddressError::Path) };
        }
        let rest = text.strip_prefix("inet:").ok_or(AddressError::Kind)?;
        let (host, port) = rest.rsplit_once(':').ok_or(AddressError::HostPort)?;
        let host = match host.strip_prefix('[') {
            Some(inner) => inner.strip_suffix(']').ok_or(AddressError::Brackets)?,
            None if host.contains(':') => return Err(AddressError::Brackets),
            None => host,
        };
        if host.is_empty() {
            return Err(AddressError::HostPort);
        }
        Ok(Self::Inet(host.to_owned(), port.parse().map_err(|_| AddressError::Port)?))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inet(host, port) if host.contains(':') => write!(f, "inet:[{host}]:{port}"),
            Self::Inet(host, port) => write!(f, "inet:{host}:{port}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Systemd => f.write_str("systemd"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_written_as_they_are_read() {
        for text in [
            "inet:127.0.0.1:8891",
            "inet:localhost:0",
            "inet:[::1]:8891",
            "unix:/run/postward.sock",
            "systemd",
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn an_address_that_cannot_be_understood_says_how_to_write_it() {
        for (text, error) in [
            ("127.0.0.1:8891", AddressError::Kind),
            ("inet:8891", AddressError::HostPort),
            ("inet::8891", AddressError::HostPort),
            ("inet:::1:8891", AddressError::Brackets),
            ("inet:localhost:70000", AddressError::Port),
            ("unix:milter.sock", AddressError::Path),
            ("unix:", AddressError::Path),
        ] {
            assert_eq!(text.parse::<Address>(), Err(error), "{text}");
        }
    }
}
