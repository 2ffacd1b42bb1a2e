//! Regular expressions: linear-time, case-insensitive, on the displayed text.

use icu_normalizer::ComposingNormalizer;
use regex::{Regex, RegexBuilder};

use super::{PatternError, PatternKind, Remark, syntax};
use crate::sentence::Sentence;

/// How many characters an expression may have.
const LONGEST: usize = 2_000;
/// How much memory a compiled expression may take, and the lazy automaton beside it.
const COMPILED_BYTES: usize = 1 << 20;
const NESTING: u32 = 50;

/// Compiles a regex entry's key: case-insensitive, Unicode, in linear time, bounded in size. Match it against displayed
/// text in NFKC.
pub fn compile(expression: &str) -> Result<Regex, PatternError> {
    if expression.chars().count() > LONGEST {
        return Err(problem(Sentence::of("regex-long").with("most", LONGEST as u64)));
    }
    locate_error(expression)?;
    RegexBuilder::new(expression)
        .case_insensitive(true)
        .unicode(true)
        .nest_limit(NESTING)
        .size_limit(COMPILED_BYTES)
        .dfa_size_limit(COMPILED_BYTES)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => problem(Sentence::of("regex-large")),
            _ => problem(Sentence::of("regex-syntax")),
        })
}

/// The key of a typed expression, and what to say about it.
pub(super) fn understand(typed: &str) -> Result<(String, Vec<Remark>), PatternError> {
    let bare = without_slashes(typed);
    let (key, expression) = key(bare.unwrap_or(typed))?;
    let mut remarks = Vec::new();
    if bare.is_some() {
        remarks.push(Remark::TakenAs { kind: PatternKind::Regex, value: key.clone() });
    }
    remarks.extend(hits_ordinary_text(&expression));
    Ok((key, remarks))
}

/// What stands in `/.../` or `/.../i`, as other programs want expressions written: with the slashes it never matches.
fn without_slashes(typed: &str) -> Option<&str> {
    let (inner, flags) = typed.strip_prefix('/')?.rsplit_once('/')?;
    let sound =
        !inner.is_empty() && !inner.ends_with('\\') && flags.chars().all(|flag| "imsu".contains(flag));
    (sound && !inner.replace("\\/", "").contains('/')).then_some(inner)
}

/// What compiles, can match and doesn't match everything.
fn key(typed: &str) -> Result<(String, Regex), PatternError> {
    let composed = ComposingNormalizer::new_nfc().normalize(typed);
    if let Some((at, char)) = (0..).zip(composed.chars()).find(|&(_, char)| !occurs_in_nfkc(char)) {
        let shown = ComposingNormalizer::new_nfkc().normalize(char.encode_utf8(&mut [0; 4])).into_owned();
        return Err(PatternError::Regex {
            problem: Sentence::of("regex-compared-as")
                .with("at", at as u64 + 1)
                .with("char", char.to_string())
                .with("shown", shown),
            at: Some(at),
        });
    }
    let expression = compile(&composed)?;
    if expression.is_match("") {
        return Err(problem(Sentence::of("regex-matches-all")));
    }
    Ok((composed.into_owned(), expression))
}

/// A remark if an expression matches sentences as everybody writes them.
fn hits_ordinary_text(expression: &Regex) -> Option<Remark> {
    const ORDINARY: [&str; 4] = [
        "Thanks, see you on Monday!",
        "Вот фотографии, о которых я говорил",
        "您好,附件是我们的会议记录",
        "Your order no. 4711 of 24.12. has been sent",
    ];
    let hit = ORDINARY.into_iter().find(|text| expression.is_match(text));
    hit.map(|text| Remark::Broad { example: text.to_owned() })
}

/// NFKC replaces some characters wherever they stand: an expression that waits for one never matches.
fn occurs_in_nfkc(char: char) -> bool {
    char.is_ascii() || ComposingNormalizer::new_nfkc().is_normalized(char.encode_utf8(&mut [0; 4]))
}

/// Says where an expression goes wrong; `regex` itself only draws it.
fn locate_error(expression: &str) -> Result<(), PatternError> {
    let parsed = regex_syntax::ParserBuilder::new()
        .case_insensitive(true)
        .nest_limit(NESTING)
        .build()
        .parse(expression);
    let (what, offset) = match parsed {
        Ok(_) => return Ok(()),
        Err(regex_syntax::Error::Parse(error)) => (syntax::written(error.kind()), error.span().start.offset),
        Err(regex_syntax::Error::Translate(error)) => {
            (syntax::meant(error.kind()), error.span().start.offset)
        }
        Err(_) => return Err(problem(Sentence::of("regex-syntax"))),
    };
    let at = expression.get(..offset).map_or(0, |before| before.chars().count());
    let rest: String = expression.chars().skip(at).take(12).collect();
    let what = Sentence::of(what);
    let problem = if rest.is_empty() {
        Sentence::of("regex-at-end").with("problem", what)
    } else {
        Sentence::of("regex-at").with("at", at as u64 + 1).with("rest", rest).with("problem", what)
    };
    Err(PatternError::Regex { problem, at: Some(at) })
}

fn problem(problem: Sentence) -> PatternError {
    PatternError::Regex { problem, at: None }
}
