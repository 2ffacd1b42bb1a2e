//! `postward password`: a new password for the settings page.

use std::io::{self, Write};
use std::process::ExitCode;

use super::CliError;
use super::access::Access;
use crate::config::Flags;

pub(super) fn run(flags: &Flags) -> Result<ExitCode, CliError> {
    let access = Access::open(flags)?;
    let failed = |error: web::PasswordError| CliError::Failed(error.to_string());
    let password = web::random_password().map_err(failed)?;
    let hash = web::hash_password(&password).map_err(failed)?;
    match &access {
        Access::Daemon(client) => client.set_admin_password(&hash)?,
        Access::Here(store) => store.set_admin_password(&hash)?,
    }
    let mut output = io::stdout().lock();
    writeln!(output, "The password for the settings page is now: {password}")?;
    Ok(ExitCode::SUCCESS)
}
