//! Who may sign in to the page, as the page and the daemon ask for it.

use jiff::Timestamp;
use jiff::civil::Date;
use policy_core::entry::MemberId;
use policy_core::lists::{Actor, ListsError};
use policy_core::sentence::Sentence;
use policy_core::sign_in::{
    Account, Accounts, Household, Leaving, News, Proofs, Proven, Secrets, SignInLink, SignInLinks,
};
use rusqlite::Transaction;

use super::{Entries, Outgoing, Store, accounts, failed, guard, leaving, members, tell, today};

/// Where the page is if nobody says otherwise.
const PAGE: &str = "http://127.0.0.1:8025/";

fn now() -> i64 {
    Timestamp::now().as_second()
}

impl Store {
    /// Says where browsers find the page: links begin with it.
    pub fn page_is_at(&self, url: &str) {
        let _ = self.page.set(url.to_owned());
    }

    /// The member of this name.
    pub fn member_called(&self, name: &str) -> Result<MemberId, ListsError> {
        members::by_name(&guard(&self.reader), name)
    }

    /// What waits to be sent to members.
    pub fn waiting(&self) -> Result<Vec<Outgoing>, ListsError> {
        tell::waiting(&guard(&self.reader))
    }

    /// Notes that a message was sent.
    pub fn sent(&self, id: i64, today: Date) -> Result<(), ListsError> {
        self.write(|transaction| tell::sent(transaction, id, today))
    }

    /// Deletes the members whose days are over, with their lists; gives up what couldn't be sent.
    pub fn end_memberships(&self, today: Date) -> Result<(), ListsError> {
        if leaving::has_jumped(&guard(&self.reader), today)? {
            self.write(|transaction| leaving::count_anew(transaction, today))?;
        }
        if tell::has_old(&guard(&self.reader), today)? {
            self.write(|transaction| tell::give_up(transaction, today))?;
        }
        for member in leaving::due(&guard(&self.reader), today)? {
            self.change_members(Entries::Touched, |transaction| members::remove(transaction, member))?;
        }
        Ok(())
    }

    /// A change that judging doesn't depend on.
    pub(super) fn write<T>(
        &self,
        carry_out: impl FnOnce(&Transaction<'_>) -> Result<T, ListsError>,
    ) -> Result<T, ListsError> {
        let mut writer = self.writer.take()?;
        let transaction = writer.transaction().map_err(failed)?;
        let done = carry_out(&transaction)?;
        transaction.commit().map_err(failed)?;
        Ok(done)
    }
}

impl SignInLinks for Store {
    fn sign_in_link(&self, actor: Actor, member: MemberId) -> Result<SignInLink, ListsError> {
        let key = web::random_token().map_err(|error| {
            ListsError::Store(Sentence::of("store-random").with("error", error.to_string()))
        })?;
        let digest = web::token_digest(&key);
        let lasts = self
            .write(|transaction| accounts::make_link(transaction, actor, member, &digest, now(), today()))?;
        let page = self.page.get().map_or(PAGE, String::as_str);
        Ok(SignInLink { url: format!("{page}welcome?key={key}"), lasts })
    }
}

impl Household for Store {
    fn members_leaving(&self) -> Result<Vec<(MemberId, Leaving)>, ListsError> {
        leaving::all(&guard(&self.reader))
    }

    fn keep_member(&self, name: &str) -> Result<(), ListsError> {
        self.write(|transaction| {
            let member = members::by_name(transaction, name)?;
            leaving::stay(transaction, member, today())
        })
    }
}

impl Accounts for Store {
    fn account_named(&self, name: &str) -> Result<Option<Account>, ListsError> {
        accounts::named(&guard(&self.reader), name)
    }

    fn account(&self, actor: Actor) -> Result<Option<Account>, ListsError> {
        accounts::of(&guard(&self.reader), actor)
    }

    fn members_sign_in(&self) -> Result<bool, ListsError> {
        accounts::members_sign_in(&guard(&self.reader))
    }

    fn signed_in(&self, actor: Actor) -> Result<Option<Date>, ListsError> {
        // Whoever signs in doesn't wait for somebody's import: the day is noted the next time.
        let Some(mut writer) = self.writer.take_if_free()? else {
            return Ok(self.account(actor)?.and_then(|account| account.last_sign_in));
        };
        let transaction = writer.transaction().map_err(failed)?;
        // The page tells them at once; who came without proof may be somebody else.
        if let Some(Actor::Member(member)) = accounts::of(&transaction, actor)?.map(|account| account.actor) {
            leaving::told(&transaction, member, today())?;
        }
        let before = accounts::signed_in(&transaction, actor, today())?;
        transaction.commit().map_err(failed)?;
        Ok(before)
    }

    fn set_password(&self, actor: Actor, hash: &str) -> Result<(), ListsError> {
        self.write(|transaction| accounts::set_password(transaction, actor, hash))
    }

    fn use_link(&self, key: &str) -> Result<Option<Account>, ListsError> {
        let digest = web::token_digest(key);
        self.write(|transaction| accounts::use_link(transaction, &digest, now()))
    }

    fn proofs(&self, member: MemberId) -> Result<Proofs, ListsError> {
        accounts::proofs(&guard(&self.reader), member)
    }

    fn begin_anew(&self, member: MemberId, secrets: &Secrets, proven: Proven) -> Result<(), ListsError> {
        self.write(|transaction| accounts::begin_anew(transaction, member, secrets, proven))
    }

    fn unhide(&self, member: MemberId) -> Result<(), ListsError> {
        self.write(|transaction| accounts::unhide(transaction, member))
    }

    fn news(&self, member: MemberId) -> Result<Vec<News>, ListsError> {
        tell::news_of(&guard(&self.reader), member)
    }
}
