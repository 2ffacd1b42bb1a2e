//! What an entry will do, said before it is saved.

use std::sync::Arc;

use policy_core::client_blocks::in_the_way;
use policy_core::entry::{Action, Effect, Entry};
use policy_core::lists::{Actor, Lists, ListsError, NewEntry, Order, Query};
use policy_core::ours::without_our_own;
use policy_core::pattern::{Pattern, PatternKind, Remark, glob_matches};
use policy_core::persons::Person;
use texts::Texts;

use crate::App;
use crate::draft::{is_one_address, kind_in_words};
use crate::in_force::SetUp;
use crate::session::SignedIn;

/// What an entry will do, in sentences.
pub(crate) struct Preview {
    pub(crate) value: String,
    pub(crate) kind: String,
    pub(crate) covers: Vec<String>,
    pub(crate) remarks: Vec<String>,
    pub(crate) instead: Option<String>,
    pub(crate) others: Others,
    pub(crate) consequences: Vec<String>,
}

/// What an entry will do, whom it hits that should get through, and what could be meant as well.
pub(crate) async fn preview(
    app: &Arc<App>,
    session: &SignedIn,
    entry: &NewEntry,
    remarks: Vec<Remark>,
) -> Result<Preview, ListsError> {
    let actor = session.actor;
    let new = entry.clone();
    let blocks = entry.effect == Effect::Block;
    let persons = Arc::clone(&app.web.persons);
    let (there, allowed, person, in_the_way, status, remarks) = app
        .ask(move |lists| {
            let there = lists.find(actor, actor.own_scope(), &new.pattern)?;
            let allowed = if blocks { allowed_within(lists, actor, &new.pattern)? } else { Vec::new() };
            let is_address = blocks && is_one_address(&new.pattern);
            let person = if is_address { persons.person_of(actor, &new.pattern)? } else { None };
            let remarks = without_our_own(remarks, lists);
            Ok((there, allowed, person, in_the_way(lists, actor, &new)?, lists.status()?, remarks))
        })
        .await?;
    let texts = &app.web.texts;
    let mut said = Vec::new();
    if let Some(other) = there.first() {
        said.push(texts.say(match (other.effect == entry.effect, other.effect) {
            (true, Effect::Block) => "preview-already-blocked",
            (true, Effect::Allow) => "preview-already-allowed",
            (false, Effect::Block) => "preview-is-blocked",
            (false, Effect::Allow) => "preview-is-allowed",
        }));
    }
    if let Some(block) = in_the_way {
        said.push(texts.with("client-stays", "value", &block.pattern.typed));
    }
    if !allowed.is_empty() {
        let names: Vec<&str> = allowed.iter().take(3).map(|entry| entry.pattern.typed.as_str()).collect();
        let more = allowed.len() > names.len();
        let id = if more { "preview-allowed-there-more" } else { "preview-allowed-there" };
        said.push(texts.counted(id, allowed.len() as u64, "names", &names.join(", ")));
    }
    said.extend(remarks.iter().map(|remark| texts.remark(remark)));
    // Out of a longer text, such as a name with an address: what counts of it.
    let taken = remarks.iter().find_map(|remark| match remark {
        Remark::TakenAs { value, .. } => Some(value.clone()),
        _ => None,
    });
    let value = taken.unwrap_or_else(|| entry.pattern.typed.clone());
    Ok(Preview {
        kind: kind_in_words(texts, entry.pattern.kind),
        covers: covers(texts, entry, &value, SetUp::of(app, &status)),
        value,
        remarks: said,
        instead: remarks.iter().find_map(whole_domain),
        others: person.map(|person| Others::of(texts, &person, &entry.pattern.key)).unwrap_or_default(),
        consequences: consequences(texts, entry),
    })
}

/// The same person's other identities that aren't blocked yet.
#[derive(Default)]
pub(crate) struct Others {
    /// Who it is, and what else is theirs.
    pub(crate) sentence: Option<String>,
    /// Whether there is more to block.
    pub(crate) open: bool,
    /// The person's number.
    pub(crate) person: u32,
    /// The person's name.
    pub(crate) name: String,
}

