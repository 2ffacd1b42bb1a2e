//! Another user of the machine, who isn't root, can neither read the lists nor talk to the daemon, nor make it read a file.
//!
//! ```text
//! setpriv (as nobody) --> the data folder, control.sock, the milter's socket: permission denied
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

use anyhow::Result;
use testbed::daemon::{Postward, ServeOptions};

/// Runs a script as `nobody`, with the data folder and the program as its arguments.
fn as_nobody(postward: &Postward, script: &str) -> Result<Output> {
    Ok(Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs", "bash", "-c", script])
        .arg("bash")
        .arg(postward.data())
        .arg(postward.folder().join("postward"))
        .current_dir("/")
        .output()?)
}

#[test]
fn nobody_reads_the_list_or_talks_to_the_daemon() -> Result<()> {
    let mut postward = common::postward()?;
    let socket = postward.folder().join("milter.sock");
    let milter = Some(format!("unix:{}", socket.display()));
    postward.serve(&ServeOptions { milter, ..ServeOptions::default() })?;
    postward.ok(["block", "mallory@example.net"])?;
    // They may come as far as the data folder, and have the program.
    std::fs::set_permissions(postward.folder(), std::fs::Permissions::from_mode(0o755))?;
    std::fs::copy(env!("CARGO_BIN_EXE_postward"), postward.folder().join("postward"))?;
    let there = as_nobody(&postward, "ls -d \"$1\" && \"$2\" --version")?;
    assert!(there.status.success(), "the test tests nothing: {there:?}");
    for script in [
        "ls \"$1\"",
        "cat \"$1/postward.sqlite\"",
        "cat \"$1/postward.sqlite-wal\"",
        "\"$2\" --data \"$1\" list",
        "\"$2\" --data \"$1\" status",
        "\"$2\" --data \"$1\" export",
        "\"$2\" --data \"$1\" block someone.example",
        "\"$2\" --data \"$1\" import /etc/hostname",
        "\"$2\" --data \"$1\" password",
        "python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])' \"$1/control.sock\"",
        "python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])' \"$1/../milter.sock\"",
    ] {
        let output = as_nobody(&postward, script)?;
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{script} worked: {output:?}");
        assert!(stderr.to_lowercase().contains("permission denied"), "{script}: {stderr}");
        assert!(!String::from_utf8_lossy(&output.stdout).contains("mallory"), "{script}");
    }
    assert_eq!(postward.ok(["export"])?, "mallory@example.net\n");
    Ok(())
}

#[test]
fn a_loose_mode_does_not_let_nobody_in_and_is_mended_at_start() -> Result<()> {
    let mut postward = common::postward()?;
    postward.serve(&ServeOptions::default())?;
    postward.ok(["block", "mallory@example.net"])?;
    for path in [postward.folder().to_owned(), postward.data()] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))?;
    }
    // The folder is open, but each file in it has a mode of its own.
    let read = "cat \"$1\"/postward.sqlite* && exit 0; \
        python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])' \"$1/control.sock\"";
    let output = as_nobody(&postward, read)?;
    assert!(!output.status.success(), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    postward.stop()?;
    postward.serve(&ServeOptions::default())?;
    assert_eq!(std::fs::metadata(postward.data())?.permissions().mode() & 0o777, 0o700);
    Ok(())
}
