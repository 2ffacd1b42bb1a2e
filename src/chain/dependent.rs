//! Settings of Postfix that Postward depends on beside its being asked: what parts sub-addresses, how long its answers are waited
//! for, and what would tell strangers of the addresses for forwarding.

use policy_core::chain::Link;
use policy_core::sentence::Sentence;
use policy_core::snapshot::Delimiters;

use super::postfix::Expected;
use crate::postconf::{Postconf, of_element};
use crate::program::Failed;

/// Until when an answer counts, and the seconds that it must be at least: proof takes up to 3, and large mails wait for one
/// another.
const PATIENCE: [(&str, u64); 3] =
    [("milter_content_timeout", 30), ("milter_command_timeout", 10), ("milter_connect_timeout", 5)];

/// `element` is where `smtpd_milters` names Postward.
pub(super) fn check(
    postconf: &Postconf<'_>,
    element: &str,
    expected: &Expected<'_>,
) -> Result<Vec<Link>, Failed> {
    let mut links = Vec::new();
    links.extend(delimiters(&postconf.value("recipient_delimiter")?, expected.delimiters));
    for (setting, least) in PATIENCE {
        let own = of_element(element, setting.trim_start_matches("milter_"));
        let value = own.map_or_else(|| postconf.value(setting), |own| Ok(own.to_owned()))?;
        if seconds(&value).is_some_and(|seconds| seconds < least) {
            let says = Sentence::of("postfix-impatient").with("setting", setting).with("value", value);
            links.push(Link::worth_knowing("postfix-patience", says.with("least", least)));
        }
    }
    if !expected.ours.is_empty() {
        for (setting, safe) in [("disable_vrfy_command", "yes"), ("smtpd_reject_unlisted_sender", "no")] {
            if postconf.value(setting)? != safe {
                let says = Sentence::of("postfix-tells").with("setting", setting).with("safe", safe);
                links.push(Link::worth_knowing("postfix-tells", says));
            }
        }
    }
    Ok(links)
}

/// Where Postfix takes more for a sub-address than Postward does, its owner's own entries don't count there; where it takes less,
/// they count at an address that may be somebody else's.
fn delimiters(postfix: &str, ours: Delimiters) -> Option<Link> {
    const ID: &str = "postfix-delimiter";
    let known = match ours {
        Delimiters::Plus => "+",
        Delimiters::PlusAndHyphen => "+-",
    };
    // A `+` is in nobody's name.
    let less = known.contains('-') && !postfix.contains('-');
    let says = match postfix.chars().find(|&char| !known.contains(char)) {
        Some('-') => Sentence::of("delimiter-unknown"),
        Some(char) => Sentence::of("delimiter-impossible").with("char", char.to_string()),
        None if less => Sentence::of("delimiter-more"),
        None => return None,
    };
    Some(Link::worth_knowing(ID, says.with("postfix", postfix).with("postward", known)))
}

/// A time as postconf(5) has it: `300`, `5m`.
fn seconds(value: &str) -> Option<u64> {
    let (number, unit) = match value.char_indices().last()? {
        (at, unit) if unit.is_ascii_alphabetic() => (value.get(..at)?, unit),
        _ => (value, 's'),
    };
    let each = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return None,
    };
    number.trim().parse::<u64>().ok()?.checked_mul(each)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_postfix_reads_them() {
        let read = ["300s", "5m", "30", "1h", "2d", "", "s", "x", "1y"].map(seconds);
        let expected = [Some(300), Some(300), Some(30), Some(3600), Some(172_800), None, None, None, None];
        assert_eq!(read, expected);
    }

    #[test]
    fn a_delimiter_that_only_one_of_the_two_knows_is_told() {
        let said =
            |postfix, ours| delimiters(postfix, ours).map(|link| texts::Texts::plain().link(&link).says);
        for (postfix, ours) in [
            ("", Delimiters::Plus),
            ("+", Delimiters::Plus),
            ("-+", Delimiters::PlusAndHyphen),
            ("-", Delimiters::PlusAndHyphen),
        ] {
            assert_eq!(said(postfix, ours), None, "{postfix:?}");
        }
        assert!(said("+-", Delimiters::Plus).unwrap().contains("own entries don't count"));
        assert!(said("+=", Delimiters::Plus).unwrap().contains("anna=shop"));
        assert!(said("+", Delimiters::PlusAndHyphen).unwrap().contains("somebody else"));
    }
}
