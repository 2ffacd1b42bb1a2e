//! Judges mail for Postfix: the milter door.
//!
//! Postfix opens one connection for each SMTP session. For each mail the door collects the envelope and the message, and
//! answers at its end; a recipient is refused earlier only where nothing that comes later could change that.

mod address;
mod argument;
mod budget;
mod clients;
mod connection;
mod content;
mod dns;
pub mod forwarding;
mod listener;
mod message;
mod proof;
pub mod protocol;
mod run;
mod session;
mod turns;
mod verdict;

pub use address::{Address, AddressError};
pub use clients::{TrustedClient, TrustedClientError};
pub use dns::dns_answers;
pub use listener::{BindError, Listener, bind, postfix_group};
pub use run::{Limits, Settings, run};
