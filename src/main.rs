//! Postward: stops unwanted mail and XMPP messages before they arrive.
fn main() {}
