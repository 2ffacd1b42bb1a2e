//! Who claims to be the sender: the fields that name somebody, and the addresses written into display names.

use std::collections::HashSet;

use super::address::{self, Mailbox};
use super::encoded_word;
use super::header::{Field, Header};
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

/// More senders than this are no message to a person.
const MOST: usize = 1 << 14;

/// What the sender fields say.
#[derive(Default)]
pub(super) struct Senders {
    /// Each identity once for each role.
    pub(super) found: Vec<Sender>,
    /// The single, well-formed address of the single From field.
    pub(super) author: Option<Identity>,
    /// Display names and comments, every reading.
    pub(super) names: Vec<String>,
    /// There were more than are read.
    pub(super) cut_short: bool,
    seen: HashSet<(SenderRole, Identity)>,
}

/// Reads the sender fields.
pub(super) fn read(header: &Header<'_>, labels: &[&str]) -> Senders {
    let mut senders = Senders::default();
    let mut authors = Vec::new();
    for (name, role) in FIELDS {
        for field in header.all(name) {
            let author = senders.field(field, role, labels);
            if role == SenderRole::From {
                authors.push(author);
            }
        }
    }
    if let [Some(author)] = authors.as_slice() {
        senders.author = Some(author.clone());
    }
    senders
}

impl Senders {
    /// Reads one field; returns its address where it has exactly one and is well-formed.
    fn field(&mut self, field: &Field<'_>, role: SenderRole, labels: &[&str]) -> Option<Identity> {
        let (raw, text) = (field.unfolded(), field.text());
        let mailboxes = address::list(&text);
        let mut author = None;
        let mut clean = field.sound() && std::str::from_utf8(&raw).is_ok();
        for mailbox in &mailboxes {
            clean &= self.mailbox(mailbox, role, labels);
            if let [(local, domain)] = mailbox.addresses.as_slice() {
                author = Identity::from_mail(local, domain).ok();
            }
        }
        if clean {
            return if mailboxes.len() == 1 { author } else { None };
        }
        // What can't be understood must not be a way through: as written, without its blanks, and decoded.
        self.address_like(&text, role);
        let glued: String = text.split_whitespace().collect();
        self.address_like(&glued, role);
        for reading in encoded_word::readings(&raw, labels) {
            self.address_like(&reading, role);
            // In some charsets a byte of a letter looks like a quote or an at sign.
            for mailbox in address::list(&reading).iter().filter(|_| reading != text) {
                self.mailbox(mailbox, role, labels);
            }
            self.names.push(reading);
        }
        None
    }

    /// Takes in one element; returns whether it was understood.
    fn mailbox(&mut self, mailbox: &Mailbox, role: SenderRole, labels: &[&str]) -> bool {
        let mut clean = mailbox.clean;
        for (local, domain) in &mailbox.addresses {
            self.add(role, local, domain);
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
            for reading in encoded_word::readings(name.as_bytes(), labels) {
                self.address_like(&reading, SenderRole::DisplayName);
                self.names.push(reading);
            }
        }
        clean
    }

    fn address_like(&mut self, text: &str, role: SenderRole) {
        for (local, domain) in address::address_like(text) {
            self.add(role, &local, &domain);
        }
    }

    fn add(&mut self, role: SenderRole, local: &str, domain: &str) {
        if self.found.len() >= MOST {
            self.cut_short = true;
            return;
        }
        // A Return-Path is an envelope sender, and lists rewrite From fields the same way.
        for identity in Identity::unwrapped(local, domain) {
            if self.seen.insert((role, identity.clone())) {
                self.found.push(Sender { role, identity });
            }
        }
    }
}
