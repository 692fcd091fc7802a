//! What every package has to do, however it starts the binary.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{project, stderr, stdout};

/// Runs the installed program through all that others rely on. `start` makes a command of it.
pub fn behaves(start: &dyn Fn() -> Command) {
    let version = start().arg("--version").output().unwrap();
    assert_eq!(
        stdout(&version),
        format!("puma-lint {}\n", env!("CARGO_PKG_VERSION")),
        "{}",
        stderr(&version)
    );

    let folder = project(&[("config/puma.rb", "port 3000\n"), ("old/config/puma.rb", "daemonize\n")]);
    for (path, code) in [("config", 0), ("old", 1), ("nothing-here", 2)] {
        let output = start().arg(path).current_dir(folder.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{path}: {}{}", stdout(&output), stderr(&output));
    }

    let mut fixing = waiting(start, folder.path(), &["fix", "-", "--stdin-filename", "config/puma.rb"]);
    fixing.stdin.take().unwrap().write_all(b"daemonize\nport 1\n").unwrap();
    let fixed = fixing.wait_with_output().unwrap();
    assert_eq!(stdout(&fixed), "port 1\n", "{}", stderr(&fixed));

    #[cfg(target_os = "linux")]
    becomes_the_binary(start, folder.path());
}

/// The launcher is gone once the binary runs, and a signal ends the binary itself.
#[cfg(target_os = "linux")]
fn becomes_the_binary(start: &dyn Fn() -> Command, folder: &Path) {
    use std::os::unix::process::ExitStatusExt;

    let mut waiting = waiting(start, folder, &["check", "-"]);
    let exe = format!("/proc/{}/exe", waiting.id());
    let began = Instant::now();
    loop {
        let runs = std::fs::read_link(&exe).unwrap();
        if runs.file_name().is_some_and(|name| name == "puma-lint") {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "still {}", runs.display());
        std::thread::sleep(Duration::from_millis(10));
    }
    let killed = Command::new("kill").args(["-s", "TERM", &waiting.id().to_string()]).status().unwrap();
    assert!(killed.success());
    assert_eq!(waiting.wait().unwrap().signal(), Some(15));
}

fn waiting(start: &dyn Fn() -> Command, folder: &Path, arguments: &[&str]) -> Child {
    let mut command = start();
    command.args(arguments).current_dir(folder);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}
