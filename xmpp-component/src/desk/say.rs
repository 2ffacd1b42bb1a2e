//! Everything that the desk says: all its sentences are here, so that they can be translated.
//!
//! Readers may be tired and frightened: short sentences, plain words, no blame.

use std::time::Duration;

use policy_core::entry::{Action, Channel, Channels, Effect, Entry};
use policy_core::explain::pattern_in_words;
use policy_core::lists::{Change, ListsError, Page};
use policy_core::pattern::{Pattern, PatternError, PatternKind};
use policy_core::sign_in::SignInLink;
use policy_core::trial::Taken;
use policy_core::undo::Undo;
use policy_core::verdict::Outcome;

use super::caller::Whose;
use super::deed::{Done, Doubt, Draft, Trial, Understood, VALUE};
use super::memory::Changed;
use super::problem::Problem;

/// What the component is called.
pub(super) const NAME: &str = "Postward";

/// Characters of a value that a line of the list shows.
const SHOWN: usize = 100;

pub(super) fn help(is_admin: bool) -> String {
    let mut lines = vec![
        "Write one of these, or forward a message from whoever you want to block:",
        "block mallory@example.org",
        "block example.org (everyone there)",
        "block words see you soon (whoever writes that)",
        "allow friend@example.org",
        "list, or list mallory",
        "remove mallory@example.org",
        "try mallory@example.org, or try and a text: what would happen to it",
        "undo: takes the last change back",
        "page: a link that opens your settings page",
    ];
    if is_admin {
        lines.push("household block mallory@example.org: the same for everyone here");
    }
    lines.join("\n")
}

pub(super) fn unclear() -> String {
    "I didn’t understand that, and nothing has changed. Write help to see what I understand.".to_owned()
}

pub(super) fn encrypted() -> String {
    "I can’t read encrypted messages. Please switch encryption off for this conversation: what you write here stays on \
     your own server."
        .to_owned()
}

pub(super) fn too_much() -> String {
    "That was too much at once, and I have not read your last message. Please wait a minute.".to_owned()
}

pub(super) fn one_at_a_time() -> String {
    "Please write one line, with one address, domain or phrase. Nothing has changed.".to_owned()
}

fn not(effect: Effect) -> &'static str {
    match effect {
        Effect::Block => "block",
        Effect::Allow => "allow",
    }
}

/// What to write instead of forwarding something without a sender.
pub(super) fn nobody(effect: Effect) -> String {
    let verb = not(effect);
    format!("That doesn’t say whom it is from, and nothing has changed. Write {verb} and the address.")
}

pub(super) fn from_room(effect: Effect) -> String {
    let verb = not(effect);
    format!(
        "That is from a group chat, which doesn’t say who wrote it. Nothing has changed. If you know the address, write \
         {verb} and the address."
    )
}

pub(super) fn from_yourself() -> String {
    "That is from yourself. Nothing has changed.".to_owned()
}

/// Which of these? `choices` are addresses.
pub(super) fn which(effect: Effect, choices: &[String]) -> String {
    let verb = not(effect);
    let mut lines = vec![format!(
        "I’m not sure which address you mean, and nothing has changed. To {verb} one of these, write its number:"
    )];
    lines.extend(choices.iter().zip(1..).map(|(address, number)| format!("{number}  {address}")));
    lines.join("\n")
}

pub(super) fn no_such_number(most: usize) -> String {
    format!("There is no such number, and nothing has changed. The numbers go from 1 to {most}.")
}

pub(super) fn nothing_asked() -> String {
    "I have asked nothing, or too long ago. Nothing has changed. Write help to see what I understand."
        .to_owned()
}

/// Asks whether this is really meant.
pub(super) fn sure(draft: &Draft, understood: &Understood) -> String {
    let mut lines: Vec<String> =
        understood.doubts.iter().map(|doubt| doubted(doubt, draft.effect, &understood.pattern)).collect();
    let verb = not(draft.effect);
    lines.push(format!("Nothing has changed yet. To {verb} it all the same, write yes."));
    lines.join("\n")
}

