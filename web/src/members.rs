//! The members, as the admin sees them: who there is, their addresses, a link for whoever needs one. Nothing of their
//! lists.

use std::sync::Arc;
use std::time::Instant;

use askama::Template;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use policy_core::addresses::{AddressState, OwnAddress};
use policy_core::entry::MemberId;
use policy_core::lists::{Actor, ListsError, Member, MemberIdentity};
use policy_core::sentence::Gap;
use policy_core::sign_in::{Leaving, SignInLink};
use serde::Deserialize;

use crate::App;
use crate::chrome::{Layout, Tab, no_such_page, problem, show};
use crate::forms::Posted;
use crate::session::{Memory, SignedIn};

struct Row {
    id: u32,
    name: String,
    known_by: String,
    leaves: Option<String>,
}

#[derive(Template)]
#[template(path = "members.html")]
struct MembersPage<'a> {
    l: &'a Layout<'a>,
    rows: Vec<Row>,
    link: Option<(String, String, String)>,
    error: Option<(Field, String)>,
    typed: &'a NewMember,
}

/// Beside which field an error stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Name,
    Mail,
    Jid,
    Login,
}

impl Field {
    /// The field that an error is about.
    fn of(error: &ListsError, typed: &NewMember) -> Self {
        let ListsError::Refused(why) = error else { return Self::Name };
        let names = |field: &str| {
            let is_it = |(_, gap): &(String, Gap)| matches!(gap, Gap::Text(text) if text == field.trim());
            why.gaps.iter().any(is_it)
        };
        match why.id.as_str() {
            "why-value" | "why-identity-others" if names(&typed.jid) => Self::Jid,
            "why-identity-others" => Self::Login,
            "why-value" | "why-codes-today" => Self::Mail,
            id if id.starts_with("why-address") => Self::Mail,
            "why-catch-all-shared" => Self::Mail,
            "why-login-empty" | "why-login-others" => Self::Login,
            _ => Self::Name,
        }
    }
}

impl MembersPage<'_> {
    /// What is wrong with this field.
    fn wrong(&self, field: Field) -> Option<&str> {
        self.error.as_ref().filter(|(at, _)| *at == field).map(|(_, error)| error.as_str())
    }
}

async fn page(
    app: &Arc<App>,
    session: &SignedIn,
    link: Option<(String, SignInLink)>,
    error: Option<ListsError>,
    typed: &NewMember,
) -> Response {
    let layout = Layout::inside(app, session, Tab::Members);
    let listed = app.accounts(|accounts| accounts.members_leaving()).await;
    let addresses = app.accounts(|accounts| accounts.addresses()).await;
    let members = app.ask(|lists| lists.members()).await;
    let (Ok(leaving), Ok(addresses), Ok(members)) = (listed, addresses, members) else {
        let why = app.web.texts.say("failed-inside");
        return problem(&layout, StatusCode::INTERNAL_SERVER_ERROR, "failed-title", &why);
    };
    let rows = members
        .into_iter()
        .map(|member| Row {
            id: member.id.0,
            known_by: known_by(app, &member, &addresses),
            leaves: leaving.iter().find(|(id, _)| *id == member.id).map(|(_, leaving)| match leaving {
                Leaving::NotTold => app.web.texts.say("member-leaves-untold"),
                Leaving::On(day) => app.web.texts.with("member-leaves-on", "date", &day.to_string()),
            }),
            name: member.name,
        })
        .collect();
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let error = error.map(|error| (Field::of(&error, typed), app.web.texts.lists_error(&error)));
    let link = link
        .map(|(name, link)| (name, link.url, app.web.texts.count("link-text", link.lasts.as_secs() / 3600)));
    show(status, &MembersPage { l: &layout, rows, link, error, typed })
}

