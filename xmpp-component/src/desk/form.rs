//! Data forms (XEP-0004): those that the desk shows, and what comes back in them.

use minidom::Element;
use minidom::rxml::xml_ncname;
use tokio_xmpp::parsers::ns;

use super::answer::shown;
use super::say::form::Label;

/// The most fields that are read of a form, and values of a field; ours have fewer.
const FIELDS: usize = 32;
const VALUES: usize = 1000;

/// A form as it is being written.
pub(super) struct Form(Element);

impl Form {
    /// One to be filled in.
    pub(super) fn to_fill_in(title: Label) -> Self {
        Self::new("form", title)
    }

    /// One to be looked at.
    pub(super) fn result(title: Label) -> Self {
        Self::new("result", title)
    }

    fn new(kind: &str, title: Label) -> Self {
        let form = Element::builder("x", ns::DATA_FORMS).attr(xml_ncname!("type").to_owned(), kind);
        Self(form.append(text("title", &title.say())).build())
    }

    /// What to know about it.
    pub(super) fn instructions<'l>(mut self, lines: impl IntoIterator<Item = &'l str>) -> Self {
        for line in lines {
            self.0.append_child(text("instructions", line));
        }
        self
    }

    pub(super) fn text(self, var: &str, label: Label, value: &str, required: bool) -> Self {
        self.field("text-single", var, label, &[], Some(value), required)
    }

    pub(super) fn text_lines(self, var: &str, label: Label) -> Self {
        self.field("text-multi", var, label, &[], None, true)
    }

    pub(super) fn one_of(self, var: &str, label: Label, options: &[(&str, Label)], value: &str) -> Self {
        let said: Vec<(&str, String)> = options.iter().map(|(value, label)| (*value, label.say())).collect();
        let options: Vec<(&str, &str)> = said.iter().map(|(value, label)| (*value, label.as_str())).collect();
        self.one_of_these(var, label, &options, value)
    }

    /// The same of what somebody typed.
    pub(super) fn one_of_these(self, var: &str, label: Label, options: &[(&str, &str)], value: &str) -> Self {
        self.field("list-single", var, label, options, Some(value), false)
    }

    pub(super) fn some_of(self, var: &str, label: Label, options: &[(&str, &str)]) -> Self {
        self.field("list-multi", var, label, options, None, true)
    }

    pub(super) fn yes_or_no(self, var: &str, label: Label) -> Self {
        self.field("boolean", var, label, &[], Some("0"), true)
    }

    /// Text to be read.
    pub(super) fn fixed<'l>(mut self, lines: impl IntoIterator<Item = &'l str>) -> Self {
        let field = Element::builder("field", ns::DATA_FORMS).attr(xml_ncname!("type").to_owned(), "fixed");
        let values = lines.into_iter().map(|line| text("value", line));
        self.0.append_child(field.append_all(values).build());
        self
    }

    fn field(
        mut self,
        kind: &str,
        var: &str,
        label: Label,
        options: &[(&str, &str)],
        value: Option<&str>,
        required: bool,
    ) -> Self {
        let options = options.iter().map(|(value, label)| {
            let option = Element::builder("option", ns::DATA_FORMS);
            option.attr(xml_ncname!("label").to_owned(), shown(label)).append(text("value", value)).build()
        });
        let field = Element::builder("field", ns::DATA_FORMS)
            .attr(xml_ncname!("var").to_owned(), var)
            .attr(xml_ncname!("type").to_owned(), kind)
            .attr(xml_ncname!("label").to_owned(), label.say())
            .append_all(required.then(|| Element::bare("required", ns::DATA_FORMS)))
            .append_all(value.map(|value| text("value", value)))
            .append_all(options);
        self.0.append_child(field.build());
        self
    }

    /// A table (XEP-0004 section 3.4).
    pub(super) fn table(
        mut self,
        columns: &[(&str, Label)],
        rows: impl Iterator<Item = Vec<String>>,
    ) -> Self {
        let field = |var: &str| {
            Element::builder("field", ns::DATA_FORMS).attr(xml_ncname!("var").to_owned(), var.to_owned())
        };
        let head = columns.iter().map(|(var, label)| {
            let kind = xml_ncname!("type").to_owned();
            field(var).attr(kind, "text-single").attr(xml_ncname!("label").to_owned(), label.say()).build()
        });
        self.0.append_child(Element::builder("reported", ns::DATA_FORMS).append_all(head).build());
        for row in rows {
            let cells = columns
                .iter()
                .zip(row)
                .map(|((var, _), cell)| field(var).append(text("value", &cell)).build());
            self.0.append_child(Element::builder("item", ns::DATA_FORMS).append_all(cells).build());
        }
        self
    }

    pub(super) fn build(self) -> Element {
        self.0
    }
}

