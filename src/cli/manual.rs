//! `postward manual`: manual pages and completions out of the command line's own definition, so that they can't differ.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, CliError};

#[derive(Args)]
pub(super) struct ManualArgs {
    /// The folder, which gets man1 and completions
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn write(args: &ManualArgs) -> Result<ExitCode, CliError> {
    let mut command = Cli::command().disable_help_subcommand(true);
    let pages = args.folder.join("man1");
    fs::create_dir_all(&pages)?;
    clap_mangen::generate_to(command.clone(), &pages)?;
    let completions = args.folder.join("completions");
    fs::create_dir_all(&completions)?;
    for shell in [Shell::Bash, Shell::Fish, Shell::Zsh] {
        clap_complete::generate_to(shell, &mut command, "postward", &completions)?;
    }
    Ok(ExitCode::SUCCESS)
}