pub(super) fn doubted(doubt: &Doubt, effect: Effect, pattern: &Pattern) -> String {
    match doubt {
        Doubt::WholeSuffix(suffix) => {
            format!("{suffix} doesn’t belong to one owner: everyone under it would be affected.")
        }
        Doubt::Wide(remark) => capital(&format!("{remark}.")),
        Doubt::OwnDomain(domain) => {
            format!("Your own account is at {domain}: everyone who lives here would be affected.")
        }
        Doubt::Words => {
            let what = pattern_in_words(pattern);
            match effect {
                Effect::Block => format!(
                    "That is no address and no domain. As {what} it would stop every message that says so, a friend’s, too."
                ),
                Effect::Allow => format!(
                    "That is no address and no domain. As {what} it would let every message through that says so."
                ),
            }
        }
    }
}

/// What was done, what it will catch, and how to take it back.
pub(super) fn done(draft: &Draft, understood: &[String], done: &Done) -> String {
    let entry = &done.added.entry;
    let who = for_whom(draft.whose);
    let what = pattern_in_words(&entry.pattern);
    let mut said = vec![match (entry.effect, done.added.change) {
        (Effect::Block, Change::Added) => format!("Blocked {who}: {what}."),
        (Effect::Allow, Change::Added) => format!("Allowed {who}: {what}."),
        (_, Change::Updated) => format!("Changed {who}: {what}."),
        (Effect::Block, Change::AlreadyThere) => {
            format!("Nothing has changed: {what} was blocked {who} already.")
        }
        (Effect::Allow, Change::AlreadyThere) => {
            format!("Nothing has changed: {what} was allowed {who} already.")
        }
    }];
    said.extend(covers(draft, &entry.pattern));
    if !done.counts_for_mail && draft.channels != Channels::Xmpp {
        said.push(
            "No mail address of yours is known here, so it counts in chat only: your admin can add the address."
                .to_owned(),
        );
    }
    if done.opposite {
        said.push(match entry.effect {
            Effect::Block => {
                "It is on the list as allowed, too, and that counts more: remove it there first.".to_owned()
            }
            Effect::Allow => {
                "It is on the list as blocked, too; allowed counts more, in mail where the sender is proven."
                    .to_owned()
            }
        });
    }
    said.extend(understood.iter().cloned());
    if done.added.change != Change::AlreadyThere {
        said.push("To take it back, write undo.".to_owned());
    }
    said.join("\n")
}

fn for_whom(whose: Whose) -> &'static str {
    match whose {
        Whose::Mine => "for you",
        Whose::Household => "for everyone here",
    }
}

/// What an entry does, before or after it is saved.
pub(super) fn covers(draft: &Draft, pattern: &Pattern) -> Vec<String> {
    let from = match pattern.kind {
        PatternKind::Address if pattern.is_glob() => "from every such address",
        PatternKind::Address => "from it",
        PatternKind::Domain => "from everyone there and at its subdomains",
        PatternKind::Words => "that say this, as whole words,",
        PatternKind::Regex => "whose text it fits",
        PatternKind::AddressSha256 => "from whom it stands for",
    };
    let channel = match draft.channels {
        Channels::All => "in mail and chat",
        Channels::Mail => "in mail",
        Channels::Xmpp => "in chat",
    };
    let mut said = vec![match (draft.effect, draft.action) {
        (Effect::Block, Action::Drop) => {
            format!(
                "Messages {from} don’t arrive any more, {channel}. The sender isn’t told, and what is dropped is gone."
            )
        }
        (Effect::Block, Action::Refuse) => {
            format!(
                "Messages {from} are refused, {channel}. The sender learns that they didn’t arrive, not why."
            )
        }
        (Effect::Allow, _) => {
            format!("Messages {from} arrive, {channel}; in mail only if DKIM or SPF proves who sent them.")
        }
    }];
    if matches!(pattern.kind, PatternKind::Words | PatternKind::Regex) {
        said.push("End-to-end encrypted messages can’t be read.".to_owned());
    }
    if let Some(until) = draft.until {
        said.push(format!("The last day is {until}."));
    }
    said
}

