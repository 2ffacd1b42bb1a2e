//! The milter's callbacks: they collect a mail and carry the answer, and decide nothing.

use std::ffi::{CStr, CString};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use indymilter::{
    Actions, Callbacks, ContextActions, EomContext, Macros, NegotiateContext, ProtoOpts, SetErrorReply,
    Status,
};
use policy_core::door::{Judge, JudgingFailed};
use policy_core::verdict::Judgement;

use crate::message::Incoming;
use crate::run::Shared;
use crate::verdict::{Answer, answer};

/// Larger messages are read and judged on a thread of their own, not between other sessions' commands.
const INLINE: usize = 128 << 10;

/// One connection from Postfix: one SMTP session, many mails.
pub(crate) struct Session {
    steps: ProtoOpts,
    message: Option<Incoming>,
}

impl Session {
    /// What to answer to a step whose replies may have been switched off.
    fn go_on(&self, step: ProtoOpts) -> Status {
        if self.steps.contains(step) { Status::Noreply } else { Status::Continue }
    }
}

/// The steps that we can do without, and the replies that nobody needs. DATA is answered: else Postfix writes twice
/// without reading in between, and over TCP each mail waits 40 ms for a delayed acknowledgement.
fn unneeded() -> ProtoOpts {
    ProtoOpts::NO_CONNECT
        | ProtoOpts::NO_HELO
        | ProtoOpts::NO_EOH
        | ProtoOpts::NO_UNKNOWN
        | ProtoOpts::NOREPLY_HEADER
        | ProtoOpts::NOREPLY_BODY
        | ProtoOpts::LEADING_SPACE
}

pub(crate) fn callbacks<J: Judge>(shared: &Arc<Shared<J>>) -> Callbacks<Session> {
    let [mail, header, body, end] = [(); 4].map(|()| Arc::clone(shared));
    Callbacks::new()
        .on_negotiate(|cx, _, steps| Box::pin(negotiate(cx, steps)))
        .on_mail(move |cx, args| {
            let in_transaction = mail.transactions.begin();
            Box::pin(async move {
                let login = lookup(&cx.macros, c"{auth_authen}");
                let argument = args.first().map(|arg| arg.to_bytes()).unwrap_or_default();
                let message = Incoming::new(argument, login, in_transaction);
                if let Some(session) = &mut cx.data {
                    session.message = Some(message);
                }
                Status::Continue
            })
        })
        .on_rcpt(|cx, args| {
            Box::pin(async move {
                let mailer = lookup(&cx.macros, c"{rcpt_mailer}");
                if let (Some(message), Some(argument)) = (message(&mut cx.data), args.into_iter().next()) {
                    message.recipient(argument, mailer);
                }
                Status::Continue
            })
        })
        .on_data(|_| Box::pin(async { Status::Continue }))
        .on_header(move |cx, name, value| {
            let shared = Arc::clone(&header);
            Box::pin(async move {
                if let Some(message) = message(&mut cx.data) {
                    let limit = shared.limits.message_bytes;
                    message.header(name.to_bytes(), value.to_bytes(), &shared.budget, limit).await;
                }
                go_on(cx.data.as_ref(), ProtoOpts::NOREPLY_HEADER)
            })
        })
        .on_body(move |cx, chunk| {
            let shared = Arc::clone(&body);
            Box::pin(async move {
                if let Some(message) = message(&mut cx.data) {
                    message.body(&chunk, &shared.budget, shared.limits.message_bytes).await;
                }
                go_on(cx.data.as_ref(), ProtoOpts::NOREPLY_BODY)
            })
        })
        .on_eom(move |cx| {
            let shared = Arc::clone(&end);
            Box::pin(async move { end_of_message(cx, &shared).await })
        })
        .on_abort(|cx| {
            Box::pin(async move {
                if let Some(session) = &mut cx.data {
                    session.message = None;
                }
                Status::Continue
            })
        })
}

async fn negotiate(cx: &mut NegotiateContext<Session>, offered: ProtoOpts) -> Status {
    let steps = unneeded() & offered;
    cx.requested_actions = Actions::DELETE_RCPT;
    cx.requested_opts = steps;
    cx.data = Some(Session { steps, message: None });
    Status::Continue
}

fn message(session: &mut Option<Session>) -> Option<&mut Incoming> {
    session.as_mut()?.message.as_mut()
}

fn go_on(session: Option<&Session>, step: ProtoOpts) -> Status {
    session.map_or(Status::Continue, |session| session.go_on(step))
}

fn lookup<'a>(macros: &'a Macros, name: &CStr) -> Option<&'a [u8]> {
    macros.get(name).map(CStr::to_bytes)
}

async fn end_of_message<J: Judge>(cx: &mut EomContext<Session>, shared: &Arc<Shared<J>>) -> Status {
    let Some(message) = cx.data.as_mut().and_then(|session| session.message.take()) else {
        return Status::Accept;
    };
    let message = Arc::new(message);
    let judged = judge(&message, shared).await;
    match answer(judged, message.recipient_count(), shared.judge.failure_mode()) {
        Answer::Accept => Status::Accept,
        Answer::Discard => Status::Discard,
        Answer::Refuse => {
            // One sentence for every cause: nothing that goes out says that a list exists.
            let _ = cx.reply.set_error_reply("550", Some("5.7.1"), ["The message could not be accepted"]);
            Status::Reject
        }
        Answer::HoldOff => {
            let _ = cx.reply.set_error_reply("451", Some("4.7.1"), ["Please try again later"]);
            Status::Tempfail
        }
        Answer::Remove(positions) => {
            let arguments: Vec<CString> =
                positions.into_iter().filter_map(|position| message.argument(position)).collect();
            for argument in arguments {
                if cx.actions.delete_recipient(argument).await.is_err() {
                    return Status::Tempfail;
                }
            }
            Status::Accept
        }
    }
}

async fn judge<J: Judge>(
    message: &Arc<Incoming>,
    shared: &Arc<Shared<J>>,
) -> Result<Judgement, JudgingFailed> {
    if message.len() <= INLINE {
        return judge_now(message, shared);
    }
    let _turn = shared.judging.acquire().await;
    let (message, shared) = (Arc::clone(message), Arc::clone(shared));
    tokio::task::spawn_blocking(move || judge_now(&message, &shared)).await.unwrap_or(Err(JudgingFailed))
}

/// A panic in reading a message is our fault: the failure mode decides, the door stays open.
fn judge_now<J: Judge>(message: &Incoming, shared: &Shared<J>) -> Result<Judgement, JudgingFailed> {
    catch_unwind(AssertUnwindSafe(|| shared.judge.judge(&message.candidate()))).unwrap_or(Err(JudgingFailed))
}
