//! Who claims to be the sender: the fields that name somebody, and the addresses written into display names.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use super::address::{self, Mailbox};
use super::header::{Field, Header};
use super::{bidi, charset, encoded_word};
use crate::candidate::{Sender, SenderRole};
use crate::identity::Identity;

/// The fields that are looked at (design: "Mail identities looked at").
const FIELDS: [(&str, SenderRole); 6] = [
    ("from", SenderRole::From),
    ("sender", SenderRole::Sender),
    ("reply-to", SenderRole::ReplyTo),
    ("resent-from", SenderRole::ResentFrom),
    ("resent-sender", SenderRole::ResentSender),
    ("return-path", SenderRole::ReturnPath),
];

/// More senders than this are no message to a person; they aren't kept one by one.
const MOST: usize = 4096;

/// Up to so many senders are compared one by one, as they are in nearly all mail.
const FEW: usize = 16;

/// What the sender fields say.
#[derive(Default)]
pub(super) struct Senders {
    /// Each identity once for each role, up to a number.
    pub(super) found: Vec<Sender>,
    /// All of them, where there are more.
    pub(super) crowd: Option<Crowd>,
    /// The single, well-formed address of the single From field.
    pub(super) author: Option<Identity>,
}

/// More senders than are kept one by one: the fields that name them, to be read anew by whoever goes through them.
/// So no number of decoys hides an address, and memory stays within the message's own size.
#[derive(Clone)]
pub struct Crowd {
    header: Vec<u8>,
    labels: Vec<String>,
}

impl Crowd {
    /// Hands over every sender, some of them more than once.
    pub fn each(&self, take: &mut dyn FnMut(Sender)) {
        let mut take = |sender| {
            take(sender);
            true
        };
        Reader::new(&self.labels, Some(&mut take), &mut |_| {}).all(&Header::split(&self.header, false));
    }
}

/// Reads the sender fields. `labels` are the charsets that raw bytes in them may be in; `name` gets what [`names`] hands
/// over.
pub(super) fn read(header: &Header<'_>, labels: &[String], name: &mut dyn FnMut(String)) -> Senders {
    let mut senders = Senders::default();
    // Of those beyond the first few.
    let mut seen: HashSet<Sender> = HashSet::new();
    let mut more = false;
    let mut take = |sender: Sender| {
        let few = senders.found.get(..FEW).unwrap_or(&senders.found);
        if few.contains(&sender) || (!seen.is_empty() && seen.contains(&sender)) {
            return true;
        }
        if senders.found.len() >= MOST {
            more = true;
            return false;
        }
        if senders.found.len() >= FEW {
            seen.insert(sender.clone());
        }
        senders.found.push(sender);
        true
    };
    senders.author = Reader::new(labels, Some(&mut take), name).all(header);
    if more {
        let mut fields = Vec::new();
        for (name, _) in FIELDS {
            for field in header.all(name) {
                fields.extend_from_slice(name.as_bytes());
                fields.push(b':');
                fields.extend_from_slice(field.raw);
                if !field.raw.ends_with(b"\n") {
                    fields.push(b'\n');
                }
            }
        }
        senders.crowd = Some(Crowd { header: fields, labels: labels.to_vec() });
    }
    senders
}

/// Hands over display names and comments of the sender fields, every reading of them.
pub(super) fn names(header: &Header<'_>, labels: &[String], name: &mut dyn FnMut(String)) {
    Reader::new(labels, None, name).all(header);
}

struct Reader<'r> {
    labels: Vec<&'r str>,
    /// Takes a sender and says whether more are wanted; `None` where only names are.
    take: Option<&'r mut dyn FnMut(Sender) -> bool>,
    /// Nobody asks who the senders are.
    only_names: bool,
    name: &'r mut dyn FnMut(String),
    /// What was handed over of the stretch that is being read: a field that is read in several ways yields most
    /// addresses several times, and normalising an international one takes microseconds.
    seen: HashSet<u64>,
    /// Keyed anew for each message: nobody can make two addresses that pass for one.
    hasher: RandomState,
}

impl<'r> Reader<'r> {
    fn new(
        labels: &'r [String],
        take: Option<&'r mut dyn FnMut(Sender) -> bool>,
        name: &'r mut dyn FnMut(String),
    ) -> Self {
        let labels = labels.iter().map(String::as_str).collect();
        let only_names = take.is_none();
        Self { labels, take, only_names, name, seen: HashSet::new(), hasher: RandomState::new() }
    }