/// The remarks of an entry, each a sentence.
pub(super) fn remarks(understood: &Understood) -> Vec<String> {
    understood.remarks.iter().map(|remark| format!("Note: {remark}.")).collect()
}

/// What an entry will do, to be looked at before it is saved.
pub(super) fn preview(draft: &Draft, understood: &Understood) -> Vec<String> {
    let what = pattern_in_words(&understood.pattern);
    let who = for_whom(draft.whose);
    let mut said = vec![match draft.effect {
        Effect::Block => format!("This will be blocked {who}: {what}."),
        Effect::Allow => format!("This will be allowed {who}: {what}."),
    }];
    said.extend(covers(draft, &understood.pattern));
    let doubts = understood.doubts.iter();
    said.extend(doubts.map(|doubt| doubted(doubt, draft.effect, &understood.pattern)));
    said.extend(remarks(understood));
    said
}

/// One entry in a line.
pub(super) fn entry(entry: &Entry) -> String {
    let mut details = vec![entry.id.to_string()];
    details.extend(self::details(entry));
    format!(
        "{} {} ({})",
        verb(entry.effect),
        shortened(&pattern_in_words(&entry.pattern)),
        details.join(", ")
    )
}

pub(super) fn verb(effect: Effect) -> &'static str {
    match effect {
        Effect::Block => "blocked:",
        Effect::Allow => "allowed:",
    }
}

/// What is special about an entry.
pub(super) fn details(entry: &Entry) -> Vec<String> {
    let mut details = Vec::new();
    match entry.channels {
        Channels::All => {}
        Channels::Mail => details.push("mail only".to_owned()),
        Channels::Xmpp => details.push("chat only".to_owned()),
    }
    if entry.effect == Effect::Block && entry.action == Action::Refuse {
        details.push("refused".to_owned());
    }
    if let Some(until) = entry.until {
        details.push(format!("until {until}"));
    }
    if !entry.enabled {
        details.push("switched off".to_owned());
    }
    details
}

pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// A page of the list.
pub(super) fn page(page: &Page, whose: Whose, find: &str) -> String {
    if page.total == 0 {
        return empty(whose, !find.is_empty());
    }
    let mut lines = vec![heading(page, whose, find)];
    lines.extend(page.entries.iter().map(|listed| entry(&listed.entry)));
    if page.next.is_some() {
        lines.push("For the next ones, write more.".to_owned());
    }
    lines.join("\n")
}

pub(super) fn empty(whose: Whose, searched: bool) -> String {
    match (whose, searched) {
        (Whose::Mine, false) => "Your list is empty.".to_owned(),
        (Whose::Mine, true) => "Nothing on your list contains that.".to_owned(),
        (Whose::Household, false) => "The household’s list is empty.".to_owned(),
        (Whose::Household, true) => "Nothing on the household’s list contains that.".to_owned(),
    }
}

pub(super) fn heading(page: &Page, whose: Whose, find: &str) -> String {
    let list = match whose {
        Whose::Mine => "your list",
        Whose::Household => "the household’s list",
    };
    let what = match (page.total, find.is_empty()) {
        (1, _) => "one entry",
        (_, true) => "entries",
        (_, false) => "entries with that",
    };
    let count = if page.total == 1 { String::new() } else { format!("{} ", page.total) };
    capital(&format!("{count}{what} on {list}, the newest first:"))
}

pub(super) fn not_on_list(whose: Whose) -> String {
    match whose {
        Whose::Mine => "That isn’t on your list. Nothing has changed.".to_owned(),
        Whose::Household => "That isn’t on the household’s list. Nothing has changed.".to_owned(),
    }
}

pub(super) fn name_what_to_remove() -> String {
    "Write remove and what shall go, as it stands on the list, or its id.".to_owned()
}

pub(super) fn name_what_to_try() -> String {
    "Write try and an address or a text, or forward a message with the word try.".to_owned()
}

