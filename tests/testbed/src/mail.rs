//! An SMTP client that sends bytes as they are, and an LMTP sink that keeps what arrives.
