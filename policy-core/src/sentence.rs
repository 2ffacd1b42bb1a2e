//! What is to be said, without the language in which it is said: the crate `texts` has the words.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A sentence by its name, and what stands in its gaps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    /// Its name among the texts: `database-whole`.
    pub id: String,
    /// What stands in its gaps, by their names. They are few, and an import keeps thousands of sentences.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        serialize_with = "as_map",
        deserialize_with = "from_map"
    )]
    pub gaps: Vec<(String, Gap)>,
}

fn as_map<S: Serializer>(gaps: &[(String, Gap)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(gaps.iter().map(|(name, gap)| (name, gap)))
}

fn from_map<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<(String, Gap)>, D::Error> {
    Ok(BTreeMap::deserialize(input)?.into_iter().collect())
}

/// What stands in a gap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Gap {
    /// A count, by which a language may choose another form of the words around it.
    Number(u64),
    /// A name, a file, an address; or one of the words among which the sentence chooses.
    Text(String),
    /// Another sentence: why something is so.
    Sentence(Sentence),
}

impl Sentence {
    /// The sentence of this name, its gaps empty.
    pub fn of(id: &str) -> Self {
        Self { id: id.to_owned(), gaps: Vec::new() }
    }

    /// Fills a gap.
    #[must_use]
    pub fn with(mut self, gap: &str, filling: impl Into<Gap>) -> Self {
        self.gaps.reserve_exact(1);
        self.gaps.push((gap.to_owned(), filling.into()));
        self
    }
}

impl From<Sentence> for Gap {
    fn from(sentence: Sentence) -> Self {
        Self::Sentence(sentence)
    }
}

impl From<u64> for Gap {
    fn from(count: u64) -> Self {
        Self::Number(count)
    }
}

impl From<String> for Gap {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Gap {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