pub(super) fn which_to_remove(entries: &[Entry]) -> String {
    let mut lines = vec!["Nothing has changed yet. To remove one of these, write its number:".to_owned()];
    lines.extend(entries.iter().zip(1..).map(|(one, number)| format!("{number}  {}", entry(one))));
    lines.join("\n")
}

pub(super) fn removed(entries: &[Entry]) -> String {
    let mut lines: Vec<String> = entries
        .iter()
        .map(|entry| {
            let what = pattern_in_words(&entry.pattern);
            match entry.effect {
                Effect::Block => format!("Removed: {what} is no longer blocked by this list."),
                Effect::Allow => format!("Removed: {what} is no longer allowed by this list."),
            }
        })
        .collect();
    if !entries.is_empty() {
        lines.push("To take it back, write undo.".to_owned());
    }
    lines.join("\n")
}

pub(super) fn undone(change: &Changed) -> String {
    let what = pattern_in_words(&change.pattern);
    let (is, no_longer) = match change.effect {
        Effect::Block => ("is blocked again", "is no longer blocked by this list"),
        Effect::Allow => ("is allowed again", "is no longer allowed by this list"),
    };
    match &change.undo {
        Undo::Remove(_) => format!("Taken back: {what} {no_longer}."),
        Undo::PutBack(_) => format!("Taken back: {what} {is}."),
        Undo::Settings(_) | Undo::Switch(..) | Undo::Withdraw { .. } | Undo::Edit(..) | Undo::Import(_) => {
            format!("Taken back: {what} is on the list as it was before.")
        }
    }
}

pub(super) fn nothing_to_undo() -> String {
    "There is nothing that I can take back. Write list to see what is there, and remove what shall go."
        .to_owned()
}

/// A link to the caller's own page.
pub(super) fn page_link(link: &SignInLink) -> String {
    format!("{}\n{}", link.url, link_lasts(link.lasts))
}

pub(super) fn link_lasts(lasts: Duration) -> String {
    let minutes = lasts.as_secs() / 60;
    format!(
        "The link opens your own page. It works once, for {minutes} minutes, and takes the place of any before. Give it \
         to nobody: whoever opens it is taken for you."
    )
}

/// What would happen.
pub(super) fn trials(taken: Taken, trials: &[Trial]) -> Vec<String> {
    let taken = match taken {
        Taken::Address => "Taken as a sender’s address.",
        Taken::Text => "Taken as a text from somebody who isn’t on the list.",
        Taken::Message => "Taken as the source of a mail.",
    };
    let mut said = vec![taken.to_owned()];
    said.extend(trials.iter().map(trial));
    if !trials.iter().any(|trial| trial.channel == Channel::Mail) {
        said.push("No mail address of yours is known here: for mail, nothing can be said.".to_owned());
    }
    said
}

pub(super) fn trial(trial: &Trial) -> String {
    let channel = match trial.channel {
        Channel::Mail => "Mail",
        Channel::Xmpp => "Chat",
    };
    let outcome = match trial.outcome {
        Outcome::Deliver => "gets through",
        Outcome::Drop => "blocked",
        Outcome::Refuse => "refused",
    };
    let mut sentence = format!("{channel}: {outcome}. {}", trial.sentence);
    for remark in &trial.remarks {
        sentence.push(' ');
        sentence.push_str(remark);
    }
    sentence
}

