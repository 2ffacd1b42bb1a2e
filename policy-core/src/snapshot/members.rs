//! Whose mail and chat a recipient's address is.

use std::collections::HashMap;

use crate::entry::{Channel, MemberId};
use crate::identity::{Domain, Identity};
use crate::lists::{Member, MemberIdentity};
use crate::pattern::identity_key;

/// Members by their identities.
#[derive(Default)]
pub struct Members {
    mail: HashMap<String, Vec<MemberId>>,
    chat: HashMap<String, Vec<MemberId>>,
    catch_all: HashMap<String, Vec<MemberId>>,
}

impl Members {
    /// Indexes the members; identities that can't be read any more are left out.
    pub fn new(members: &[Member]) -> Self {
        let mut index = Self::default();
        for member in members {
            for identity in &member.identities {
                let (map, key) = match identity {
                    MemberIdentity::Mail(address) => (&mut index.mail, Identity::parse_mail(address).ok()),
                    MemberIdentity::Jid(jid) => (&mut index.chat, Identity::parse_jid(jid).ok()),
                    MemberIdentity::CatchAll(domain) => {
                        if let Ok(domain) = Domain::parse(domain) {
                            index.catch_all.entry(domain.key()).or_default().push(member.id);
                        }
                        continue;
                    }
                    MemberIdentity::Login(_) => continue,
                };
                if let Some(identity) = key {
                    map.entry(identity_key(&identity)).or_default().push(member.id);
                }
            }
        }
        index
    }

    /// Who owns this address: nobody, one member, or several. The address as it is comes first, then without its tag,
    /// then whoever takes all of the domain.
    pub fn owners(&self, channel: Channel, recipient: &Identity) -> &[MemberId] {
        let map = match channel {
            Channel::Mail => &self.mail,
            Channel::Xmpp => &self.chat,
        };
        if let Some(owners) = map.get(&identity_key(recipient)) {
            return owners;
        }
        let domain = recipient.domain().key();
        if let Some(untagged) = recipient.untagged()
            && let Some(owners) = map.get(&format!("{domain}@{untagged}"))
        {
            return owners;
        }
        match channel {
            Channel::Mail => self.catch_all.get(&domain).map_or(&[], Vec::as_slice),
            Channel::Xmpp => &[],
        }
    }
}
