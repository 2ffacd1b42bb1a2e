//! Reports of spam and abuse that accounts make with a block (XEP-0377).

use minidom::Element;
use policy_core::account::{Owner, owner};
use policy_core::identity::Identity;
use policy_core::lists::ListsError;
use policy_core::reports::{Reason, Report};

use super::Desk;
use super::mirror::account_at;

impl Desk {
    /// Takes a report that the module sends in the name of the account's host; kept is what the member shares of it. Blocks
    /// on the database.
    pub(super) fn take_report(&self, host: &str, told: &Element) -> Result<(), ListsError> {
        let account = account_at(host, told).and_then(Identity::of_account);
        let (Some(reports), Some(account), Some(report)) = (&self.reports, account, read(told)) else {
            return Ok(());
        };
        let about_a_reader = Identity::parse_jid(&report.jid).is_ok_and(|who| {
            self.readers.iter().any(|reader| match who.local() {
                Some(_) => *reader == who,
                None => reader.domain() == who.domain(),
            })
        });
        // Who has chosen to share anything is a member.
        match owner(self.lists.as_ref(), &account)? {
            Owner::One(member) if !about_a_reader => reports.report(member.id, &account, &report),
            _ => Ok(()),
        }
    }
}

fn read(told: &Element) -> Option<Report> {
    let reason = match told.attr("reason") {
        Some("urn:xmpp:reporting:spam") => Reason::Spam,
        Some("urn:xmpp:reporting:abuse") => Reason::Abuse,
        _ => Reason::Other,
    };
    Some(Report { jid: told.attr("jid")?.to_owned(), reason, words: told.text() })
}
