//! Whether a mail really comes from its author (design: "Proven sender"): by DKIM (RFC 6376) or SPF (RFC 7208), if the
//! domain that they vouch for has the same owner as the author's. Whether it publishes DMARC doesn't matter.

use std::future::poll_fn;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use hickory_resolver::proto::rr::{Name, RData};
use mail_auth::common::crypto::Algorithm;
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::{DomainKey, VerifySignature};
use mail_auth::dkim::Signature;
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{AuthenticatedMessage, DkimResult, MessageAuthenticator, SpfResult};
use policy_core::identity::{Domain, Identity};
use policy_core::message;
use policy_core::suffix::SuffixList;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::clients::TrustedClient;
use crate::dns::Dns;
use crate::message::Received;

/// How long one message may take in all, waiting for its turn included; what isn't proven by then isn't.
const TIME: Duration = Duration::from_secs(3);

/// So many messages ask at the same time, each on a thread of its own; more wait.
const AT_ONCE: usize = 8;

/// So many signatures of a message are looked at. A mail that a list or a provider has signed too has two or three.
const SIGNATURES: usize = 5;

/// RFC 6376 section 3.6.1, `t=y`: the domain tries DKIM out, and its mail must be treated as if unsigned.
const TESTING: u64 = 0x10;

/// Who speaks to Postfix, and how they call themselves.
#[derive(Clone, Default)]
pub(crate) struct Client {
    /// The address, unless the mail comes from this machine's own programs.
    pub(crate) address: Option<IpAddr>,
    /// The name in HELO or EHLO.
    pub(crate) helo: String,
}

impl Client {
    /// Whether it is a client whose mail isn't judged.
    pub(crate) fn is_one_of(&self, trusted: &[TrustedClient]) -> bool {
        self.address.is_some_and(|address| trusted.iter().any(|client| client.covers(address)))
    }
}

/// Proves authors.
pub(crate) struct Prover {
    dns: Dns,
    turns: Semaphore,
}

impl Prover {
    /// One that asks this resolver, or the system's.
    pub(crate) fn new(resolver: Option<SocketAddr>) -> Self {
        Self { dns: Dns::new(resolver), turns: Semaphore::new(AT_ONCE) }
    }

    /// Whether the mail really comes from `author`, the one address of its one From field. Whatever goes wrong, it is
    /// not proven. Takes at most 3 s.
    pub(crate) async fn proves(&self, author: &Identity, message: &Arc<Received>, client: &Client) -> bool {
        let proof = async {
            let _turn = self.turns.acquire().await.ok()?;
            let case = Case {
                resolver: self.dns.resolver().ok()?,
                owner: owner(author.domain())?,
                author: author.clone(),
                message: Arc::clone(message),
                client: client.clone(),
            };
            // Hashing a large message takes long, and a panic in what reads strangers' keys must not end the session.
            tokio::task::spawn_blocking(move || {
                Handle::current().block_on(timeout(TIME, case.is_proven())).unwrap_or(false)
            })
            .await
            .ok()
        };
        matches!(timeout(TIME, proof).await, Ok(Some(true)))
    }
}

/// One message whose author is to be proven.
struct Case {
    resolver: Arc<MessageAuthenticator>,
    author: Identity,
    /// The organisational domain of the author.
    owner: Domain,
    message: Arc<Received>,
    client: Client,
}

impl Case {
    /// Asks for both at once: a domain's SPF record may send us to servers that never answer, and the key be there.
    async fn is_proven(&self) -> bool {
        any(vec![Box::pin(self.by_spf()), Box::pin(self.by_dkim())]).await
    }

    /// Whether the domain belongs to whoever owns the author's (RFC 7489 section 3.1, relaxed).
    fn aligns(&self, domain: &str) -> bool {
        Domain::parse(domain).ok().and_then(|domain| owner(&domain)).as_ref() == Some(&self.owner)
    }

    /// Whether the envelope's domain lets the client send for it. Under the null sender it is HELO's domain that counts,
    /// as RFC 7208 section 2.4 has it.
    async fn by_spf(&self) -> bool {
        let Some(address) = self.client.address.filter(|address| says_who(*address)) else {
            return false;
        };
        let (local, domain) = match self.message.envelope.sender.as_str() {
            "" => ("postmaster", self.client.helo.as_str()),
            sender => sender.rsplit_once('@').unwrap_or_default(),
        };
        let Ok(domain) = Domain::parse(domain) else { return false };
        if domain.is_ip() || !self.aligns(domain.as_str()) {
            return false;
        }
        let sender = format!("{local}@{domain}");
        let question = SpfParameters::verify_mail_from(address, &self.client.helo, domain.as_str(), &sender);
        self.resolver.verify_spf(question).await.result() == SpfResult::Pass
            && self.has_one_policy(domain.as_str()).await
    }

