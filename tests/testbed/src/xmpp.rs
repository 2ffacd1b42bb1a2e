//! A small XMPP client that sends elements as they are and keeps what arrives.
