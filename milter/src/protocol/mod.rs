//! The milter protocol, version 6, as Postfix and Sendmail's libmilter speak it (`libmilter/mfdef.h`): bytes to commands,
//! commands in their order, replies to bytes. Nothing here waits or decides.

mod command;
mod macros;
mod negotiation;
mod order;
mod packet;
mod reply;

pub use self::command::{ClientAddress, Command, Offer};
pub use self::macros::Macros;
pub use self::negotiation::{Negotiated, Step, negotiate};
pub use self::order::Order;
pub use self::packet::{BUFFER, LONGEST, LONGEST_CONTENT, Packets};
pub use self::reply::Replies;

/// What came in breaks the protocol: the connection is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not the milter protocol")]
pub struct Malformed;
