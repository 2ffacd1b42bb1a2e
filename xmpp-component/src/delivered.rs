//! Answers that say no more than "deliver": all that are ready travel in one stanza, which costs Prosody as much as one.

use std::collections::BTreeMap;

use minidom::Element;
use minidom::rxml::xml_ncname;

use crate::dispatch::Asked;
use crate::grants::Grant;
use crate::iq::{self, CHECK};

/// Questions whose stanzas are delivered: their ids, by the host that asks and by what else is said to them.
#[derive(Default)]
pub(crate) struct Delivered(BTreeMap<(String, Option<u64>, Option<Grant>), Vec<u64>>);

impl Delivered {
    /// This question is answered.
    pub(crate) fn add(&mut self, asked: Asked) {
        self.0.entry((asked.host, asked.revision, asked.grant)).or_default().push(asked.id);
    }

    /// The stanzas that say so.
    pub(crate) fn take(&mut self, domain: &str) -> Vec<Element> {
        let answers = std::mem::take(&mut self.0).into_iter().map(|((host, revision, grant), ids)| {
            let grant = grant.map(|grant| match grant {
                Grant::Silent => "silent",
                Grant::Text => "text",
            });
            let delivered = Element::builder("delivered", CHECK)
                .attr(xml_ncname!("revision").to_owned(), revision.map(|revision| revision.to_string()))
                .attr(xml_ncname!("grant").to_owned(), grant)
                .append(ranges(&ids))
                .build();
            iq::request("result", "delivered", domain, &host, delivered)
        });
        answers.collect()
    }
}

/// `3-7 9`: most questions that are answered together were asked one after the other.
fn ranges(ids: &[u64]) -> String {
    let runs = ids.chunk_by(|one, next| one.checked_add(1) == Some(*next));
    let ranges = runs.filter_map(|run| match run {
        [] => None,
        [one] => Some(one.to_string()),
        [first, .., last] => Some(format!("{first}-{last}")),
    });
    ranges.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::ranges;

    #[test]
    fn ids_that_follow_each_other_are_a_range() {
        assert_eq!(ranges(&[]), "");
        assert_eq!(ranges(&[7]), "7");
        assert_eq!(ranges(&[3, 4, 5, 9, 8, 9, 10]), "3-5 9 8-10");
        assert_eq!(ranges(&[u64::MAX, 0]), "18446744073709551615 0");
    }
}