    /// Reads all sender fields; returns the author if there is but one.
    fn all(&mut self, header: &Header<'_>) -> Option<Identity> {
        let (mut authors, mut author) = (0usize, None);
        for (name, role) in FIELDS {
            for field in header.all(name) {
                let vast = field.is_vast();
                for stretch in field.stretches() {
                    let clean = self.field(stretch, role, !vast);
                    if role == SenderRole::From {
                        author = clean;
                        authors += 1;
                    }
                }
            }
        }
        author.filter(|_| authors == 1)
    }

    /// Reads one field; returns its address where it is a From field, has exactly one and is well-formed.
    fn field(&mut self, field: Field<'_>, role: SenderRole, whole: bool) -> Option<Identity> {
        let raw = field.unfolded();
        let text = charset::header_text(&raw);
        let mailboxes = address::list(&text);
        self.seen.clear();
        let mut clean = whole && field.sound() && std::str::from_utf8(&raw).is_ok();
        for mailbox in &mailboxes {
            clean &= self.mailbox(mailbox, role);
        }
        if clean {
            let [Mailbox { addresses, .. }] = mailboxes.as_slice() else { return None };
            let [(local, domain)] = addresses.as_slice() else { return None };
            let asked = role == SenderRole::From && !self.only_names;
            return asked.then(|| Identity::from_mail(local, domain).ok()).flatten();
        }
        // What can't be understood must not be a way through: as written, without its blanks, and decoded.
        self.address_like(&text, role);
        let glued: String = text.split_whitespace().collect();
        if glued != text {
            self.address_like(&glued, role);
        }
        // Some readers leave out a byte that means nothing, others make a letter of it.
        if std::str::from_utf8(&raw).is_err() {
            let ascii: String =
                raw.iter().filter(|byte| byte.is_ascii()).map(|byte| char::from(*byte)).collect();
            self.address_like(&ascii, role);
        }
        for reading in encoded_word::readings(&raw, &self.labels) {
            if reading != text {
                self.address_like(&reading, role);
                // In some charsets a byte of a letter looks like a quote or an at sign.
                for mailbox in address::list(&reading) {
                    self.mailbox(&mailbox, role);
                }
            }
            (self.name)(reading);
        }
        None
    }

    /// Takes in one element; returns whether it was understood.
    fn mailbox(&mut self, mailbox: &Mailbox, role: SenderRole) -> bool {
        let mut clean = mailbox.clean;
        for (local, domain) in &mailbox.addresses {
            self.add(role, local, domain);
            // Mail servers mend a broken field so that what was an address stands in quotes before another @.
            if local.contains(['<', '>']) {
                let apart = format!("{}@{domain}", local.trim_matches('"')).replace(['<', '>'], " ");
                self.address_like(&apart, SenderRole::DisplayName);
            }
            let encoded = encoded_word::present(local.as_bytes()) || encoded_word::present(domain.as_bytes());
            if encoded {
                clean = false;
                let (local, domain) =
                    (encoded_word::best(local.as_bytes()), encoded_word::best(domain.as_bytes()));
                self.add(role, &local, &domain);
                self.address_like(&format!("{local}@{domain}"), role);
            }
        }
        for name in std::iter::once(&mailbox.name).chain(&mailbox.comments) {
            if name.is_empty() {
                continue;
            }
            for reading in encoded_word::readings(name.as_bytes(), &self.labels) {
                if self.only_names {
                    (self.name)(reading);
                    continue;
                }
                self.address_like(&reading, SenderRole::DisplayName);
                if let Some(written) = address::written_out(&reading) {
                    self.address_like(&written, SenderRole::DisplayName);
                }
                if let Some(displayed) = bidi::as_displayed(&reading) {
                    self.address_like(&displayed, SenderRole::DisplayName);
                }
                (self.name)(reading);
            }
        }
        clean
    }

    fn address_like(&mut self, text: &str, role: SenderRole) {
        if self.take.is_none() {
            return;
        }
        for (local, domain) in address::address_like(text) {
            self.add(role, &local, &domain);
        }
    }

    fn add(&mut self, role: SenderRole, local: &str, domain: &str) {
        let Some(take) = &mut self.take else { return };
        if !self.seen.insert(self.hasher.hash_one((role, local, domain))) {
            return;
        }
        // A Return-Path is an envelope sender, and lists rewrite From fields the same way.
        let enough =
            Identity::unwrapped(local, domain).into_iter().any(|identity| !take(Sender { role, identity }));
        if enough {
            self.take = None;
        }
    }
}
