//! What is in force, and where: said truthfully also where chat or mail isn't set up.

use std::sync::Arc;

use policy_core::client_blocks::stays_blocked;
use policy_core::door::{DoorState, DoorStatus, Watch};
use policy_core::entry::{Channels, Effect, Entry};
use policy_core::lists::{Actor, Lists, ListsError, NewEntry, Status};
use policy_core::sentence::Sentence;
use texts::Texts;

use crate::App;
use crate::session::SignedIn;

/// Which channels are set up here.
#[derive(Clone, Copy)]
pub(crate) struct SetUp {
    mail: bool,
    chat: bool,
    /// Whether Prosody is known not to ask.
    chat_unheard: bool,
}

impl SetUp {
    /// What the configuration says of mail, and the daemon of chat.
    pub(crate) fn of(app: &App, status: &Status) -> Self {
        let chat = status.doors.iter().find(|door| door.name == "chat");
        Self {
            mail: app.web.settings.mails,
            chat: chat.is_some(),
            chat_unheard: chat.is_some_and(|door| door.watch() == Watch::Unheard),
        }
    }

    /// Where an entry counts, as the name of a sentence.
    pub(crate) fn where_it_counts(self, channels: Channels) -> &'static str {
        match (channels, self.mail, self.chat) {
            (Channels::All, true, true) => "channels-all-long",
            (Channels::All, true, false) => "channels-all-without-chat",
            (Channels::All, false, true) => "channels-all-without-mail",
            (Channels::Mail, true, _) => "channels-mail-long",
            (Channels::Xmpp, _, true) => "channels-xmpp-long",
            (Channels::Mail, false, _) => "channels-mail-without-mail",
            (Channels::Xmpp, _, false) => "channels-xmpp-without-chat",
            (Channels::All, false, false) => "channels-all-without-both",
        }
    }

    /// Whether an entry that is on the list is in force, as the name of a sentence.
    fn in_force(self, channels: Channels) -> &'static str {
        match (channels, self.mail, self.chat) {
            (Channels::All, true, true) if self.chat_unheard => "in-force-chat-unwatched",
            (Channels::All, false, true) | (Channels::Xmpp, _, true) if self.chat_unheard => {
                "in-force-unwatched"
            }
            (Channels::All, true, true) | (Channels::Mail, true, _) | (Channels::Xmpp, _, true) => "in-force",
            (Channels::All, true, false) => "in-force-without-chat",
            (Channels::All, false, true) => "in-force-without-mail",
            (Channels::Mail, false, _) | (Channels::Xmpp, _, false) | (Channels::All, false, false) => {
                "in-force-nowhere"
            }
        }
    }
}

