//! A real Prosody of our own.
