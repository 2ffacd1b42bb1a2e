//! What has to be remembered across restarts: headers that are used up, questions that wait for an answer, and answers of ours
//! that nobody has taken yet.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use policy_core::entry::{Effect, MemberId};
use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::ticket::{Ticket, write_whole};

/// The file in the data folder.
const FILE: &str = "forwarding.json";

/// The most used headers that are remembered. Each is a member's own message of the last five days.
const MOST_USED: usize = 10_000;

/// The most questions that wait; beyond it the one that ends first is forgotten.
const MOST_QUESTIONS: usize = 200;

/// The most answers that wait to be handed in; one more is dropped.
const MOST_ANSWERS: usize = 100;

/// A question to a member: which of these addresses?
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Question {
    pub(super) member: MemberId,
    pub(super) effect: Effect,
    pub(super) choices: Vec<String>,
    pub(super) until: u64,
}

#[derive(Default, Serialize, Deserialize)]
struct Kept {
    used: BTreeMap<String, u64>,
    questions: BTreeMap<String, Question>,
    /// Each by the number of the header that it answers.
    #[serde(default)]
    answers: BTreeMap<String, Answer>,
}

/// The memory, and the file that it is kept in.
pub(super) struct Memory {
    path: PathBuf,
    kept: Kept,
}

impl Memory {
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let path = folder.join(FILE);
        let kept = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Kept::default(),
            Err(error) => return Err(error),
        };
        Ok(Self { path, kept })
    }

    pub(super) fn is_used(&self, ticket: &Ticket) -> bool {
        self.kept.used.contains_key(&ticket.nonce)
    }

    /// Whether there is no room for another header before some have expired.
    pub(super) fn is_full(&mut self, now: u64) -> bool {
        self.kept.used.retain(|_, until| *until >= now);
        self.kept.used.len() >= MOST_USED
    }

    /// Whether an answer can wait to be handed in.
    pub(super) fn has_room_for_an_answer(&self) -> bool {
        self.kept.answers.len() < MOST_ANSWERS
    }

    /// Remembers that a header is used up, and the question and the answer that came of it, on disk before anything is answered.
    pub(super) fn use_up(
        &mut self,
        ticket: &Ticket,
        question: Option<(String, Question)>,
        answer: Option<&Answer>,
        now: u64,
    ) -> io::Result<()> {
        self.kept.answers.extend(answer.map(|answer| (ticket.nonce.clone(), answer.clone())));
        self.kept.used.insert(ticket.nonce.clone(), ticket.until);
        self.kept.questions.retain(|_, question| question.until >= now);
        self.kept.questions.extend(question);
        while self.kept.questions.len() > MOST_QUESTIONS {
            let first = self.kept.questions.iter().min_by_key(|(_, question)| question.until);
            let Some(name) = first.map(|(name, _)| name.clone()) else { break };
            self.kept.questions.remove(&name);
        }
        self.save().inspect_err(|_| {
            self.kept.used.remove(&ticket.nonce);
            self.kept.answers.remove(&ticket.nonce);
        })
    }

    fn save(&self) -> io::Result<()> {
        let bytes = serde_json::to_vec(&self.kept).map_err(io::Error::from)?;
        write_whole(&self.path, &bytes)
    }

    /// The answers that nobody has taken yet.
    pub(super) fn answers(&self) -> Vec<(String, Answer)> {
        self.kept.answers.iter().map(|(name, answer)| (name.clone(), answer.clone())).collect()
    }

    /// An answer doesn't wait any more. Where that can't be stored, a restart hands it in again: twice is better than never.
    pub(super) fn answered(&mut self, name: &str) {
        self.kept.answers.remove(name);
        let _ = self.save();
    }

    /// A member's own question.
    pub(super) fn question(&self, name: &str, member: MemberId, now: u64) -> Option<&Question> {
        self.kept.questions.get(name).filter(|question| question.member == member && question.until >= now)
    }
}

#[cfg(test)]
mod tests {
    use super::super::ticket::Errand;
    use super::*;

    fn ticket(nonce: &str, until: u64) -> Ticket {
        Ticket { errand: Errand::Answer, nonce: nonce.to_owned(), until }
    }

    fn question(until: u64) -> Question {
        let choices = vec!["a@example.net".to_owned()];
        Question { member: MemberId(1), effect: Effect::Block, choices, until }
    }

    #[test]
    fn used_headers_and_questions_outlive_a_restart_and_nothing_outlives_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let mut memory = Memory::open(folder.path()).unwrap();
        memory.use_up(&ticket("n", 10), Some(("q-1".to_owned(), question(10))), None, 5).unwrap();
        let mut memory = Memory::open(folder.path()).unwrap();
        assert!(memory.is_used(&ticket("n", 10)));
        assert!(!memory.is_used(&ticket("other", 10)));
        assert!(memory.question("q-1", MemberId(1), 10).is_some());
        assert!(memory.question("q-1", MemberId(2), 10).is_none(), "another member's");
        assert!(memory.question("q-1", MemberId(1), 11).is_none());
        assert!(!memory.is_full(11));
        assert!(!memory.is_used(&ticket("n", 10)));
    }

    #[test]
    fn an_answer_waits_over_restarts_until_it_is_handed_in() {
        let folder = tempfile::tempdir().unwrap();
        let mut memory = Memory::open(folder.path()).unwrap();
        let answer = Answer { to: "a@home.example".to_owned(), content: "x".to_owned(), until: 10 };
        for number in 0..MOST_ANSWERS {
            assert!(memory.has_room_for_an_answer());
            memory.use_up(&ticket(&format!("n{number:03}"), 10), None, Some(&answer), 5).unwrap();
        }
        assert!(!memory.has_room_for_an_answer());
        let mut memory = Memory::open(folder.path()).unwrap();
        memory.answered("n000");
        let memory = Memory::open(folder.path()).unwrap();
        let waiting: Vec<String> = memory.answers().into_iter().map(|(name, _)| name).collect();
        assert_eq!(waiting.len(), MOST_ANSWERS - 1);
        assert!(!waiting.contains(&"n000".to_owned()) && memory.has_room_for_an_answer());
    }

    #[test]
    fn questions_are_limited() {
        let folder = tempfile::tempdir().unwrap();
        let mut memory = Memory::open(folder.path()).unwrap();
        for number in 0..MOST_QUESTIONS as u64 + 5 {
            let asked = (format!("q-{number}"), question(100 + number));
            memory.use_up(&ticket("n", 500), Some(asked), None, 1).unwrap();
        }
        assert_eq!(memory.kept.questions.len(), MOST_QUESTIONS);
        assert!(memory.question("q-0", MemberId(1), 1).is_none());
    }
}
