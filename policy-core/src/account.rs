//! Whose list belongs to an account for which a chat server vouches.

use std::collections::HashSet;

use crate::identity::Identity;
use crate::lists::{Lists, ListsError, Member, MemberIdentity};
use crate::text::appearance;

/// Whose an account is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Nobody's that is known as a member.
    Nobody,
    /// This member's.
    One(Member),
    /// Several members': no list is theirs alone.
    Several,
}

/// Who owns the account, which must be [`Identity::of_account`]'s.
pub fn owner(lists: &dyn Lists, account: &Identity) -> Result<Owner, ListsError> {
    let is_theirs = |identity: &MemberIdentity| match identity {
        MemberIdentity::Jid(jid) => Identity::parse_jid(jid.trim()).is_ok_and(|jid| jid == *account),
        _ => false,
    };
    let mut owners = lists.members()?.into_iter().filter(|member| member.identities.iter().any(is_theirs));
    Ok(match (owners.next(), owners.next()) {
        (None, _) => Owner::Nobody,
        (Some(member), None) => Owner::One(member),
        (Some(_), Some(_)) => Owner::Several,
    })
}

/// Who owns the account, which is about to change its list; where nobody does, it becomes a member by its JID alone, and under its JID as its name unless
/// somebody else is called so.
pub fn owner_or_new(lists: &dyn Lists, account: &Identity) -> Result<Owner, ListsError> {
    match owner(lists, account)? {
        Owner::Nobody => {}
        Owner::One(member) => {
            lists.account_came(member.id)?;
            return Ok(Owner::One(member));
        }
        Owner::Several => return Ok(Owner::Several),
    }
    let jid = account.to_string();
    match lists.add_member(&free_name(&jid, &lists.members()?), &[MemberIdentity::Jid(jid.clone())]) {
        Ok(member) => Ok(Owner::One(member)),
        // Somebody may have been quicker.
        Err(refused @ ListsError::Refused(_)) => match owner(lists, account)? {
            Owner::Nobody => Err(refused),
            other => Ok(other),
        },
        Err(error) => Err(error),
    }
}

/// The account's JID, or where a member has that name, or one that looks like it, the JID with a number.
fn free_name(jid: &str, members: &[Member]) -> String {
    let taken: HashSet<String> = members.iter().map(|member| appearance(&member.name)).collect();
    let mut numbered = (2..).map(|number: usize| format!("{jid} ({number})"));
    let free = |name: &String| !taken.contains(&appearance(name));
    Some(jid.to_owned()).filter(free).or_else(|| numbered.find(free)).unwrap_or_default()
}