/// What was done with an entry, `id` being the sentence's name and `value` what it is called: and whether it is in force.
pub(crate) async fn done(app: &Arc<App>, session: &SignedIn, id: &str, value: &str, entry: &Entry) -> String {
    let in_force = match (entry.enabled, app.ask(|lists| lists.status()).await) {
        (false, _) => "in-force-off",
        (true, Ok(status)) => SetUp::of(app, &status).in_force(entry.channels),
        (true, Err(_)) => "in-force",
    };
    let texts = &app.web.texts;
    let said = texts.with_all(id, &[("value", value), ("force", &texts.say(in_force))]);
    let block = blocked_all_the_same(app, session, vec![entry.clone()]).await.pop().map(|(_, block)| block);
    let stays = block.map(|block| {
        let itself = block.pattern.key == entry.pattern.key;
        texts.with(if itself { "client-stays-itself" } else { "client-stays" }, "value", &block.pattern.typed)
    });
    [Some(said), stays].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// What of these entries doesn't count in chat, because the member's chat client blocks it.
pub(crate) async fn some_stay_blocked(
    app: &Arc<App>,
    session: &SignedIn,
    entries: &[Entry],
) -> Option<String> {
    let stay = blocked_all_the_same(app, session, entries.to_vec()).await;
    let names: Vec<&str> = stay.iter().take(3).map(|(allowed, _)| allowed.pattern.typed.as_str()).collect();
    (!names.is_empty()).then(|| app.web.texts.with("client-stays-some", "values", &names.join(", ")))
}

/// Those of these entries that a chat client's block comes before, each with that. What can't be found out isn't said.
async fn blocked_all_the_same(
    app: &Arc<App>,
    session: &SignedIn,
    mut entries: Vec<Entry>,
) -> Vec<(Entry, Entry)> {
    let actor = session.actor;
    entries.retain(|entry| entry.effect == Effect::Allow);
    if entries.is_empty() {
        return Vec::new();
    }
    let look = move |lists: &dyn Lists| {
        let blocks = entries.into_iter().map(|entry| {
            let block = stays_blocked(lists, actor, &NewEntry::again(entry.clone()))?;
            Ok(block.map(|block| (entry, block)))
        });
        blocks.filter_map(Result::transpose).collect::<Result<Vec<_>, ListsError>>()
    };
    app.ask(look).await.unwrap_or_default()
}

/// A sentence about what is in force, and whether that is as it should be.
pub(crate) struct InForce {
    pub(crate) sentence: String,
    pub(crate) well: bool,
}

/// What each door is doing, and how many entries count for whoever looks, so that a person knows that what they block is blocked.
pub(crate) fn doors(app: &App, actor: Actor, status: &Status, entries: u64) -> Vec<InForce> {
    let texts = &app.web.texts;
    let set_up = SetUp::of(app, status);
    let well = |sentence| InForce { sentence, well: true };
    let watched = |door: &DoorStatus| door.name != "mail" || set_up.mail;
    let shown = status.doors.iter().filter(|door| watched(door)).map(|door| InForce {
        sentence: door_in_words(texts, door),
        well: !matches!(door.state, DoorState::Waiting { .. })
            && !matches!(door.watch(), Watch::Unheard | Watch::ButNotAt(_)),
    });
    let absent = match (set_up.mail, set_up.chat) {
        (true, true) => None,
        (false, true) => Some("door-mail-absent"),
        (true, false) => Some("door-chat-absent"),
        (false, false) => Some("doors-absent"),
    };
    let absent = absent.map(|id| well(texts.say(id)));
    let entries = well(texts.count("state-entries", entries));
    let database =
        status.database.iter().map(|problem| InForce { sentence: texts.sentence(problem), well: false });
    // A member has neither that page nor a shell.
    let was_broken = if actor == Actor::Admin { "chain-was-broken" } else { "chain-was-broken-member" };
    let broken = app.web.chain.was_broken().then(|| InForce { sentence: texts.say(was_broken), well: false });
    absent.into_iter().chain(shown).chain([entries]).chain(database).chain(broken).collect()
}

fn door_in_words(texts: &Texts, door: &DoorStatus) -> String {
    let mail = door.name == "mail";
    match &door.state {
        DoorState::Open { .. } => match door.watch() {
            Watch::Unasked => texts.say("door-mail-unasked"),
            Watch::Unheard => texts.because("door-chat-waiting", &Sentence::of("module-unheard")),
            Watch::ButNotAt(hosts) => texts.with("door-chat-in-part", "hosts", &hosts.join(", ")),
            _ => texts.say(if mail { "door-mail-open" } else { "door-chat-open" }),
        },
        DoorState::Starting => texts.say(if mail { "door-mail-starting" } else { "door-chat-starting" }),
        DoorState::Waiting { problem, .. } => {
            texts.because(if mail { "door-mail-waiting" } else { "door-chat-waiting" }, problem)
        }
    }
}

#[cfg(test)]
mod tests {
    use policy_core::entry::Channels;

    use super::SetUp;

    #[test]
    fn an_entry_is_not_said_to_be_in_force_in_chat_where_prosody_never_asks() {
        let said = |mail, channels| SetUp { mail, chat: true, chat_unheard: true }.in_force(channels);
        assert_eq!(said(true, Channels::All), "in-force-chat-unwatched");
        assert_eq!(said(true, Channels::Mail), "in-force");
        assert_eq!(said(true, Channels::Xmpp), "in-force-unwatched");
        assert_eq!(said(false, Channels::All), "in-force-unwatched");
    }
}
