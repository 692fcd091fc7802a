//! The gem, installed by `gem`.

use std::path::Path;
use std::process::Command;

use crate::behaviour::behaves;
use crate::built::{release, succeed};

fn install(gem: &Path, home: &Path) {
    let bin = home.join("bin");
    let mut install = Command::new("gem");
    install.args(["install", "--local", "--no-document", "--no-user-install", "--install-dir"]).arg(home);
    succeed(install.arg("--bindir").arg(bin).arg(gem));
}

#[test]
fn gem_installs_a_launcher_that_becomes_the_binary() {
    let Some(release) = release() else { return };
    // A shell would take such a name apart.
    let parent = tempfile::tempdir().unwrap();
    let home = parent.path().join("ruby's gems; $HOME");
    install(&release.gem, &home);
    let start = || {
        let mut command = Command::new(home.join("bin/puma-lint"));
        command
            .env("GEM_HOME", &home)
            .env_remove("GEM_PATH")
            .env_remove("RUBYOPT")
            .env_remove("BUNDLE_GEMFILE");
        command
    };
    behaves(&start);
}

#[test]
fn the_gem_is_for_one_platform_and_holds_three_files() {
    let Some(release) = release() else { return };
    let specification = succeed(Command::new("gem").args(["specification", "--yaml"]).arg(&release.gem));
    for words in ["- exe/puma-lint\n- libexec/puma-lint\n", "- LICENSE\n", "platform: x86_64-linux"] {
        let wanted = words.replace("x86_64", std::env::consts::ARCH).replace("linux", std::env::consts::OS);
        assert!(specification.contains(&wanted), "{wanted}: {specification}");
    }
    assert!(specification.contains("extensions: []"), "nothing is compiled: {specification}");
}
