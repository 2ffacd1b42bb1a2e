//! Who is at the desk, and which list they mean.

use minidom::Element;
use policy_core::account::{Owner, owner, owner_or_new};
use policy_core::entry::Scope;
use policy_core::identity::Identity;
use policy_core::lists::{Actor, Member, MemberIdentity};

use super::Desk;
use super::problem::Problem;

/// Members that there may be before accounts become members of their own accord no more: a household has far fewer, but
/// a server with open registration has no end of accounts.
pub(super) const MOST_MEMBERS: usize = 1000;

/// An account of this server; Prosody has proven that it is.
pub(super) struct Caller {
    /// The full JID.
    pub(super) jid: String,
    pub(super) account: Identity,
    /// The address that they write to: the component's.
    pub(super) desk: Option<Identity>,
    pub(super) is_admin: bool,
    /// Whether the household has mail, too.
    pub(super) mail: bool,
}

/// Which list is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Whose {
    #[default]
    Mine,
    Household,
}

/// A list, and in whose name it is read and changed.
pub(super) struct List {
    pub(super) actor: Actor,
    pub(super) scope: Scope,
    /// The member; `None` for the household.
    pub(super) member: Option<Member>,
}

impl List {
    /// Whether the list counts for mail: a member's does once an address of theirs is known.
    pub(super) fn counts_for_mail(&self) -> bool {
        self.member.as_ref().is_none_or(|member| {
            let mail = |identity: &MemberIdentity| {
                matches!(identity, MemberIdentity::Mail(_) | MemberIdentity::CatchAll(_))
            };
            member.identities.iter().any(mail)
        })
    }
}

impl Desk {
    pub(super) fn caller(&self, stanza: &Element) -> Option<Caller> {
        let jid = stanza.attr("from")?.to_owned();
        let account = Identity::of_account(&jid)?;
        let is_admin = self.admins.contains(&account);
        let desk = stanza.attr("to").and_then(|to| Identity::parse_jid(to).ok());
        Some(Caller { jid, account, desk, is_admin, mail: self.mail })
    }

    /// The list that the caller means, if there is one already.
    pub(super) fn list(&self, caller: &Caller, whose: Whose) -> Result<Option<List>, Problem> {
        if whose == Whose::Household {
            return household(caller).map(Some);
        }
        mine(owner(self.lists.as_ref(), &caller.account)?)
    }

    /// The list that the caller means; whoever had none gets one.
    pub(super) fn list_or_new(&self, caller: &Caller, whose: Whose) -> Result<List, Problem> {
        if whose == Whose::Household {
            return household(caller);
        }
        if let Some(list) = self.list(caller, whose)? {
            return Ok(list);
        }
        if self.lists.members()?.len() >= MOST_MEMBERS {
            return Err(Problem::TooManyMembers);
        }
        mine(owner_or_new(self.lists.as_ref(), &caller.account)?)?.ok_or(Problem::Shared)
    }
}

fn household(caller: &Caller) -> Result<List, Problem> {
    if caller.is_admin {
        Ok(List { actor: Actor::Admin, scope: Scope::Household, member: None })
    } else {
        Err(Problem::NotAdmin)
    }
}

fn mine(owner: Owner) -> Result<Option<List>, Problem> {
    match owner {
        Owner::Nobody => Ok(None),
        Owner::One(member) => Ok(Some(List {
            actor: Actor::Member(member.id),
            scope: Scope::Member(member.id),
            member: Some(member),
        })),
        Owner::Several => Err(Problem::Shared),
    }
}
