//! text/enriched (RFC 1896) and text/richtext (RFC 1341 section 7.1.3), which look like HTML, and differ in this.

/// The same as HTML: parameters and comments are not shown, and `<<` is the sign itself.
pub(super) fn as_html(enriched: &str) -> String {
    let mut html = String::with_capacity(enriched.len());
    let mut rest = enriched;
    while let Some((before, after)) = rest.split_once('<') {
        html.push_str(before);
        if let Some(after) = after.strip_prefix('<') {
            html.push_str("&lt;");
            rest = after;
            continue;
        }
        let hidden = ["param", "comment"].into_iter().find(|name| opens(after, name));
        rest = match hidden {
            Some(name) => behind_end(after, name),
            None => {
                html.push('<');
                after
            }
        };
    }
    html.push_str(rest);
    html
}

/// Whether what stands behind a `<` is this command.
fn opens(text: &str, name: &str) -> bool {
    let (command, rest) = text.split_at_checked(name.len()).unwrap_or_default();
    command.eq_ignore_ascii_case(name) && rest.starts_with('>')
}

/// What stands behind the command's end; nothing is shown of one that doesn't end.
fn behind_end<'t>(text: &'t str, name: &str) -> &'t str {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("</") {
        if opens(after, name) {
            return after.get(name.len() + 1..).unwrap_or_default();
        }
        rest = after;
    }
    ""
}