    /// RFC 7208 section 4.5: of several SPF records none counts, and the library takes the first.
    async fn has_one_policy(&self, domain: &str) -> bool {
        let is_policy = |record: &Vec<u8>| {
            let version = record.split(|byte| *byte == b' ').next();
            version.is_some_and(|version| version.eq_ignore_ascii_case(b"v=spf1"))
        };
        self.texts(domain).await.iter().filter(|record| is_policy(record)).count() == 1
    }

    /// Whether a signature of the author's domain is valid for the whole message and its From field.
    async fn by_dkim(&self) -> bool {
        let Some(raw) = self.message.whole() else { return false };
        // Strict: signatures with l= are errors. Text may be added behind what they cover (RFC 6376 section 8.2).
        let Some(mut signed) = AuthenticatedMessage::parse_with_opts(raw, None, true) else { return false };
        if !self.same_author(&signed) {
            return false;
        }
        signed.dkim_headers.retain(|header| may_prove(&header.header) && self.aligns(&header.header.d));
        signed.dkim_headers.truncate(SIGNATURES);
        for header in &mut signed.dkim_headers {
            // Neither reports (RFC 6651) nor third parties (RFC 6541) are asked for.
            header.header.r = false;
            header.header.atps = None;
        }
        // Each by itself: a key's server may never answer, and another key be there.
        let each = std::mem::take(&mut signed.dkim_headers).into_iter();
        let alone = each.map(|header| AuthenticatedMessage { dkim_headers: vec![header], ..signed.clone() });
        let alone: Vec<AuthenticatedMessage<'_>> = alone.collect();
        any(alone.iter().map(|signed| Box::pin(self.is_signed(signed)) as Question<'_>).collect()).await
    }

    /// Whether one of these signatures is valid, and meant so.
    async fn is_signed(&self, signed: &AuthenticatedMessage<'_>) -> bool {
        for output in self.resolver.verify_dkim(signed).await {
            if *output.result() == DkimResult::Pass
                && let Some(signature) = output.signature()
                && self.is_in_earnest(signature).await
            {
                return true;
            }
        }
        false
    }

    /// Whether the From field that signatures cover is the one whose author was judged: else one could be signed and
    /// another be seen.
    fn same_author(&self, signed: &AuthenticatedMessage<'_>) -> bool {
        let mut fields =
            signed.headers.iter().filter(|(name, _)| name.trim_ascii().eq_ignore_ascii_case(b"from"));
        let (Some((name, value)), None) = (fields.next(), fields.next()) else { return false };
        let field = [name, b":".as_slice(), value, b"\r\n"].concat();
        message::senders(&field).author.as_ref() == Some(&self.author)
    }

    /// The TXT records of a name that was just asked for: the resolver has them in its cache.
    async fn texts(&self, name: impl AsRef<str>) -> Vec<Vec<u8>> {
        let Ok(name) = Name::from_str_relaxed(name.as_ref()) else { return Vec::new() };
        let Ok(answer) = self.resolver.0.txt_lookup(name).await else { return Vec::new() };
        let texts = answer.answers().iter().filter_map(|record| match &record.data {
            RData::TXT(text) => Some(text.txt_data.concat()),
            _ => None,
        });
        texts.collect()
    }

    /// Whether the key of a valid signature is meant for mail, and not for trying it out.
    async fn is_in_earnest(&self, signature: &Signature) -> bool {
        let records = self.texts(signature.domain_key()).await.into_iter();
        // Of several, the library verifies by the first that is a key.
        let mut keys = records.filter_map(|record| Some((DomainKey::parse(&record).ok()?, record)));
        keys.next().is_some_and(|(key, record)| {
            !key.has_flag(TESTING)
                && lists(&record, b"s", &[b"*", b"email"])
                // Both algorithms that count hash with it.
                && lists(&record, b"h", &[b"sha256"])
        })
    }
}

/// A question to DNS.
type Question<'q> = Pin<Box<dyn Future<Output = bool> + Send + 'q>>;

/// Whether one of the questions is answered with yes. All are asked at once, and the first yes ends it.
async fn any(mut questions: Vec<Question<'_>>) -> bool {
    poll_fn(|cx| {
        let mut yes = false;
        questions.retain_mut(|question| {
            !yes && match question.as_mut().poll(cx) {
                Poll::Ready(answer) => {
                    yes = answer;
                    false
                }
                Poll::Pending => true,
            }
        });
        if yes || questions.is_empty() { Poll::Ready(yes) } else { Poll::Pending }
    })
    .await
}

/// RFC 6376 section 3.6.1: the services (`s=`) and the hash algorithms (`h=`) that a key is for; without the tag, all of them.
/// The library looks at the services and draws no conclusion, and at no algorithm.
fn lists(record: &[u8], tag: &[u8], wanted: &[&[u8]]) -> bool {
    let mut tags = record.split(|byte| *byte == b';').filter_map(|tag| {
        let mut halves = tag.splitn(2, |byte| *byte == b'=');
        Some((halves.next()?.trim_ascii(), halves.next()?.trim_ascii()))
    });
    let Some((_, values)) = tags.find(|(name, _)| *name == tag) else { return true };
    let mut values = values.split(|byte| *byte == b':').map(<[u8]>::trim_ascii);
    values.any(|value| wanted.iter().any(|wanted| value.eq_ignore_ascii_case(wanted)))
}

/// SHA-1 proves nothing any more (RFC 8301 section 3.1; RSA keys below 1024 bits are refused by the library), nor does
/// what leaves out the author.
fn may_prove(signature: &Signature) -> bool {
    signature.a != Algorithm::RsaSha1 && signature.h.iter().any(|name| name.eq_ignore_ascii_case("from"))
}

/// The organisational domain (RFC 7489 section 3.2). Public suffixes have none: everybody owns them.
fn owner(domain: &Domain) -> Option<Domain> {
    SuffixList::in_use().registrable(domain)
}

/// Whether an address tells who sends. Those of loopback and of private networks say which of our own machines passed
/// the mail on: onion services, proxies and fetchmail all come from there.
fn says_who(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => !is_local(address),
        IpAddr::V6(address) => !is_local_v6(address),
    }
}

fn is_local(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    // RFC 6598: addresses behind a carrier's NAT.
    let shared = first == 100 && (64..128).contains(&second);
    first == 0 || address.is_loopback() || address.is_private() || address.is_link_local() || shared
}

fn is_local_v6(address: Ipv6Addr) -> bool {
    address.is_unspecified()
        || address.is_loopback()
        || address.is_unique_local()
        || address.is_unicast_link_local()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_our_own_networks_say_nothing_of_the_sender() {
        for own in [
            "127.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.1.1",
            "100.64.0.1",
            "100.127.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:192.168.1.1",
        ] {
            assert!(!says_who(own.parse().unwrap()), "{own}");
        }
        for other in ["192.0.2.1", "100.128.0.1", "172.32.0.1", "2001:db8::1", "::ffff:192.0.2.1"] {
            assert!(says_who(other.parse().unwrap()), "{other}");
        }
    }

    #[test]
    fn a_key_for_another_service_or_algorithm_is_none_for_mail() {
        let is_for_mail = |record: &[u8]| lists(record, b"s", &[b"*", b"email"]);
        for (record, hashes) in
            [("p=x", true), ("h=sha1; p=x", false), ("h=sha1 : sha256; p=x", true), ("p=x;h=SHA256", true)]
        {
            assert_eq!(lists(record.as_bytes(), b"h", &[b"sha256"]), hashes, "{record}");
        }
        for mail in [
            "p=x",
            "v=DKIM1; s=*; p=x",
            "v=DKIM1;s=email;p=x",
            "s = xmpp : Email ; p=x",
            "k=rsa; n=s=xmpp; p=x",
        ] {
            assert!(is_for_mail(mail.as_bytes()), "{mail}");
        }
        for other in ["v=DKIM1; s=xmpp; p=x", "p=x; s=tlsrpt", "s=xmpp:emails; p=x"] {
            assert!(!is_for_mail(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn public_suffixes_have_no_owner() {
        let owner_of = |domain: &str| owner(&Domain::parse(domain).unwrap()).map(|owner| owner.to_string());
        assert_eq!(owner_of("news.good.example").as_deref(), Some("good.example"));
        assert_eq!(owner_of("a.b.good.co.uk").as_deref(), Some("good.co.uk"));
        assert_eq!(owner_of("me.github.io").as_deref(), Some("me.github.io"));
        for nobodys in ["co.uk", "github.io", "example", "192.0.2.1"] {
            assert_eq!(owner_of(nobodys), None, "{nobodys}");
        }
    }
}
