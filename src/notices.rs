//! What members are told outside the page, in mail and chat: nothing in it opens anything, names a correspondent, or says
//! what is on a list.

use jiff::civil::Date;

/// A message to a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// A few words.
    pub subject: String,
    /// Paragraphs, with an empty line between them.
    pub text: String,
}

/// Who asked for a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// The household's admin.
    Admin,
    /// Somebody who writes from the member's own account.
    Member,
}

fn notice(subject: &str, paragraphs: &[&str]) -> Notice {
    Notice { subject: subject.to_owned(), text: paragraphs.join("\n\n") }
}

/// The subject of a mail with a code.
pub const ADDRESS_CODE: &str = "Is this your mail address?";

/// The code by which a mail address becomes a member's.
pub fn address_code(name: &str, address: &str, code: &str) -> Notice {
    notice(
        ADDRESS_CODE,
        &[
            &format!("{name} has a list in this household's Postward, and {address} shall belong to it."),
            &format!("If you are {name}, enter this code on your Postward page, under Account: {code}"),
            "It counts for three days. If you are somebody else, give it to nobody: whoever enters it decides which mail to \
             this address is stopped.",
        ],
    )
}

/// Another member has entered the code of an address.
pub fn wants_to_share(address: &str) -> Notice {
    notice(
        "Somebody wants to share your mail address",
        &[
            &format!(
                "Another member of the household says that {address} is theirs, too, and has entered its code."
            ),
            "Your Postward page, under Account, says who, and asks you. If you agree, a list decides on mail to this address \
             only where all whose address it is have the same on theirs. As long as you don't, nothing changes.",
        ],
    )
}

/// Another sign-in link was made.
pub fn link_made(asker: Asker, today: Date) -> Notice {
    let who = match asker {
        Asker::Admin => "The household's admin has",
        Asker::Member => "Somebody who writes from your own chat account has",
    };
    notice(
        "A new sign-in link was made for you",
        &[
            &format!("{who} made a new link to your Postward page on {today}."),
            "If you asked for it, all is well.",
            "If you didn't, somebody may want to see your list. Whoever uses the link gets a new password, but doesn't see \
             what you listed before: that takes your password until now, or your recovery code. Your entries stay in \
             force. If your password is no longer accepted, the link was used.",
        ],
    )
}

/// The admin has removed the member.
pub fn leaving(days: i32) -> Notice {
    notice(
        "Your Postward account will be removed",
        &[
            &format!(
                "The household's admin has removed you from Postward. It takes effect {days} days after this message was \
                 sent: your list stays in force until then and is deleted after that."
            ),
            "You can save your list before, on your Postward page. If you think that this is a mistake, ask the admin, \
             who can take it back.",
        ],
    )
}

/// The admin has taken that back.
pub fn staying() -> Notice {
    notice(
        "Your Postward account stays",
        &["The household's admin has taken it back: your account and your list stay."],
    )
}
