//! What the component tells the module of its own accord.

use minidom::Element;
use minidom::rxml::xml_ncname;
use policy_core::snapshot::Follower;
use tokio::sync::Notify;

use crate::iq::{self, CHECK};
use crate::leaves::LEASE;
use crate::sealed::Sealed;

/// The id of the last thing that is said before leaving.
pub(crate) const LEAVING: &str = "leaving";

/// Wakes the desk whenever the lists change.
#[derive(Default)]
pub(crate) struct Changed(Notify);

impl Changed {
    /// Waits for the next change; one that came while nobody waited is not missed.
    pub(crate) async fn wait(&self) {
        self.0.notified().await;
    }
}

impl Follower for Changed {
    fn published(&self) {
        self.0.notify_one();
    }
}

/// What the id of news of the lists begins with; the revision follows.
const LISTS: &str = "lists-";

/// Other lists are in force: whoever was blocked may not be any more, and the reverse. No leave of an older revision may
/// be used any more.
pub(crate) fn lists(domain: &str, module_at: &str, sealed: Sealed, revision: u64) -> Element {
    let lists = Element::builder("lists", CHECK)
        .attr(xml_ncname!("revision").to_owned(), revision.to_string())
        .attr(xml_ncname!("lease").to_owned(), LEASE.as_secs().to_string())
        .attr(xml_ncname!("known").to_owned(), (sealed == Sealed::Drop).then_some("true"))
        .build();
    iq::request("set", &format!("{LISTS}{revision}"), domain, module_at, lists)
}

/// The revision that the module says it has heard of.
pub(crate) fn heard(answer: &Element) -> Option<u64> {
    let id = answer.attr("id").filter(|_| answer.attr("type") == Some("result"))?;
    id.strip_prefix(LISTS)?.parse().ok()
}

/// No more questions, please: what has been asked is still answered.
pub(crate) fn leaving(domain: &str, module_at: &str) -> Element {
    iq::request("set", LEAVING, domain, module_at, Element::bare("leaving", CHECK))
}
