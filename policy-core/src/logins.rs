//! Whose a login is.

use std::collections::HashMap;

use icu_casemap::CaseMapper;

use crate::entry::MemberId;
use crate::lists::{Member, MemberIdentity};

/// Members by the names that they log in with.
///
/// Most servers take a name in any case and tell it on as it was typed, so that `BOB` is bob. Only where the names of two
/// members differ in nothing else does case tell them apart.
#[derive(Default)]
pub struct Logins(HashMap<String, Vec<(String, MemberId)>>);

impl Logins {
    /// Indexes the members.
    pub fn new(members: &[Member]) -> Self {
        let mut logins: HashMap<String, Vec<(String, MemberId)>> = HashMap::new();
        for member in members {
            for identity in &member.identities {
                if let MemberIdentity::Login(name) = identity {
                    logins.entry(caseless(name)).or_default().push((name.clone(), member.id));
                }
            }
        }
        Self(logins)
    }

    /// The members with this login, each once: nobody, one, or several.
    pub fn owners(&self, login: &str) -> Vec<MemberId> {
        let Some(alike @ [first, others @ ..]) = self.0.get(&caseless(login)).map(Vec::as_slice) else {
            return Vec::new();
        };
        let case_counts = others.iter().any(|(_, member)| *member != first.1)
            && others.iter().any(|(name, _)| *name != first.0);
        let named = alike.iter().filter(|(name, _)| !case_counts || name == login);
        let mut owners: Vec<MemberId> = named.map(|(_, member)| *member).collect();
        owners.sort_unstable();
        owners.dedup();
        owners
    }
}

fn caseless(login: &str) -> String {
    CaseMapper::new().fold_string(login).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_its_members_in_any_case_unless_another_members_differs_in_nothing_else() {
        let member = |number: u32, logins: &[&str]| Member {
            id: MemberId(number),
            name: format!("member {number}"),
            identities: logins.iter().map(|login| MemberIdentity::Login((*login).to_owned())).collect(),
        };
        let members = [
            member(1, &["bob", "Bob", "bob@mail.test"]),
            member(2, &["Anna"]),
            member(3, &["anna", "Ärger"]),
            member(4, &["shared"]),
            member(5, &["shared"]),
        ];
        let logins = Logins::new(&members);
        for (login, owners) in [
            ("bob", &[1][..]),
            ("BOB", &[1]),
            ("bob@MAIL.test", &[1]),
            ("bobby", &[]),
            ("Anna", &[2]),
            ("anna", &[3]),
            ("ANNA", &[]),
            ("äRGER", &[3]),
            ("Shared", &[4, 5]),
            ("", &[]),
        ] {
            let found: Vec<u32> = logins.owners(login).iter().map(|member| member.0).collect();
            assert_eq!(found, owners, "{login}");
        }
    }
}
