//! Answers that say no more than "deliver": all that are ready travel in one stanza, which costs Prosody as much as one.

use std::collections::BTreeMap;

use minidom::Element;
use minidom::rxml::xml_ncname;

use crate::iq::{self, CHECK};
use crate::leaves::Leave;

/// A leave, and the revision of the lists under which it is given.
pub(crate) type Given = (Leave, u64);

/// Questions whose stanzas are delivered.
#[derive(Default)]
pub(crate) struct Delivered(BTreeMap<(String, Option<Given>), String>);

impl Delivered {
    /// This question, of this host, is answered.
    pub(crate) fn add(&mut self, host: &str, id: &str, given: Option<Given>) {
        let ids = self.0.entry((host.to_owned(), given)).or_default();
        if !ids.is_empty() {
            ids.push(' ');
        }
        ids.push_str(id);
    }

    /// The stanzas that say so.
    pub(crate) fn take(&mut self, domain: &str) -> impl Iterator<Item = Element> + use<'_> {
        let domain = domain.to_owned();
        std::mem::take(&mut self.0).into_iter().map(move |((host, given), ids)| {
            let leave = given.map(|(leave, _)| match leave {
                Leave::WithoutText => "without-text",
                Leave::WithText => "with-text",
            });
            let deliver = Element::builder("deliver", CHECK)
                .attr(xml_ncname!("leave").to_owned(), leave)
                .attr(xml_ncname!("revision").to_owned(), given.map(|(_, revision)| revision.to_string()))
                .append(ids)
                .build();
            iq::request("result", "delivered", &domain, &host, deliver)
        })
    }
}