pub(super) fn problem(problem: &Problem) -> String {
    match problem {
        Problem::Pattern(PatternError::Empty) => {
            "There is nothing to match. Write an address, a domain or words.".to_owned()
        }
        Problem::Pattern(error) => capital(&format!("{error}. Nothing has changed.")),
        Problem::TooLong => format!("That is too long: at most {VALUE} characters. Nothing has changed."),
        Problem::NotAdmin => {
            "Only an admin can see or change the household’s list here. Nothing has changed.".to_owned()
        }
        Problem::Shared => {
            "Several members share this account, so that it has no list of its own. Nothing has changed."
                .to_owned()
        }
        Problem::TooManyMembers => {
            "There are very many members already: please ask your admin to add you. Nothing has changed."
                .to_owned()
        }
        Problem::Full => {
            "Your list has become very long. Remove something first. Nothing has changed.".to_owned()
        }
        Problem::NoPage => {
            "I can’t make a link, because I don’t know where your browser finds the page. Please ask your \
                            admin to set url under [web] in postward.toml and to restart Postward."
                .to_owned()
        }
        Problem::Lists(ListsError::NoSuchEntry(_)) => {
            "That is no longer on the list. Nothing has changed.".to_owned()
        }
        Problem::Lists(ListsError::Store(_) | ListsError::NoSuchMember(_)) => {
            "The list could not be read or stored. Nothing has changed. Please try again later.".to_owned()
        }
        Problem::Lists(error @ ListsError::ChangedMeanwhile(_)) => format!("Nothing has changed: {error}."),
        Problem::Lists(ListsError::Refused(why)) => format!("Nothing has changed: {why}."),
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// The texts of forms and commands.
pub(super) mod form {
    pub(crate) const BLOCK: &str = "Block somebody";
    pub(crate) const ALLOW: &str = "Allow somebody";
    pub(crate) const LIST: &str = "See the list";
    pub(crate) const REMOVE: &str = "Remove from the list";
    pub(crate) const TRY: &str = "Try what would happen";
    pub(crate) const PAGE: &str = "Open my page";
    pub(crate) const LINK: &str = "Your link";
    pub(crate) const COMMANDS: &str = "What you can do";

    pub(crate) const VALUE: &str = "Address, domain or words";
    pub(crate) const VALUE_HINT: &str =
        "For example mallory@example.org, example.org, or words that their messages contain.";
    pub(crate) const KIND: &str = "What is it?";
    pub(crate) const KINDS: [(&str, &str); 5] = [
        ("auto", "Find out from what I typed"),
        ("address", "Address"),
        ("domain", "Domain"),
        ("words", "Words"),
        ("regex", "Regular expression"),
    ];
    pub(crate) const CHANNELS: &str = "Where does it count?";
    pub(crate) const CHANNEL: [(&str, &str); 3] =
        [("all", "Mail and chat"), ("mail", "Mail only"), ("xmpp", "Chat only")];
    pub(crate) const ACTION: &str = "What happens to a blocked message?";
    pub(crate) const ACTIONS: [(&str, &str); 2] = [
        ("drop", "It disappears. The sender is not told."),
        ("refuse", "It is refused. The sender learns that it didn’t arrive, not why."),
    ];
    pub(crate) const UNTIL: &str = "Last day, such as 2030-12-31 (empty means for ever)";
    pub(crate) const FOR: &str = "For whom?";
    pub(crate) const WHOSE: [(&str, &str); 2] = [("me", "For me"), ("household", "For everyone here")];
    pub(crate) const SURE: &str = "Yes, I mean all of that";
    pub(crate) const FIND: &str = "Only what contains this (empty means all)";
    pub(crate) const REMOVE_WHAT: &str = "What shall go, as it stands on the list, or its id";
    pub(crate) const CHOOSE: &str = "Which of these shall go?";
    pub(crate) const TRY_WHAT: &str = "Address or text";
    pub(crate) const TRY_HINT: &str = "Nothing that you write here is kept.";
    pub(crate) const RESULT: &str = "What would happen";
    pub(crate) const COLUMNS: [(&str, &str); 4] =
        [("effect", "Effect"), ("value", "Value"), ("details", "Details"), ("id", "Id")];

    pub(crate) const NOT_OFFERED: &str = "Please choose among what is offered. Nothing has changed.";
    pub(crate) const NOT_A_DAY: &str = "Write the day as year-month-day, for example 2030-12-31.";
    pub(crate) const DAY_OVER: &str = "That day is over. Choose today or a later one.";
    pub(crate) const CONFIRM: &str = "Nothing has changed yet. If you mean all of that, say so below.";
    pub(crate) const CHOOSE_ONE: &str = "Nothing was chosen, so nothing has changed.";
    pub(crate) const TOO_LATE: &str = "This has taken too long. Please begin again.";
}
