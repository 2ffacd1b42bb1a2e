//! The table `[admin]`: who hears when something turns bad.

use policy_core::identity::Identity;
use serde::Deserialize;

use super::WrongKey;
use crate::chain::Tell;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AdminTable {
    #[serde(default)]
    mail: Vec<String>,
    #[serde(default)]
    jid: Vec<String>,
}

/// Reads whom to tell.
pub(super) fn read(table: AdminTable) -> Result<Tell, WrongKey> {
    for mail in &table.mail {
        let plain = !mail.contains(|char: char| char.is_whitespace() || "<>".contains(char));
        if !plain
            || Identity::parse_mail(mail).is_ok_and(|identity| identity.local().is_none())
            || !mail.contains('@')
        {
            return Err(("mail", format!("{mail:?} is no mail address: write it like anna@example.org")));
        }
    }
    for jid in &table.jid {
        if Identity::parse_jid(jid.trim()).ok().is_none_or(|jid| jid.local().is_none()) {
            return Err(("jid", format!("{jid:?} is no account: write it like anna@example.org")));
        }
    }
    Ok(Tell { mail: table.mail, jids: table.jid })
}
