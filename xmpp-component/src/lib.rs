//! Judges stanzas for Prosody: the XMPP door.
