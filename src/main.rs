//! Postward: stops unwanted mail and XMPP messages before they arrive.

mod chain;
mod cli;
mod config;
mod control;
mod notices;
mod panics;
mod postconf;
mod program;
mod sender;
mod serve;
mod service;
mod store;

fn main() -> std::process::ExitCode {
    panics::say_the_place_only();
    panics::leave_no_core();
    // The list of public suffixes is needed by every command that understands a typed value.
    policy_core::suffix::SuffixList::system_or_embedded().install();
    cli::run()
}
