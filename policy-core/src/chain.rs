//! The chain from the servers to the lists, link by link: what holds, what doesn't, and what to do about it. The page and
//! `postward doctor` show it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::sentence::Sentence;

/// How a link is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It holds.
    #[default]
    Good,
    /// It holds, and something about it should be known.
    WorthKnowing,
    /// It doesn't: messages aren't judged, or will soon not be.
    Bad,
}

/// One link of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Which link, as a name that never changes: `database`, `mail-blocked-probe`.
    pub id: String,
    /// How it is.
    pub state: State,
    /// What was found; what to do about it belongs to the sentence. It holds nothing about correspondence.
    pub says: Sentence,
}

impl Link {
    /// A link that holds.
    pub fn good(id: &str, says: Sentence) -> Self {
        Self { id: id.to_owned(), state: State::Good, says }
    }

    /// A link about which something should be known.
    pub fn worth_knowing(id: &str, says: Sentence) -> Self {
        Self { id: id.to_owned(), state: State::WorthKnowing, says }
    }

    /// A link that doesn't hold.
    pub fn bad(id: &str, says: Sentence) -> Self {
        Self { id: id.to_owned(), state: State::Bad, says }
    }
}

/// The worst state among links; good if there are none.
pub fn worst<'l>(links: impl IntoIterator<Item = &'l Link>) -> State {
    links.into_iter().map(|link| link.state).max().unwrap_or_default()
}

/// What a check has found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What was looked at just now, in the order in which a message meets it.
    pub links: Vec<Link>,
    /// What only root can see, when root last looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_root: Option<AsRoot>,
}

/// What root saw: the configuration of Postfix and Prosody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsRoot {
    /// When.
    pub on: Date,
    /// What.
    pub links: Vec<Link>,
}

impl Report {
    /// The worst state among all links.
    pub fn state(&self) -> State {
        worst(self.links.iter().chain(self.as_root.iter().flat_map(|as_root| &as_root.links)))
    }
}

/// Whoever can check the chain: the daemon.
pub trait Chain: Send + Sync {
    /// Checks every link and sends probes through both doors. Blocks until that is done: seconds, a minute at most where
    /// a server doesn't answer.
    fn check(&self) -> Report;

    /// What root saw last, without checking anything.
    fn as_root(&self) -> Option<AsRoot>;

    /// Whether a link was bad when the chain was last checked, here or by root.
    fn was_broken(&self) -> bool;
}
