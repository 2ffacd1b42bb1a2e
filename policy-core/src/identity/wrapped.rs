//! Envelope senders that wrap another address: BATV and SRS.

use super::Identity;

/// How many wrappings are undone: a forwarder's SRS around a sender's BATV is two.
const DEPTH: usize = 4;

impl Identity {
    /// Every identity that an envelope sender stands for: itself first, then what BATV (draft-levine-smtp-batv) and SRS
    /// (the Sender Rewriting Scheme) wrapped in it, outermost first. Empty only if the domain is.
    pub fn unwrapped(local: &str, domain: &str) -> Vec<Self> {
        let mut identities: Vec<Self> = Self::from_mail(local, domain).into_iter().collect();
        let mut wrapped = (super::local::unquoted(local), domain.to_owned());
        for _ in 0..DEPTH {
            let Some(inner) = unwrap_once(&wrapped.0, &wrapped.1) else { break };
            identities
                .extend(Self::from_mail(&inner.0, &inner.1).ok().filter(|new| !identities.contains(new)));
            wrapped = inner;
        }
        identities
    }
}

/// The address one wrapping further in, as local part and domain.
fn unwrap_once(local: &str, domain: &str) -> Option<(String, String)> {
    if let Some(rest) = without_prefix(local, "SRS1") {
        // SRS1=hash=first-forwarder==hash=day=domain=local: what follows the forwarder is its SRS0 without the name.
        let (_, rest) = rest.split_once('=')?;
        let (forwarder, rest) = rest.split_once('=')?;
        return Some((format!("SRS0{rest}"), forwarder.to_owned()));
    }
    if let Some(rest) = without_prefix(local, "SRS0") {
        // hash=day=domain=local; the local part may hold more of them.
        let mut parts = rest.splitn(4, '=');
        let (_hash, _day) = (parts.next()?, parts.next()?);
        let (domain, local) = (parts.next()?, parts.next()?);
        return (!domain.is_empty() && !local.is_empty()).then(|| (local.to_owned(), domain.to_owned()));
    }
    let inner = batv(local)?;
    (!inner.is_empty()).then(|| (inner.to_owned(), domain.to_owned()))
}

/// What follows the scheme's name and its separator, one of `=`, `+`, `-`.
fn without_prefix<'a>(local: &'a str, name: &str) -> Option<&'a str> {
    let head = local.get(..name.len())?;
    let rest = local.get(name.len()..)?;
    head.eq_ignore_ascii_case(name).then(|| rest.strip_prefix(['=', '+', '-'])).flatten()
}

/// `prvs=TAG=local`, and what implementations make of it: `prvs=local=TAG`, `prvs=local/TAG` (Exim), `btv1==TAG==local`
/// (Barracuda), `msprvs1=TAG=local` (Microsoft, SparkPost).
fn batv(local: &str) -> Option<&str> {
    let (scheme, rest) = local.split_once('=')?;
    match scheme.to_ascii_lowercase().as_str() {
        "btv1" => rest.strip_prefix('=')?.split_once("==").map(|(_, local)| local),
        "msprvs1" => rest.split_once('=').map(|(_, local)| local),
        "prvs" => {
            let tag_first = rest.split_once('=').map(|(tag, local)| (local, tag));
            let tag_last = rest.rsplit_once(['=', '/']);
            let (local, _) = [tag_first, tag_last]
                .into_iter()
                .flatten()
                .find(|(_, tag)| is_batv_tag(tag))
                .or(tag_first)?;
            Some(local)
        }
        _ => None,
    }
}

/// Key number, three digits of the day, six of the hash.
fn is_batv_tag(tag: &str) -> bool {
    tag.len() == 10 && tag.bytes().all(|byte| byte.is_ascii_hexdigit())
}
