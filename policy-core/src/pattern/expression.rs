//! Regular expressions: linear-time, case-insensitive, on the displayed text.

use icu_normalizer::ComposingNormalizer;
use regex::{Regex, RegexBuilder};

use super::{PatternError, Remark};

/// How many characters an expression may have.
const LONGEST: usize = 2_000;
/// How much memory a compiled expression may take, and the lazy automaton beside it.
const COMPILED_BYTES: usize = 1 << 20;
const NESTING: u32 = 50;

/// Compiles a regex entry's key: case-insensitive, Unicode, in linear time, bounded in size. Match it against displayed
/// text in NFKC.
pub fn compile(expression: &str) -> Result<Regex, PatternError> {
    if expression.chars().count() > LONGEST {
        return Err(problem(format!("it is longer than {LONGEST} characters; write several entries")));
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
            regex::Error::CompiledTooBig(_) => problem(
                "it grows too large; use smaller numbers in {...}, and [a-z] rather than \\w where that is enough"
                    .to_owned(),
            ),
            other => problem(other.to_string()),
        })
}

/// The key of a typed expression, and what to say about it.
pub(super) fn understand(typed: &str) -> Result<(String, Vec<Remark>), PatternError> {
    let bare = without_slashes(typed);
    let (key, expression) = key(bare.unwrap_or(typed))?;
    let mut remarks = Vec::new();
    if bare.is_some() {
        remarks
            .push(Remark::TakenAs { taken: format!("the expression {key}, without the slashes around it") });
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
            problem: format!(
                "at character {}: “{char}” is compared as “{shown}”, so write that (with \\ before signs that \
                 have a meaning)",
                at + 1
            ),
            at: Some(at),
        });
    }
    let expression = compile(&composed)?;
    if expression.is_match("") {
        return Err(problem(
            "it matches every text, even an empty one; write + instead of *, or drop a | at its end"
                .to_owned(),
        ));
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
        Err(regex_syntax::Error::Parse(error)) => (error.kind().to_string(), error.span().start.offset),
        Err(regex_syntax::Error::Translate(error)) => (error.kind().to_string(), error.span().start.offset),
        Err(other) => return Err(problem(other.to_string())),
    };
    let at = expression.get(..offset).map_or(0, |before| before.chars().count());
    let rest: String = expression.chars().skip(at).take(12).collect();
    let place = if rest.is_empty() {
        "at its end".to_owned()
    } else {
        format!("at character {} (“{rest}”)", at + 1)
    };
    Err(PatternError::Regex { problem: format!("{place}: {what}"), at: Some(at) })
}

fn problem(problem: String) -> PatternError {
    PatternError::Regex { problem, at: None }
}
