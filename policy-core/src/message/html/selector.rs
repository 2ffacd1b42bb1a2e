//! What selectors want of an element (Selectors 4).

use html5ever::Attribute;

/// What a selector wants of an attribute (Selectors 4 section 6).
pub(super) struct AttributeTest {
    pub(super) name: String,
    /// Without case: it is a guess. `None` if it need only be there.
    value: Option<(char, String)>,
}

impl AttributeTest {
    /// Reads the last attribute selector of a selector that ends with one: `div > [class^="h"]`.
    pub(super) fn parse(selector: &str) -> Option<Self> {
        let inside = selector.strip_suffix(']')?.rsplit_once('[')?.1;
        let Some((name, value)) = inside.split_once('=') else {
            return Some(Self { name: inside.trim().to_ascii_lowercase(), value: None });
        };
        let name = name.trim_end();
        let how = name.chars().next_back().filter(|c| "~|^$*".contains(*c));
        let name = name.trim_end_matches(['~', '|', '^', '$', '*']).trim().to_ascii_lowercase();
        let value = value.trim();
        let value = value.strip_suffix(" i").or(value.strip_suffix(" s")).unwrap_or(value);
        let value = value.trim().trim_matches(['"', '\'']);
        // An empty part is in nothing.
        (!value.is_empty())
            .then(|| Self { name, value: Some((how.unwrap_or('='), value.to_ascii_lowercase())) })
    }

    pub(super) fn fits(&self, attributes: &[Attribute]) -> bool {
        let own = attributes.iter().find(|attribute| *attribute.name.local == *self.name);
        let (Some(own), Some((how, value))) = (own, &self.value) else { return own.is_some() };
        let own = own.value.to_ascii_lowercase();
        match how {
            '~' => own.split_ascii_whitespace().any(|word| word == value),
            '|' => own.strip_prefix(value).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')),
            '^' => own.starts_with(value),
            '$' => own.ends_with(value),
            '*' => own.contains(value),
            _ => own == *value,
        }
    }
}
