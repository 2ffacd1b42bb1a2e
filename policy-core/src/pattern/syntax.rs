//! What is wrong with how a regular expression is written, as the texts name it.

use regex_syntax::ast::ErrorKind as Written;
use regex_syntax::hir::ErrorKind as Meant;

/// The name of a fault in the writing.
pub(super) fn written(kind: &Written) -> &'static str {
    match kind {
        Written::GroupUnclosed => "regex-group-unclosed",
        Written::GroupUnopened => "regex-group-unopened",
        Written::GroupNameDuplicate { .. }
        | Written::GroupNameEmpty
        | Written::GroupNameInvalid
        | Written::GroupNameUnexpectedEof => "regex-group-name",
        Written::ClassUnclosed => "regex-class-unclosed",
        Written::ClassRangeInvalid => "regex-class-order",
        Written::ClassEscapeInvalid | Written::ClassRangeLiteral => "regex-class",
        Written::EscapeUnexpectedEof => "regex-escape-end",
        Written::EscapeUnrecognized => "regex-escape",
        Written::EscapeHexEmpty | Written::EscapeHexInvalid | Written::EscapeHexInvalidDigit => "regex-hex",
        Written::FlagDanglingNegation
        | Written::FlagDuplicate { .. }
        | Written::FlagRepeatedNegation { .. }
        | Written::FlagUnexpectedEof
        | Written::FlagUnrecognized => "regex-flags",
        Written::RepetitionMissing => "regex-repeats-nothing",
        Written::RepetitionCountInvalid => "regex-repetition-order",
        Written::RepetitionCountDecimalEmpty
        | Written::RepetitionCountUnclosed
        | Written::DecimalEmpty
        | Written::DecimalInvalid => "regex-repetition",
        Written::SpecialWordBoundaryUnclosed
        | Written::SpecialWordBoundaryUnrecognized
        | Written::SpecialWordOrRepetitionUnexpectedEof => "regex-boundary",
        Written::UnicodeClassInvalid => "regex-property",
        Written::UnsupportedBackreference => "regex-backreference",
        Written::UnsupportedLookAround => "regex-look-around",
        Written::NestLimitExceeded(_) | Written::CaptureLimitExceeded => "regex-nested",
        _ => "regex-syntax",
    }
}

/// The name of a fault in what is meant.
pub(super) fn meant(kind: &Meant) -> &'static str {
    match kind {
        Meant::UnicodePropertyNotFound | Meant::UnicodePropertyValueNotFound => "regex-property",
        Meant::InvalidUtf8 | Meant::UnicodeNotAllowed => "regex-bytes",
        _ => "regex-syntax",
    }
}
