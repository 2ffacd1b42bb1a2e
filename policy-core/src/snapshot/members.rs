//! Whose mail and chat a recipient's address is.

use std::collections::{HashMap, HashSet};

use crate::candidate::{Delivery, Recipient, Sender, SenderRole};
use crate::entry::{Channel, MemberId};
use crate::identity::{Domain, Identity, idna2003_key};
use crate::lists::{Member, MemberIdentity};
use crate::logins::Logins;

/// Stands in for the domain of a name that is only a local part.
const NO_DOMAIN: &str = "localhost";

/// What parts a sub-address from the address at the household's own domains, beside `+`, which does everywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delimiters {
    /// Nothing else.
    #[default]
    Plus,
    /// A hyphen too, as with Postfix's `recipient_delimiter = +-`.
    PlusAndHyphen,
}

/// Members by their identities.
#[derive(Default)]
pub struct Members {
    mail: HashMap<String, Vec<MemberId>>,
    chat: HashMap<String, Vec<MemberId>>,
    catch_all: HashMap<String, Vec<MemberId>>,
    logins: Logins,
    /// The same by the local part that mail to the system's account of that name has.
    accounts: HashMap<String, Vec<MemberId>>,
    /// As whom each member writes.
    senders: HashMap<MemberId, Vec<Sender>>,
    /// Keys of the domains at which a hyphen parts a sub-address.
    hyphened: HashSet<String>,
}

impl Members {
    /// Indexes the members; identities that can't be read any more are left out.
    pub fn new(members: &[Member], delimiters: Delimiters) -> Self {
        let mut index = Self { logins: Logins::new(members), ..Self::default() };
        for (member, identity) in
            members.iter().flat_map(|member| member.identities.iter().map(move |identity| (member, identity)))
        {
            let (map, identity) = match identity {
                MemberIdentity::Mail(address) => (&mut index.mail, Identity::parse_mail(address).ok()),
                MemberIdentity::Jid(jid) => (&mut index.chat, Identity::parse_jid(jid).ok()),
                MemberIdentity::CatchAll(domain) => {
                    (&mut index.catch_all, Domain::parse(domain).ok().map(Identity::from))
                }
                MemberIdentity::Login(name) => {
                    let account = Identity::from_mail(name, NO_DOMAIN).ok().filter(|_| !name.contains('@'));
                    if let Some(account) = account.as_ref().and_then(Identity::local) {
                        index.accounts.entry(account.to_owned()).or_default().push(member.id);
                    }
                    continue;
                }
            };
            if let Some(identity) = identity {
                map.entry(identity.key().to_owned()).or_default().push(member.id);
                if identity.local().is_some() {
                    let sender = Sender { role: SenderRole::Login, identity };
                    index.senders.entry(member.id).or_default().push(sender);
                }
            }
        }
        for map in [&mut index.mail, &mut index.chat, &mut index.catch_all] {
            add_idna2003(map);
        }
        if delimiters == Delimiters::PlusAndHyphen {
            let domain = |key: &String| key.split('@').next().map(str::to_owned);
            index.hyphened = index.mail.keys().chain(index.catch_all.keys()).filter_map(domain).collect();
        }
        index
    }

    /// Who owns this address: nobody, one member, or several. The address as it is comes first, then without its tag,
    /// then whoever takes all of the domain.
    pub fn owners(&self, channel: Channel, identity: &Identity) -> &[MemberId] {
        let owners = match channel {
            Channel::Mail => self
                .mail
                .get(identity.key())
                .or_else(|| self.mail.get(identity.untagged_key()?))
                .or_else(|| self.mail.get(self.hyphen_base(identity)?))
                .or_else(|| self.catch_all.get(identity.domain().key())),
            Channel::Xmpp => self.chat.get(identity.key()),
        };
        owners.map_or(&[], Vec::as_slice)
    }

    /// Whose lists count for what comes to this recipient: the owners of the address, and where it has none, whoever logs
    /// in under the name of the account that gets it.
    pub fn whose(&self, channel: Channel, recipient: &Recipient) -> &[MemberId] {
        match self.owners(channel, &recipient.identity) {
            [] => self.account_owners(recipient).map_or(&[], Vec::as_slice),
            owners => owners,
        }
    }

    /// Who logs in under the name of the system's account whose mailbox this is.
    fn account_owners(&self, recipient: &Recipient) -> Option<&Vec<MemberId>> {
        let identity = Some(&recipient.identity).filter(|_| recipient.delivery == Delivery::ToAccount)?;
        self.accounts.get(identity.local()?).or_else(|| self.accounts.get(identity.untagged()?))
    }

    /// As whom the member with this login writes: all their addresses, whichever of them stands in the message. Where
    /// no member has the login and it is an address itself, whoever owns that.
    pub fn behind_login(&self, login: &str) -> impl Iterator<Item = &Sender> {
        let mut members = self.logins.owners(login);
        if members.is_empty()
            && let Ok(address) = Identity::parse_mail(login)
        {
            members = self.mail.get(address.key()).cloned().unwrap_or_default();
        }
        members.into_iter().filter_map(|member| self.senders.get(&member)).flatten()
    }

    /// The key of a mail address as far as a hyphen, where that parts a sub-address.
    pub fn hyphen_base<'i>(&self, identity: &'i Identity) -> Option<&'i str> {
        let here = !self.hyphened.is_empty() && self.hyphened.contains(identity.domain().key());
        here.then(|| identity.cut_at('-')).flatten()
    }
}

/// Adds the keys under which Prosody and Postfix may show the same addresses; whoever has just that one keeps it.
fn add_idna2003(map: &mut HashMap<String, Vec<MemberId>>) {
    let shown: Vec<(String, Vec<MemberId>)> = map
        .iter()
        .filter_map(|(key, owners)| Some((idna2003_key(key)?, owners.clone())))
        .filter(|(key, _)| !map.contains_key(key))
        .collect();
    for (key, owners) in shown {
        map.entry(key).or_default().extend(owners);
    }
}
