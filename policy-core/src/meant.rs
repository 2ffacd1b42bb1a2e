//! Whose message was forwarded. Where more than one address is possible, all of them: it is asked, never guessed.
//!
//! Whoever sent the message wrote what stands in its text, the name beside their address, where answers go and how HTML
//! looks. An address is certain only where none of that can stand in its place.

mod field;
mod link;
mod reply;
mod words;

use self::field::{
    Label, addresses, begins_field, continues, introduces, is_blank, is_quoted, labelled, named, separates,
};
pub use self::link::may_be_a_links;
pub use self::reply::looks_like_reply;
use crate::entry::Effect;
use crate::identity::{Identity, quoted};
use crate::message::{Attached, Forwarded};

/// How much of a text is looked at.
const LINES: usize = 2000;

/// The most addresses that a question offers.
const CHOICES: usize = 9;

/// The most addresses that are gathered.
const MOST: usize = 100;

/// Whose message it was.
#[derive(Debug, PartialEq, Eq)]
pub enum Meant {
    /// One address is possible.
    One(String),
    /// These are, or one that isn't certain.
    Unclear(Vec<String>),
    /// None but the household's own.
    OnlyHousehold,
    /// There is no address.
    Nobody,
}

/// Reads it out of what is forwarded. `household` tells our own addresses, which are never meant. `is_reply`: it
/// [looks like an answer](looks_like_reply), and then nothing is certain. `effect` is what shall be done about whom it was.
pub fn meant(
    forwarded: &Forwarded,
    is_reply: bool,
    effect: Effect,
    household: impl Fn(&Identity) -> bool,
) -> Meant {
    let mut found =
        Found { household, effect, certain: Vec::new(), possible: Vec::new(), own: false, doubt: is_reply };
    if forwarded.resent {
        found.attached(&forwarded.itself);
    }
    for attached in &forwarded.attached {
        found.attached(attached);
    }
    // The mail program wrote the first text; further ones are other versions of it, or the sender's.
    let mut texts = forwarded.texts.iter().filter(|lines| lines.iter().any(|line| !is_blank(line)));
    if let Some(first) = texts.next() {
        found.text(first);
    }
    texts.for_each(|text| found.further_text(text));
    if !forwarded.resent {
        // Not every mail program says that it redirects (RFC 5322 section 3.6.6).
        for identity in forwarded.itself.author.iter().chain(&forwarded.itself.others) {
            if !(found.household)(identity) {
                found.possible(identity);
            }
        }
    }
    found.outcome()
}

struct Found<H> {
    household: H,
    effect: Effect,
    /// Addresses that stand where a sender stands.
    certain: Vec<String>,
    /// Addresses that may be the sender's: in a language or a program that we don't know, or where answers go.
    possible: Vec<String>,
    /// There is an address of our own.
    own: bool,
    /// Where the sender should stand, nobody does who can be meant. Then whatever else is found may be a decoy.
    doubt: bool,
}

impl<H: Fn(&Identity) -> bool> Found<H> {
    /// A message in the form in which it came: its From field is beyond doubt. But a reader may have seen the name alone, and
    /// allow whoever took a friend's address for theirs.
    fn attached(&mut self, attached: &Attached) {
        let certain = attached.author.as_ref().is_some_and(|author| self.certain(author));
        if !certain {
            self.doubt = true;
            attached.others.iter().for_each(|identity| self.possible(identity));
        }
        attached.reply_to.iter().for_each(|identity| self.possible(identity));
        if self.effect == Effect::Allow {
            attached.in_names.iter().for_each(|identity| self.possible(identity));
        }
    }

    /// Takes in an address that stands where a sender stands; returns whether it can be meant.
    fn certain(&mut self, identity: &Identity) -> bool {
        let inside = inside(identity);
        if !inside.is_empty() {
            // Whoever rewrote the address, or the person inside: and that one could be anybody.
            self.doubt = true;
            inside.iter().chain([identity]).for_each(|identity| self.possible(identity));
            return true;
        }
        let Some(address) = self.address(identity) else { return false };
        if self.certain.len() < MOST && !self.certain.contains(&address) {
            self.certain.push(address);
        }
        true
    }

    fn possible(&mut self, identity: &Identity) {
        if let Some(address) = self.address(identity)
            && self.possible.len() < MOST
            && !self.possible.contains(&address)
        {
            self.possible.push(address);
        }
    }

    /// The address without its tag, unless it is our own.
    fn address(&mut self, identity: &Identity) -> Option<String> {
        identity.local()?;
        if (self.household)(identity) {
            self.own = true;
            return None;
        }
        // What looks like a tag belongs to a wrapped address.
        let untagged = identity.untagged().filter(|_| inside(identity).is_empty());
        let bare = untagged.and_then(|local| Identity::from_mail(local, identity.domain().as_str()).ok());
        Some(bare.as_ref().unwrap_or(identity).typed())
    }

