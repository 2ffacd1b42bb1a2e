//! What Postward sends of its own accord: probes, and notices to the admin.

use minidom::Element;
use minidom::rxml::xml_ncname;
use tokio::sync::mpsc;
use tokio_xmpp::parsers::ns;

use crate::iq::CHECK;

/// Stanzas that wait to be sent.
const WAITING: usize = 64;

/// From whom probes come, at the component's own domain.
const PROBE: &str = "probe";

/// Where stanzas are handed in. What is handed in while there is no connection waits for the next one.
#[derive(Clone, Debug)]
pub struct Messenger {
    domain: String,
    stanzas: mpsc::Sender<Element>,
}

/// Where the connection takes them out.
#[derive(Debug)]
pub struct Outbox(mpsc::Receiver<Element>);

/// A way to send stanzas through the component with this domain.
pub fn messenger(domain: &str) -> (Messenger, Outbox) {
    let (stanzas, taken) = mpsc::channel(WAITING);
    (Messenger { domain: domain.to_owned(), stanzas }, Outbox(taken))
}

impl Messenger {
    /// Sends a probe with this token to a host of Prosody's. False: too many wait.
    pub fn probe(&self, host: &str, token: &str) -> bool {
        let probe = Element::builder("probe", CHECK).attr(xml_ncname!("token").to_owned(), token).build();
        let from = format!("{PROBE}@{}", self.domain);
        self.stanzas.try_send(message(&from, host, "normal", probe)).is_ok()
    }

    /// Sends a message to an account. False: too many wait.
    pub fn say(&self, to: &str, text: &str) -> bool {
        let body = Element::builder("body", ns::COMPONENT).append(text).build();
        self.stanzas.try_send(message(&self.domain, to, "chat", body)).is_ok()
    }
}

impl Outbox {
    pub(crate) async fn next(&mut self) -> Option<Element> {
        self.0.recv().await
    }
}

fn message(from: &str, to: &str, kind: &str, content: Element) -> Element {
    Element::builder("message", ns::COMPONENT)
        .attr(xml_ncname!("type").to_owned(), kind)
        .attr(xml_ncname!("from").to_owned(), from)
        .attr(xml_ncname!("to").to_owned(), to)
        .append(content)
        .build()
}
