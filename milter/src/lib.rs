//! Judges mail for Postfix: the milter door.