impl Others {
    fn of(texts: &Texts, person: &Person, key: &str) -> Self {
        let others: Vec<&str> = person
            .identities
            .iter()
            .filter(|identity| identity.pattern.key != key && identity.blocked.is_none())
            .map(|identity| identity.pattern.typed.as_str())
            .collect();
        let names: Vec<&str> = others.iter().take(5).copied().collect();
        let filling = [("name", person.name.as_str()), ("others", &names.join(", "))];
        let id = match others.len() {
            0 => "preview-person",
            1..=5 => "preview-person-others",
            _ => "preview-person-others-more",
        };
        Self {
            sentence: Some(texts.with_all(id, &filling)),
            open: !others.is_empty(),
            person: person.id.0,
            name: person.name.clone(),
        }
    }
}

/// The domain that is suggested instead of one address there.
fn whole_domain(remark: &Remark) -> Option<String> {
    if let Remark::WholeDomainPossible { domain } = remark { Some(domain.clone()) } else { None }
}

/// The allow entries that a block of this pattern reaches over: those at the domain and below it, those that fit the
/// wildcards.
fn allowed_within(lists: &dyn Lists, actor: Actor, pattern: &Pattern) -> Result<Vec<Entry>, ListsError> {
    let (domain, glob) = match (pattern.kind, pattern.key.split_once('@')) {
        (PatternKind::Domain, _) => (pattern.key.as_str(), None),
        (PatternKind::Address, Some((domain, glob))) if pattern.is_glob() => (domain, Some(glob)),
        _ => return Ok(Vec::new()),
    };
    let query = Query {
        scope: Some(actor.own_scope()),
        within: Some(Pattern { kind: PatternKind::Domain, typed: String::new(), key: domain.to_owned() }),
        effect: Some(Effect::Allow),
        order: Order::Value,
        limit: 100,
        ..Query::default()
    };
    let fits = |entry: &Entry| match (glob, entry.pattern.key.split_once('@')) {
        (None, _) => true,
        (Some(glob), Some((at, local))) => at == domain && glob_matches(glob, local),
        (Some(_), None) => false,
    };
    let page = lists.entries(actor, &query)?;
    Ok(page.entries.into_iter().map(|listed| listed.entry).filter(fits).collect())
}

fn covers(texts: &Texts, entry: &NewEntry, value: &str, set_up: SetUp) -> Vec<String> {
    let block = entry.effect == Effect::Block;
    let mut said = match entry.pattern.kind {
        PatternKind::Address if value.contains(['*', '?']) => {
            vec![texts.with(if block { "block-glob" } else { "allow-glob" }, "value", value)]
        }
        PatternKind::Address => {
            vec![texts.with(if block { "block-address" } else { "allow-address" }, "value", value)]
        }
        PatternKind::Domain => {
            vec![texts.with(if block { "block-domain" } else { "allow-domain" }, "value", value)]
        }
        PatternKind::Words => vec![
            texts.with(if block { "block-words" } else { "allow-words" }, "value", value),
            texts.say("words-encrypted"),
        ],
        PatternKind::Regex => {
            vec![texts.say(if block { "block-regex" } else { "allow-regex" }), texts.say("words-encrypted")]
        }
        PatternKind::AddressSha256 => Vec::new(),
    };
    said.push(texts.say(set_up.where_it_counts(entry.channels)));
    if let Some(until) = entry.until {
        said.push(texts.with("until-long", "date", &until.to_string()));
    }
    said
}

/// What the sender will notice, and what can't be undone.
fn consequences(texts: &Texts, entry: &NewEntry) -> Vec<String> {
    match (entry.effect, entry.action) {
        (Effect::Block, Action::Drop) => vec![texts.say("drop-notices"), texts.say("drop-gone")],
        (Effect::Block, Action::Refuse) => vec![texts.say("refuse-notices")],
        (Effect::Allow, _) => vec![texts.say("allow-proof")],
    }
}
