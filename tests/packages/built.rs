//! What a release consists of, built once for all tests of this program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

use crate::support::{has, here, stderr, stdout};

/// Where everything is built. What Cargo makes stays there, so that the next build is quick.
pub fn workshop() -> PathBuf {
    here("target/packages")
}

/// A program that `scripts/package-tools` installs. Where it has to be, its absence fails the test.
pub fn tool(name: &str) -> Option<PathBuf> {
    let path = here("target/package-tools").join(name);
    if path.exists() {
        return Some(path);
    }
    let required = std::env::var_os("PUMA_LINT_REQUIRE_REAL_PROGRAMS").is_some();
    assert!(!required, "{name} is not installed, and has to be: scripts/package-tools");
    println!("skipped: {name} is not installed (scripts/package-tools installs it)");
    None
}

/// The files of a release for this platform.
pub struct Release {
    pub wheel: PathBuf,
    pub gem: PathBuf,
    pub archive: PathBuf,
    /// A folder with nothing in it but the binary.
    pub bin: PathBuf,
    /// The configuration of a `gem` that knows no gem but ours.
    pub gemrc: PathBuf,
}

/// Builds it as a release is built, but without optimising, which takes minutes.
pub fn release() -> Option<&'static Release> {
    static BUILT: OnceLock<Option<Release>> = OnceLock::new();
    BUILT
        .get_or_init(|| {
            let maturin = tool("python/bin/maturin")?;
            let programs = ["gem", "tar"].iter().all(|program| has(program));
            programs.then(|| build(maturin.parent().unwrap()))
        })
        .as_ref()
}

fn build(tools: &Path) -> Release {
    let (os, cpu) = (std::env::consts::OS, std::env::consts::ARCH);
    let folder = emptied("dist");
    let mut build = Command::new(here("packages/build"));
    build.args([format!("{os}-{cpu}"), format!("{cpu}-{os}")]).arg(&folder);
    build.env("PATH", path_with(tools));
    succeed(for_cargo(&mut build));
    let the_one = |ending: &str| -> PathBuf {
        let mut all = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        all.find(|path| path.to_string_lossy().ends_with(ending)).unwrap()
    };
    let (wheel, gem, archive) = (the_one(".whl"), the_one(".gem"), the_one(".tar.gz"));
    let bin = emptied("bin");
    succeed(Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(&bin).arg("puma-lint"));
    let gemrc = serve_gems(&gem);
    Release { wheel, gem, archive, bin, gemrc }
}

/// A source of gems in a folder, and the configuration that names no other.
fn serve_gems(gem: &Path) -> PathBuf {
    let source = emptied("gems");
    fs::create_dir(source.join("gems")).unwrap();
    fs::copy(gem, source.join("gems").join(gem.file_name().unwrap())).unwrap();
    succeed(Command::new("gem").args(["generate_index", "--silent", "--directory"]).arg(&source));
    let gemrc = source.join("gemrc");
    fs::write(&gemrc, format!(":sources:\n- file://{}/\n", source.display())).unwrap();
    gemrc
}

/// How everything here is compiled, so that all of it is compiled once.
pub fn for_cargo(command: &mut Command) -> &mut Command {
    command
        .env("CARGO_TARGET_DIR", workshop().join("cargo"))
        .env("CARGO_BUILD_TARGET", host())
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
}

fn host() -> String {
    let said = stdout(&Command::new("rustc").arg("-vV").output().unwrap());
    said.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

/// Lets pip find what we built, and nothing that it would have to download.
pub fn for_pip(command: &mut Command) -> &mut Command {
    let built = release().unwrap().wheel.parent().unwrap();
    let downloaded = here("target/package-tools/wheels");
    command
        .env("PIP_NO_INDEX", "1")
        .env("PIP_FIND_LINKS", format!("{} {}", built.display(), downloaded.display()))
        .env("PIP_CONFIG_FILE", "/dev/null")
}

/// A new folder of this name in the workshop.
pub fn emptied(name: &str) -> PathBuf {
    let folder = workshop().join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The search path with this folder in front.
pub fn path_with(folder: &Path) -> std::ffi::OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths([folder.to_owned()].into_iter().chain(std::env::split_paths(&path))).unwrap()
}

/// Runs a command that has to succeed; what it printed.
pub fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}{}", stdout(&output), stderr(&output));
    stdout(&output)
}

/// Runs git, without anybody's settings.
pub fn git(folder: &Path, arguments: &[&str]) -> String {
    succeed(for_git(Command::new("git").args(arguments).current_dir(folder))).trim().to_owned()
}

/// Without anybody's settings, and without those of a hook in which the tests run.
pub fn for_git(command: &mut Command) -> &mut Command {
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX"] {
        command.env_remove(name);
    }
    command
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .envs([("GIT_AUTHOR_NAME", "A"), ("GIT_AUTHOR_EMAIL", "a@example.org")])
        .envs([("GIT_COMMITTER_NAME", "A"), ("GIT_COMMITTER_EMAIL", "a@example.org")])
}

/// What a YAML file of ours holds, as a parser that is not ours reads it.
pub fn yaml(path: &str) -> Option<Value> {
    let python = tool("python/bin/python")?;
    let script = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))";
    let json = succeed(Command::new(python).args(["-c", script]).arg(here(path)));
    Some(serde_json::from_str(&json).unwrap())
}

/// A lock with this Puma.
pub fn lock(puma: &str) -> String {
    format!(
        "GEM\n  remote: https://rubygems.org/\n  specs:\n    puma ({puma})\n      nio4r (~> 2.0)\n    nio4r (2.7.0)\n"
    )
}
