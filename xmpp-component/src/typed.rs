//! Real-time text (XEP-0301): what is typed piece by piece.

use minidom::Element;

/// A line that is typed is short: so many characters.
const SHORT: usize = 1 << 12;

/// The line that these actions make: what is inserted, and taken back, at any place (section 6.2). Of a line that is not
/// short only what is done at its end counts, as moving all behind it each time would be quadratic.
pub(crate) fn line(typed: &Element) -> String {
    let mut line: Vec<char> = Vec::new();
    for action in typed.children() {
        let number = |name| action.attr(name).and_then(|number| number.parse::<usize>().ok());
        let end = line.len();
        let position = number("p").map_or(end, |position| position.min(end));
        let within = end <= SHORT || position == end;
        match action.name() {
            "t" => {
                let position = if within { position } else { end };
                line.splice(position..position, action.texts().flat_map(str::chars));
            }
            "e" if within => {
                line.drain(position.saturating_sub(number("n").unwrap_or(1))..position);
            }
            _ => {}
        }
    }
    line.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::line;
    use crate::xml::read;

    fn typed(actions: &str) -> String {
        let stanza =
            format!("<message xmlns='jabber:client'><rtt xmlns='urn:xmpp:rtt:0'>{actions}</rtt></message>");
        line(read(&stanza).stanza.unwrap().children().next().unwrap())
    }

    #[test]
    fn what_is_typed_piece_by_piece_is_one_text() {
        assert_eq!(typed("<t>see you</t><w n='9'/><t> soon</t>"), "see you soon");
        assert_eq!(typed("<t>see yox</t><e/><t>u so</t><e n='1' p='10'/><t>oon</t>"), "see you soon");
    }

    #[test]
    fn what_is_typed_in_the_midst_of_a_line_is_read_where_it_stands() {
        for actions in [
            "<t>caino</t><t p='2'>s</t>",
            "<t>ino</t><t p='0'>cas</t>",
            "<t>casxxino</t><e p='5' n='2'/>",
            "<t>cas</t><t p='99'>inx</t><e/><t>o</t>",
            "<t>casino</t><e p='0' n='99'/>",
        ] {
            assert_eq!(typed(actions), "casino", "{actions}");
        }
        let long = "a".repeat(10_000);
        assert_eq!(typed(&format!("<t>{long}</t><e p='5' n='2'/><t p='0'>b</t>")), format!("{long}b"));
    }
}
