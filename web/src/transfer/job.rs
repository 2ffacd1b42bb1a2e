//! An import on its way: what was uploaded, and how far it is. It goes on when nobody looks.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::io::Cursor;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use axum::body::Bytes;
use jiff::civil::Date;
use policy_core::client_blocks::stays_blocked;
use policy_core::entry::{Effect, Source};
use policy_core::lists::{Actor, ImportItem, ImportReport, Imported, Lists, ListsError, NewEntry};
use policy_core::pattern::PatternKind;
use policy_core::sentence::Sentence;
use policy_core::transfer::{Format, read};
use tokio::sync::Notify;

/// Uploads that are kept at the same moment: each may take 10 MB.
const MOST: usize = 2;

/// Lines that are shown one by one because they weren't understood.
pub(super) const REFUSED_SHOWN: usize = 50;

/// Entries that a preview shows as examples.
const EXAMPLES: usize = 5;

/// After how many lines the progress is told.
const STRIDE: u64 = 500;

/// How far an import is.
#[derive(Clone)]
pub(super) enum State {
    /// Being read, to say what it would do.
    Reading(u64),
    /// Read; waits for a yes.
    Read(Arc<Preview>),
    /// Being imported: lines so far, and all of them.
    Importing(u64, u64),
    /// In force: what of so many lines.
    Done(Arc<ImportReport>, u64),
    /// It came to nothing: why.
    Failed(Why),
}

/// Why an import came to nothing.
#[derive(Clone)]
pub(super) enum Why {
    /// The file or the store is at fault.
    Lists(ListsError),
    /// Others needed the room while this one waited for its yes.
    Room,
}

/// What an import would do.
#[derive(Default)]
pub(super) struct Preview {
    pub(super) lines: u64,
    pub(super) new: u64,
    pub(super) there: u64,
    pub(super) refused: Vec<(u64, Sentence)>,
    pub(super) refused_count: u64,
    pub(super) addresses: u64,
    pub(super) domains: u64,
    pub(super) words: u64,
    pub(super) regexes: u64,
    /// What it would allow and the member's chat client blocks all the same: the first of it.
    pub(super) stay_blocked: Vec<String>,
    pub(super) examples: Vec<String>,
}

/// One import of one session.
pub(crate) struct Job {
    actor: Actor,
    format: Format,
    today: Date,
    content: Mutex<Option<Bytes>>,
    state: Mutex<State>,
    changed: Notify,
}

/// The imports that hold an upload.
#[derive(Default)]
pub(crate) struct Jobs(Mutex<Vec<Weak<Job>>>);

impl Jobs {
    /// Makes room for one more; `None` when all the others are at work.
    pub(super) fn start(
        &self,
        actor: Actor,
        format: Format,
        today: Date,
        content: Bytes,
    ) -> Option<Arc<Job>> {
        let mut jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.retain(|job| job.upgrade().is_some_and(|job| job.holds_upload()));
        if jobs.len() >= MOST {
            let idle = jobs.iter().position(|job| job.upgrade().is_none_or(|job| job.give_way()))?;
            jobs.remove(idle);
        }
        let job = Arc::new(Job {
            actor,
            format,
            today,
            content: Mutex::new(Some(content)),
            state: Mutex::new(State::Reading(0)),
            changed: Notify::new(),
        });
        jobs.push(Arc::downgrade(&job));
        Some(job)
    }
}

