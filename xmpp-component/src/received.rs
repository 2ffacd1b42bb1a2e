//! An element as it comes from Prosody. Each entity in a text is an event of its own, and minidom would keep each as a node of its
//! own: a message of apostrophes, which Prosody escapes, would take tens of times its size.

use minidom::Element;
use minidom::rxml::parser::EventMetrics;
use minidom::rxml::{AttrMap, Event, QName};
use xso::error::{Error, FromEventsError};
use xso::{Context, FromEventsBuilder, FromXml};

/// An element whose texts are one node each.
#[derive(Debug)]
pub(crate) struct Received(pub(crate) Element);

/// Builds it, and collects the text that is being read.
pub(crate) struct Builder {
    element: <Element as FromXml>::Builder,
    text: Option<(EventMetrics, String)>,
}

impl FromXml for Received {
    type Builder = Builder;

    fn from_events(
        name: QName,
        attributes: AttrMap,
        context: &Context<'_>,
    ) -> Result<Builder, FromEventsError> {
        Ok(Builder { element: Element::from_events(name, attributes, context)?, text: None })
    }
}

impl FromEventsBuilder for Builder {
    type Output = Received;

    fn feed(&mut self, event: Event, context: &Context<'_>) -> Result<Option<Received>, Error> {
        match (event, &mut self.text) {
            (Event::Text(_, piece), Some((_, text))) => {
                text.push_str(&piece);
                Ok(None)
            }
            (Event::Text(at, piece), None) => {
                self.text = Some((at, piece));
                Ok(None)
            }
            (event, text) => {
                if let Some((at, text)) = text.take() {
                    self.element.feed(Event::Text(at, text), context)?;
                }
                Ok(self.element.feed(event, context)?.map(Received))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Received;

    #[test]
    fn a_question_of_nothing_but_entities_takes_one_text() {
        let question = format!("<iq xmlns='x'><check>{}<a/>b&lt;</check></iq>", "&apos;".repeat(1_000));
        let Received(element) = xso::from_bytes(question.as_bytes()).unwrap();
        let check = element.children().next().unwrap();
        let texts: Vec<&str> = check.texts().collect();
        assert_eq!(texts, ["'".repeat(1_000).as_str(), "b<"]);
    }
}
