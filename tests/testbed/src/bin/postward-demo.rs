//! The program behind `scripts/demo`, which says what it does.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] => testbed::demo::run(false),
        ["--once"] => testbed::demo::run(true),
        _ => {
            eprintln!("postward-demo: the only option is --once");
            ExitCode::from(2)
        }
    }
}
