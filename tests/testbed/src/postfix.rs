//! A real Postfix of our own.
