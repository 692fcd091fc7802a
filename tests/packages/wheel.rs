//! The wheel, installed by pip.

use std::process::Command;

use crate::behaviour::behaves;
use crate::built::{for_pip, release, succeed};
use crate::support::{has, stderr, stdout};

#[test]
fn pip_installs_the_binary_itself() {
    let Some(release) = release() else { return };
    let folder = tempfile::tempdir().unwrap();
    succeed(Command::new("python3").args(["-m", "venv"]).arg(folder.path()));
    let bin = folder.path().join("bin");
    succeed(for_pip(Command::new(bin.join("pip")).args(["install", "--quiet", "puma-lint"])));
    behaves(&|| Command::new(bin.join("puma-lint")));
    let files = succeed(Command::new(bin.join("pip")).args(["show", "--files", "puma-lint"]));
    assert!(files.contains("bin/puma-lint") && files.contains("LICENSE"), "{files}");
    assert!(!files.contains(".py"), "{files}");
    assert!(release.wheel.to_string_lossy().contains("-py3-none-"), "any Python will do");
}

#[cfg(target_os = "linux")]
#[test]
fn the_binary_needs_no_library() {
    let Some(release) = release() else { return };
    if has("ldd") {
        let output = Command::new("ldd").arg(release.bin.join("puma-lint")).output().unwrap();
        let said = stdout(&output) + &stderr(&output);
        assert!(said.contains("statically linked") || said.contains("not a dynamic executable"), "{said}");
    }
}
