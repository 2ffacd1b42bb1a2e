//! A block holds outwards too: from whom accounts of this server are hidden.

use minidom::Element;
use minidom::rxml::xml_ncname;
use policy_core::candidate::{Candidate, Delivery, Recipient, Sender, SenderRole};
use policy_core::door::{Judge, JudgingFailed};
use policy_core::entry::Channel;
use policy_core::identity::Identity;
use policy_core::verdict::Outcome;

use crate::iq::CHECK;

/// Whether this contact must not see what shows that the account is about.
pub(crate) fn is_hidden(judge: &impl Judge, account: &str, contact: &str) -> Result<bool, JudgingFailed> {
    let (Ok(account), Ok(contact)) = (Identity::parse_jid(account), Identity::parse_jid(contact)) else {
        return Ok(false);
    };
    hides(judge, account, contact)
}

/// The same: what the contact sends would be stopped because of who they are.
pub(crate) fn hides(judge: &impl Judge, account: Identity, contact: Identity) -> Result<bool, JudgingFailed> {
    let mut candidate = Candidate::new(Channel::Xmpp);
    candidate.author = Some(contact.clone());
    candidate.senders.push(Sender { role: SenderRole::Stanza, identity: contact });
    candidate.recipients.push(Recipient { identity: account, delivery: Delivery::ToAddress });
    let judgement = judge.foresee(&candidate)?;
    Ok(judgement.verdicts.first().is_some_and(|verdict| verdict.outcome != Outcome::Deliver))
}

/// Which of the contacts of an account the account is hidden from.
pub(crate) fn hidden(onlookers: &Element, judge: &impl Judge) -> Result<Element, JudgingFailed> {
    let mut hidden = Element::builder("hidden", CHECK);
    if let Some(account) = onlookers.attr("account") {
        for jid in onlookers.children().filter_map(|contact| contact.attr("jid")) {
            if is_hidden(judge, account, jid)? {
                let contact = Element::builder("contact", CHECK).attr(xml_ncname!("jid").to_owned(), jid);
                hidden = hidden.append(contact.build());
            }
        }
    }
    Ok(hidden.build())
}
