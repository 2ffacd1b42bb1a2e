//! What is left behind when our code fails.

use std::panic::{Location, set_hook};

use rustix::process::{Resource, Rlimit, setrlimit};

/// From now on, a panic writes its place in the source and nothing else. Its message may quote what was being read: a
/// failed slice of a string prints the string, a failed `expect` its error.
pub(crate) fn say_the_place_only() {
    set_hook(Box::new(|panic| eprintln!("{}", said(panic.location()))));
}

/// From now on, the kernel writes no core file of this process: mail that was read is in its memory.
pub(crate) fn leave_no_core() {
    // Under systemd it isn't ours to set, and the unit has done so.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
}

fn said(place: Option<&Location<'_>>) -> String {
    let place = place.map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    format!(
        "postward: a fault of the program at {place}; please report this line, it holds nothing of any message"
    )
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    const CHILD: &str = "POSTWARD_TEST_PANICS";
    const SECRET: &str = "zebrafinch@quokkasender.example";

    /// In a process of its own: the limit can't be raised again.
    #[test]
    #[allow(clippy::unwrap_used)]
    fn no_core_file_keeps_what_was_read() {
        let name = "panics::tests::no_core_file_keeps_what_was_read";
        if std::env::var_os(CHILD).is_some() {
            super::leave_no_core();
            let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
            let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
            assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"]);
            return;
        }
        let mut command = Command::new(std::env::current_exe().unwrap());
        let status = command.args([name, "--exact"]).env(CHILD, "1").status().unwrap();
        assert!(status.success());
    }

    /// In a process of its own: a hook holds for the whole process.
    #[test]
    #[allow(clippy::unwrap_used, clippy::string_slice)]
    fn a_panic_says_where_and_nothing_of_what_was_read() {
        let name = "panics::tests::a_panic_says_where_and_nothing_of_what_was_read";
        if std::env::var_os(CHILD).is_some() {
            super::say_the_place_only();
            let text = std::hint::black_box(format!("{SECRET}\u{e9}"));
            let inside = text.len() - 1;
            assert!(std::panic::catch_unwind(|| text[..inside].len()).is_err());
            return;
        }
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([name, "--exact", "--nocapture"]).env(CHILD, "1").env("RUST_BACKTRACE", "full");
        let output = command.output().unwrap();
        let said =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{said}");
        assert!(said.contains("a fault of the program at src/panics.rs:"), "{said}");
        assert!(!said.contains("zebrafinch"), "{said}");
    }
}
