//! What the component tells the module of its own accord.

use minidom::Element;
use minidom::rxml::xml_ncname;
use policy_core::snapshot::Follower;
use tokio::sync::Notify;

use crate::grants::LEASE;
use crate::iq::{self, CHECK};
use crate::sealed::Sealed;

/// The id of the last thing that is said before leaving.
pub(crate) const LEAVING: &str = "leaving";

/// The id of the ping that is sent before leaving if there seems to be no module.
pub(crate) const LAST_PING: &str = "last-ping";

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

/// Other lists are in force: whoever was blocked may not be any more, and the reverse. No grant of another revision may
/// be used any more. From then on the module may ask about plain stanzas in the short form.
pub(crate) fn lists(domain: &str, module_at: &str, sealed: Sealed, revision: u64) -> Element {
    let lists = Element::builder("lists", CHECK)
        .attr(xml_ncname!("revision").to_owned(), revision.to_string())
        .attr(xml_ncname!("lease").to_owned(), LEASE.as_secs_f64().to_string())
        .attr(xml_ncname!("plain").to_owned(), "true")
        .attr(xml_ncname!("known").to_owned(), (sealed == Sealed::Drop).then_some("true"))
        .build();
    iq::request("set", &format!("{LISTS}{revision}"), domain, module_at, lists)
}

/// The revision of which the module says that it heard.
pub(crate) fn heard(answer: &Element) -> Option<u64> {
    let id = answer.attr("id").filter(|_| answer.attr("type") == Some("result"))?;
    id.strip_prefix(LISTS)?.parse().ok()
}

/// The answer to a module that asks for a lease: the revision that it goes on under, if there is one.
pub(crate) fn lease(asked: &Element, revision: Option<u64>) -> Element {
    let revision = revision.map(|revision| revision.to_string());
    let lease = Element::builder("lease", CHECK).attr(xml_ncname!("revision").to_owned(), revision);
    iq::result(asked, Some(lease.build()))
}

/// No more questions, please: what has been asked is still answered.
pub(crate) fn leaving(domain: &str, module_at: &str) -> Element {
    iq::request("set", LEAVING, domain, module_at, Element::bare("leaving", CHECK))
}
