//! Clients whose mail isn't judged: relays and backup servers that are as good as ourselves.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

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

impl TrustedClient {
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
