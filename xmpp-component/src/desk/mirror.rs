//! What accounts block by the button of their chat client (XEP-0191): Prosody keeps it, the lists mirror it.

use minidom::Element;
use minidom::rxml::xml_ncname;
use policy_core::account::{Owner, owner, owner_or_new};
use policy_core::client_blocks::{ClientBlock, ClientBlocks, ClientList, Outstanding, entry_of};
use policy_core::entry::MemberId;
use policy_core::identity::Identity;
use policy_core::lists::ListsError;
use texts::Texts;

use super::Desk;
use super::caller::MOST_MEMBERS;
use crate::iq::{self, CHECK};

/// Blocks that are taken back by one request: it must stay far below 512 KiB.
const AT_ONCE: usize = 100;

impl Desk {
    /// Takes an account's list, or a report, which the module sends in the name of the account's host. Blocks on the
    /// database.
    pub(super) fn mirror(&self, told: &Element) -> Element {
        let host = told.attr("from").unwrap_or_default();
        let done = told.children().next().map_or(Ok(()), |what| match what.name() {
            "report" => self.take_report(host, what),
            _ => self.take_list(host, what),
        });
        match done {
            Ok(()) => iq::result(told, None),
            Err(error) => {
                // The module tells it again later, where that can mend it (RFC 6120 section 8.3.2).
                let (kind, condition) = match error {
                    ListsError::Store(_) => ("wait", "internal-server-error"),
                    _ => ("cancel", "not-allowed"),
                };
                iq::error(told, kind, condition, None, Some(&Texts::plain().sentence(&error.sentence())))
            }
        }
    }

    fn take_list(&self, host: &str, blocked: &Element) -> Result<(), ListsError> {
        match (&self.client_blocks, read(host, blocked)) {
            (Some(blocks), Some(list)) => self.bring_in_line(blocks.as_ref(), &list),
            _ => Ok(()),
        }
    }

    fn bring_in_line(&self, blocks: &dyn ClientBlocks, list: &ClientList) -> Result<(), ListsError> {
        // Accounts whose names read alike have no list of their own: their blocks stay Prosody's.
        let Some(account) = Identity::of_account(&list.account) else { return Ok(()) };
        let lists = self.lists.as_ref();
        let any = list.blocks.iter().any(|block| entry_of(MemberId(0), &account, &block.jid).is_some());
        let there = owner(lists, &account)?;
        let owner = if any && (there != Owner::Nobody || lists.members()?.len() < MOST_MEMBERS) {
            owner_or_new(lists, &account)?
        } else {
            there
        };
        match owner {
            Owner::One(member) => blocks.mirror(member.id, list),
            Owner::Nobody | Owner::Several => Ok(()),
        }
    }

    /// Asks Prosody to take back what was removed from the lists, and to block what is there again. Blocks on the database;
    /// what fails comes with the next change.
    pub(super) fn changing(&self, domain: &str) -> Vec<Element> {
        let Some(blocks) = &self.client_blocks else { return Vec::new() };
        let outstanding = blocks.outstanding().unwrap_or_default();
        let of_one_account =
            outstanding.chunk_by(|one, other| one.account == other.account && one.wanted == other.wanted);
        let requests = of_one_account.flat_map(|blocks| blocks.chunks(AT_ONCE));
        requests.filter_map(|blocks| request(domain, blocks)).collect()
    }
}

fn request(domain: &str, blocks: &[Outstanding]) -> Option<Element> {
    let Outstanding { account, wanted, .. } = blocks.first()?;
    let (_, host) = account.split_once('@')?;
    let what = if *wanted { "block" } else { "unblock" };
    let item = |one: &Outstanding| {
        Element::builder("item", CHECK)
            .attr(xml_ncname!("jid").to_owned(), one.block.jid.as_str())
            .attr(
                xml_ncname!("made").to_owned(),
                Some(one.block.made.as_str()).filter(|made| !made.is_empty()),
            )
            .build()
    };
    let change = Element::builder(what, CHECK)
        .attr(xml_ncname!("account").to_owned(), account.as_str())
        .append_all(blocks.iter().map(item))
        .build();
    Some(iq::request("set", what, domain, host, change))
}

/// The account that this is about, if it is one of the host's.
pub(super) fn account_at<'t>(host: &str, told: &'t Element) -> Option<&'t str> {
    told.attr("account")
        .filter(|account| account.split_once('@').is_some_and(|(local, of)| !local.is_empty() && of == host))
}

/// The list in `blocked`; `None` if the account isn't one of the host's.
fn read(host: &str, blocked: &Element) -> Option<ClientList> {
    let account = account_at(host, blocked)?;
    let block = |item: &Element| {
        let made = item.attr("made").unwrap_or_default().to_owned();
        Some(ClientBlock { jid: item.attr("jid")?.to_owned(), made })
    };
    Some(ClientList {
        account: account.to_owned(),
        blocks: blocked.children().filter_map(block).collect(),
        after: blocked.attr("after").map(str::to_owned),
        until: blocked.attr("until").map(str::to_owned),
    })
}
