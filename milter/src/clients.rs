//! Clients whose mail isn't judged: relays and backup servers that are as good as ourselves.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// One client, or a network of clients, as the configuration names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrustedClient(IpNet);

/// The text names no client. `Display` says how to write one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrustedClientError {
    /// Neither an address nor a network.
    #[error(
        "{text:?} is no client: write an IP address such as \"10.0.0.5\", or a network such as \"192.0.2.0/24\""
    )]
    Malformed {
        /// What was written.
        text: String,
    },
    /// Bits are set behind the network's length.
    #[error(
        "{text:?} is an address within a network: write \"{network}\" for all of it, or \"{address}\" for one client"
    )]
    HostBits {
        /// What was written.
        text: String,
        /// The network.
        network: IpNet,
        /// The address alone.
        address: IpAddr,
    },
    /// The network has everybody in it.
    #[error("{text:?} is everybody, and nothing would be judged: name the clients that are yours")]
    Everybody {
        /// What was written.
        text: String,
    },
}

/// Networks of this machine alone.
const LOOPBACK: [IpNet; 2] =
    [v4(127, 0, 8), IpNet::V6(Ipv6Net::new_assert(std::net::Ipv6Addr::LOCALHOST, 128))];

/// Networks of a house (RFC 1918, RFC 3927, RFC 6598, RFC 4193, RFC 4291).
const PRIVATE: [IpNet; 7] = [
    v4(10, 0, 8),
    v4(172, 16, 12),
    v4(192, 168, 16),
    v4(169, 254, 16),
    v4(100, 64, 10),
    v6(0xfc00, 7),
    v6(0xfe80, 10),
];

const fn v4(first: u8, second: u8, length: u8) -> IpNet {
    IpNet::V4(Ipv4Net::new_assert(std::net::Ipv4Addr::new(first, second, 0, 0), length))
}

const fn v6(first: u16, length: u8) -> IpNet {
    IpNet::V6(Ipv6Net::new_assert(std::net::Ipv6Addr::new(first, 0, 0, 0, 0, 0, 0, 0), length))
}

impl fmt::Display for TrustedClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.prefix_len() == self.0.max_prefix_len() { self.0.addr().fmt(f) } else { self.0.fmt(f) }
    }
}

impl TrustedClient {
    /// Whether it is this machine: whatever a program here passes on, too.
    pub fn is_loopback(&self) -> bool {
        self.meets(&LOOPBACK)
    }

    /// Whether it is a private network: whatever any device there passes on. One client is not.
    pub fn is_private_network(&self) -> bool {
        self.0.prefix_len() < self.0.max_prefix_len() && self.meets(&PRIVATE)
    }

    fn meets(&self, networks: &[IpNet]) -> bool {
        networks.iter().any(|network| network.contains(&self.0) || self.0.contains(network))
    }

    /// Whether this is the client, or one of them.
    pub fn covers(&self, client: IpAddr) -> bool {
        self.0.contains(&client.to_canonical())
    }
}

impl FromStr for TrustedClient {
    type Err = TrustedClientError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let network = match text.parse::<IpAddr>() {
            Ok(address) => IpNet::from(address.to_canonical()),
            Err(_) => {
                text.parse::<IpNet>().map_err(|_| TrustedClientError::Malformed { text: text.to_owned() })?
            }
        };
        if network.prefix_len() == 0 {
            return Err(TrustedClientError::Everybody { text: text.to_owned() });
        }
        if network != network.trunc() {
            let (network, address) = (network.trunc(), network.addr());
            return Err(TrustedClientError::HostBits { text: text.to_owned(), network, address });
        }
        Ok(Self(network))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_and_networks_are_told_apart_from_what_would_trust_too_many() {
        let covers = |written: &str, client: &str| {
            let written: TrustedClient = written.parse().unwrap();
            written.covers(client.parse().unwrap())
        };
        assert!(covers("10.0.0.5", "10.0.0.5") && covers("10.0.0.5", "::ffff:10.0.0.5"));
        assert!(!covers("10.0.0.5", "10.0.0.6"));
        assert!(covers("192.0.2.0/24", "192.0.2.255") && !covers("192.0.2.0/24", "192.0.3.0"));
        assert!(covers("2001:db8::/32", "2001:db8:1::1") && !covers("192.0.2.0/24", "2001:db8::1"));
        let is = |written: &str| {
            let written: TrustedClient = written.parse().unwrap();
            (written.is_loopback(), written.is_private_network(), written.to_string())
        };
        for (written, loopback, private) in [
            ("127.0.0.1", true, false),
            ("::1", true, false),
            ("127.0.0.0/8", true, false),
            ("10.0.0.5", false, false),
            ("10.1.0.0/16", false, true),
            ("128.0.0.0/1", false, true),
            ("fd00::/8", false, true),
            ("192.0.2.0/24", false, false),
        ] {
            assert_eq!(is(written), (loopback, private, written.to_owned()));
        }
        for (bad, said) in [
            ("mail.example.org", "write an IP address"),
            ("", "write an IP address"),
            ("10.0.0.0/33", "write an IP address"),
            ("10.0.0.5/8", "write \"10.0.0.0/8\""),
            ("0.0.0.0/0", "nothing would be judged"),
            ("::/0", "nothing would be judged"),
        ] {
            let error = bad.parse::<TrustedClient>().unwrap_err().to_string();
            assert!(error.contains(said), "{bad}: {error}");
        }
    }
}
