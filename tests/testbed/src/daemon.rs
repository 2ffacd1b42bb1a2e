//! The postward program under test.