fn text(name: &str, content: &str) -> Element {
    Element::builder(name, ns::DATA_FORMS).append(shown(content)).build()
}

/// What somebody filled in.
#[derive(Default)]
pub(super) struct Submitted(Vec<(String, Vec<String>)>);

impl Submitted {
    /// Reads a form; one of another type has no fields. Of two fields with one name the first counts.
    pub(super) fn read(form: Option<&Element>) -> Self {
        let fields = form.filter(|form| form.attr("type") == Some("submit")).into_iter();
        let fields =
            fields.flat_map(|form| form.children().filter(|field| field.is("field", ns::DATA_FORMS)));
        let read = fields.take(FIELDS).filter_map(|field| {
            let values = field.children().filter(|value| value.is("value", ns::DATA_FORMS));
            Some((field.attr("var")?.to_owned(), values.take(VALUES).map(Element::text).collect()))
        });
        Self(read.collect())
    }

    /// All values of a field; none if it isn't there.
    pub(super) fn values(&self, var: &str) -> &[String] {
        self.0.iter().find(|(name, _)| name == var).map_or(&[], |(_, values)| values)
    }

    /// The first value of a field, without blanks around it; empty if there is none.
    pub(super) fn value(&self, var: &str) -> &str {
        self.values(var).first().map_or("", |value| value.trim())
    }

    /// Whether a box is ticked (XEP-0004 section 3.3: XML's boolean).
    pub(super) fn is_yes(&self, var: &str) -> bool {
        matches!(self.value(var), "1" | "true")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::say::form::{BLOCK, VALUE};
    use crate::xml::read;

    fn submitted(fields: &str) -> Submitted {
        let form = format!("<x xmlns='jabber:x:data' type='submit'>{fields}</x>");
        Submitted::read(read(&form).stanza.as_ref())
    }

    #[test]
    fn fields_are_read_by_name_and_hostile_ones_take_no_more_than_their_share() {
        let form = submitted(
            "<field var='a'><value> x </value><value>y</value></field><field var='a'><value>z</value></field>\
             <field><value>nameless</value></field><field var='e'/><other/><field xmlns='urn:x' var='o'><value>1</value></field>",
        );
        assert_eq!(form.value("a"), "x");
        assert_eq!(form.values("a"), [" x ", "y"]);
        assert_eq!((form.value("e"), form.value("o"), form.value("")), ("", "", ""));
        let many = "<field var='v'><value>1</value></field>".repeat(1000)
            + "<field var='last'><value>1</value></field>";
        assert_eq!(submitted(&many).0.len(), FIELDS);
        let values = format!("<field var='v'>{}</field>", "<value>1</value>".repeat(5000));
        assert_eq!(submitted(&values).values("v").len(), VALUES);
    }

    #[test]
    fn a_form_that_was_not_submitted_is_empty() {
        let form = read("<x xmlns='jabber:x:data' type='cancel'><field var='a'><value>1</value></field></x>");
        assert!(!Submitted::read(form.stanza.as_ref()).is_yes("a"));
        assert!(!Submitted::read(None).is_yes("a"));
    }

    #[test]
    fn what_xml_can_not_carry_is_left_out() {
        let form = Form::to_fill_in(BLOCK).text("v", VALUE, "a\u{0}b\u{ffff}\u{202e}c", false).build();
        assert!(String::from(&form).contains("<value>abc</value>"));
    }
}
