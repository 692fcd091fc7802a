//! The files that other files name: the environment files of units and compose files, the Ruby files that a config
//! requires.
//!
//! A cheap look by lines, as for [`kinds`](super::kinds): it decides what to read, never what to report.

use std::path::{Path, PathBuf};

use crate::model::{FileKind, Source};

/// A file that another one names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mention {
    /// Where it may lie on this machine, the likeliest place first.
    pub places: Vec<PathBuf>,
    /// What it is for.
    pub kind: FileKind,
}

/// The most steps of a path on the server that may be missing here.
const STEPS: usize = 12;

/// Ruby files that load the app: what they come to isn't read off them.
const LOADERS: &[&str] = &["application", "boot", "environment"];

/// The files that a file names. `apps`: the folders on this machine that may be an app's root on the server.
pub(super) fn mentions(source: &Source, apps: &[PathBuf]) -> Vec<Mention> {
    let lines =
        || source.bytes().split(|byte| *byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok());
    match source.kind() {
        FileKind::Systemd => lines().filter_map(environment_file).map(|path| on_server(path, apps)).collect(),
        FileKind::Puma | FileKind::Ruby => {
            let folder = source.path().parent().unwrap_or(Path::new(""));
            lines().filter_map(required).map(|feature| below(folder, feature)).collect()
        }
        FileKind::Compose => {
            let folder = source.path().parent().unwrap_or(Path::new(""));
            let places = env_files(lines()).into_iter().map(|path| vec![folder.join(path)]);
            places.map(|places| Mention { places, kind: FileKind::Environment }).collect()
        }
        _ => Vec::new(),
    }
}

/// The path of an `EnvironmentFile=`.
fn environment_file(line: &str) -> Option<&str> {
    let value = line.trim_start().strip_prefix("EnvironmentFile")?.trim_start().strip_prefix('=')?.trim();
    let path = value.strip_prefix('-').unwrap_or(value);
    (path.starts_with('/') && !path.contains(['*', '?', '%', '['])).then_some(path)
}

/// An absolute path on the server, below each app's root: what stands before it there isn't known here.
fn on_server(path: &str, apps: &[PathBuf]) -> Mention {
    let steps: Vec<&str> = path.split('/').filter(|step| !step.is_empty()).collect();
    let first = steps.len().saturating_sub(STEPS);
    let tails = (first..steps.len()).map(|at| steps[at..].join("/"));
    let places = tails.flat_map(|tail| apps.iter().map(move |app| app.join(&tail))).collect();
    Mention { places, kind: FileKind::Environment }
}

/// The paths behind each `env_file:` of a compose file: in its line, or in the list below.
fn env_files<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut listed = false;
    for line in lines {
        let line = line.trim();
        let given = match line.strip_prefix("env_file:") {
            Some(given) => {
                listed = given.trim().is_empty();
                given
            }
            None if line.is_empty() || line.starts_with('#') => continue,
            None if listed => {
                let item = line.strip_prefix('-').map(str::trim_start);
                let path = item.unwrap_or(line).strip_prefix("path:").or(item);
                listed = path.is_some() || line.starts_with("required:") || line.starts_with("format:");
                path.unwrap_or_default()
            }
            None => continue,
        };
        let parts = given.split(" #").next().unwrap_or_default().split(',');
        let paths = parts.map(|part| part.trim_matches([' ', '\t', '[', ']', '"', '\'']));
        found.extend(
            paths.filter(|path| !path.is_empty() && !path.starts_with('/') && !path.contains(['$', ':'])),
        );
    }
    found
}

/// What a line requires by a path relative to its own file.
fn required(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix("require_relative")?.trim_start_matches([' ', '\t', '(']);
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let (feature, _) = rest[1..].split_once(quote)?;
    let name = feature.rsplit('/').next().unwrap_or(feature);
    (!feature.contains("#{") && !LOADERS.contains(&name.strip_suffix(".rb").unwrap_or(name)))
        .then_some(feature)
}

fn below(folder: &Path, feature: &str) -> Mention {
    let name = if feature.ends_with(".rb") { feature.to_owned() } else { format!("{feature}.rb") };
    Mention { places: vec![folder.join(name)], kind: FileKind::Ruby }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(path: &str, kind: FileKind, text: &str) -> Vec<Mention> {
        let source = Source::new(path, path, kind, text.as_bytes().to_vec());
        mentions(&source, &[PathBuf::from("/here")])
    }

    #[test]
    fn an_environment_file_is_looked_for_below_the_app() {
        let unit = "[Service]\n EnvironmentFile = -/srv/shop/current/.env\nEnvironmentFile=%h/x\nEnvironmentFile=/etc/*.env\n";
        let found = named("/here/shop.service", FileKind::Systemd, unit);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].kind, FileKind::Environment);
        let places: Vec<_> =
            found[0].places.iter().map(|place| place.to_string_lossy().into_owned()).collect();
        assert_eq!(
            places,
            ["/here/srv/shop/current/.env", "/here/shop/current/.env", "/here/current/.env", "/here/.env"]
        );
    }

    #[test]
    fn a_required_file_is_looked_for_beside_the_config() {
        let config = "require_relative \"shared/limits\"\n  require_relative('more.rb')\nrequire_relative \"#{x}\"\nrequire_relative 'application'\nrequire_relative x\nrequire 'y'\n";
        let found = named("/here/config/puma.rb", FileKind::Puma, config);
        let places: Vec<_> = found.iter().map(|mention| mention.places[0].clone()).collect();
        assert_eq!(places, [Path::new("/here/config/shared/limits.rb"), Path::new("/here/config/more.rb")]);
    }

    #[test]
    fn the_files_of_a_compose_file_are_looked_for_beside_it() {
        let compose = "services:\n  a:\n    env_file: .env # x\n  b:\n    env_file: ['b.env', ../up.env]\n  c:\n    env_file:\n      # y\n      - path: \"./c.env\"\n        required: false\n      - d.env\n    command:\n      - puma\n  e:\n    env_file: $X.env\n    env_file: /etc/e.env\n";
        let found = named("/here/docker/compose.yml", FileKind::Compose, compose);
        let places: Vec<_> =
            found.iter().map(|mention| mention.places[0].to_string_lossy().into_owned()).collect();
        let wanted =
            [".env", "b.env", "../up.env", "./c.env", "d.env"].map(|name| format!("/here/docker/{name}"));
        assert_eq!(places, wanted);
    }

    #[test]
    fn other_files_name_none() {
        assert_eq!(named("/here/monitrc", FileKind::Monit, "require_relative 'x'\nEnvironmentFile=/a\n"), []);
    }
}
