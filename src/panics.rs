//! What is written when our code panics.

use std::panic::{Location, set_hook};

/// From now on, a panic writes its place in the source and nothing else. Its message may quote what was being read: a
/// failed slice of a string prints the string, a failed `expect` its error.
pub(crate) fn say_the_place_only() {
    set_hook(Box::new(|panic| eprintln!("{}", said(panic.location()))));
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