impl Job {
    pub(super) fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, state: State) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
        self.changed.notify_waiters();
    }

    /// Whether it is at work.
    pub(super) fn is_busy(&self) -> bool {
        matches!(self.state(), State::Reading(_) | State::Importing(..))
    }

    /// Waits until it is no longer at work, or for this long.
    pub(super) async fn wait(&self, longest: std::time::Duration) {
        let until_done = async {
            loop {
                let changed = self.changed.notified();
                if !self.is_busy() {
                    return;
                }
                changed.await;
            }
        };
        let _ = tokio::time::timeout(longest, until_done).await;
    }

    fn holds_upload(&self) -> bool {
        self.content.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Gives up its upload if it only waits for a yes.
    fn give_way(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*state, State::Read(_)) {
            *state = State::Failed(Why::Room);
            self.drop_upload();
            return true;
        }
        false
    }

    fn drop_upload(&self) {
        self.content.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn content(&self) -> Option<Bytes> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn fail(&self, error: ListsError) {
        self.drop_upload();
        self.set(State::Failed(Why::Lists(error)));
    }

    /// Reads it all and finds out what it would do. Blocks.
    pub(super) fn look(&self, lists: &dyn Lists) {
        let Some(content) = self.content() else { return };
        let mut preview = Preview::default();
        // Lines that say the same: what is new is new once.
        let (hashes, mut seen) = (RandomState::new(), HashSet::new());
        for item in read(Box::new(Cursor::new(content)), self.format, self.today) {
            let ImportItem { line, entry } = match item {
                Ok(item) => item,
                Err(error) => return self.fail(error),
            };
            preview.lines += 1;
            if preview.lines.is_multiple_of(STRIDE) {
                self.set(State::Reading(preview.lines));
            }
            match entry {
                Ok(entry) => {
                    if let Err(error) = self.note_blocked(lists, &entry, &mut preview) {
                        return self.fail(error);
                    }
                    let pattern = &entry.pattern;
                    let twice = !seen.insert(hashes.hash_one((pattern.kind, &pattern.key, entry.effect)));
                    match self.is_there(lists, &entry) {
                        Ok(there) if there || twice => preview.there += 1,
                        Ok(_) => preview.note_new(&entry),
                        Err(error) => return self.fail(error),
                    }
                }
                Err(reason) => {
                    preview.refused_count += 1;
                    if preview.refused.len() < REFUSED_SHOWN {
                        preview.refused.push((line, reason));
                    }
                }
            }
        }
        self.set(State::Read(Arc::new(preview)));
    }

    fn is_there(&self, lists: &dyn Lists, new: &NewEntry) -> Result<bool, ListsError> {
        let there = lists.find(self.actor, self.actor.own_scope(), &new.pattern)?;
        Ok(there.iter().any(|entry| {
            entry.effect == new.effect && !matches!(entry.source, Source::Client | Source::List)
        }))
    }

    /// An import takes no block of a chat client's back.
    fn note_blocked(
        &self,
        lists: &dyn Lists,
        new: &NewEntry,
        preview: &mut Preview,
    ) -> Result<(), ListsError> {
        if new.effect == Effect::Allow && preview.stay_blocked.len() < EXAMPLES {
            let own = NewEntry { scope: self.actor.own_scope(), ..new.clone() };
            if stays_blocked(lists, self.actor, &own)?.is_some() {
                preview.stay_blocked.push(crate::list::shortened(&new.pattern.typed));
            }
        }
        Ok(())
    }

    /// Takes it from waiting to being imported; `false` if it isn't waiting.
    pub(super) fn begin(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match &*state {
            State::Read(preview) => {
                *state = State::Importing(0, preview.lines);
                true
            }
            _ => false,
        }
    }

    /// Imports it, and says what takes it back. Blocks.
    pub(super) fn carry_out(&self, lists: &dyn Lists, done_by: impl FnOnce(Imported)) {
        let State::Importing(_, all) = self.state() else { return };
        let Some(content) = self.content() else { return };
        let mut done = 0u64;
        let mut items = read(Box::new(Cursor::new(content)), self.format, self.today).inspect(|_| {
            done += 1;
            if done.is_multiple_of(STRIDE) {
                self.set(State::Importing(done, all));
            }
        });
        match lists.import(self.actor, self.actor.own_scope(), false, &mut items) {
            Ok(mut report) => {
                report.refused.truncate(REFUSED_SHOWN);
                if let Some(imported) = report.imported.take() {
                    done_by(imported);
                }
                drop(items);
                self.drop_upload();
                self.set(State::Done(Arc::new(report), all));
            }
            Err(error) => {
                drop(items);
                self.fail(error);
            }
        }
    }
}

impl Preview {
    fn note_new(&mut self, entry: &NewEntry) {
        self.new += 1;
        match entry.pattern.kind {
            PatternKind::Address | PatternKind::AddressSha256 => self.addresses += 1,
            PatternKind::Domain => self.domains += 1,
            PatternKind::Words => self.words += 1,
            PatternKind::Regex => self.regexes += 1,
        }
        if self.examples.len() < EXAMPLES {
            self.examples.push(crate::list::shortened(&entry.pattern.typed));
        }
    }
}
