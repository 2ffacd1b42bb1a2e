//! What every request passes before a page sees it, and what every answer carries.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderName, HeaderValue, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::Response;

use crate::App;
use crate::chrome::{Layout, problem};
use crate::forms::{SESSION, cookie};
use crate::sign_in::failed_inside;
use crate::standing::Standing;
use crate::unread::Unread;

/// The longest that a request may take, an upload over a slow line included.
const REQUEST_TIME: Duration = Duration::from_secs(120);

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 8] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (CACHE_CONTROL, "no-store"),
    (REFERRER_POLICY, "same-origin"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
];

pub(crate) async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let layout = Layout::outside(&app, request.uri().path());
    let standing = request.extensions().get::<Standing>().cloned();
    if let Some(standing) = &standing {
        let session = cookie(request.headers(), SESSION);
        standing.asked(session.is_some_and(|session| app.sessions.lasts(&session)));
    }
    let (request, unread) = Unread::of(request);
    let mut response = match refusal(&app, request.method(), request.uri(), request.headers()) {
        Some((status, why)) => problem(&layout, status, "refused-title", &app.web.texts.say(why)),
        // On a task of its own: a browser that breaks off, as at a button that is pressed twice, must not leave a change
        // done by half and unsaid.
        None => match tokio::spawn(tokio::time::timeout(REQUEST_TIME, next.run(request))).await {
            Ok(Ok(response)) => response,
            Ok(Err(_)) => problem(
                &layout,
                StatusCode::REQUEST_TIMEOUT,
                "refused-title",
                &app.web.texts.say("refused-too-slow"),
            ),
            Err(_) => failed_inside(&app),
        },
    };
    unread.skip().await;
    if let Some(standing) = standing {
        standing.answered();
    }
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn refusal(app: &App, method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<(StatusCode, &'static str)> {
    // A name that somebody else's DNS points at us (DNS rebinding) must not get an answer: to the browser, pages of
    // that name and ours would be one.
    let host = headers.get(HOST).map(HeaderValue::as_bytes).and_then(|host| std::str::from_utf8(host).ok());
    if !host.or_else(|| uri.host()).is_some_and(|host| app.answers_to(host)) {
        return Some((StatusCode::MISDIRECTED_REQUEST, "refused-host"));
    }
    if *method == Method::GET || *method == Method::HEAD {
        return None;
    }
    // Besides the forms' tokens: what the browser itself says about where a request comes from. "null" is left to
    // the tokens; privacy settings produce it.
    let foreign_site =
        headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none");
    let foreign_origin = headers.get(ORIGIN).is_some_and(|origin| {
        let origin = origin.to_str().unwrap_or_default();
        let host = origin.split_once("://").map_or(origin, |(_, host)| host);
        origin != "null" && !app.answers_to(host)
    });
    (foreign_site || foreign_origin).then_some((StatusCode::FORBIDDEN, "refused-elsewhere"))
}

impl App {
    /// Whether `host`, with or without a port, is a name of this page.
    fn answers_to(&self, host: &str) -> bool {
        let name = without_port(host).trim_end_matches('.');
        if name.eq_ignore_ascii_case("localhost") {
            return true;
        }
        let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        if address.is_ok_and(|address| address.is_loopback()) {
            return true;
        }
        self.web.settings.names.iter().any(|known| known.eq_ignore_ascii_case(name))
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.is_empty() => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::without_port;

    #[test]
    fn a_port_is_cut_from_names_and_addresses_of_both_families() {
        for (host, name) in [
            ("localhost:8025", "localhost"),
            ("localhost", "localhost"),
            ("[::1]:8025", "[::1]"),
            ("[::1]", "[::1]"),
            ("127.0.0.1:1", "127.0.0.1"),
        ] {
            assert_eq!(without_port(host), name);
        }
    }
}
