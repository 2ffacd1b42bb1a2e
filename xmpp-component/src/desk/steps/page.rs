//! Open my page: a link that signs the caller in, once.

use super::Step;
use crate::desk::caller::Caller;
use crate::desk::command::Node;
use crate::desk::form::Form;
use crate::desk::{Desk, say};

impl Desk {
    pub(super) fn opened(&self, caller: &Caller) -> Step {
        let link = match self.page_link(caller) {
            Ok(link) => link,
            Err(problem) => return Step::Failed(say::problem(&problem)),
        };
        // In a field, clients let it be clicked or copied.
        let form = Form::result(Node::Page.title()).text("link", say::form::LINK, &link.url, false);
        Step::Done { form: Some(form.build()), note: Some(say::link_lasts(link.lasts)) }
    }
}