fn known_by(app: &App, member: &Member, addresses: &[OwnAddress]) -> String {
    let shown = member.identities.iter().map(|identity| match identity {
        MemberIdentity::Mail(value) | MemberIdentity::Jid(value) | MemberIdentity::Login(value) => {
            value.clone()
        }
        MemberIdentity::CatchAll(domain) => format!("@{domain}"),
    });
    let waiting = addresses.iter().filter(|address| address.member == member.id);
    let waiting = waiting.filter_map(|OwnAddress { address, state, .. }| {
        let id = match state {
            AddressState::Theirs => return None,
            AddressState::WaitsForCode => "member-waits-code",
            AddressState::WaitsForOwners => "member-waits-owners",
        };
        Some(app.web.texts.with(id, "address", address))
    });
    shown.chain(waiting).collect::<Vec<_>>().join(", ")
}

pub(crate) async fn members(State(app): State<Arc<App>>, session: SignedIn, method: Method) -> Response {
    if session.actor != Actor::Admin {
        return no_such_page(State(app), axum::http::Uri::from_static("/members")).await;
    }
    // HEAD shows nothing.
    let take = |memory: &mut Memory| memory.link.take_if(|_| method == Method::GET);
    let link = app.sessions.remember(&session, take).flatten().map(|(_, name, link)| (name, link));
    page(&app, &session, link, None, &NewMember::default()).await
}

/// After a sign-in in the middle of this form.
pub(crate) async fn resume(app: &Arc<App>, session: &SignedIn, carried: &str) -> Option<Response> {
    let typed: NewMember = serde_urlencoded::from_str(carried).ok()?;
    match session.actor {
        Actor::Admin => Some(page(app, session, None, None, &typed).await),
        Actor::Member(_) | Actor::Unproven(_) => None,
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct NewMember {
    name: String,
    mail: String,
    jid: String,
    login: String,
    /// What to do with whom, from the buttons beside a member.
    link: String,
    remove: String,
    keep: String,
}

pub(crate) async fn change(State(app): State<Arc<App>>, posted: Posted<NewMember>) -> Response {
    let Posted { session, form } = posted;
    if session.actor != Actor::Admin {
        return no_such_page(State(app), axum::http::Uri::from_static("/members")).await;
    }
    let none = NewMember::default();
    let done = if let Ok(id) = form.link.parse() {
        link(&app, &session, MemberId(id)).await
    } else if let Ok(id) = form.remove.parse() {
        let name = named(&app, MemberId(id)).await;
        match name {
            Ok(name) => app.ask(move |lists| lists.remove_member(&name)).await,
            Err(error) => Err(error),
        }
    } else if let Ok(id) = form.keep.parse() {
        match named(&app, MemberId(id)).await {
            Ok(name) => app.accounts(move |accounts| accounts.keep_member(&name)).await,
            Err(error) => Err(error),
        }
    } else {
        let (name, identities) = (form.name.clone(), identities(&form));
        match app.ask(move |lists| lists.add_member(&name, &identities)).await {
            Ok(member) => link(&app, &session, member.id).await,
            Err(error) => return page(&app, &session, None, Some(error), &form).await,
        }
    };
    match done {
        Ok(()) => Redirect::to("members").into_response(),
        Err(error) => page(&app, &session, None, Some(error), &none).await,
    }
}

fn identities(form: &NewMember) -> Vec<MemberIdentity> {
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let mail = given(&form.mail).map(MemberIdentity::Mail);
    let jid = given(&form.jid).map(MemberIdentity::Jid);
    let login = given(&form.login).map(MemberIdentity::Login);
    mail.into_iter().chain(jid).chain(login).collect()
}

async fn named(app: &Arc<App>, member: MemberId) -> Result<String, ListsError> {
    let members = app.ask(|lists| lists.members()).await?;
    let found = members.into_iter().find(|other| other.id == member).map(|member| member.name);
    found.ok_or_else(|| ListsError::NoSuchMember(String::new()))
}

/// Makes a link, which the page shows once: a page that is loaded anew makes no other.
async fn link(app: &Arc<App>, session: &SignedIn, member: MemberId) -> Result<(), ListsError> {
    let name = named(app, member).await?;
    let link = app.accounts(move |accounts| accounts.sign_in_link(Actor::Admin, member)).await?;
    app.sessions.remember(session, |memory| memory.link = Some((Instant::now(), name, link)));
    Ok(())
}
