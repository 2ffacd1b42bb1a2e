//! Judges mail for Postfix: the milter door.
//!
//! Postfix opens one connection for each SMTP session. For each mail the door collects the envelope and the message,
//! and answers at end of message only: MAIL and RCPT are never answered with a verdict.

mod address;
mod budget;
mod listener;
mod message;
mod run;
mod session;
mod verdict;

pub use address::{Address, AddressError};
pub use listener::{BindError, Listener, bind};
pub use run::{Limits, run};