    /// Reads the sender lines of the text that the mail program wrote. What stands before the first may hide one that we
    /// don't know, and so may all of a text that has none: a label in a language that we don't know may be the sender's, in whose
    /// place the message's own text would count.
    fn text(&mut self, lines: &[String]) {
        let mut known = false;
        // Whether the line before introduced a forwarded message, and whether it set one apart.
        let (mut introduced, mut separated) = (false, false);
        // Whether the line belongs to the fields that begin with the sender.
        let mut in_fields = false;
        let lines: Vec<&str> = lines.iter().take(LINES).map(String::as_str).collect();
        for (at, line) in lines.iter().copied().enumerate() {
            if is_blank(line) {
                in_fields = false;
                continue;
            }
            in_fields &= begins_field(line);
            // A message is set apart, but nothing says who it is from.
            self.doubt |= !known && separated && !begins_field(line);
            let quoted = is_quoted(line);
            match labelled(line) {
                Some((Label::From, value)) => {
                    let field = named(value, &further(&lines, at), &self.household);
                    // A line that anybody quoted, the sender themselves or a mail program.
                    let doubtful = quoted && !introduced;
                    match &field.certain {
                        Some(sender) if !doubtful => {
                            let certain = self.certain(sender);
                            self.doubt |= !known && !certain;
                        }
                        _ => {
                            self.doubt |= !known;
                            field.all.iter().for_each(|identity| self.possible(identity));
                        }
                    }
                    known |= !field.all.is_empty() && !doubtful;
                    in_fields = known;
                }
                Some((Label::ReplyTo, value)) => {
                    let field = named(value, &further(&lines, at), &self.household);
                    field.all.iter().for_each(|identity| self.possible(identity));
                }
                None if !known || in_fields => {
                    self.doubt |= !known && begins_field(line) && !introduces(line);
                    self.line(line);
                }
                Some((Label::Other, _)) if !known => self.line(line),
                Some((Label::Other, _)) | None => {}
            }
            introduced = if quoted { introduced && begins_field(line) } else { introduces(line) };
            separated = separates(line);
        }
    }

    /// Reads a text that may be another version of the first, or anybody's.
    fn further_text(&mut self, lines: &[String]) {
        let mut known = false;
        let lines: Vec<&str> = lines.iter().take(LINES).map(String::as_str).collect();
        for (at, line) in lines.iter().copied().enumerate() {
            match labelled(line) {
                Some((label @ (Label::From | Label::ReplyTo), value)) => {
                    let field = named(value, &further(&lines, at), &self.household);
                    known |= label == Label::From && !field.all.is_empty();
                    field.all.iter().for_each(|identity| self.possible(identity));
                }
                _ if !known => self.line(line),
                _ => {}
            }
        }
    }

    /// A line that may name the sender in a language that we don't know.
    fn line(&mut self, line: &str) {
        let (author, found, _) = addresses(line);
        // An address that can't be read.
        self.doubt |= line.contains("\"@");
        author.iter().chain(&found).for_each(|identity| self.possible(identity));
    }

    fn outcome(self) -> Meant {
        let Self { mut certain, possible, own, doubt, .. } = self;
        let unclear = doubt || possible.iter().any(|address| !certain.contains(address));
        if certain.len() == 1 && !unclear {
            return certain.pop().map_or(Meant::Nobody, Meant::One);
        }
        for address in possible {
            if !certain.contains(&address) {
                certain.push(address);
            }
        }
        certain.truncate(CHOICES);
        match (certain.is_empty(), own) {
            (false, _) => Meant::Unclear(certain),
            (true, true) => Meant::OnlyHousehold,
            (true, false) => Meant::Nobody,
        }
    }
}

/// The addresses that an address wraps (SRS, BATV).
fn inside(identity: &Identity) -> Vec<Identity> {
    let local = identity.local().unwrap_or_default();
    Identity::unwrapped(&quoted(local), identity.domain().as_str()).into_iter().skip(1).collect()
}

/// The most lines that continue a field.
const FURTHER: usize = 20;

/// The lines that may continue the field that begins at this line.
fn further<'l>(lines: &[&'l str], at: usize) -> Vec<&'l str> {
    let pairs = lines.iter().skip(at).zip(lines.iter().skip(at + 1));
    pairs.take_while(|(line, next)| continues(line, next)).map(|(_, next)| *next).take(FURTHER).collect()
}

#[cfg(test)]
mod tests;
