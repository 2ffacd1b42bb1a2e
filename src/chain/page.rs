//! Where browsers find the page.

use policy_core::chain::Link;
use policy_core::sentence::Sentence;

use crate::config::WebConfig;

/// A word where browsers come by a name, and the links that members get don't lead there.
pub(super) fn check(web: &WebConfig) -> Option<Link> {
    let name = web.names.first().filter(|_| web.url.is_none())?;
    Some(Link::worth_knowing("page-url", Sentence::of("page-url-missing").with("name", name.as_str())))
}
