//! Which domains are the household's own: nobody is led to block one of them.

use crate::identity::{Domain, Identity};
use crate::lists::{Lists, ListsError, MemberIdentity};
use crate::pattern::Remark;

/// The remarks without those that propose a domain of the household's own: where members have their addresses, or by which
/// this server is reached. Where that can't be told, none is proposed.
pub fn without_our_own(remarks: Vec<Remark>, lists: &dyn Lists) -> Vec<Remark> {
    if !remarks.iter().any(|remark| matches!(remark, Remark::WholeDomainPossible { .. })) {
        return remarks;
    }
    let own = own_domains(lists);
    let is_ours = |domain: &str| match (&own, Domain::parse(domain)) {
        (Ok(own), Ok(domain)) => own.iter().any(|own| covers(domain.key(), own.key())),
        _ => true,
    };
    let may_stay = |remark: &Remark| match remark {
        Remark::WholeDomainPossible { domain } => !is_ours(domain),
        _ => true,
    };
    remarks.into_iter().filter(may_stay).collect()
}

fn own_domains(lists: &dyn Lists) -> Result<Vec<Domain>, ListsError> {
    let served = lists.status()?.domains;
    let mut domains: Vec<Domain> = served.iter().filter_map(|name| Domain::parse(name).ok()).collect();
    for member in lists.members()? {
        domains.extend(
            member
                .identities
                .iter()
                .filter_map(|identity| match identity {
                    MemberIdentity::Mail(value) => Identity::parse_mail(value).ok(),
                    MemberIdentity::Jid(value) | MemberIdentity::CatchAll(value) => {
                        Identity::parse_jid(value).ok()
                    }
                    MemberIdentity::Login(_) => None,
                })
                .map(|identity| identity.domain().clone()),
        );
    }
    Ok(domains)
}

/// Whether a host is this domain or below it; keys begin with the last label.
fn covers(domain: &str, host: &str) -> bool {
    host.strip_prefix(domain).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
