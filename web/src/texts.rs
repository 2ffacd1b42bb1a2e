//! Every text that the page shows, from Fluent files.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use policy_core::lists::ListsError;
use policy_core::pattern::{PatternError, Remark};
use unic_langid::LanguageIdentifier;

const ENGLISH: [&str; 4] = [
    include_str!("../i18n/en/page.ftl"),
    include_str!("../i18n/en/list.ftl"),
    include_str!("../i18n/en/transfer.ftl"),
    include_str!("../i18n/en/chain.ftl"),
];

/// The texts of one language.
pub(crate) struct Texts {
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    pub(crate) fn english() -> Self {
        let language = LanguageIdentifier::from_bytes(b"en").unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // A broken line costs that line, not the page; the test below fails on any.
        for texts in ENGLISH {
            let resource = FluentResource::try_new(texts.to_owned()).unwrap_or_else(|(resource, _)| resource);
            let _ = bundle.add_resource(resource);
        }
        Self { bundle }
    }

    /// The text of this name.
    pub(crate) fn say(&self, id: &str) -> String {
        self.format(id, None)
    }

    /// A text with one gap filled. Fluent wraps the filling in bidi isolates, so that a hostile name can't turn the
    /// sentence around.
    pub(crate) fn with(&self, id: &str, name: &str, value: &str) -> String {
        let mut args = FluentArgs::new();
        args.set(name, value);
        self.format(id, Some(&args))
    }

    /// A text with a count in it.
    pub(crate) fn count(&self, id: &str, count: u64) -> String {
        let mut args = FluentArgs::new();
        args.set("count", count);
        self.format(id, Some(&args))
    }

    /// A text with a count and a name in it.
    pub(crate) fn counted(&self, id: &str, count: u64, name: &str, value: &str) -> String {
        let mut args = FluentArgs::new();
        args.set("count", count);
        args.set(name, value);
        self.format(id, Some(&args))
    }

    /// A text with several gaps filled.
    pub(crate) fn with_all(&self, id: &str, filling: &[(&str, &str)]) -> String {
        let args: FluentArgs<'_> = filling.iter().copied().collect();
        self.format(id, Some(&args))
    }

    fn format(&self, id: &str, args: Option<&FluentArgs<'_>>) -> String {
        let Some(pattern) = self.bundle.get_message(id).and_then(|message| message.value()) else {
            return id.to_owned();
        };
        self.bundle.format_pattern(pattern, args, &mut Vec::new()).into_owned()
    }

    pub(crate) fn remark(&self, remark: &Remark) -> String {
        if let Remark::SharedProvider { domain } = remark {
            return self.with("remark-shared-provider", "domain", domain);
        }
        if let Remark::WholeDomainPossible { domain } = remark {
            return self.with("remark-whole-domain", "domain", domain);
        }
        // What has no text of its own yet is said in the core's words.
        self.with("remark-other", "remark", &remark.to_string())
    }

    pub(crate) fn pattern_error(&self, error: &PatternError) -> String {
        match error {
            PatternError::Empty => self.say("error-empty"),
            PatternError::NotAnAddress(problem) => self.with("error-not-an-address", "problem", problem),
            PatternError::NotADomain(problem) => self.with("error-not-a-domain", "problem", problem),
            PatternError::WholeSuffix { suffix } => self.with("error-whole-suffix", "suffix", suffix),
            PatternError::Words(problem) => self.with("error-words", "problem", problem),
            PatternError::Regex { problem, at: None } => self.with("error-regex", "problem", problem),
            PatternError::Regex { problem, at: Some(at) } => {
                self.with_all("error-regex-at", &[("problem", problem), ("at", &(at + 1).to_string())])
            }
            PatternError::NotYet(what) => self.with("error-not-yet", "what", what),
        }
    }

    pub(crate) fn lists_error(&self, error: &ListsError) -> String {
        match error {
            ListsError::NoSuchEntry(_) => self.say("error-no-such-entry"),
            ListsError::NoSuchMember(name) => self.with("error-no-such-member", "name", name),
            ListsError::ChangedMeanwhile(_) => self.say("error-changed-meanwhile"),
            ListsError::Refused(why) => self.with("error-refused", "why", why),
            ListsError::Store(problem) => self.with("error-store", "problem", problem),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn files(folder: &Path) -> String {
        let read = |file: std::fs::DirEntry| match file.path() {
            path if path.is_dir() => files(&path),
            path => std::fs::read_to_string(path).unwrap(),
        };
        std::fs::read_dir(folder).unwrap().map(|file| read(file.unwrap())).collect()
    }

    #[test]
    fn every_text_that_is_asked_for_exists_and_every_text_is_asked_for() {
        let resources =
            ENGLISH.map(|texts| FluentResource::try_new(texts.to_owned()).expect("every line can be read"));
        let ids = resources.iter().flat_map(FluentResource::entries).filter_map(|entry| match entry {
            fluent_syntax::ast::Entry::Message(message) => Some(message.id.name),
            _ => None,
        });
        let all: Vec<&str> = ids.collect();
        let known: BTreeSet<&str> = all.iter().copied().collect();
        assert_eq!(known.len(), all.len(), "a text is there twice");
        let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let asked = files(&crate_folder.join("templates")) + &files(&crate_folder.join("src"));
        for id in &known {
            assert!(asked.contains(&format!("\"{id}\"")), "nobody asks for {id}");
        }
        for call in [".say(\"", ".with(\"", ".count(\"", ".counted(\"", ".with_all(\""] {
            for after in asked.split(call).skip(1) {
                let id = after.split('"').next().unwrap();
                assert!(known.contains(id), "{id} isn't in the English texts");
            }
        }
    }
}
