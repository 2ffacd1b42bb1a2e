//! A member's mail addresses: which are theirs, codes, and who asks to share one.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use policy_core::addresses::{AddressState, OwnAddress, ShareRequest};
use policy_core::entry::MemberId;
use policy_core::lists::{Actor, ListsError};
use policy_core::sign_in::Accounts;
use serde::Deserialize;

use crate::App;
use crate::chrome::{Layout, Tab, no_such_page, problem, show};
use crate::forms::Posted;
use crate::session::SignedIn;

struct Row {
    address: String,
    state: String,
    /// Another code can be asked for.
    waits_for_code: bool,
}

#[derive(Template)]
#[template(path = "addresses.html")]
struct AddressesPage<'a> {
    l: &'a Layout<'a>,
    rows: Vec<Row>,
    requests: Vec<ShareRequest>,
    /// Somebody waits for a code.
    codes: bool,
    /// Codes can be mailed.
    mails: bool,
    error: Option<String>,
    code_error: Option<String>,
    typed: &'a OnAddresses,
}

/// A form of this page: one of its fields says what to do.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct OnAddresses {
    /// An address that shall be theirs.
    address: String,
    code: String,
    /// An address to which another code shall be mailed.
    again: String,
    give_up: String,
    /// It was asked whether they are sure: giving up can't be taken back.
    sure: String,
    /// A member's number and an address of theirs.
    share: String,
    refuse: String,
}

async fn page(
    app: &Arc<App>,
    session: &SignedIn,
    member: MemberId,
    errors: (Option<ListsError>, Option<ListsError>),
    typed: &OnAddresses,
) -> Response {
    let layout = Layout::inside(app, session, Tab::Account);
    let read = app.accounts(move |accounts| Ok((accounts.addresses()?, accounts.share_requests(member)?)));
    let Ok((all, requests)) = read.await else {
        let why = app.web.texts.say("failed-inside");
        return problem(&layout, StatusCode::INTERNAL_SERVER_ERROR, "failed-title", &why);
    };
    let rows: Vec<Row> =
        all.into_iter().filter(|address| address.member == member).map(|address| row(app, address)).collect();
    let failed = errors.0.is_some() || errors.1.is_some();
    let say = |error: Option<ListsError>| error.map(|error| app.web.texts.lists_error(&error));
    let page = AddressesPage {
        l: &layout,
        codes: rows.iter().any(|row| row.waits_for_code),
        rows,
        requests,
        mails: app.web.settings.mails,
        error: say(errors.0),
        code_error: say(errors.1),
        typed,
    };
    show(if failed { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page)
}

/// Whether anything here waits for the member.
pub(crate) fn wait(accounts: &dyn Accounts, member: MemberId) -> Result<bool, ListsError> {
    let code = |address: &OwnAddress| address.member == member && address.state == AddressState::WaitsForCode;
    Ok(accounts.addresses()?.iter().any(code) || !accounts.share_requests(member)?.is_empty())
}

fn row(app: &App, OwnAddress { address, state, .. }: OwnAddress) -> Row {
    let id = match state {
        AddressState::Theirs => "address-theirs",
        AddressState::WaitsForCode => "address-waits-code",
        AddressState::WaitsForOwners => "address-waits-owners",
    };
    Row { address, state: app.web.texts.say(id), waits_for_code: state == AddressState::WaitsForCode }
}

pub(crate) async fn form(State(app): State<Arc<App>>, session: SignedIn) -> Response {
    match session.actor.member() {
        Some(member) => page(&app, &session, member, (None, None), &OnAddresses::default()).await,
        None => no_such_page(State(app), Uri::from_static("/addresses")).await,
    }
}

/// After a sign-in in the middle of this form: what was typed, without any button.
pub(crate) async fn resume(app: &Arc<App>, session: &SignedIn, carried: &str) -> Option<Response> {
    let OnAddresses { address, code, .. } = serde_urlencoded::from_str(carried).ok()?;
    let typed = OnAddresses { address, code, ..OnAddresses::default() };
    Some(page(app, session, session.actor.member()?, (None, None), &typed).await)
}

pub(crate) async fn change(State(app): State<Arc<App>>, posted: Posted<OnAddresses>) -> Response {
    let Posted { session, form } = posted;
    let actor = session.actor;
    let Some(member) = actor.member() else {
        return no_such_page(State(app), Uri::from_static("/addresses")).await;
    };
    if !form.give_up.is_empty() && form.sure.is_empty() {
        return page(&app, &session, member, (None, None), &form).await;
    }
    let is_code = !form.code.is_empty();
    match carry_out(&app, actor, member, &form).await {
        Ok((id, address)) => {
            app.sessions.notify(&session, app.web.texts.with(id, "address", &address), None);
            Redirect::to("addresses").into_response()
        }
        Err(error) if is_code => page(&app, &session, member, (None, Some(error)), &form).await,
        Err(error) => page(&app, &session, member, (Some(error), None), &form).await,
    }
}

/// What was done, as the name of its sentence, and with which address.
async fn carry_out(
    app: &Arc<App>,
    actor: Actor,
    member: MemberId,
    form: &OnAddresses,
) -> Result<(&'static str, String), ListsError> {
    if !form.code.is_empty() {
        let code = form.code.clone();
        let confirmed = app.accounts(move |accounts| accounts.confirm_address(actor, member, &code)).await?;
        let waits = confirmed.state == AddressState::WaitsForOwners;
        return Ok((if waits { "done-address-asked" } else { "done-address" }, confirmed.address));
    }
    let (id, address) = if !form.give_up.is_empty() {
        let address = form.give_up.clone();
        app.accounts(move |accounts| accounts.give_up_address(actor, &address)).await?;
        ("done-address-given-up", form.give_up.clone())
    } else if let Some((agreed, answer)) = answer(form) {
        let (asker, address) = answer.split_once(' ').unwrap_or_default();
        let asker = MemberId(asker.parse().unwrap_or_default());
        let asked = address.to_owned();
        app.accounts(move |accounts| accounts.share_address(actor, asker, &asked, agreed)).await?;
        (if agreed { "done-address-shared" } else { "done-address-refused" }, address.to_owned())
    } else {
        let address = if form.again.is_empty() { &form.address } else { &form.again }.trim().to_owned();
        let asked = address.clone();
        app.accounts(move |accounts| accounts.claim_address(actor, member, &asked)).await?;
        (if app.web.settings.mails { "done-code-sent" } else { "done-no-code" }, address)
    };
    Ok((id, address))
}

fn answer(form: &OnAddresses) -> Option<(bool, &str)> {
    let yes = Some((true, form.share.as_str())).filter(|(_, answer)| !answer.is_empty());
    yes.or(Some((false, form.refuse.as_str())).filter(|(_, answer)| !answer.is_empty()))
}
