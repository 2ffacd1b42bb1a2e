//! What members are told outside the page, in mail and chat: nothing in it opens anything, names a correspondent, or says
//! what is on a list.

use jiff::civil::Date;
use policy_core::sentence::Sentence;
use texts::Texts;

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

fn notice(sentence: &Sentence) -> Notice {
    let texts = Texts::plain();
    Notice { subject: texts.part(sentence, "subject").unwrap_or_default(), text: texts.sentence(sentence) }
}

/// The subject of a mail with a code.
pub fn address_code_subject() -> String {
    address_code("", "", "").subject
}

/// The code by which a mail address becomes a member's.
pub fn address_code(name: &str, address: &str, code: &str) -> Notice {
    notice(
        &Sentence::of("notice-address-code").with("name", name).with("address", address).with("code", code),
    )
}

/// The code of another address of the member's was entered.
pub fn address_added(address: &str) -> Notice {
    notice(&Sentence::of("notice-address-added").with("address", address))
}

/// Another member has entered the code of an address.
pub fn wants_to_share(address: &str) -> Notice {
    notice(&Sentence::of("notice-wants-to-share").with("address", address))
}

/// Another sign-in link was made.
pub fn link_made(asker: Asker, today: Date) -> Notice {
    let asker = match asker {
        Asker::Admin => "admin",
        Asker::Member => "member",
    };
    notice(&Sentence::of("notice-link-made").with("asker", asker).with("date", today.to_string()))
}

/// The member's chat account changes a list whose page somebody has opened by the admin's link.
pub fn page_was_open() -> Notice {
    notice(&Sentence::of("notice-page-was-open"))
}

/// The member's reports are shared from now on, or more of them.
pub fn reports_shared(today: Date) -> Notice {
    notice(&Sentence::of("notice-reports-shared").with("date", today.to_string()))
}

/// The admin has removed the member.
pub fn leaving(days: u64) -> Notice {
    notice(&Sentence::of("notice-leaving").with("days", days))
}

/// The admin has taken that back.
pub fn staying() -> Notice {
    notice(&Sentence::of("notice-staying"))
}
